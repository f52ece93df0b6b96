package picture

import (
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/reports/model"
)

// drawLanes draws the lines that everything happens on.
func (a *artist) drawLanes() {
	down := func(xs []int) string {
		var lines strings.Builder
		for _, x := range xs {
			path(&lines, 'M', x, 26)
			path(&lines, 'V', a.bottom+10)
		}
		return lines.String()
	}
	var lanes []int
	for i := range a.lanes.names {
		lanes = append(lanes, a.lanes.at(i))
	}
	a.Lives, a.Wires = down(lanes), down(a.networks())
}

// drawInjections shades each lasting fault on its hop, from where it was put in
// place to where it healed.
func (a *artist) drawInjections() {
	for i, one := range a.run.Schedule {
		wide := a.lanes.half() * 11 / 10
		if one.Fault.IsProcess() || one.Hop == observe.DatabaseHop {
			wide = a.lanes.half() * 3 / 10
		}
		for _, span := range model.FateOf(a.run, i).Spans {
			x := a.lanes.network(one.Hop)
			if one.Fault.IsProcess() {
				x = a.lanes.of(one.Fault.Process)
			}
			from, to := a.rowAt(span.Begin), a.bottom
			if span.End >= 0 {
				to = a.rowAt(span.End)
			}
			a.Bands = append(a.Bands, band{X: x - wide/2, W: wide, Y: from, H: max(4, to-from), Class: "injection", Title: one.String()})
		}
	}
}

// rowAt is where the event's row is: its own, or that of the calls it is folded
// into.
func (a *artist) rowAt(i int) int { return a.y[a.at.Rows[i]] }

// drawLives breaks the lane of a process while it does not run.
func (a *artist) drawLives() {
	gone := map[string]int{}
	end := func(process string, to int) {
		from, is := gone[process]
		if !is {
			return
		}
		delete(gone, process)
		a.Bands = append(a.Bands, band{
			X: a.lanes.of(process) - 5, W: 10, Y: from, H: max(4, to-from),
			Class: "gone", Title: process + " does not run",
		})
	}
	for i, e := range a.run.History {
		if e.Kind != observe.Process {
			continue
		}
		_, is := gone[e.Life.Process]
		switch {
		case e.Life.What.IsEnd() && !is:
			gone[e.Life.Process] = a.y[i]
		case e.Life.What.IsRunning():
			end(e.Life.Process, a.y[i])
		}
	}
	for _, process := range slices.Sorted(maps.Keys(gone)) {
		end(process, a.bottom)
	}
}

func (a *artist) drawMessages() {
	for _, l := range a.legs {
		a.drawLeg(l)
	}
	drawn := map[*model.Fold]bool{}
	for i, e := range a.run.History {
		fold := a.folds.ByEvent[i]
		if fold == nil || drawn[fold] || e.Message == nil {
			continue
		}
		drawn[fold] = true
		c := fold.Calls[0]
		from, to := a.lanes.side(c, true), a.lanes.side(c, false)
		line(a.pen.of(manyAsks), from, a.y[i], to, a.y[i])
		tip(a.pen.of(tips), from, a.y[i], to, a.y[i])
	}
}

// drawLeg draws a message's way. What was lost ends on the network in a cross;
// of what was not observed, the part that nobody saw is dotted.
func (a *artist) drawLeg(l history.Leg) {
	known := max(l.From, l.To)
	if l.From >= 0 {
		known = l.From
	}
	c := a.run.Index().CallOf(known)
	x1, x2 := a.lanes.side(c, !l.Answer), a.lanes.side(c, l.Answer)
	network := a.lanes.network(c.Hop)
	var y1, y2 int
	switch {
	case l.From < 0:
		x1, y1, y2 = network, a.y[l.To], a.y[l.To]
	case l.To < 0:
		y1, y2 = a.y[l.From], a.y[l.From]
	default:
		y1, y2 = a.y[l.From], a.y[l.To]
	}
	switch {
	case l.Lost:
		stop := network
		if l.To >= 0 {
			stop = x2 + (x1-x2)*12/100 // the tap stands before the callee's door
		}
		kind := lostAsks
		if l.Answer {
			kind = lostAnswers
		}
		line(a.pen.of(kind), x1, y1, stop, y2)
		a.pen.mark(lost, stop, y2)
	case l.To < 0:
		line(a.pen.of(unseen), x1, y1, x2, y2)
	case l.Answer:
		line(a.pen.of(answers), x1, y1, x2, y2)
		hook(a.pen.of(answers), x1, y1, x2, y2)
	default:
		line(a.pen.of(asks), x1, y1, x2, y2)
		tip(a.pen.of(tips), x1, y1, x2, y2)
	}
}

