package model

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Suite is all runs of a report, each in its place among the others.
type Suite struct {
	Told  []*Told // every run, the worst first
	Forms []*Form // the index: one a story, world and form, the worst first
	Based bool    // there is a baseline
	about About
}

// Told is a run as the index and the other runs know it.
type Told struct {
	Run      *judge.Run
	Anchor   string
	Alias    string // the story's name as a further anchor
	Standing Standing
	Verdict  Standing // what the promises say, whatever was expected
	Sentence string
	Because  string // what is wrong, where the sentence does not say it
	Short    string // begins the ids of its events
	Form     *Form
	round    int
	Masked   int
	over     map[string]int64 // what was charged too much, by currency
}

// Form is one story in one world, expected to come to one end: what was staged
// is known by it from one report to the next.
type Form struct {
	*Told          // the worst of its rounds
	Rounds []*Told // in the order in which they came
	past   []*judge.Run
	New    bool   // it was good, or was not there, in the baseline
	Mended bool   // it is good and was not
	Flaky  string // "1/20": so many of its rounds, or of its past, were not good
	Beats  []Beat // its past and its rounds, oldest first
	wait   time.Duration
}

// Beat is one verdict of a form's history.
type Beat struct {
	X, Y, H int
	Class   string
	Word    string
}

// mostBeats is how much of a history is drawn.
const mostBeats = 20

// formOf names a run's form. The safeguards that are off are no part of it:
// what a run without one is to be compared with is the run that had it.
func formOf(r *judge.Run) string {
	return strings.Join([]string{r.Story, r.World, r.Database, r.Provider, r.Clock.String(), r.Expects}, "\x00")
}

func NewSuite(runs []*judge.Run, about About) *Suite {
	c := &Suite{about: about, Based: len(about.Baseline) > 0}
	past := map[string][]*judge.Run{}
	for _, r := range Copies(about.Baseline) {
		past[formOf(r)] = append(past[formOf(r)], r)
	}
	forms := map[string]*Form{}
	anchors := anchors{}
	for _, r := range Copies(runs) {
		t := Tell(r)
		c.Told = append(c.Told, t)
		f := forms[formOf(r)]
		if f == nil {
			f = &Form{Told: t, past: past[formOf(r)]}
			forms[formOf(r)] = f
			c.Forms = append(c.Forms, f)
		}
		f.add(t)
	}
	for _, f := range c.Forms {
		f.compare(c.Based)
	}
	c.sort()
	for _, t := range c.Told {
		t.Anchor = anchors.of(t.Run.ID)
	}
	// Only when every run has its anchor can a story's own name be given away.
	for _, t := range c.Told {
		t.Short, t.Alias = anchors.short(t.Anchor), anchors.alias(t.Run.Story)
	}
	return c
}

// Copies are the runs for this report alone: a Run remembers what it has
// worked out, and anyone who asked for a report may be using it meanwhile. Once
// its history was read it is only looked at, by as many as draw at once.
func Copies(runs []*judge.Run) []*judge.Run {
	list := make([]*judge.Run, len(runs))
	for i, r := range runs {
		own := *r
		own.Index()
		list[i] = &own
	}
	return list
}

func Tell(r *judge.Run) *Told {
	t := &Told{
		Run: r, Standing: StandingOf(r), Verdict: VerdictStanding(r.Verdict()),
		Sentence: Typeset(r.Sentence()), Masked: masked(r), over: overcharges(r),
	}
	t.Because = t.because()
	return t
}

// because says why a run is red although its sentence sounds well: a promise
// that is not about the charge broke, or nothing was proven.
func (t *Told) because() string {
	says := map[Standing]string{Broke: "Broken", Unproven: "Nothing is proven"}[t.Standing]
	if says == "" || len(t.over) > 0 {
		return ""
	}
	for _, ruling := range t.Run.Rulings {
		if VerdictStanding(ruling.Verdict) == t.Standing && ruling.Because != "" {
			return Typeset(says + ": " + ruling.Because + ".")
		}
	}
	return ""
}

// Demo says whether it shows what comes true without a safeguard.
func (t *Told) Demo() bool { return isDemonstration(t.Run) }

// caseLabel is the label of a story whose plot is a customer's complaint.
const caseLabel = "case"

// PlotIs says that the plot is a complaint and whether it came true, or "": the
// plot is what happened.
func (t *Told) PlotIs() string {
	off := strings.Join(t.Run.Complaint, ", ")
	switch {
	case t.Demo() && t.Standing == Reproduced:
		return "The complaint, which came true here:"
	case t.Demo():
		return "The complaint:"
	case off == "" && !slices.Contains(t.Run.Labels, caseLabel):
		return ""
	case off != "" && t.Verdict == Kept:
		return "The complaint, which did not come true here. Without the safeguard " + off + " it does:"
	case off != "":
		return "The complaint that comes true without the safeguard " + off + ":"
	case t.Verdict == Kept:
		return "The complaint, which did not come true here:"
	}
	return "The complaint that this story is about:"
}

// Bad says that it is not as expected: the page shows all of it at once.
func (t *Told) Bad() bool { return !t.Standing.good() }

