package reports

import (
	"cmp"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// page is all that the page's templates read.
type page struct {
	About  About
	Title  string
	At     string
	Policy string
	Style  template.CSS // the program's own; never anything recorded
	Script template.JS  // likewise
	Counts []count
	Shown  int // runs that the headline counts
	Over   []string
	Runs   []story // worst first
	Demos  []story
	Masked int
}

// count is how many runs stand where.
type count struct {
	standing
	N int
}

func newPage(runs []*harness.Run, about About) page {
	p := page{
		About: about, Title: about.title(), Policy: policy,
		Style: template.CSS(style), Script: template.JS(script),
		At: stamp(about.At),
	}
	anchors := anchors{}
	for _, r := range sorted(runs) {
		s := newStory(r, anchors.of(r.ID))
		if s.Standing == reproduced {
			p.Demos = append(p.Demos, s)
		} else {
			p.Runs = append(p.Runs, s)
		}
		p.Masked += masked(r)
	}
	// Only when every run has its anchor can a story's own name be given away.
	for _, list := range [][]story{p.Runs, p.Demos} {
		for i := range list {
			list[i].Alias = anchors.alias(list[i].Run.Story)
		}
	}
	p.Shown = len(p.Runs)
	p.Counts = counts(p.Runs)
	p.Over = overcharges(p.Runs)
	return p
}

// copies are the runs for this report alone: a Run remembers what it has
// worked out, and whoever asked for a report may be using it meanwhile.
func copies(runs []*harness.Run) []*harness.Run {
	list := make([]*harness.Run, len(runs))
	for i, r := range runs {
		own := *r
		list[i] = &own
	}
	return list
}

// sorted has the worst runs first, and otherwise keeps their order.
func sorted(runs []*harness.Run) []*harness.Run {
	list := copies(runs)
	slices.SortStableFunc(list, func(a, b *harness.Run) int {
		return cmp.Compare(standingOf(a).rank, standingOf(b).rank)
	})
	return list
}

func counts(runs []story) []count {
	list := []count{{broke, 0}, {missed, 0}, {unfinished, 0}, {unproven, 0}, {kept, 0}}
	for _, s := range runs {
		for i := range list {
			if list[i].standing == s.Standing {
				list[i].N++
			}
		}
	}
	return list
}

// overcharges sums by currency what customers paid beyond what they owed, in
// the runs where that must not be: demonstrations do not count.
func overcharges(runs []story) []string {
	sums := map[string]int64{}
	for _, s := range runs {
		if isDemonstration(s.Run) {
			continue
		}
		for _, b := range s.Run.Books() {
			if over := overcharge(b); over > 0 {
				sums[b.Currency] += over
			}
		}
	}
	var list []string
	for currency, sum := range sums {
		list = append(list, harness.Price(sum, currency))
	}
	slices.Sort(list)
	return list
}

// overcharge is what was charged beyond what was owed: the amount on the page,
// or nothing where the shop says that there is no order. Refunds do not undo a
// charge.
func overcharge(b harness.Book) int64 {
	owed := b.Shown
	if b.Status == "refused" || b.Status == "cancelled" {
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
		n += strings.Count(e.Message.Body, harness.Masked) + strings.Count(e.Message.Path, harness.Masked)
		for _, value := range e.Message.Header {
			n += strings.Count(value, harness.Masked)
		}
	}
	return n
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 Jan 2006, 15:04 MST")
}
