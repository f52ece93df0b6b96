package picture

import (
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Diagram is the messages between those who take part. Time runs downwards,
// one row an event, and is not to scale; longer silences say how long they
// are. As a row has one label, labels never lie on one another.
//
// Lines of one kind are one path: a picture has hundreds of them.
type Diagram struct {
	Height  int
	Heads   []head
	Lives   string // the lanes
	Wires   string // the networks between them
	Bands   []band
	Gaps    []gap
	GapAt   string
	Strokes []stroke
	Rows    []row
	Pins    []diagramPin
}

type (
	head struct {
		X, Y        int
		Name, Class string
	}
	band struct {
		X, Y, W, H   int
		Class, Title string
	}
	row struct {
		Y          int
		At, Events string
		Href       string
		Label      string
		X          int
		Class      string // the colour of the label, its side, and whether it stands above a line
	}
	gap struct {
		Y    int
		Text string
	}
	diagramPin struct {
		Y, H, TextY int
		Text, Href  string
		ID          string // of the first broken promise
	}
)

const (
	headHeight = 34
	rowHeight  = 28
	gapHeight  = 28
	pinHeight  = 36
	longGap    = time.Second
	// headEvery repeats the lanes' names where a picture is longer than a screen.
	headEvery = 26
)

// artist draws one diagram.
type artist struct {
	Diagram
	run    *judge.Run
	at     model.Address
	lanes  lanes
	folds  model.Folds
	pins   []model.Pin
	legs   []history.Leg
	y      []int // of the row of each event; 0: it has none
	bottom int
	pen    pen
}

func NewDiagram(r *judge.Run, at model.Address, f model.Folds, pins []model.Pin) Diagram {
	a := &artist{run: r, at: at, lanes: newLanes(r), folds: f, pins: pins, y: make([]int, len(r.History))}
	for _, one := range r.Index().Calls() {
		if messages := one.Sightings(); len(messages) > 0 && f.ByEvent[messages[0]] == nil {
			a.legs = append(a.legs, r.Index().Legs(one)...)
		}
	}
	a.layOut()
	a.drawLanes()
	a.drawInjections()
	a.drawLives()
	a.drawMessages()
	a.drawMarks()
	a.Strokes = a.pen.strokes()
	a.Height = a.bottom + 10
	return a.Diagram
}

// layOut gives every event its row, and every row its label.
func (a *artist) layOut() {
	joined := a.joined()
	far := a.farEnds()
	var gaps strings.Builder
	var last time.Duration
	a.head()
	for i, rows := 0, 0; i < len(a.run.History); i++ {
		if a.y[i] != 0 || a.folds.Hides(i) {
			continue
		}
		e := a.run.History[i]
		if rows > 0 && rows%headEvery == 0 {
			a.head()
		}
		if silence := e.At - last; silence >= longGap {
			a.gap(silence, &gaps)
		}
		events := []int{i}
		if other, is := joined[i]; is {
			events = append(events, other)
		}
		if fold := a.folds.ByEvent[i]; fold != nil {
			events = append(events, fold.Last)
		}
		a.row(events, far)
		rows++
		last = max(last, a.run.History[events[len(events)-1]].At)
	}
	a.GapAt = gaps.String()
}

// joined finds the messages that went from end to end with nothing seen in
// between, and quickly: both ends share a row.
func (a *artist) joined() map[int]int {
	next := map[int]int{}
	before := -1
	for i := range a.run.History {
		if a.folds.Hides(i) {
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
		if l.From < 0 || l.To < 0 || taken[l.From] || taken[l.To] {
			continue
		}
		h := a.run.History
		first, second := min(l.From, l.To), max(l.From, l.To)
		if is, ok := next[first]; ok && is == second && h[second].At-h[first].At < longGap {
			joined[first] = second
			taken[first], taken[second] = true, true
		}
	}
	return joined
}

// farEnds are the events whose message's other end is known: end → other end.
func (a *artist) farEnds() map[int]int {
	ends := map[int]int{}
	for _, l := range a.legs {
		if l.From >= 0 && l.To >= 0 {
			ends[l.To] = l.From
		}
	}
	return ends
}

func (a *artist) head() {
	if a.bottom > 0 {
		a.bottom += 6
	}
	y := a.bottom + 18
	for i, name := range a.lanes.names {
		class := "party"
		if i < len(a.lanes.customers) {
			class = "party customer"
		}
		a.Heads = append(a.Heads, head{a.lanes.at(i), y, model.Truncate(name, letters(a.lanes.half()*2)), class})
	}
	for _, x := range a.networks() {
		a.Heads = append(a.Heads, head{x, y, "network", "hop"})
	}
	a.bottom += headHeight
}

// networks are where messages are between two lanes.
func (a *artist) networks() []int {
	hops := []observe.Hop{observe.CustomerHop, observe.ProviderHop, observe.ShippingHop}
	for _, name := range model.FurtherCallees(a.run) {
		hops = append(hops, observe.Hop(model.CheckoutLane+">"+name))
	}
	at := make([]int, len(hops))
	for i, hop := range hops {
		at[i] = a.lanes.network(hop)
	}
	return at
}

func (a *artist) gap(silence time.Duration, lines *strings.Builder) {
	a.Gaps = append(a.Gaps, gap{Y: a.bottom + gapHeight/2 + 4, Text: units.FormatDuration(silence) + " later"})
	path(lines, 'M', 0, a.bottom+gapHeight/2)
	path(lines, 'H', pictureWidth)
	a.bottom += gapHeight
}

func (a *artist) row(events []int, far map[int]int) {
	e := a.run.History[events[0]]
	y := a.bottom + rowHeight/2 + 3
	row := row{Y: y + 4, At: model.Exact(e.At), Events: model.EventName(events[0]), Href: a.at.Href(events[0])}
	for _, i := range events {
		a.y[i] = y
	}
	if len(events) > 1 {
		row.Events += "–" + model.EventName(events[1])[1:]
	}
	a.label(&row, events[0], far)
	a.bottom += rowHeight
	a.Rows = append(a.Rows, row)
	for n, p := range a.pins {
		for _, i := range events {
			if p.Event == i {
				a.pin(p, n == 0)
			}
		}
	}
}

func (a *artist) pin(p model.Pin, first bool) {
	text, id := "✖ BROKE "+p.Promise+": "+p.Because, ""
	if first {
		id = a.at.Prefix + model.PinName
		text = "▲ First broken promise. " + text
	}
	a.Pins = append(a.Pins, diagramPin{
		Y: a.bottom + 3, H: pinHeight - 10, TextY: a.bottom + 21,
		Text: model.Truncate(text, letters(pictureWidth)), Href: a.at.Href(p.Event), ID: id,
	})
	a.bottom += pinHeight
}
