package reports

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// diagram is the messages between those who take part. Time runs downwards,
// one row an event, and is not to scale; longer silences say how long they
// are. As a row has one label, labels never lie on one another.
type diagram struct {
	Height int
	Heads  []head
	Lines  []lifeline
	Bands  []band
	Rows   []row
	Arrows []arrow
	Marks  []mark
	Gaps   []gap
	Pins   []diagramPin
}

type (
	head     struct{ X, Name, Class, Y string }
	lifeline struct{ X, Class string }
	band     struct {
		X, W, Class, Title string
		Y, H               int
	}
	row struct {
		Y, AtY      int // of the label, which stands above a line, and of the time
		At, Events  string
		Href, Label string
		X, Anchor   string
		DX          int
		Class       string
	}
	arrow struct {
		X1, X2 string
		Y1, Y2 int
		Class  string
		Head   string // the marker at its end, or ""
	}
	mark struct {
		X, Symbol, Class, Title string
		Y                       int
	}
	gap struct {
		Y, Line int
		Text    string
	}
	diagramPin struct {
		Y, H, TextY int
		Text        string
	}
)

const (
	headHeight = 34
	rowHeight  = 30
	gapHeight  = 30
	pinHeight  = 34
	longGap    = time.Second
	// headEvery repeats the lanes' names where a picture is longer than a screen.
	headEvery = 26
)

// artist draws one diagram.
type artist struct {
	diagram
	run    *harness.Run
	anchor string
	lanes  lanes
	calls  calls
	folds  folds
	pins   []pin
	legs   []leg
	y      []int // of the row of each event; 0: it has none
	bottom int
}

func newDiagram(r *harness.Run, anchor string, c calls, f folds, pins []pin) diagram {
	a := &artist{run: r, anchor: anchor, lanes: newLanes(r), calls: c, folds: f, pins: pins, y: make([]int, len(r.History))}
	for _, one := range c.list {
		if messages := one.messages(); len(messages) > 0 && f.byEvent[messages[0]] == nil {
			a.legs = append(a.legs, one.legs(r.History)...)
		}
	}
	a.layOut()
	a.drawLanes()
	a.drawStrikes()
	a.drawLives()
	a.drawMessages()
	a.drawMarks()
	a.Height = a.bottom + 10
	return a.diagram
}

// layOut gives every event its row, and every row its label.
func (a *artist) layOut() {
	joined := a.joined()
	var last time.Duration
	a.head()
	for i, rows := 0, 0; i < len(a.run.History); i++ {
		if a.y[i] != 0 || a.hidden(i) {
			continue
		}
		e := a.run.History[i]
		if rows > 0 && rows%headEvery == 0 {
			a.head()
		}
		if silence := e.At - last; silence >= longGap {
			a.gap(silence)
		}
		events := []int{i}
		if other, is := joined[i]; is {
			events = append(events, other)
		}
		if fold := a.folds.byEvent[i]; fold != nil {
			events = append(events, fold.last)
		}
		a.row(events)
		rows++
		last = max(last, a.run.History[events[len(events)-1]].At)
	}
}

// hidden events have no row of their own: they are in a row of polls, or say
// what was said before.
func (a *artist) hidden(i int) bool {
	if _, again := a.folds.repeat[i]; again {
		return true
	}
	fold := a.folds.byEvent[i]
	return fold != nil && fold.first != i
}

// joined finds the messages that went from end to end with nothing seen in
// between, and quickly: both ends share a row.
func (a *artist) joined() map[int]int {
	next := map[int]int{}
	before := -1
	for i := range a.run.History {
		if a.hidden(i) {
			continue
		}
		if before >= 0 {
			next[before] = i
		}
		before = i
	}
	joined := map[int]int{}
	taken := map[int]bool{}
	for _, l := range a.legs {
		if l.from < 0 || l.to < 0 || taken[l.from] || taken[l.to] {
			continue
		}
		h := a.run.History
		first, second := min(l.from, l.to), max(l.from, l.to)
		if is, ok := next[first]; ok && is == second && h[second].At-h[first].At < longGap {
			joined[first] = second
			taken[first], taken[second] = true, true
		}
	}
	return joined
}

func (a *artist) head() {
	if a.bottom > 0 {
		a.bottom += 6
	}
	y := fmt.Sprint(a.bottom + 18)
	for i, name := range a.lanes.names {
		class := "party"
		if i < len(a.lanes.customers) {
			class = "party customer"
		}
		a.Heads = append(a.Heads, head{percent(a.lanes.at(i)), clip(name, letters(a.lanes.half()*2)), class, y})
	}
	for _, x := range a.networks() {
		a.Heads = append(a.Heads, head{percent(x), "network", "hop", y})
	}
	a.bottom += headHeight
}

