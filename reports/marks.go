package reports

import (
	"maps"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// drawLanes draws the lines that everything happens on.
func (a *artist) drawLanes() {
	for i := range a.lanes.names {
		a.Lines = append(a.Lines, lifeline{percent(a.lanes.at(i)), "life"})
	}
	for _, x := range a.networks() {
		a.Lines = append(a.Lines, lifeline{percent(x), "wire"})
	}
}

// drawStrikes shades each lasting fault on its hop, from where it was put in
// place to where it healed.
func (a *artist) drawStrikes() {
	for i, one := range a.run.Schedule {
		wide := a.lanes.half() * 1.1
		if one.Fault.IsProcess() || one.Hop == "checkout>database" {
			wide = a.lanes.half() * 0.3
		}
		for _, span := range fateOf(a.run, i).spans {
			x := a.lanes.network(string(one.Hop))
			if one.Fault.IsProcess() {
				x = a.lanes.of(one.Fault.Process)
			}
			to := a.bottom
			if span.end >= 0 {
				to = a.y[span.end]
			}
			a.Bands = append(a.Bands, band{
				X: percent(x - wide/2), W: percent(wide), Y: a.y[span.begin], H: max(4, to-a.y[span.begin]),
				Class: "strike", Title: one.String(),
			})
		}
	}
}

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
			X: percent(a.lanes.of(process) - 0.4), W: "0.8%", Y: from, H: max(4, to-from),
			Class: "gone", Title: process + " does not run",
		})
	}
	for i, e := range a.run.History {
		if e.Kind != observe.Process {
			continue
		}
		_, is := gone[e.Life.Process]
		switch {
		case died(e.Life) && !is:
			gone[e.Life.Process] = a.y[i]
		case e.Life.What == "started", e.Life.What == "ready":
			end(e.Life.Process, a.y[i])
		}
	}
	for _, process := range slices.Sorted(maps.Keys(gone)) {
		end(process, a.bottom)
	}
}

// died says whether a process came to its end, by itself or not.
func died(l *observe.Life) bool {
	return l.What == "killed" || l.What == "exited" || l.What == "stopped"
}

func (a *artist) drawMessages() {
	for _, l := range a.legs {
		a.drawLeg(l)
	}
	drawn := map[*fold]bool{}
	for i, e := range a.run.History {
		fold := a.folds.byEvent[i]
		if fold == nil || drawn[fold] || e.Message == nil {
			continue
		}
		drawn[fold] = true
		c := fold.calls[0]
		a.Arrows = append(a.Arrows, arrow{
			X1: percent(a.lanes.side(c, true)), X2: percent(a.lanes.side(c, false)), Y1: a.y[i], Y2: a.y[i],
			Class: "fold", Head: "url(#a-fold)",
		})
	}
}

// drawLeg draws a message's way. What was lost ends on the network in a cross;
// of what was not observed, the part that nobody saw is dotted.
func (a *artist) drawLeg(l leg) {
	known := max(l.from, l.to)
	if l.from >= 0 {
		known = l.from
	}
	c := a.calls.byEvent[known]
	from, to := a.lanes.side(c, !l.answer), a.lanes.side(c, l.answer)
	class := "request"
	if l.answer {
		class = "answer"
	}
	network := a.lanes.network(c.hop)
	line := arrow{X1: percent(from), X2: percent(to), Class: class, Head: "url(#a-" + class + ")"}
	switch {
	case l.from < 0:
		line.X1, line.Y1, line.Y2 = percent(network), a.y[l.to], a.y[l.to]
	case l.to < 0:
		line.Y1, line.Y2 = a.y[l.from], a.y[l.from]
		if !l.lost {
			line.Class += " unseen"
		}
	default:
		line.Y1, line.Y2 = a.y[l.from], a.y[l.to]
	}
	if l.lost {
		stop := network
		if l.to >= 0 {
			stop = to + (from-to)*0.12 // the tap stands before the callee's door
		}
		line.X2, line.Head = percent(stop), ""
		line.Class += " lost"
		a.Marks = append(a.Marks, mark{X: line.X2, Y: line.Y2, Symbol: "#m-lost", Class: "lost", Title: "lost here"})
	}
	a.Arrows = append(a.Arrows, line)
}

// drawMarks draws whatever is no message, each at the lane of whom it concerns.
func (a *artist) drawMarks() {
	symbols := map[observe.Kind]string{
		observe.Action: "#m-act", observe.Screen: "#m-screen", observe.Order: "#m-order",
		observe.Money: "#m-entry", observe.Parcel: "#m-entry", observe.Struck: "#m-strike",
		observe.Process: "#m-life", observe.Drift: "#m-drift", observe.Failed: "#m-lost",
	}
	for i, e := range a.run.History {
		symbol := symbols[e.Kind]
		if symbol == "" || a.y[i] == 0 || a.folds.byEvent[i] != nil {
			continue
		}
		class := rowClass(e)
		switch {
		case e.Kind == observe.Money:
			class = moneyClass(e.Entry.Op)
		case class == "died":
			symbol = "#m-lost"
		}
		a.Marks = append(a.Marks, mark{
			X: percent(a.place(i)), Y: a.y[i], Symbol: symbol, Class: class,
			Title: eventName(i) + " " + what(e) + " (" + source(e) + ")",
		})
	}
}

// place is the lane of an event.
func (a *artist) place(i int) float64 {
	e := a.run.History[i]
	switch e.Kind {
	case observe.Action, observe.Screen:
		return a.lanes.of(e.Actor)
	case observe.Order:
		return a.lanes.of(checkoutLane)
	case observe.Money:
		return a.lanes.of(providerLane)
	case observe.Parcel:
		return a.lanes.of(carrierLane)
	case observe.Struck:
		return a.struckAt(e.Blow.Strike, e.Blow.Hop)
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
	return a.lanes.end(e, a.calls.byEvent[i])
}

// struckAt is the hop that a strike hits, or its process.
func (a *artist) struckAt(strike int, hop string) float64 {
	if strike >= 0 && strike < len(a.run.Schedule) {
		if f := a.run.Schedule[strike].Fault; f.IsProcess() {
			return a.lanes.of(f.Process)
		}
	}
	return a.lanes.network(hop)
}
