package reports_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
)

// inSight says whether all of an element is on the screen.
const inSight = `(function () {
	var e = Array.from(document.querySelectorAll("a.pin")).find(function (e) { return e.getBoundingClientRect().height > 0; });
	var box = e && e.querySelector("rect").getBoundingClientRect();
	return Boolean(box) && box.top >= 0 && box.bottom <= innerHeight;
})()`

// scripts turns JavaScript on or off for the pages to come.
func scripts(t *testing.T, tab context.Context, on bool) {
	t.Helper()
	_, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	require.NoError(t, err)
}

func TestTheWayToTheBreachEndsAtTheRedMark(t *testing.T) {
	tab := openTab(t)
	require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(1200, 700)))
	// 2,000 stories: this one is folded away, and its parts get their ids late.
	many := append(generated(60), complaintRun())
	for name, runs := range map[string][]*judge.Run{
		"alone": {brokenRun()}, "among others": allRuns(), "packed": many,
	} {
		address := file(t, []byte(build(t, runs, about())))
		story := "customer-2-charged-twice"
		if name == "packed" {
			story = complaintRun().ID
		}
		opens(t, tab, address+"#"+story)
		comes(t, tab, `document.querySelector(".jump a") && document.querySelector("a.pin")`)
		require.False(t, sees[bool](t, tab, inSight), "%s: the mark is further down", name)
		sees[bool](t, tab, `(document.querySelector("article.open .jump a") || document.querySelector(".jump a")).click() || true`)
		comes(t, tab, inSight)
		where := sees[string](t, tab, `location.href`)
		opens(t, tab, where) // as a link that was passed on
		comes(t, tab, inSight)
	}

	page := build(t, []*judge.Run{brokenRun()}, about())
	place := regexp.MustCompile(`class="jump"><a href="(#[^"]*)"`).FindStringSubmatch(page)[1]
	scripts(t, tab, false)
	opens(t, tab, file(t, []byte(page))+place)
	scripts(t, tab, true)
	require.True(t, sees[bool](t, tab, inSight), "without a script")
}

// logRun is a run on the wire: the shop dies, and its log stands in one event.
func logRun() *judge.Run {
	r := newReel()
	r.opens()
	r.at(1).clicks()
	line := `{"level":"error","msg":"cannot capture","reference":"` + strings.Repeat("7f3a9c1e", 12) + `"}`
	r.at(2).see(observe.Event{Actor: "stage", Kind: observe.Process, Life: &observe.Life{
		Process: "checkout", What: "exited", Text: "it last said: " + strings.Repeat(line+"\n", 40)}})
	r.at(3).see(observe.Event{Actor: "stage", Kind: observe.Note, Text: strings.Repeat(line, 8)})
	return r.run("a-shop-that-talks", "kept", nil)
}

func TestALongEventLeavesTheTableReadable(t *testing.T) {
	page := build(t, []*judge.Run{logRun()}, about())
	table := part(t, page, `<table class="events">`, `</table>`)
	require.Equal(t, 2, strings.Count(table, `<details class="log">`))
	for _, cell := range regexp.MustCompile(`(?s)<td>[^<]*`).FindAllString(table, -1) {
		require.Less(t, len(cell), 450, "what a row says at once")
	}
	tab := openTab(t)
	for _, wide := range []int64{1200, 800} {
		require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(wide, 900)))
		opens(t, tab, file(t, []byte(page)))
		widths := sees[[]float64](t, tab, `(function () {
			document.querySelectorAll("details").forEach(function (d) { d.open = true; });
			var head = document.querySelectorAll(".events th");
			return [head[2].offsetWidth, head[3].offsetWidth, document.querySelector(".events").offsetWidth - document.querySelector(".events").parentNode.clientWidth];
		})()`)
		require.Greater(t, widths[0], 250.0, "what happened, at %d", wide)
		require.Greater(t, widths[1], 150.0, "its source, at %d", wide)
		require.LessOrEqual(t, widths[2], 0.0, "nothing hangs out, at %d", wide)
	}
}

