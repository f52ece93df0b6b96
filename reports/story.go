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
	var shown []int
	for _, h := range hints {
		shown = append(shown, h.evidence...)
	}
	folds := foldPolls(r, calls, shown)
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
	s.Injections = injections(r, a)
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

// hint is a finding as the page has it.
type hint struct {
	Says     string
	Evidence []link
}

func (s *story) link(findings []finding) []hint {
	var list []hint
	for _, f := range findings {
		list = append(list, hint{typeset(f.says), s.links(f.evidence)})
	}
	return list
}
