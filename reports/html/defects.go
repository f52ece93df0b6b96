package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Defects is the track record of the harness: known defects, one after the
// other put into the shop, and whether exploring it caught them.
type Defects struct {
	At      time.Time `json:"at"`
	Commit  string    `json:"commit,omitempty"`
	Defects []Defect  `json:"defects"`
}

// Defect is what happened to one of them.
type Defect struct {
	Name       string             `json:"name"`
	Says       string             `json:"says"`             // what the code does wrong
	Source     string             `json:"source,omitempty"` // where such a thing happened
	Harmless   bool               `json:"harmless,omitempty"`
	Caught     bool               `json:"caught"`
	Story      string             `json:"story,omitempty"`   // that was explored when it was caught
	Promise    string             `json:"promise,omitempty"` // that broke
	Sentence   string             `json:"sentence,omitempty"`
	Injections injection.Schedule `json:"injections,omitempty"` // minimized
	Schedules  int                `json:"schedules,omitempty"`  // enacted until then
	After      time.Duration      `json:"after,omitempty"`      // real time until then, in nanoseconds
	Replayed   int                `json:"replayed,omitempty"`   // how often its token broke the promise again
	Replays    int                `json:"replays,omitempty"`    // of so many times
	Because    string             `json:"because,omitempty"`    // why it is not as it should be
}

// Good says whether the patch did what it is there for: a defect was caught, a
// harmless one left alone.
func (d Defect) Good() bool { return d.Because == "" && d.Caught != d.Harmless }

// defectsPage is what the template reads.
type defectsPage struct {
	frame
	Title, When, Commit string
	Figures             []figure
	Bad, Caught, Alone  []defectRow
}

type defectRow struct {
	Defect
	Took     string
	Schedule []string
}

// figure is a number in a page's heading, in words.
type figure struct{ N, Says, Class string }

// outOf is good only where it is all of them.
func outOf(n, all int, says string) figure {
	f := figure{fmt.Sprintf("%d of %d", n, all), says, "kept"}
	if n < all {
		f.Class = "broke"
	}
	return f
}

// BuildDefects draws the track record. It is pure.
func BuildDefects(d Defects) ([]byte, error) {
	p := defectsPage{frame: aloneFrame(), Title: "Known defects, and whether they are caught", When: stamp(d.At), Commit: d.Commit}
	defects, harmless := 0, 0
	var after []time.Duration
	var injections []int
	for _, one := range d.Defects {
		row := defectRow{Defect: one, Took: fmt.Sprintf("%.1f s", one.After.Seconds()), Schedule: texts(one.Injections)}
		if one.Harmless {
			harmless++
		} else {
			defects++
		}
		switch {
		case !one.Good():
			p.Bad = append(p.Bad, row)
		case one.Harmless:
			p.Alone = append(p.Alone, row)
		default:
			p.Caught = append(p.Caught, row)
			after, injections = append(after, one.After), append(injections, len(one.Injections))
		}
	}
	p.Figures = []figure{
		outOf(len(p.Caught), defects, "defects caught"),
		outOf(len(p.Alone), harmless, "harmless patches left alone"),
	}
	if len(after) > 0 {
		says := "injections in the minimized schedule, at the median"
		if middle(injections) == 1 {
			says = "injection in the minimized schedule, at the median"
		}
		p.Figures = append(p.Figures,
			figure{fmt.Sprintf("%.1f s", middle(after).Seconds()), "until caught, at the median", ""},
			figure{fmt.Sprint(middle(injections)), says, ""})
	}
	return draw("defects", p)
}

func middle[T int | time.Duration](list []T) T {
	slices.Sort(list)
	return list[len(list)/2]
}

func texts(s injection.Schedule) (list []string) {
	for _, injection := range s {
		list = append(list, injection.String())
	}
	return list
}

// Anchor is the defect's place in the page.
func (r defectRow) Anchor() string { return model.Plain(strings.ToLower(r.Name)) }
