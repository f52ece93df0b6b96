package history

import (
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Call is one call on a hop with everything that its two ends told of it, as
// indices of the history.
type Call struct {
	Hop          observe.Hop
	Name         string // that its caller gave it, or ""
	Method, Path string

	Sent, Arrived, Answered, Received []int
	Failed                            []int // its caller heard that no answer came
	Broke                             []int // its callee's end got half a request, or no answer to pass on
	Hits                              []int // the injections that hit it: a tap dealt them, or a process died with it

	caller, callee string // who told of its ends
}

// Message is a request as a tap counted it, with its answer.
type Message struct {
	Call    *Call
	Request int // where it was seen
	Answer  int // or -1
}

// traffic is what was seen on the hops, and what the injections did to it.
type traffic struct {
	events   []observe.Event
	calls    []*Call
	messages []Message

	call    []*Call // of each event
	cells   []int   // of each event, for the first of a list
	named   map[name]*Call
	counted map[number]int // in messages
	fates   map[int]*Fate
}

type (
	name struct {
		hop  observe.Hop
		call string
	}
	// number is a tap's, on its hop.
	number struct {
		hop observe.Hop
		n   int
	}
)

func (x *Index) read() *traffic {
	x.once.Do(func() {
		n := len(x.Events)
		t := traffic{
			events: x.Events, call: make([]*Call, n), cells: make([]int, n),
			named: make(map[name]*Call, n/8), counted: make(map[number]int, n/8), fates: map[int]*Fate{},
		}
		for i, e := range x.Events {
			if e.Message != nil {
				t.see(i, e)
			}
		}
		for i, e := range x.Events { // when all calls are known: within an instant, the order says nothing
			if e.Kind == observe.Injected {
				t.tell(i, e.Effect)
			}
		}
		x.traffic = t
	})
	return &x.traffic
}

// Calls are in the order in which they were first seen.
func (x *Index) Calls() []*Call { return x.read().calls }

// CallOf is the call that the event is a sighting of, or nil.
func (x *Index) CallOf(i int) *Call { return x.read().call[i] }

// Messages are as the taps counted them, in the order in which they came.
func (x *Index) Messages() []Message { return x.read().messages }

// see brings a sighting to its call: by the name that the caller gave it, by the tap's
// number, or, where an end gives no name, by method and path in order.
func (t *traffic) see(i int, e observe.Event) {
	m := e.Message
	var c *Call
	if m.Call != "" {
		c = t.named[name{m.Hop, m.Call}]
	}
	if at, known := t.counted[number{m.Hop, m.N}]; c == nil && known {
		c = t.messages[at].Call
	}
	if c == nil {
		c = t.nameless(e)
	}
	if c == nil {
		c = &Call{Hop: m.Hop, Method: m.Method, Path: m.Path}
		t.calls = append(t.calls, c)
	}
	if m.Call != "" && c.Name != m.Call {
		c.Name = m.Call
		t.named[name{m.Hop, m.Call}] = c
	}
	t.call[i] = c
	t.add(c, i, e)
	if e.ByTap() {
		t.count(c, i, e)
	}
}

// count follows a tap in counting messages.
func (t *traffic) count(c *Call, i int, e observe.Event) {
	key := number{e.Message.Hop, e.Message.N}
	switch e.Kind {
	case observe.Sent, observe.Arrived:
		if key.n > 0 {
			t.counted[key] = len(t.messages)
		}
		t.messages = append(t.messages, Message{c, i, -1})
	case observe.Answered, observe.Received:
		if at, known := t.counted[key]; known {
			t.messages[at].Answer = i
		}
	}
}

// nameless finds the oldest call that the event may belong to where one of the
// two ends gave no name: a browser gives none. An answer is rather of a call that got
// such an answer, and a copy of what came last.
func (t *traffic) nameless(e observe.Event) (found *Call) {
	for _, c := range t.calls {
		switch {
		case !c.waitsFor(e):
		case e.Message.Copy:
			found = c
		case e.Kind != observe.Received || t.wasAnswered(c, e.Message.Status):
			return c
		case found == nil:
			found = c
		}
	}
	return found
}

func (t *traffic) wasAnswered(c *Call, status int) bool {
	return slices.ContainsFunc(c.Answered, func(a int) bool { return t.events[a].Message.Status == status })
}

func (c *Call) waitsFor(e observe.Event) bool {
	m := e.Message
	if e.Kind == observe.Sent || c.Hop != m.Hop || c.Method != m.Method ||
		c.Name != "" && m.Call != "" || !observe.SameRoute(c.Path, m.Path) {
		return false
	}
	switch over := len(c.Received)+len(c.Failed) > 0; {
	case e.Kind == observe.Arrived:
		return m.Copy == (len(c.Arrived) > 0)
	case e.Kind == observe.Answered:
		return len(c.Answered) == 0
	case e.Kind == observe.Received, e.Kind == observe.Failed && c.isCaller(e.Actor):
		return c.isCaller(e.Actor) && !over
	case e.Kind == observe.Failed:
		return c.callee == e.Actor && len(c.Answered)+len(c.Broke) == 0
	}
	return true
}

// isCaller says whether somebody stands at the caller's end of the hop.
func (c *Call) isCaller(who string) bool {
	return c.caller == who || c.caller == "" && c.callee != who
}

func (t *traffic) add(c *Call, i int, e observe.Event) {
	end, list := &c.caller, &c.Sent
	switch e.Kind {
	case observe.Sent:
	case observe.Arrived:
		end, list = &c.callee, &c.Arrived
	case observe.Answered:
		end, list = &c.callee, &c.Answered
	case observe.Received:
		list = &c.Received
	case observe.Failed:
		if list = &c.Failed; !c.isCaller(e.Actor) {
			end, list = &c.callee, &c.Broke
		}
	default:
		return
	}
	if *list == nil {
		*list = t.cells[i : i : i+1]
	}
	*list = append(*list, i)
	if *end == "" {
		*end = e.Actor
	}
}

// Sightings are all that was told of the call's messages, in order.
func (c *Call) Sightings() []int {
	all := slices.Concat(c.Sent, c.Arrived, c.Answered, c.Received, c.Failed, c.Broke)
	slices.Sort(all)
	return all
}
