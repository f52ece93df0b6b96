package reports_test

import (
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	stdhtml "html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/html"
)

var update = flag.Bool("update", false, "write the golden files anew")

func build(t *testing.T, runs []*judge.Run, about reports.About) string {
	t.Helper()
	page, err := html.Build(runs, about)
	require.NoError(t, err)
	return string(page)
}

// golden compares with a file, which -update writes.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	// Git may have turned the line ends.
	require.Equal(t, strings.ReplaceAll(string(want), "\r\n", "\n"), got, "go test ./reports -update writes it anew")
}

var (
	assets = regexp.MustCompile(`(?s)<style>.*</style>|<script>.*</script>|content="default-src[^"]*"|<svg class="defs".*?</svg>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
	blank  = regexp.MustCompile(`\s*\n\s*`)
)

// words are what one reads on the page, a line a piece.
func words(page string) string {
	text := tags.ReplaceAllString(assets.ReplaceAllString(page, ""), "\n")
	return strings.TrimSpace(blank.ReplaceAllString(stdhtml.UnescapeString(text), "\n")) + "\n"
}

// part is what lies between two marks of the page.
func part(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, from)
	require.True(t, found, from)
	inner, _, found := strings.Cut(rest, to)
	require.True(t, found, to)
	return inner
}

// says is require.Contains for whole pages, which nobody wants to see printed.
func says(t *testing.T, page, text string) {
	t.Helper()
	require.True(t, strings.Contains(page, text), "the page does not have "+text)
}

func saysNot(t *testing.T, page, text string) {
	t.Helper()
	require.False(t, strings.Contains(page, text), "the page has "+text)
}

func TestTheIndexSaysHowItWent(t *testing.T) {
	page := build(t, allRuns(), about())
	index, _, _ := strings.Cut(page, "<article")
	golden(t, "index.golden", words(index))
}

func TestAStoryIsToldInFull(t *testing.T) {
	page := build(t, []*judge.Run{unfinishedRun()}, about())
	golden(t, "story.golden", assets.ReplaceAllString(page, ""))
	golden(t, "broken.golden", words(part(t, build(t, []*judge.Run{brokenRun()}, about()), "<article", "</article>")))
}

func TestTheSameRunsGiveTheSamePage(t *testing.T) {
	runs, about := historied()
	for range 8 { // rounds that are all compared with one run
		runs = append(runs, brokenRun())
	}
	for i, run := range about.Baseline {
		about.Baseline[i] = asWritten(run) // as it comes from disk, nothing worked out
	}
	first := build(t, runs, about)
	var both sync.WaitGroup
	for range 2 { // the race detector sees whether the runs are left alone
		both.Go(func() {
			again, err := html.Build(runs, about)
			if err != nil || string(again) != first {
				t.Error("the page differs")
			}
		})
	}
	both.Wait()
}

func TestTheHeadlineLeavesDemonstrationsOut(t *testing.T) {
	counts := func(runs ...*judge.Run) string {
		page := build(t, runs, about())
		return strings.ReplaceAll(words(part(t, page, `<ul class="counts"`, "</ul>")), "\n", " ")
	}
	require.Contains(t, counts(complaintRun(), keptRun()), "0 BROKE 0 UNFINISHED 0 UNPROVEN 1 KEPT Nothing overcharged")
	require.Contains(t, counts(brokenRun(), another(brokenRun())), "2 BROKE")
	require.Contains(t, counts(brokenRun(), another(brokenRun())), "NOK 998.00 overcharged")
	require.Contains(t, counts(missedRun()), "1 NOT REPRODUCED", "a complaint that did not come true is a failure")

	page := build(t, allRuns(), about())
	demos := part(t, page, `id="demonstrations"`, "</ol>")
	require.Contains(t, demos, "COMPLAINT REPRODUCED")
	require.Contains(t, demos, "BROKE, as expected")
	require.NotContains(t, demos, "NOT REPRODUCED")
}

func TestTheWorstComesFirst(t *testing.T) {
	index, _, _ := strings.Cut(build(t, allRuns(), about()), "<article")
	at := -1
	for _, story := range []string{"customer-2-charged-twice/wire-100/kept", "customer-5", "customer-4", "customer-3", "customer-1"} {
		next := strings.Index(index, `href="#`+story)
		require.Greater(t, next, at, story)
		at = next
	}
}

var (
	hrefs = regexp.MustCompile(`href="#([^"]*)"`)
	ids   = regexp.MustCompile(` id="([^"]*)"`)
)