// The shapes of marks.
var (
	deed    = shape{"mark act", "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0"}
	screen  = shape{"mark screen", "m-7-5h14v10h-14zm3.500 5h7"}
	order   = shape{"mark", "m0-6l6 6-6 6-6-6z"}
	written = shape{"mark", "m-5-5h10v10h-10z"}
	charge  = shape{"mark captured", "m-6-6h12v12h-12z"}
	refund  = shape{"mark refunded", "m-6-6h12v12h-12zm9 6h-6m3-3l-3 3 3 3"}
	box     = shape{"mark", "m-6-4h12v9h-12zm0 3h12m-6-3v3"}
	flash   = shape{"mark hit", "m2-8l-7 10h4l-2 7 7-10h-4z"}
	warning = shape{"mark hit", "m0-6l6.500 11h-13z"}
	alive   = shape{"mark", "m-5-6l11 6-11 6z"}
	lost    = shape{"mark lost", "m-5-5l10 10m0-10l-10 10"}
)

// drawMarks draws whatever is no message, each at the lane of whom it concerns.
func (a *artist) drawMarks() {
	for i, e := range a.run.History {
		if a.y[i] == 0 || a.folds.ByEvent[i] != nil {
			continue
		}
		if s, is := shapeOf(e); is {
			a.pen.mark(s, a.place(i), a.y[i])
		}
	}
}

// shapeOf sets apart what really moved money.
func shapeOf(e observe.Event) (shape, bool) {
	switch e.Kind {
	case observe.Action:
		return deed, true
	case observe.Screen:
		return screen, true
	case observe.Order:
		return order, true
	case observe.Money:
		switch e.Entry.Op {
		case observe.MoneyCaptured:
			return charge, true
		case observe.MoneyRefunded:
			return refund, true
		}
		return written, true
	case observe.Parcel:
		return box, true
	case observe.Injected:
		return flash, true
	case observe.Drift:
		return warning, true
	case observe.Failed:
		return lost, true
	case observe.Process:
		if e.Life.What.IsEnd() {
			return lost, true
		}
		return alive, true
	}
	return shape{}, false
}

// place is the lane of an event.
func (a *artist) place(i int) int {
	e := a.run.History[i]
	switch e.Kind {
	case observe.Action, observe.Screen:
		return a.lanes.of(e.Actor)
	case observe.Order:
		return a.lanes.of(model.CheckoutLane)
	case observe.Money:
		return a.lanes.of(model.ProviderLane)
	case observe.Parcel:
		return a.lanes.of(model.CarrierLane)
	case observe.Injected:
		return a.injectedAt(e.Effect.Injection, e.Effect.Hop)
	case observe.Process:
		return a.lanes.of(e.Life.Process)
	case observe.Note:
		if slices.Contains(a.lanes.names, e.Actor) {
			return a.lanes.of(e.Actor)
		}
		return leftLane
	case observe.Drift:
		return a.lanes.network(e.Message.Hop)
	}
	return a.lanes.end(e, a.run.Index().CallOf(i))
}

// injectedAt is the hop that an injection hits, or its process.
func (a *artist) injectedAt(injection int, hop observe.Hop) int {
	if injection >= 0 && injection < len(a.run.Schedule) {
		if f := a.run.Schedule[injection].Fault; f.IsProcess() {
			return a.lanes.of(f.Process)
		}
	}
	return a.lanes.network(hop)
}
