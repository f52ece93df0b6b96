package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// company is all runs of a report, each in its place among the others.
type referenceShop struct {
	told  []*told // every run, the worst first
	forms []*form // the index: one a story, world and form, the worst first
	based bool    // there is a baseline
	about About
}

// told is a run as the index and the other runs know it.
type told struct {
	Run      *harness.Run
	Anchor   string
	Alias    string // the story's name as a further anchor
	Standing standing
	Verdict  standing // what the promises say, whatever was expected
	Sentence string
	Because  string // what is wrong, where the sentence does not say it
	short    string // begins the ids of its events
	form     *form
	round    int
	masked   int
	over     map[string]int64 // what was charged too much, by currency
}

// form is one story in one world, expected to come to one end: what was staged
// is known by it from one report to the next.
type form struct {
	*told          // the worst of its rounds
	rounds []*told // in the order in which they came
	past   []*harness.Run
	New    bool   // it was good, or was not there, in the baseline
	Mended bool   // it is good and was not
	Flaky  string // "1/20": so many of its rounds, or of its past, were not good
	Beats  []beat // its past and its rounds, oldest first
	wait   time.Duration
}

// beat is one verdict of a form's history.
type beat struct {
	X, Y, H int
	Class   string
	Word    string
}

// mostBeats is how much of a history is drawn.
const mostBeats = 20

// formOf names a run's form. The safeguards that are off are no part of it:
// what a run without one is to be compared with is the run that had it.
func formOf(r *harness.Run) string {
	return strings.Join([]string{r.Story, r.World, r.Database, r.Clock.String(), r.Expects}, "\x00")
}

func newReferenceShop(runs []*harness.Run, about About) *referenceShop {
	c := &referenceShop{about: about, based: len(about.Baseline) > 0}
	past := map[string][]*harness.Run{}
	for _, r := range copies(about.Baseline) {
		past[formOf(r)] = append(past[formOf(r)], r)
	}
	forms := map[string]*form{}
	anchors := anchors{}
	for _, r := range copies(runs) {
		t := newTold(r)
		c.told = append(c.told, t)
		f := forms[formOf(r)]
		if f == nil {
			f = &form{told: t, past: past[formOf(r)]}
			forms[formOf(r)] = f
			c.forms = append(c.forms, f)
		}
		f.add(t)
	}
	for _, f := range c.forms {
		f.compare(c.based)
	}
	c.sort()
	for _, t := range c.told {
		t.Anchor = anchors.of(t.Run.ID)
	}
	// Only when every run has its anchor can a story's own name be given away.
	for _, t := range c.told {
		t.short, t.Alias = anchors.short(t.Anchor), anchors.alias(t.Run.Story)
	}
	return c
}

// copies are the runs for this report alone: a Run remembers what it has
// worked out, and whoever asked for a report may be using it meanwhile. Once
// its baskets are known it is only read, by as many as draw at once.
func copies(runs []*harness.Run) []*harness.Run {
	list := make([]*harness.Run, len(runs))
	for i, r := range runs {
		own := *r
		own.Baskets()
		list[i] = &own
	}
	return list
}

func newTold(r *harness.Run) *told {
	t := &told{
		Run: r, Standing: standingOf(r), Verdict: verdictStanding(r.Verdict()),
		Sentence: typeset(r.Sentence()), masked: masked(r), over: overcharges(r),
	}
	t.Because = t.because()
	return t
}

// because says why a run is red although its sentence sounds well: a promise
// that is not about the charge broke, or nothing was proven.
func (t *told) because() string {
	says := map[standing]string{broke: "Broken", unproven: "Nothing is proven"}[t.Standing]
	if says == "" || len(t.over) > 0 {
		return ""
	}
	for _, ruling := range t.Run.Rulings {
		if verdictStanding(ruling.Verdict) == t.Standing && ruling.Because != "" {
			return typeset(says + ": " + ruling.Because + ".")
		}
	}
	return ""
}

// Demo says whether it shows what comes true without a safeguard.
func (t *told) Demo() bool { return isDemonstration(t.Run) }

// caseLabel is the label of a story whose plot is a customer's complaint.
const caseLabel = "case"

// PlotIs says that the plot is a complaint and whether it came true, or "": the
// plot is what happened.
func (t *told) PlotIs() string {
	off := strings.Join(t.Run.Complaint, ", ")
	switch {
	case t.Demo() && t.Standing == reproduced:
		return "The complaint, which came true here:"
	case t.Demo():
		return "The complaint:"
	case off == "" && !slices.Contains(t.Run.Labels, caseLabel):
		return ""
	case off != "" && t.Verdict == kept:
		return "The complaint, which did not come true here. Without the safeguard " + off + " it does:"
	case off != "":
		return "The complaint that comes true without the safeguard " + off + ":"
	case t.Verdict == kept:
		return "The complaint, which did not come true here:"
	}
	return "The complaint that this story is about:"
}