// One customer who is charged twice in each of two worlds, and in each of two
// rounds, is one story and one customer.
func TestTheHeadlineCountsStories(t *testing.T) {
	virtual := brokenRun()
	virtual.World, virtual.Clock, virtual.ID = "virtual", 1, "customer-2-charged-twice/virtual/kept"
	round := brokenRun()
	round.Seed = 8
	worse := brokenRun() // in another round more was taken
	worse.Seed = 9
	worse.History = append(worse.History[:len(worse.History):len(worse.History)], observe.Event{Actor: "provider", At: worse.History[len(worse.History)-1].At,
		Seq: 1000, Kind: observe.Money, Entry: &observe.Entry{Op: "captured", Reference: "b-ana-3", Amount: price, Currency: "NOK"}})
	runs := []*judge.Run{brokenRun(), virtual, round, worse, keptRun(), complaintRun()}
	index, _, _ := strings.Cut(build(t, runs, about()), "<article")
	says := strings.ReplaceAll(words(index), "\n", " ")
	require.Contains(t, says, "2 stories 1 demonstrated without a safeguard 6 runs")
	require.Contains(t, says, "1 BROKE 0 UNFINISHED 0 UNPROVEN 1 KEPT NOK 998.00 overcharged")
	require.Contains(t, string(export.Summary(runs, about())), "✖ 1 BROKE · ✔ 1 KEPT · ✔ 1 COMPLAINT REPRODUCED · NOK 998.00 overcharged")
}

func TestAComplaintIsNotTakenForWhatHappened(t *testing.T) {
	with := func(run *judge.Run, off ...string) *judge.Run {
		run.Complaint = off
		return run
	}
	unlabelled := keptRun()
	unlabelled.Labels = nil
	for _, c := range []struct {
		name string
		run  *judge.Run
		want string
	}{
		{"kept", with(keptRun(), "order-identity", "button-lock"), "The complaint, which did not come true here. Without the safeguard order-identity, button-lock it does:"},
		{"broken", with(brokenRun(), "order-identity"), "The complaint that comes true without the safeguard order-identity:"},
		{"in another shop, kept", keptRun(), "The complaint, which did not come true here:"},
		{"in another shop, broken", brokenRun(), "The complaint that this story is about:"},
		{"demonstrated", complaintRun(), "The complaint, which came true here:"},
		{"not reproduced", missedRun(), "The complaint:"},
		{"no complaint", unlabelled, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := words(build(t, []*judge.Run{c.run}, about()))
			before, _, found := strings.Cut(page, "\n"+c.run.Plot)
			require.True(t, found)
			label := before[strings.LastIndexByte(before, '\n')+1:]
			if c.want == "" {
				require.NotContains(t, page, "The complaint")
				return
			}
			require.Equal(t, c.want, label)
			require.Equal(t, 2, strings.Count(page, c.want), "in the index and on the page")
		})
	}
}

func TestTwoCapturesAtOnceAreTwoMarks(t *testing.T) {
	at := func(ms ...int) string {
		r := newReel()
		r.opens()
		r.at(1).clicks()
		r.at(9)
		for i, later := range ms {
			r.in(later).money("captured", fmt.Sprintf("b-ana-%d", i), "k")
		}
		r.at(40).screen("shipped", "")
		return part(t, build(t, []*judge.Run{r.run("captures", "kept", nil)}, about()), `<svg class="strip"`, "</div>")
	}
	near := at(16, 16)
	require.Equal(t, 2, strings.Count(near, `"#m-captured"`))
	says(t, near, `transform="translate(15)"`)
	says(t, near, ">×2</text>")
	saysNot(t, at(16, 5000), "×2")
	saysNot(t, at(16, 5000), "translate")
	says(t, at(1, 1, 1, 1, 1, 1, 1), ">×7</text>")
}

