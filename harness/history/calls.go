package history

import (
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Call is one call on a hop with everything that its two ends told of it, as
// indices of the history.
type Call struct {
	Hop, Name, Method, Path string

	Sent, Arrived, Answered, Received, Failed []int
	Injected                                  bool // an injection of the tap hit it
}

// Calls finds the call of every message, by index.
type Calls struct {
	List    []*Call
	ByEvent map[int]*Call
}

// Match brings the sightings of each call together: by the name that the
// caller gave it, or, of a caller that gives none, by method and path in order.
func Match(events []observe.Event) Calls {
	c := Calls{ByEvent: map[int]*Call{}}
	byName := map[string]*Call{}
	for i, e := range events {
		if e.Kind == observe.Injected && e.Effect.What == observe.Fired && e.Effect.Call != "" {
			if hit := byName[e.Effect.Hop+" "+e.Effect.Call]; hit != nil {
				hit.Injected = true
			}
		}
		m := e.Message
		if m == nil {
			continue
		}
		found := byName[m.Hop+" "+m.Call]
		if found == nil || m.Call == "" {
			found = c.nameless(e)
		}
		if found == nil {
			found = &Call{Hop: m.Hop, Name: m.Call, Method: m.Method, Path: m.Path}
			c.List = append(c.List, found)
		}
		if m.Call != "" {
			found.Name = m.Call
			byName[m.Hop+" "+m.Call] = found
		}
		found.add(e.Kind, i)
		c.ByEvent[i] = found
	}
	return c
}

// nameless finds the oldest call that the event may belong to where one of the
// two ends gave no name: a browser gives none.
func (c Calls) nameless(e observe.Event) *Call {
	if e.Kind == observe.Sent {
		return nil
	}
	m := e.Message
	for _, known := range c.List {
		if known.Hop == m.Hop && known.Method == m.Method && observe.SameRoute(known.Path, m.Path) &&
			(known.Name == "" || m.Call == "") && known.waitsFor(e.Kind) {
			return known
		}
	}
	return nil
}

func (c *Call) waitsFor(k observe.Kind) bool {
	switch k {
	case observe.Arrived:
		return len(c.Arrived) == 0
	case observe.Answered:
		return len(c.Answered) == 0
	case observe.Received, observe.Failed:
		return len(c.Received)+len(c.Failed) == 0
	}
	return true
}

func (c *Call) add(k observe.Kind, i int) {
	switch k {
	case observe.Sent:
		c.Sent = append(c.Sent, i)
	case observe.Arrived:
		c.Arrived = append(c.Arrived, i)
	case observe.Answered:
		c.Answered = append(c.Answered, i)
	case observe.Received:
		c.Received = append(c.Received, i)
	case observe.Failed:
		c.Failed = append(c.Failed, i)
	}
}

// Messages are all sightings of the call's messages, in order.
func (c *Call) Messages() []int {
	all := slices.Concat(c.Sent, c.Arrived, c.Answered, c.Received, c.Failed)
	slices.Sort(all)
	return all
}

// Leg is one way of a message from one end of the hop to the other; an end
// that nobody told of is -1.
type Leg struct {
	From, To int
	Answer   bool
	Lost     bool // it never came out; otherwise a missing end was not observed
}

// Legs are the ways of all messages of the call. One request may arrive twice,
// where a client re-sends it silently.
func (c *Call) Legs(h []observe.Event) []Leg {
	var list []Leg
	over := len(c.Answered)+len(c.Received) > 0
	for k, to := range c.Arrived {
		from := -1
		if len(c.Sent) > 0 {
			from = c.Sent[min(k, len(c.Sent)-1)]
		}
		// The tap saw it, and an injection kept it from the callee.
		lost := c.Injected && !over && h[to].Actor == c.Hop
		list = append(list, Leg{From: from, To: to, Lost: lost})
	}
	for k := len(c.Arrived); k < len(c.Sent); k++ {
		list = append(list, Leg{From: c.Sent[k], To: -1, Lost: !over})
	}
	return append(list, c.answers(h)...)
}

func (c *Call) answers(h []observe.Event) []Leg {
	var list []Leg
	taken := map[int]bool{}
	for _, to := range c.Received {
		from := c.answerTo(h, to, taken)
		if from >= 0 {
			taken[from] = true
		}
		list = append(list, Leg{From: from, To: to, Answer: true})
	}
	// A caller that told of nothing at all may well have had its answer.
	silent := len(c.Sent)+len(c.Received)+len(c.Failed) == 0
	for _, from := range c.Answered {
		if !taken[from] {
			list = append(list, Leg{From: from, To: -1, Answer: true, Lost: !silent})
		}
	}
	return list
}

// answerTo is the answer that the caller received: the last one before it with
// the same status, or -1 where the network invented it.
func (c *Call) answerTo(h []observe.Event, received int, taken map[int]bool) int {
	best := -1
	for _, a := range c.Answered {
		if !taken[a] && h[a].At <= h[received].At && h[a].Message.Status == h[received].Message.Status {
			best = a
		}
	}
	return best
}

// Caller is the end of a hop that asks.
func Caller(hop string) string {
	from, _, _ := strings.Cut(hop, ">")
	return from
}

// Callee is the end of a hop that answers.
func Callee(hop string) string {
	_, to, _ := strings.Cut(hop, ">")
	return to
}