// Bad says that it is not as expected: the page shows all of it at once.
func (t *told) Bad() bool { return !t.Standing.good() }

// loud says that it is shown in full however long the report is: it is not as
// expected, or stands for a form that sometimes is not.
func (t *told) loud() bool { return t.Bad() || t == t.form.told && t.form.Flaky != "" }

// Key is what the ids of its events begin with in a page of all runs.
func (t *told) Key() string { return t.short + "/" }

func (f *form) add(t *told) {
	f.rounds = append(f.rounds, t)
	t.form, t.round = f, len(f.rounds)
	if t.Standing.rank < f.told.Standing.rank {
		f.told = t
	}
	f.wait = max(f.wait, waited(t.Run))
}

// compare reads the form's history: what came before, and its rounds.
func (f *form) compare(based bool) {
	slices.SortStableFunc(f.past, func(a, b *harness.Run) int { return a.Began.Compare(b.Began) })
	var all []standing
	for _, r := range f.past {
		all = append(all, standingOf(r))
	}
	wasGood := len(all) == 0 || all[len(all)-1].good()
	f.New = based && f.Bad() && wasGood
	f.Mended = based && !f.Bad() && !wasGood
	for _, t := range f.rounds {
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
			case s == unproven:
				tall = 9
			}
			f.Beats = append(f.Beats, beat{X: i * 7, Y: 16 - tall, H: tall, Class: s.Class, Word: s.Word})
		}
	}
}

// sort has the worst first: broken, unfinished, unproven, flaky, and of the
// good ones those whose customers waited longest.
func (c *referenceShop) sort() {
	order := func(a, b *form) int {
		return cmp.Or(
			cmp.Compare(a.Standing.rank, b.Standing.rank),
			-cmp.Compare(min(len(a.Flaky), 1), min(len(b.Flaky), 1)),
			cmp.Compare(b.wait, a.wait))
	}
	slices.SortStableFunc(c.forms, order)
	slices.SortStableFunc(c.told, func(a, b *told) int {
		return cmp.Or(cmp.Compare(a.Standing.rank, b.Standing.rank), order(a.form, b.form))
	})
}

// waited is how long the customer who waited longest was not told how her order
// ended: from her first click to the first screen that says it.
func waited(r *harness.Run) time.Duration {
	longest := time.Duration(0)
	for _, b := range r.Books() {
		if b.Clicks == 0 {
			continue
		}
		longest = max(longest, toldAt(r, b)-b.FirstClick)
	}
	return longest
}

func toldAt(r *harness.Run, b harness.Book) time.Duration {
	for _, e := range r.History {
		if e.View != nil && e.View.Basket == b.Basket && e.At >= b.FirstClick && e.View.Says.IsOutcome() {
			return e.At
		}
	}
	return endOf(r)
}

// lastGood is what a run is compared with: the last kept run of its form in the
// baseline, or else a kept round of this report, or else the same story as it
// is kept with all its safeguards. It also says which of these it is.
func (c *referenceShop) lastGood(t *told) (*harness.Run, string) {
	for _, r := range slices.Backward(t.form.past) {
		if standingOf(r) == kept {
			return r, "the last good run"
		}
	}
	for _, round := range t.form.rounds {
		if round != t && round.Standing == kept {
			return round.Run, fmt.Sprintf("round %d of this report, which was good", round.round)
		}
	}
	for _, other := range c.told {
		if other.Run.Story == t.Run.Story && other != t && other.Standing == kept && other.Run.World == t.Run.World {
			return other.Run, "the same story, kept, in this report"
		}
	}
	return nil, ""
}

// overcharges sums by currency what customers paid beyond what they owed.
func overcharges(r *harness.Run) map[string]int64 {
	sums := map[string]int64{}
	for _, b := range r.Books() {
		if over := overcharge(b); over > 0 {
			sums[b.Currency] += over
		}
	}
	return sums
}

// overcharge is what was charged beyond what was owed: what was due at her click,
// or nothing where the shop says that there is no order. Refunds do not undo a
// charge.
func overcharge(b harness.Book) int64 {
	owed := b.Due
	if b.Status.IsNoSale() {
		owed = 0
	}
	return max(0, b.Charged-owed)
}

// masked counts the values that the recorder masked.
func masked(r *harness.Run) int {
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