// A reference may be as long as the provider takes; what was done and how much
// stand in the picture all the same, and so do both of its ends.
func TestLedgerLabelsAreNotCut(t *testing.T) {
	long := "b-ana-" + strings.Repeat("0123456789", 6) + "-end"
	r := newReel()
	r.opens()
	r.at(1).clicks()
	r.in(10).money("captured", "b-ana-77f3a9c1e-4b2d-4c1a-9d3e-0123456789ab", "k")
	r.in(10).money("captured", long, "k")
	r.in(10).parcel("booked", long)
	lanes := part(t, build(t, []*judge.Run{r.run("long-names", "kept", nil)}, about()), `<svg class="lanes`, "</svg>")
	says(t, lanes, ">captured NOK 499.00 · b-ana-77f3a9c1e-4b2d-4c1a-9d3e-0123456789ab</text>")
	require.Regexp(t, `>captured NOK 499\.00 · b-ana-0\S*-end</text>`, lanes)
	require.Regexp(t, `>booked · b-ana-0\S*-end</text>`, lanes)
}

func TestWhatWasNotRunIsOneLine(t *testing.T) {
	a := reports.About{At: noon}
	for i := range 40 {
		a.Skipped = append(a.Skipped, reports.Skip{Name: fmt.Sprintf("story-%d on the wire", i), Reason: []string{"it takes hours", "no Chromium", "a third", "a fourth", "a fifth"}[min(i/15, 4)+max(0, i-37)]})
	}
	page := build(t, []*judge.Run{keptRun()}, a)
	line := words(part(t, page, `<details class="more skipped"`, "</summary>"))
	require.Contains(t, line, "Not run: 40")
	require.Contains(t, line, "15: it takes hours · 15: no Chromium · 8: a third · 2 reasons more")
	list := part(t, page, `<details class="more skipped"`, "</details>")
	require.NotContains(t, list, " open")
	require.Equal(t, 40, strings.Count(list, "<dd>"))
}

func TestALongPageBeginsWithItsContents(t *testing.T) {
	page := build(t, []*judge.Run{brokenRun()}, about())
	contents := part(t, page, `<nav class="contents"`, "</nav>")
	for _, want := range []string{"What the customer saw", "Why", "Promises", "Money", "What went wrong", "Who told whom", "Replay", "Event table", "Requests and responses"} {
		says(t, contents, ">"+want+"</a>")
	}
	saysNot(t, contents, "What is different") // there is nothing to compare with
	require.Empty(t, strayLinks(page))
	saysNot(t, build(t, []*judge.Run{keptRun()}, about()), `class="contents"`)
	require.Empty(t, strayLinks(build(t, append(generated(20), another(brokenRun()), complaintRun()), about())), "also where pictures are left out")

	tab := openTab(t)
	opens(t, tab, file(t, []byte(page))+regexp.MustCompile(`href="(#[^"]*_calls)"`).FindStringSubmatch(page)[1])
	comes(t, tab, `Array.from(document.querySelectorAll("details.more")).pop().open`)
}

// Of five causes the one that explains the broken promise comes first.
func TestCausesAreRanked(t *testing.T) {
	hints, _ := told(t, brokenRun())
	why := func(says string) int {
		at := strings.Index(hints, says)
		require.GreaterOrEqual(t, at, 0, "%s\n%s", says, hints)
		return at
	}
	require.Contains(t, hints, "the likeliest cause first")
	require.Less(t, why("The provider captured 2 payments"), why("The provider created 2 payments"), "its evidence is that of the breach")

	untold := brokenRun()
	untold.Rulings = []judge.Ruling{*untold.Ruling("told-in-time")}
	hints, _ = told(t, untold)
	require.Less(t, why("Checkout answered 201"), why("The provider captured 2 payments"), "which explains the charge, and not what she was told")

	late := brokenRun() // what comes only after the breach did not cause it
	breach := late.Ruling("charged-once").Evidence
	late.Ruling("charged-once").Evidence = breach[:1]
	hints, _ = told(t, late)
	require.Greater(t, why("The shop made 2 orders"), why("The same order was submitted 2 times"))
}
