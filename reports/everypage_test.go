package reports_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/html"
)

// pixel is the smallest picture of a screen there is.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

// jpegPixel is the same, as a camera of Chromium makes it.
func jpegPixel() string {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1)), nil); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// picturedRun has pictures of screens, and one that only claims to be one.
func picturedRun() *judge.Run {
	run := another(brokenRun())
	shots := []string{pixel, jpegPixel(), base64.StdEncoding.EncodeToString([]byte("<svg onload=alert(1)>"))}
	for i := range run.History {
		if v := run.History[i].View; v != nil && len(shots) > 0 {
			seen := *v
			seen.Shot, shots = shots[0], shots[1:]
			run.History[i].View = &seen
		}
	}
	return run
}

// history are rounds, a flaky form and a baseline, so that all of the index is
// there.
func historied() ([]*judge.Run, reports.About) {
	a := about()
	good := func() *judge.Run {
		run := brokenRun()
		run.Rulings = nil
		for _, p := range judge.StandardPromises() {
			run.Rulings = append(run.Rulings, judge.Ruling{Promise: p.Name, Verdict: judge.Kept})
		}
		return run
	}
	for range 3 {
		a.Baseline = append(a.Baseline, good(), keptRun())
	}
	a.Shards = 2
	second := unprovenRun()
	second.Seed = 8
	steady := another(unprovenRun())
	flake := another(unprovenRun())
	flake.Rulings = good().Rulings
	return append(allRuns(), picturedRun(), steady, flake, second), a
}

func exploration() reports.Exploration {
	capture := explore.Message{Hop: observe.ProviderHop, Method: "POST", Path: "/epayment/v1/payments/{id}/capture", N: 1}
	order := explore.Message{Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}", N: 1}
	on := injection.OnPath(capture.Hop, capture.Method, capture.Path).Nth(1)
	put := injection.OnPath(order.Hop, order.Method, order.Path).Nth(1)
	return reports.Exploration{At: noon, Commit: "4f2a9c1", Results: []explore.Result{{
		Story: "plain-purchase", Seed: 1, Shards: []int{1}, Of: 2, Enacted: 40, Took: 3 * time.Second,
		Singles: explore.Tally{Possible: 30, Explored: 20, Pruned: 5, Unproven: 3, Duplicates: 2, Audited: 1, Unfinished: 1},
		Cells: []explore.Cell{
			{Message: capture, Injection: on.Answered().Closes(), TookEffect: 3, Findings: true},
			{Message: capture, Injection: on.Delays(time.Second), TookEffect: 1},
			{Message: capture, Injection: on.Duplicates(), Pruned: 1},
			{Message: order, Injection: put.Answered().Renames("status", "state"), Missed: 1, Why: "the injection “x” had no effect: no PUT /orders/{id} came"},
			{Message: order, Injection: injection.Toxic(order.Hop, fault.Downstream, injection.Latency(time.Second)), TookEffect: 1},
		},
		Findings: []explore.Finding{{
			Cause: "charged-once: close on capture", Promise: "charged-once", Because: "b-ana was charged twice", Flaky: true,
			Sentence: "Ana was charged TWICE.", Injections: injection.Schedule{on.Answered().Closes()}, Seed: 3, Count: 4, Replay: "u1.abc.0000",
		}},
		Disagreements: []string{"one schedule came out otherwise"}, Unfinished: []string{"the shop did not start"}, Interrupted: true,
	}, {
		Story: "two-tabs", Seed: 1, Shards: []int{1}, Of: 2, Enacted: 1, Nothing: "the story as it is proves nothing",
		Findings: []explore.Finding{{
			Cause: "told-in-time: hang", Promise: "told-in-time", Because: "b-ana clicked and was never told anything", NotMinimized: true,
			Sentence: "Ana was not charged.", Injections: injection.Schedule{put.Hangs(), on.Duplicates()}, Seed: 3, Count: 1, Replay: "u1.abd.0000",
		}},
	}}}
}