// strayLinks are the links of the page that lead nowhere, and ids that are
// there twice.
func strayLinks(page string) []string {
	var wrong []string
	known := map[string]int{}
	for _, id := range ids.FindAllStringSubmatch(page, -1) {
		if known[id[1]]++; known[id[1]] == 2 {
			wrong = append(wrong, "twice: "+id[1])
		}
	}
	for _, href := range hrefs.FindAllStringSubmatch(page, -1) {
		if known[href[1]] == 0 {
			wrong = append(wrong, "nowhere: "+href[1])
		}
	}
	return wrong
}

func TestEveryMarkIsARowOfTheEventTable(t *testing.T) {
	require.Empty(t, strayLinks(build(t, hostileRuns()[1:], about())))
	page := build(t, allRuns(), about())
	require.Empty(t, strayLinks(page))
	says(t, page, `id="customer-2-charged-twice/wire-100/kept"`)
	says(t, page, `id="customer-2-charged-twice"`) // a story's own name leads to its worst run
	require.Equal(t, []string{"twice: a", "nowhere: b"}, strayLinks(`<p id="a"><p id="a"><a href="#b">`), "the check can fail")
}

func TestRunsThatShareAnIDAreToldApart(t *testing.T) {
	page := build(t, []*judge.Run{keptRun(), keptRun()}, about())
	require.Empty(t, strayLinks(page))
	says(t, page, `id="customer-1-slow-provider/virtual/kept/2"`)
}

func TestTheFirstBrokenPromiseIsPinned(t *testing.T) {
	page := build(t, []*judge.Run{brokenRun()}, about())
	pinned := part(t, page, `<p class="jump"><a href="#`, `"`)
	mark := part(t, page, `<a class="pin" id="`+pinned+`"`, "</a>")
	require.Contains(t, mark, "First broken promise. ✖ BROKE charged-once")
	row := part(t, mark, `href="#`, `"`)
	require.True(t, strings.HasSuffix(row, "/e75"), row)
	require.Contains(t, part(t, page, `<tr id="`+row+`" class="pinned"`, "\n"), "◀ BROKE charged-once")
	require.Equal(t, 1, strings.Count(page, "First broken promise"))
	saysNot(t, build(t, []*judge.Run{keptRun()}, about()), "To the event that broke it")
}

func TestACompressedClockIsNamed(t *testing.T) {
	says(t, build(t, []*judge.Run{brokenRun()}, about()), "clock ÷100")
	saysNot(t, build(t, []*judge.Run{keptRun()}, about()), "clock ÷")
}

func TestHundredsOfPollsAreOneRow(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	for range 400 {
		call := r.in(500).asks("GET", "/orders/b-ana-1", "")
		r.in(2).answers(call, "GET", "/orders/b-ana-1", 200, `{}`)
		r.order("b-ana-1", "waiting")
		r.in(2).hears(call, "GET", "/orders/b-ana-1", 200, `{}`)
	}
	page := build(t, []*judge.Run{r.run("customer-6-polls", "kept", nil)}, about())
	says(t, page, "GET /orders/b-ana-1 × 399 → 200 OK, until 3 min 24 s")
	require.Less(t, strings.Count(page, "<tr id="), 10)
	require.Less(t, len(page), 60<<10)

	// Attempts that are no polls stay apart.
	saysNot(t, build(t, []*judge.Run{brokenRun()}, about()), "POST /orders ×")
}

func TestWhatIsNotObservableIsNeverBlank(t *testing.T) {
	empty := &judge.Run{ID: "nothing", Story: "nothing", World: "wire"}
	page := build(t, []*judge.Run{empty}, reports.About{})
	says(t, page, "Not observable: no screen was seen")
	says(t, page, "Not observable: the record of this run has no event")
	says(t, page, "Nobody judged this run")
	says(t, page, "UNFINISHED")
}

func TestARunReadFromDiskLooksTheSame(t *testing.T) {
	var disk strings.Builder
	run := brokenRun()
	record.NewWriter(&disk).Write(run)
	read, err := record.ReadAll(strings.NewReader(disk.String()))
	require.NoError(t, err)
	require.Equal(t, build(t, []*judge.Run{run}, about()), build(t, read, about()))
}

func TestThePolicyNamesExactlyThisStyleAndScript(t *testing.T) {
	page := build(t, append(allRuns(), hostileRuns()...), about())
	policy := stdhtml.UnescapeString(part(t, page, `http-equiv="Content-Security-Policy" content="`, `"`))
	require.True(t, strings.HasPrefix(policy, "default-src 'none'; "), policy)
	require.NotContains(t, policy, "unsafe")
	for name, element := range map[string]string{"style-src": "style", "script-src": "script"} {
		sum := sha256.Sum256([]byte(part(t, page, "<"+element+">", "</"+element+">")))
		require.Contains(t, policy, fmt.Sprintf("%s 'sha256-%s'", name, base64.StdEncoding.EncodeToString(sum[:])))
		require.Equal(t, 1, strings.Count(page, "<"+element+">"), element)
	}
	require.Empty(t, inlined.FindAllString(assets.ReplaceAllString(page, ""), -1))
	require.NotEmpty(t, inlined.FindAllString(`<p style="x"><p onclick="y">`, -1), "the check can fail")
}

