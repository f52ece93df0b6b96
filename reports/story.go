package reports

import (
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// story is one run as its templates read it.
type story struct {
	*told
	address
	Facts  []string // world, clock, seed, …
	Pinned string   // the way to the event that broke the first promise
	Clock  string   // "clock ÷100" where story time is not the world's
	Way    []way    // to the index, and to the broken runs before and after
	Rounds []way    // of the same form

	Strip            strip
	Diagram          diagram
	Books            []ledger
	Parcels          []parcel
	Promises         []promise
	Injections       []injection
	Hints            []hint
	Diff             *diff
	Events           []event
	Calls            []exchange
	StandardPromises []always // headers that are told once
	Shots            []shot
}

// Broken says whether a promise broke, expected or not.
func (s story) Broken() bool { return s.Verdict == broke }

// New and Flaky are of the run's form.
func (s story) New() bool     { return s.form.New && s.Bad() }
func (s story) Flaky() string { return s.form.Flaky }
func (s story) Beats() []beat { return s.form.Beats }

// Prefix begins the ids of its parts.
func (s story) Prefix() string { return s.prefix }

// Packed says that a script unfolds it.
func (s story) Packed() bool { return s.packed }

// way leads to another part of the report.
type way struct{ Href, Text, Rel string }

// promise is a ruling with its evidence as links.
type promise struct {
	Standing standing
	Name     string
	Says     string
	Because  string
	Evidence []link
}

// newStory draws a run. What stands around it, its way to others, is for
// whoever knows them.
func newStory(t *told, a address, album album) story {
	r := t.Run
	calls := matchCalls(r)
	hints := findHints(r, calls)
	folds := foldPolls(r, calls, hints)
	a.rows = folds.rows(len(r.History))
	s := story{told: t, address: a, Facts: facts(r)}
	if r.Clock > 1 {
		s.Clock = fmt.Sprintf("clock ÷%d", int(r.Clock))
	}
	pins := pinsOf(r)
	if len(pins) > 0 {
		s.Pinned = "#" + a.prefix + pinName
	}
	s.Promises = s.promises()
	s.Injections = s.injections()
	s.Hints = s.link(hints)
	s.Strip = newStrip(r)
	s.Diagram = newDiagram(r, a, calls, folds, pins)
	s.Books = ledgers(r, a)
	s.Parcels = parcels(r, a)
	s.Events = events(r, a, folds, pins)
	s.Calls, s.StandardPromises = exchanges(r, a, calls, folds)
	s.Shots = album.of(r, a)
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
		"every-injection-took-effect": "Everything that was to go wrong did go wrong.",
		"somebody-bought":             "A customer clicked submit.",
		"came-to-rest":                "In the end nothing moved any more.",
		"staged":                      "The harness could stage the story to its end.",
	}
	for _, p := range harness.StandardPromises() {
		says[p.Name] = p.Says
	}
	var list []promise
	for _, ruling := range s.Run.Rulings {
		list = append(list, promise{
			Standing: verdictStanding(ruling.Verdict), Name: ruling.Promise, Says: says[ruling.Promise],
			Because: typeset(ruling.Because), Evidence: s.links(known(s.Run, ruling.Evidence)),
		})
	}
	return list
}

// pinName is the place of the first broken promise in the lanes. No event and no
// story has this name.
const pinName = "_pin"

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

func (a address) links(evidence []int) []link {
	var list []link
	for _, i := range evidence {
		list = append(list, a.link(i))
	}
	return list
}
