package picture

import (
	"fmt"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Strip is the whole run on one true scale of time: what the customers saw,
// what went wrong meanwhile, and when money moved.
type Strip struct {
	Rows     []stripRow
	Ticks    []tick
	Height   int
	AxisY    int // of the axis and what hangs from it
	TickEnd  int
	WordsY   int
	Patience []tick // when a customer's patience ends
	Ended    string // when the run did
	Seen     []model.Seen
}

// stripRow is one line of it, with its words above its bars.
type stripRow struct {
	Label      string
	LabelY     int
	BarY, MidY int
	Bars       []bar
	Marks      []stripMark
}

// bar is a span of time; X and W are shares of the width.
type bar struct {
	X, W, Class, Text string
	Over              bool // it is hatched
}

// stripMark is a moment. Marks that would lie on one another are moved apart, by
// pixels, and the last of them says how many they are.
type stripMark struct {
	X, Symbol string
	Move      int
	Many      string
	ManyAt    int
}

type tick struct{ X, Text, Anchor string }

const (
	stripRowHeight = 46
	stripBarHeight = 24
)

func NewStrip(r *judge.Run) Strip {
	// What the last screen says stays on it, so the picture goes on a little.
	last := lastChange(r)
	end := max(last+last/5, time.Second)
	s := Strip{Seen: model.Screens(r), Ended: units.FormatDuration(model.EndOf(r))}
	s.addScreens(end)
	s.addInjections(r, end)
	s.addMoney(r, end)
	s.AxisY = len(s.Rows)*stripRowHeight + 8
	s.TickEnd, s.WordsY, s.Height = s.AxisY+5, s.AxisY+20, s.AxisY+28
	s.Ticks = ticks(end)
	for _, b := range r.Books() {
		if at := r.PatienceEnds(b.Basket, b.FirstClick); r.Patience > 0 && at < end {
			s.Patience = append(s.Patience, tick{X: share(at, end), Text: fmt.Sprintf("patience of %s ends", b.Basket)})
		}
	}
	return s
}

// lastChange is when the story was over for the customers: a world may take
// minutes more to come to rest. While one of them is still waiting to be told
// how it ended, that is the end of the run, and she waits in the picture too.
func lastChange(r *judge.Run) time.Duration {
	for _, s := range model.Screens(r) {
		if s.Ends && s.Says != model.Nothing && !s.Says.IsOutcome() {
			return model.EndOf(r)
		}
	}
	last := time.Duration(0)
	for _, e := range r.History {
		switch e.Kind {
		case observe.Action, observe.Screen, observe.Money, observe.Parcel:
			last = e.At
		}
	}
	return last
}

func (s *Strip) addRow(label string) *stripRow {
	y := len(s.Rows) * stripRowHeight
	s.Rows = append(s.Rows, stripRow{Label: label, LabelY: y + 13, BarY: y + 18, MidY: y + 18 + stripBarHeight/2})
	return &s.Rows[len(s.Rows)-1]
}

func (s *Strip) addScreens(end time.Duration) {
	rows := map[string]int{}
	for _, state := range s.Seen {
		if state.Ends {
			state.End = end
		}
		at, is := rows[state.Who]
		if !is {
			at = len(s.Rows)
			rows[state.Who] = at
			s.addRow("What " + state.Who + " saw")
		}
		text := string(state.Says)
		if state.End-state.Begin < end/16 {
			text = "" // it would be cut after its first letter; the table has it
		}
		s.Rows[at].Bars = append(s.Rows[at].Bars, bar{
			X: share(state.Begin, end), W: share(state.End-state.Begin, end), Class: state.Class, Text: text,
			Over: state.Class == "s-waiting" || state.Class == "s-checking",
		})
	}
}

func (s *Strip) addInjections(r *judge.Run, end time.Duration) {
	for i, injection := range r.Schedule {
		fate := model.FateOf(r, i)
		// On a phone the end of it is cut: the fault comes first, the hop last.
		row := s.addRow(fmt.Sprintf("Injection %d: %s (%s)", i+1, injection.Fault, injection.Hop))
		for _, span := range fate.Spans {
			from, to := span.From(r), span.To(r)
			if from > end {
				continue
			}
			row.Bars = append(row.Bars, bar{
				X: share(from, end), W: share(min(to, end)-from, end), Class: "injection", Over: true,
			})
		}
		for _, at := range fate.Effects {
			x := share(r.History[at].At, end)
			if n := len(row.Marks); n == 0 || row.Marks[n-1].X != x {
				row.Marks = append(row.Marks, stripMark{X: x, Symbol: "#m-injection"})
			}
		}
		if len(fate.Spans)+len(fate.Effects) == 0 {
			row.Bars = append(row.Bars, bar{X: "0%", W: "100%", Class: "never", Text: "never hit"})
		}
	}
}

func (s *Strip) addMoney(r *judge.Run, end time.Duration) {
	if !has(r, observe.Money) {
		return
	}
	row := s.addRow("Money: the provider’s ledger")
	var moved []stripMark
	var at []time.Duration
	for _, e := range r.History {
		if e.Kind != observe.Money {
			continue
		}
		mark := stripMark{X: share(e.At, end), Symbol: moneySymbol(e.Entry.Op)}
		if mark.Symbol == "#m-entry" {
			row.Marks = append(row.Marks, mark)
			continue
		}
		moved, at = append(moved, mark), append(at, e.At)
	}
	apart(moved, at, end)
	row.Marks = append(row.Marks, moved...) // above the entries that moved nothing
}

const (
	markWidth = 15  // pixels, with the space to the next
	tooNear   = 1.4 // percent of the strip: fewer are less than a mark's width
	mostApart = 5   // marks that are drawn beside each other
)

// apart moves marks that are too near each other to be told apart.
func apart(marks []stripMark, at []time.Duration, end time.Duration) {
	for i := 0; i < len(marks); {
		n := 1
		for i+n < len(marks) && 100*float64(at[i+n]-at[i])/float64(end) < tooNear {
			n++
		}
		step := markWidth
		if 100*float64(at[i])/float64(end) > 85 { // there is more room before it
			step = -markWidth
		}
		for k := range n {
			marks[i+k].X, marks[i+k].Move = marks[i].X, min(k, mostApart-1)*step
		}
		if n > 1 {
			last := &marks[i+n-1]
			last.Many, last.ManyAt = fmt.Sprintf("×%d", n), last.Move+step
		}
		i += n
	}
}

func has(r *judge.Run, k observe.Kind) bool {
	for _, e := range r.History {
		if e.Kind == k {
			return true
		}
	}
	return false
}

// moneySymbol sets apart what really moved money.
func moneySymbol(op observe.EntryOp) string {
	switch op {
	case observe.MoneyCaptured:
		return "#m-captured"
	case observe.MoneyRefunded:
		return "#m-refunded"
	}
	return "#m-entry"
}

// share is where d lies on a scale to end.
func share(d, end time.Duration) string {
	return percent(100 * float64(d) / float64(end))
}

func percent(p float64) string { return strconv.FormatFloat(p, 'f', 1, 64) + "%" }

// round writes a time on the axis in the unit of its steps.
func round(at, step time.Duration) string {
	unit, name := time.Second, " s"
	switch {
	case step >= time.Hour:
		unit, name = time.Hour, " h"
	case step >= time.Minute:
		unit, name = time.Minute, " min"
	}
	return strconv.FormatFloat(float64(at)/float64(unit), 'g', 4, 64) + name
}

// ticks divides the scale at round times, into at most seven parts, so that
// their words stand apart on a phone.
func ticks(end time.Duration) []tick {
	steps := []time.Duration{
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
	}
	step := steps[0]
	for i := 0; end/step > 7; i++ {
		if i < len(steps) {
			step = steps[i]
		} else {
			step *= 2
		}
	}
	var list []tick
	for at := time.Duration(0); at <= end; at += step {
		anchor := "middle"
		switch {
		case at == 0:
			anchor = "start"
		case end-at < step/4:
			anchor = "end"
		}
		list = append(list, tick{X: share(at, end), Text: round(at, step), Anchor: anchor})
	}
	return list
}
