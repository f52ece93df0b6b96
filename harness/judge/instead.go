package judge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// neverInstalled is in every reason why an injection was never installed.
const neverInstalled = "had no effect: "

// NeverInstalled says whether a ruling's reason is that an injection waited for
// something that did not come.
func NeverInstalled(because string) bool { return strings.Contains(because, neverInstalled) }

// WithoutEffect says why an injection took effect less often than it must, and
// what came instead of what it waited for; "" where it took effect.
func (r *Run) WithoutEffect(injection int) string {
	s := r.Schedule[injection]
	effects := len(r.Effects(injection))
	switch {
	case effects >= s.MustFire():
		return ""
	case r.missedBecause(injection) != "":
		return fmt.Sprintf("the injection “%s” had no effect on %s", s, r.missedBecause(injection))
	case len(r.Index().Fate(injection).Spans) == 0:
		return fmt.Sprintf("the injection “%s” %s%s", s, neverInstalled, r.waitedInVain(s))
	case effects > 0:
		return fmt.Sprintf("the injection “%s” took effect %s instead of %s", s, units.FormatCount(effects), units.FormatCount(s.MustFire()))
	}
	why := fmt.Sprintf("the injection “%s” was installed, no observable effect (0 of %d)", s, s.MustFire())
	if s.Fault.IsProcess() {
		return why
	}
	if s.Fault.IsDecision() {
		return fmt.Sprintf("%s: no payment waited for her when she would have approved it; the ledgers have: %s", why, countedList(r.written()))
	}
	x := r.Index()
	came := r.came(s.Hop, func(i int) bool {
		return slices.ContainsFunc(x.Fate(injection).Spans, func(in history.Span) bool { return x.During(in, i) })
	})
	return fmt.Sprintf("%s; what came on %s meanwhile: %s", why, s.Hop, countedList(came))
}

// missedBecause is the tap's word on why it could not do what the injection asks
// for, with the first message that it was to hit.
func (r *Run) missedBecause(n int) string {
	for _, e := range r.History {
		if why, is := strings.CutPrefix(e.Text, injection.MissedNote(n)+" "); is && e.Kind == observe.Note {
			return why
		}
	}
	return ""
}

func (r *Run) waitedInVain(s injection.Injection) string {
	switch c := s.Trigger; {
	case s.IsMessage():
		named := func(i int) bool {
			m := r.History[i].Message
			return s.Fits(s.Hop, m.Operation, m.Method, m.Path)
		}
		hits := sum(r.came(s.Hop, named))
		others := countedList(r.came(s.Hop, func(i int) bool { return !named(i) }))
		switch {
		case hits == 0:
			return fmt.Sprintf("no %s came on %s; what came: %s", s.WaitsFor(), s.Hop, others)
		case c.N > hits:
			return fmt.Sprintf("%s came %d× on %s, and it waits for #%d; what else came: %s", s.WaitsFor(), hits, s.Hop, c.N, others)
		case c.Phase == fault.Answered:
			return fmt.Sprintf("%s came %d× on %s, and was not answered; what else came: %s", s.WaitsFor(), hits, s.Hop, others)
		}
		return fmt.Sprintf("%s came %d× on %s, and was not hit; what else came: %s", s.WaitsFor(), hits, s.Hop, others)
	case c.End:
		return "the story did not come to its end"
	case s.Fault.IsDecision():
		wrote := r.written()
		return fmt.Sprintf("“%s” was written %d×, and it waits for payment #%d; the ledgers have: %s", observe.MoneyCreated, wrote[string(observe.MoneyCreated)], max(1, c.N), countedList(wrote))
	case c.Saw != "":
		wrote := r.written()
		if n := wrote[string(c.Saw)]; n > 0 {
			return fmt.Sprintf("“%s” was written %d×, and it waits for #%d; the ledgers have: %s", c.Saw, n, c.N, countedList(wrote))
		}
		return fmt.Sprintf("no “%s” was written; the ledgers have: %s", c.Saw, countedList(wrote))
	case c.At > 0 && len(r.History) > 0:
		return fmt.Sprintf("it waits for %s, and the last event was at %s", units.FormatDuration(c.At), units.FormatDuration(r.History[len(r.History)-1].At))
	}
	return "it was not installed"
}

// written counts the entries of the ledgers of provider and carrier.
func (r *Run) written() map[string]int {
	wrote := map[string]int{}
	for _, e := range r.History {
		if e.Kind == observe.Money || e.Kind == observe.Parcel {
			wrote[string(e.Entry.Op)]++
		}
	}
	return wrote
}

// came counts the requests on a hop that fit, by method and path, as the tap saw
// them: it alone writes what tells two of one path apart. One that its caller
// sent and that no tap saw came all the same.
func (r *Run) came(hop observe.Hop, fits func(i int) bool) map[string]int {
	counts := map[string]int{}
	for _, i := range r.Index().Requests(hop) {
		if m := r.History[i].Message; fits(i) {
			counts[m.Method+" "+r.Index().PathTemplate(m.Path)]++
		}
	}
	return counts
}

func sum(counts map[string]int) (n int) {
	for _, one := range counts {
		n += one
	}
	return n
}

// mostKinds is how many kinds are listed.
const mostKinds = 6

// countedList writes counts as “3× GET /cart/{id}, 1× POST /cart/{id}/buy”, the
// most frequent first.
func countedList(counts map[string]int) string {
	if len(counts) == 0 {
		return "nothing"
	}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var list []string
	for _, name := range names[:min(len(names), mostKinds)] {
		list = append(list, fmt.Sprintf("%d× %s", counts[name], name))
	}
	if more := len(names) - mostKinds; more > 0 {
		list = append(list, fmt.Sprintf("and %d more kinds", more))
	}
	return strings.Join(list, ", ")
}