// Loud says that it is shown in full however long the report is: it is not as
// expected, or stands for a form that sometimes is not.
func (t *Told) Loud() bool { return t.Bad() || t == t.Form.Told && t.Form.Flaky != "" }

// Key is what the ids of its events begin with in a page of all runs.
func (t *Told) Key() string { return t.Short + "/" }

func (f *Form) add(t *Told) {
	f.Rounds = append(f.Rounds, t)
	t.Form, t.round = f, len(f.Rounds)
	if t.Standing.Rank < f.Told.Standing.Rank {
		f.Told = t
	}
	f.wait = max(f.wait, waited(t.Run))
}

// compare reads the form's history: what came before, and its rounds.
func (f *Form) compare(based bool) {
	slices.SortStableFunc(f.past, func(a, b *judge.Run) int { return a.Began.Compare(b.Began) })
	var all []Standing
	for _, r := range f.past {
		all = append(all, StandingOf(r))
	}
	wasGood := len(all) == 0 || all[len(all)-1].good()
	f.New = based && f.Bad() && wasGood
	f.Mended = based && !f.Bad() && !wasGood
	for _, t := range f.Rounds {
		all = append(all, t.Standing)
	}
	bad, turns, same := 0, 0, true
	for i, s := range all {
		if !s.good() {
			bad++
		}
		if i > 0 && s.good() != all[i-1].good() {
			turns++
		}
		same = same && (i <= len(f.past) || s == all[i-1])
	}
	// Broken once and mended since is no flake; to and fro is.
	if !same || turns > 1 {
		f.Flaky = fmt.Sprintf("%d/%d", bad, len(all))
	}
	if len(all) > 1 {
		all = all[max(0, len(all)-mostBeats):]
		for i, s := range all {
			tall := 15 // the worse, the taller: colour alone says nothing
			switch {
			case s.good():
				tall = 4
			case s == Unproven:
				tall = 9
			}
			f.Beats = append(f.Beats, Beat{X: i * 7, Y: 16 - tall, H: tall, Class: s.Class, Word: s.Word})
		}
	}
}

// sort has the worst first: broken, unfinished, unproven, flaky, and of the
// good ones those whose customers waited longest.
func (c *Suite) sort() {
	order := func(a, b *Form) int {
		return cmp.Or(
			cmp.Compare(a.Standing.Rank, b.Standing.Rank),
			-cmp.Compare(min(len(a.Flaky), 1), min(len(b.Flaky), 1)),
			cmp.Compare(b.wait, a.wait))
	}
	slices.SortStableFunc(c.Forms, order)
	slices.SortStableFunc(c.Told, func(a, b *Told) int {
		return cmp.Or(cmp.Compare(a.Standing.Rank, b.Standing.Rank), order(a.Form, b.Form))
	})
}

// waited is how long the customer who waited longest was not told how her order
// ended: from her first click to the first screen that says it.
func waited(r *judge.Run) time.Duration {
	longest := time.Duration(0)
	for _, b := range r.Books() {
		if b.Clicks == 0 {
			continue
		}
		longest = max(longest, toldAt(r, b)-b.FirstClick)
	}
	return longest
}

func toldAt(r *judge.Run, b judge.Book) time.Duration {
	for _, e := range r.History {
		if e.View != nil && e.View.Basket == b.Basket && e.At >= b.FirstClick && e.View.Says.IsOutcome() {
			return e.At
		}
	}
	return EndOf(r)
}

// lastGood is what a run is compared with: the last kept run of its form in the
// baseline, or else a kept round of this report, or else the same story as it
// is kept with all its safeguards. It also says which of these it is.
func (c *Suite) lastGood(t *Told) (*judge.Run, string) {
	for _, r := range slices.Backward(t.Form.past) {
		if StandingOf(r) == Kept {
			return r, "the last good run"
		}
	}
	for _, round := range t.Form.Rounds {
		if round != t && round.Standing == Kept {
			return round.Run, fmt.Sprintf("round %d of this report, which was good", round.round)
		}
	}
	for _, other := range c.Told {
		if other.Run.Story == t.Run.Story && other != t && other.Standing == Kept && other.Run.World == t.Run.World {
			return other.Run, "the same story, kept, in this report"
		}
	}
	return nil, ""
}

// overcharges sums by currency what customers paid beyond what they owed.
func overcharges(r *judge.Run) map[string]int64 {
	sums := map[string]int64{}
	for _, b := range r.Books() {
		for currency, over := range overcharge(b) {
			sums[currency] += over
		}
	}
	return sums
}

// overcharge is what was charged beyond what was owed: what was due at her click,
// or nothing where the shop says that there is no order. Refunds do not undo a
// charge.
func overcharge(b judge.Book) judge.Amounts {
	owed := b.Asks()
	if b.Status.IsNoSale() {
		owed = nil
	}
	return b.Charged.Over(owed)
}

// masked counts the values that the recorder masked.
func masked(r *judge.Run) int {
	n := 0
	for _, e := range r.History {
		if e.Message == nil {
			continue
		}
		n += strings.Count(e.Message.Body, redact.Mask) + strings.Count(e.Message.Path, redact.Mask)
		for _, value := range e.Message.Header {
			n += strings.Count(value, redact.Mask)
		}
	}
	return n
}
