package html

import (
	"fmt"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/cause"
	"github.com/unhappypath/unhappypath/reports/model"
	"github.com/unhappypath/unhappypath/reports/picture"
)

// story is one run as its templates read it.
type story struct {
	*model.Told
	model.Address
	Facts  []string // world, clock, seed, …
	Pinned string   // the way to the event that broke the first promise
	Clock  string   // "clock ÷100" where story time is not the world's
	Way    []way    // to the index, and to the broken runs before and after
	Rounds []way    // of the same form

	Strip            picture.Strip
	Diagram          picture.Diagram
	Books            []model.Ledger
	Parcels          []model.Parcel
	Promises         []promise
	Injections       []model.Injection
	Hints            []hint
	Diff             *model.Diff
	Events           []model.Event
	Calls            []model.Exchange
	StandardPromises []model.Always // headers that are told once
	Shots            []shot
}

// Broken says whether a promise broke, expected or not.
func (s story) Broken() bool { return s.Verdict == model.Broke }

// New and Flaky are of the run's form.
func (s story) New() bool           { return s.Form.New && s.Bad() }
func (s story) Flaky() string       { return s.Form.Flaky }
func (s story) Beats() []model.Beat { return s.Form.Beats }

// way leads to another part of the report.
type way struct{ Href, Text, Rel string }

// promise is a ruling with its evidence as links.
type promise struct {
	Standing model.Standing
	Name     string
	Says     string
	Because  string
	Evidence []model.Link
}

// newStory draws a run. What stands around it, its way to others, is for
// anyone who knows them.
func newStory(t *model.Told, a model.Address, album album) story {
	r := t.Run
	hints := cause.Find(r)
	var shown []int
	for _, h := range hints {
		shown = append(shown, h.Evidence...)
	}
	folds := model.FoldPolls(r, shown)
	a.Rows = folds.Rows(len(r.History))
	s := story{Told: t, Address: a, Facts: facts(r)}
	if r.Clock > 1 {
		s.Clock = fmt.Sprintf("clock ÷%d", int(r.Clock))
	}
	pins := model.Pins(r)
	if len(pins) > 0 {
		s.Pinned = "#" + a.Prefix + model.PinName
	}
	s.Promises = s.promises()
	s.Injections = model.Injections(r, a)
	s.Hints = s.link(hints)
	s.Strip = picture.NewStrip(r)
	s.Diagram = picture.NewDiagram(r, a, folds, pins)
	s.Books = model.Ledgers(r, a)
	s.Parcels = model.Parcels(r, a)
	s.Events = model.Events(r, a, folds, pins)
	s.Calls, s.StandardPromises = model.Exchanges(r, a, folds)
	s.Shots = album.of(r, a)
	return s
}

// facts are what tells this run from others of the story.
func facts(r *judge.Run) []string {
	list := []string{r.World + " world"}
	add := func(format, value string) {
		if value != "" {
			list = append(list, fmt.Sprintf(format, value))
		}
	}
	add("%s", r.Database)
	add("paid by %s", r.Provider)
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
	for _, p := range judge.StandardPromises() {
		says[p.Name] = p.Says
	}
	var list []promise
	for _, ruling := range s.Run.Rulings {
		list = append(list, promise{
			Standing: model.VerdictStanding(ruling.Verdict), Name: ruling.Promise, Says: says[ruling.Promise],
			Because: model.Typeset(ruling.Because), Evidence: s.Links(model.Known(s.Run, ruling.Evidence)),
		})
	}
	return list
}

// hint is a finding as the page has it.
type hint struct {
	Says     string
	Evidence []model.Link
}

func (s *story) link(findings []cause.Finding) []hint {
	var list []hint
	for _, f := range findings {
		list = append(list, hint{model.Typeset(f.Says), s.Links(f.Evidence)})
	}
	return list
}