// wide is an exploration of every kind of fault, at every kind of message: as wide
// and as long as the space of faults gets.
func wide() reports.Exploration {
	e := exploration()
	fields := "GET /checkout/{id}, GET /orders/{id}, PUT /orders/{id}, GET /epayment/v1/payments/{id}, POST /epayment/v1/payments/{id}/capture"
	for n, message := range strings.Split(fields, ", ") {
		method, path, _ := strings.Cut(message, " ")
		m := explore.Message{Hop: observe.ProviderHop, Method: method, Path: path, N: 1}
		for k := range 9 {
			on := injection.OnPath(m.Hop, method, path)
			kind := fault.Fault{Kind: fault.Kind(fmt.Sprintf("fault-no-%d", k))}
			for _, s := range []injection.Injection{on.Nth(1).Does(kind), on.Nth(1).Answered().Does(kind), on.Answered().Does(kind)} {
				for range 1 + 17*(n%2) {
					e.Results[0].Cells = append(e.Results[0].Cells, explore.Cell{Message: m, Injection: s, TookEffect: k % 3})
				}
			}
		}
	}
	for _, name := range []string{"customer-1-lost-by-hang-cold", "provider-unknown-for-an-hour", "basket-changed-in-another-tab"} {
		r := e.Results[0]
		r.Story, r.Cells, r.Singles.Possible = name, nil, 44032
		e.Results = append(e.Results, r)
	}
	return e
}

func matrix() reports.Matrix {
	return reports.Matrix{At: noon, Stories: []string{"plain-purchase", "two-tabs"}, Rows: []reports.MatrixRow{
		{Safeguard: "one-payment", Side: "service", Saves: "A customer who clicks twice.", With: []string{"stable-key"},
			Cells: []reports.MatrixCell{{Story: "plain-purchase"}, {Story: "two-tabs", Breaks: "charged-once", Sentence: "Ana was charged TWICE."}},
			Found: &reports.MatrixFinding{Story: "two-tabs", Breaks: "charged-once", Sentence: "Ana was charged TWICE.", How: "explored",
				Injections: []string{"checkout>provider: down"}, Replay: "u1.abc.0000"}},
		{Safeguard: "lease", Side: "service", Saves: "Nobody that we know.", Cells: []reports.MatrixCell{{Story: "plain-purchase"}, {Story: "two-tabs"}}},
	}}
}

func defects() reports.Defects {
	return reports.Defects{At: noon, Defects: []reports.Defect{
		{Name: "01-payment-per-attempt", Says: "Each attempt is a payment.", Source: "a report", Caught: true, Story: "plain-purchase",
			Promise: "charged-once", Sentence: "Ana was charged TWICE.", Injections: injection.Schedule{injection.Down(observe.ProviderHop)},
			Schedules: 12, After: time.Second, Replayed: 20, Replays: 20},
		{Name: "02-unseen", Says: "A defect that nobody sees.", Because: "nobody became unhappy", Schedules: 900},
		{Name: "01-local-name", Says: "Another name.", Harmless: true, Schedules: 600},
	}}
}

// everyPage is each kind of page there is: name → page. Those of the folder are
// named after it.
func everyPage(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{"report": build(t, allRuns(), about()), "packed": build(t, generated(40), about()), "few": build(t, generated(20), about())}
	runs, a := historied()
	list["history"] = build(t, runs, a)
	page, err := html.BuildExploration(wide())
	require.NoError(t, err)
	list["wide exploration"] = string(page)
	return withFurther(t, list, exploration(), matrix(), defects())
}

// hostilePages are the same with hostile strings wherever a string can be.
func hostilePages(t *testing.T) map[string]string {
	t.Helper()
	n := 0
	e, m, d := exploration(), matrix(), defects()
	for _, v := range []any{&e, &m, &d} {
		poison(reflect.ValueOf(v).Elem(), []string{"Kind"}, &n)
	}
	a := hostileAbout()
	a.Baseline = hostileRuns()
	many := generated(40)
	for i, run := range many {
		poison(reflect.ValueOf(run).Elem(), []string{"Kind", "Does", "Op", "What", "Says", "Expects"}, &n)
		many[i] = asWritten(run)
	}
	list := map[string]string{
		"report": build(t, append(hostileRuns(), allRuns()...), a), "packed": build(t, many, a),
	}
	return withFurther(t, list, e, m, d)
}

func withFurther(t *testing.T, list map[string]string, e reports.Exploration, m reports.Matrix, d reports.Defects) map[string]string {
	t.Helper()
	for name, draw := range map[string]func() ([]byte, error){
		"exploration": func() ([]byte, error) { return html.BuildExploration(e) },
		"matrix":      func() ([]byte, error) { return html.BuildMatrix(m) },
		"defects":     func() ([]byte, error) { return html.BuildDefects(d) },
	} {
		page, err := draw()
		require.NoError(t, err)
		list[name] = string(page)
	}
	return list
}