// inlined finds attributes that the policy would block.
var inlined = regexp.MustCompile(`<[^>]* (style|on[a-z]+)=`)

func TestTheEmptyPageIsSmall(t *testing.T) {
	require.Less(t, len(build(t, nil, reports.About{At: noon})), 60<<10)
	page := build(t, allRuns(), about())
	require.Less(t, len(part(t, page, "<script>", "</script>")), 30<<10)
}

// However many runs there are, and however many of them fail, the page can be
// mailed, and what it shows at once is little enough to be shown at once.
// thousands leaves a test of so many stories to a run that is not short.
func thousands(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("thousands of stories: make test runs it")
	}
}

func TestAReportStaysSmall(t *testing.T) {
	thousands(t)
	var failing []*judge.Run
	for i := range 60 {
		run := brokenRun()
		run.Story = fmt.Sprintf("%s-%d", run.Story, i)
		run.ID = run.Story + "/wire-100/kept"
		failing = append(failing, run)
	}
	for name, size := range map[string]struct {
		runs []*judge.Run
		most int
	}{
		"20 stories":         {generated(20), 400 << 10},
		"20 that all failed": {failing[:20], 400 << 10},
		"60 that all failed": {failing, 600 << 10},
		"2,000 stories":      {generated(2000), 4 << 20},
	} {
		page := build(t, size.runs, about())
		require.LessOrEqual(t, len(page), size.most, name)
		shown := strings.Count(page, `<svg class="lanes`)
		require.NotZero(t, shown, "%s: the worst are there in full", name)
		lines := strings.Count(page, "<li data-v=")
		require.Equal(t, len(size.runs), lines, "%s: each has its line", name)
		require.Equal(t, lines-shown, strings.Count(page, " data-p="), "%s: what is not there in full is packed", name)
	}
	require.Equal(t, 20, strings.Count(build(t, generated(20), about()), `<article class="story`), "of a score all are there, if without pictures")
	require.Equal(t, 12, strings.Count(build(t, generated(12), about()), `<article class="story`), "of a dozen all are there")
}

func TestEveryFactNamesItsSource(t *testing.T) {
	page := words(build(t, allRuns(), about()))
	for _, source := range []string{
		"provider’s ledger", "carrier’s ledger", "told by the checkout", "on ana’s screen", "done by ana",
		"seen by the tap on customer>checkout", "told by provider", "told by stage",
	} {
		says(t, page, source)
	}
}

func TestDriftAndWebhooksAreDrawn(t *testing.T) {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.see(observe.Event{Actor: "customer>checkout", Kind: observe.Drift, Message: &observe.Message{
		Hop: observe.CustomerHop, Call: "ana-9", Method: "PUT", Path: "/orders/b-ana-1", Missing: []string{"status"}}})
	r.in(5).message("provider", observe.Sent, observe.WebhookHop, "w-1", "POST", "/webhooks", 0, `{}`)
	r.in(2).message("provider>checkout", observe.Arrived, observe.WebhookHop, "w-1", "POST", "/webhooks", 0, `{}`)
	r.see(observe.Event{Actor: "stage", Kind: observe.Note, Text: "the script is over"})
	run := r.run("customer-7-drift", "kept", injection.Schedule{
		{Hop: observe.DatabaseHop, Fault: injection.Latency(time.Second)},
		injection.Down(observe.ShippingHop),
	})
	page := build(t, []*judge.Run{run}, about())
	for _, want := range []string{"the answer lacks status", "mark hit", "POST /webhooks", "the script is over", "never hit"} {
		says(t, page, want)
	}
}

func TestTheStripEndsWithTheStoryUnlessSheStillWaits(t *testing.T) {
	late := func(says observe.Status) string {
		r := newReel()
		r.opens()
		r.at(1).clicks()
		r.at(9).screen(says, "")
		r.at(200).see(observe.Event{Actor: "stage", Kind: observe.Note, Text: "at rest"})
		return part(t, build(t, []*judge.Run{r.run("customer-8", "kept", nil)}, about()), `<svg class="strip"`, "</div>")
	}
	says(t, late("shipped"), ">10 s</text>")
	saysNot(t, late("shipped"), ">3 min</text>")
	says(t, late("waiting"), ">3 min</text>")
}
