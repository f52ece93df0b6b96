package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// story is one run as its templates read it.
type story struct {
	Run      *harness.Run
	Anchor   string
	Alias    string // the story's name as a further anchor
	Standing standing
	Verdict  standing // what the promises say, whatever was expected
	Demo     bool
	Bad      bool // not as expected: the page shows all of it at once
	Sentence string
	Facts    []string // world, clock, seed, …
	Pinned   string   // the anchor of the event that broke the first promise
	Clock    string   // "clock ÷100" where story time is not the world's

	Strip    strip
	Diagram  diagram
	Books    []ledger
	Parcels  []parcel
	Promises []promise
	Strikes  []strike
	Events   []event
	Calls    []exchange
}

// Href leads to the run's part of the page.
func (s story) Href() string { return "#" + s.Anchor }

// promise is a ruling with its evidence as links.
type promise struct {
	Standing standing
	Name     string
	Says     string
	Because  string
	Evidence []link
}

// link leads to an event of the table.
type link struct{ Href, Text string }

func newStory(r *harness.Run, anchor string) story {
	s := story{
		Run: r, Anchor: anchor,
		Standing: standingOf(r), Verdict: verdictStanding(r.Verdict()), Demo: isDemonstration(r),
		Sentence: typeset(r.Sentence()), Facts: facts(r),
	}
	s.Bad = s.Standing != kept && s.Standing != reproduced
	if r.Clock > 1 {
		s.Clock = fmt.Sprintf("clock ÷%d", int(r.Clock))
	}
	calls := matchCalls(r)
	folds := foldPolls(r, calls)
	pins := pinsOf(r)
	if len(pins) > 0 {
		s.Pinned = eventHref(anchor, pins[0].event)
	}
	s.Promises = s.promises()
	s.Strikes = s.strikes()
	s.Strip = newStrip(r)
	s.Diagram = newDiagram(r, anchor, calls, folds, pins)
	s.Books = ledgers(r, anchor)
	s.Parcels = parcels(r, anchor)
	s.Events = events(r, anchor, calls, folds, pins)
	s.Calls = exchanges(r, anchor, calls, folds)
	return s
}

// facts are what tells this run from others of the story.
func facts(r *harness.Run) []string {
	list := []string{r.World + " world"}
	add := func(format, value string) {
		if value != "" {
			list = append(list, fmt.Sprintf(format, value))
		}
	}
	add("%s", r.Database)
	if r.Clock > 1 {
		add("clock ÷%s", r.Clock.String())
	}
	add("without %s", strings.Join(r.Without, ", "))
	add("labels %s", strings.Join(r.Labels, ", "))
	add("seed %s", fmt.Sprint(r.Seed))
	if r.Took > 0 {
		add("took %s", r.Took.Round(time.Millisecond).String())
	}
	return list
}

func (s *story) promises() []promise {
	says := map[string]string{
		"every-strike-bit": "Everything that was to go wrong did go wrong.",
		"somebody-bought":  "A customer clicked submit.",
		"came-to-rest":     "In the end nothing moved any more.",
		"staged":           "The harness could stage the story to its end.",
	}
	for _, p := range harness.Always() {
		says[p.Name] = p.Says
	}
	var list []promise
	for _, ruling := range s.Run.Rulings {
		list = append(list, promise{
			Standing: verdictStanding(ruling.Verdict), Name: ruling.Promise, Says: says[ruling.Promise],
			Because: typeset(ruling.Because), Evidence: links(s.Run, s.Anchor, ruling.Evidence),
		})
	}
	return list
}

// pin is a broken promise at the event that broke it.
type pin struct {
	event            int
	promise, because string
}

// pinsOf are the broken promises in the order of the rulings. Evidence is in
// the order of the history, and its last event is the one that broke the
// promise: the second capture, not the first.
func pinsOf(r *harness.Run) []pin {
	var list []pin
	for _, ruling := range r.Rulings {
		evidence := known(r, ruling.Evidence)
		if ruling.Verdict != harness.Broken || len(evidence) == 0 {
			continue
		}
		last := evidence[0]
		for _, i := range evidence {
			last = max(last, i)
		}
		list = append(list, pin{last, ruling.Promise, ruling.Because})
	}
	return list
}

// known drops what points at no event: a run that was cut off may have lost some.
func known(r *harness.Run, evidence []int) []int {
	var list []int
	for _, i := range evidence {
		if i >= 0 && i < len(r.History) {
			list = append(list, i)
		}
	}
	return list
}

func links(r *harness.Run, anchor string, evidence []int) []link {
	var list []link
	for _, i := range known(r, evidence) {
		list = append(list, link{eventHref(anchor, i), eventName(i)})
	}
	return list
}

// eventName is how every part of the report calls the event at an index.
func eventName(i int) string { return fmt.Sprintf("e%d", i+1) }

func eventHref(anchor string, i int) string { return "#" + anchor + "/" + eventName(i) }