// networks are where messages are between two lanes.
func (a *artist) networks() []float64 {
	return []float64{
		a.lanes.network(string(harness.CustomerHop)),
		a.lanes.network(string(harness.ProviderHop)),
		a.lanes.network(string(harness.ShippingHop)),
	}
}

func (a *artist) gap(silence time.Duration) {
	a.Gaps = append(a.Gaps, gap{Y: a.bottom + gapHeight/2 + 4, Line: a.bottom + gapHeight/2, Text: harness.Spell(silence) + " later"})
	a.bottom += gapHeight
}

func (a *artist) row(events []int) {
	e := a.run.History[events[0]]
	y := a.bottom + rowHeight/2 + 3
	row := row{
		Y: y + 4, AtY: y + 4, At: exact(e.At), Events: eventName(events[0]),
		Href: eventHref(a.anchor, events[0]),
	}
	for _, i := range events {
		a.y[i] = y
	}
	if len(events) > 1 {
		row.Events += "–" + eventName(events[1])[1:]
	}
	a.label(&row, events[0])
	a.bottom += rowHeight
	a.Rows = append(a.Rows, row)
	for n, p := range a.pins {
		for _, i := range events {
			if p.event == i {
				a.pin(p, n == 0)
			}
		}
	}
}

func (a *artist) pin(p pin, first bool) {
	text := "Broke " + p.promise + ": " + p.because
	if first {
		text = "▲ First broken promise. " + text
	}
	a.Pins = append(a.Pins, diagramPin{Y: a.bottom + 3, H: pinHeight - 10, TextY: a.bottom + 20, Text: clip(text, 118)})
	a.bottom += pinHeight
}

// label says what the row shows, beside its mark or along its arrow.
func (a *artist) label(row *row, i int) {
	e := a.run.History[i]
	x, left := a.place(i), false
	text := what(e)
	if c := a.calls.byEvent[i]; c != nil {
		text, left = a.messageLabel(i, c)
	}
	if left || x > 70 {
		row.Anchor, row.DX = "end", -12
		text = clip(text, letters(x-leftLane/2))
	} else {
		row.Anchor, row.DX = "start", 12
		text = clip(text, letters(100-x))
	}
	row.X, row.Label, row.Class = percent(x), text, "l-"+rowClass(e)
	if e.Message != nil && e.Kind != observe.Failed && e.Kind != observe.Drift {
		row.Y -= 9
	}
}

// letters is how many fit into a share of the picture's width where it is
// smallest: 960 pixels, at nearly seven a letter.
func letters(share float64) int { return max(8, int(share*9.6/6.9)-2) }

// messageLabel is what stands on a message's arrow, and whether it stands left
// of the event's own lane: on the side of the other one.
func (a *artist) messageLabel(i int, c *call) (string, bool) {
	e := a.run.History[i]
	left := a.lanes.side(c, true)+a.lanes.side(c, false) < 2*a.place(i)
	if fold := a.folds.byEvent[i]; fold != nil {
		return fmt.Sprintf("%s %s × %d → %s, until %s", c.method, withoutQuery(c.path), len(fold.calls), fold.outcome,
			harness.Spell(a.run.History[fold.last].At)), left
	}
	switch e.Kind {
	case observe.Arrived:
		if a.isFarEnd(i) {
			return "arrives", left
		}
	case observe.Answered:
		return status(e.Message), left
	case observe.Received:
		if a.isFarEnd(i) {
			return status(e.Message) + " comes", left
		}
		return status(e.Message), left
	case observe.Failed:
		return noAnswer(e.Message), left
	}
	return what(e), left
}

// isFarEnd says whether the message's other end has a row of its own, above.
func (a *artist) isFarEnd(i int) bool {
	for _, l := range a.legs {
		if l.to == i && l.from >= 0 && a.y[l.from] != 0 && a.y[l.from] != a.y[i] {
			return true
		}
	}
	return false
}

// rowClass is the colour of what happened.
func rowClass(e harness.Event) string {
	switch e.Kind {
	case observe.Money, observe.Screen, observe.Struck, observe.Drift, observe.Failed:
		return string(e.Kind)
	case observe.Process:
		if died(e.Life) {
			return "died"
		}
	}
	return "plain"
}