func TestEveryPageBringsItsStyleAndScriptAlong(t *testing.T) {
	for name, page := range everyPage(t) {
		for _, want := range []string{"<style>", "<script>", "default-src 'none'", `<nav id="pages">`, `lang="en"`} {
			require.True(t, strings.Contains(strings.ReplaceAll(page, "&#39;", "'"), want), "%s has no %s", name, want)
		}
		require.Empty(t, strayLinks(packedRow.ReplaceAllString(page, "")), name)
		require.Less(t, len(page), 400<<10, name)
	}
}

var (
	// packedRow is the line of a run whose ids a script brings.
	packedRow = regexp.MustCompile(`(?s)<li data-v="[^>]*data-p=.*?</li>`)
	fileLinks = regexp.MustCompile(`(?:href|src)="([^"#:]+)"`)
)

func fileText(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(text)
}

func TestPagesOfAFolderLeadToEachOther(t *testing.T) {
	dir := t.TempDir()
	read := func(name string) string { return fileText(t, dir, name) }
	_, err := reports.Write(dir, allRuns(), about())
	require.NoError(t, err)
	alone := read("report.html")
	require.Equal(t, build(t, allRuns(), about()), alone, "a page that is alone leads nowhere")

	_, err = reports.WriteMatrix(dir, matrix())
	require.NoError(t, err)
	_, err = reports.WriteExploration(dir, exploration())
	require.NoError(t, err)
	_, err = reports.WriteDefects(dir, defects())
	require.NoError(t, err)
	_, err = reports.WriteFolder(dir, allRuns(), about())
	require.NoError(t, err)
	names := []string{"report.html", "matrix.html", "exploration.html", "defects.html", "index.html"}
	for _, name := range names {
		nav := part(t, read(name), `<nav id="pages"`, `</nav>`)
		for _, other := range names {
			require.Equal(t, other != name, strings.Contains(nav, `href="`+other+`"`), "%s to %s", name, other)
		}
	}
	_, err = reports.Write(dir, allRuns(), about())
	require.NoError(t, err)
	require.Contains(t, part(t, read("report.html"), `<nav id="pages"`, `</nav>`), "matrix.html", "written again it still leads there")
}

func TestTheFolderIsWholeAndItsNamesAreDifferentEverywhere(t *testing.T) {
	runs, a := historied()
	loud := keptRun()
	loud.ID, loud.Story = strings.ToUpper(loud.ID), strings.ToUpper(loud.Story)
	long := keptRun()
	long.ID = strings.Repeat("long/", 100)
	files, err := html.BuildFolder(append(runs, loud, long), a)
	require.NoError(t, err)
	lower := map[string]bool{}
	for name := range files {
		require.False(t, lower[strings.ToLower(name)], name)
		require.Less(t, len(name), 160)
		lower[strings.ToLower(name)] = true
	}
	require.Equal(t, fileText(t, "html/page", "report.css"), string(files["report.css"]))
	require.Len(t, lower, 3+len(runs)+2+2, "index, style, script, a page a run, and the two true pictures")
	for name, page := range files {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		require.Empty(t, inlined.FindAllString(string(page), -1), name)
		require.False(t, strings.Contains(string(page), "<style"), name)
		require.Empty(t, strayLinks(string(page)), name)
		for _, link := range fileLinks.FindAllStringSubmatch(string(page), -1) {
			target := link[1]
			if strings.HasPrefix(name, "stories/") {
				target = strings.TrimPrefix("stories/"+target, "stories/../")
			}
			require.True(t, files[target] != nil, "%s leads to %s, which is not there", name, target)
		}
	}
}

func TestFurtherPagesSayWhatTheyAreMadeOf(t *testing.T) {
	pages := everyPage(t)
	for _, name := range []string{"exploration", "matrix", "defects"} {
		golden(t, name+".golden", words(pages[name]))
	}
	runs, a := historied()
	index, _, _ := strings.Cut(build(t, runs, a), "<article")
	golden(t, "history.golden", words(index))
}

func TestATrackRecordIsReadAgainFromItsJSON(t *testing.T) {
	dir := t.TempDir()
	_, err := reports.WriteDefects(dir, defects())
	require.NoError(t, err)
	var again reports.Defects
	require.NoError(t, json.Unmarshal([]byte(fileText(t, dir, "defects.json")), &again))
	require.Equal(t, defects(), again)
	require.Equal(t, []bool{true, false, true}, []bool{again.Defects[0].Good(), again.Defects[1].Good(), again.Defects[2].Good()})
}
