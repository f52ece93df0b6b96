package reports

import (
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// call is one call on a hop with everything that its two ends told of it, as
// indices of the history.
type call struct {
	hop, name, method, path string

	sent, arrived, answered, received, failed []int
	injected                                  bool // a injection of the tap hit it
}

// calls finds the call of every message, by index.
type calls struct {
	list    []*call
	byEvent map[int]*call
}

// matchCalls brings the sightings of each call together: by the name that the
// caller gave it, or, of a caller that gives none, by method and path in order.
func matchCalls(r *harness.Run) calls {
	c := calls{byEvent: map[int]*call{}}
	byName := map[string]*call{}
	for i, e := range r.History {
		if e.Kind == observe.Injected && e.Effect.What == observe.Fired && e.Effect.Call != "" {
			if hit := byName[e.Effect.Hop+" "+e.Effect.Call]; hit != nil {
				hit.injected = true
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
			found = &call{hop: m.Hop, name: m.Call, method: m.Method, path: m.Path}
			c.list = append(c.list, found)
		}
		if m.Call != "" {
			found.name = m.Call
			byName[m.Hop+" "+m.Call] = found
		}
		found.add(e.Kind, i)
		c.byEvent[i] = found
	}
	return c
}

// nameless finds the oldest call that the event may belong to where one of the
// two ends gave no name: a browser gives none.
func (c calls) nameless(e harness.Event) *call {
	if e.Kind == observe.Sent {
		return nil
	}
	m := e.Message
	for _, known := range c.list {
		if known.hop == m.Hop && known.method == m.Method && observe.SameRoute(known.path, m.Path) &&
			(known.name == "" || m.Call == "") && known.waitsFor(e.Kind) {
			return known
		}
	}
	return nil
}

func (c *call) waitsFor(k observe.Kind) bool {
	switch k {
	case observe.Arrived:
		return len(c.arrived) == 0
	case observe.Answered:
		return len(c.answered) == 0
	case observe.Received, observe.Failed:
		return len(c.received)+len(c.failed) == 0
	}
	return true
}

func (c *call) add(k observe.Kind, i int) {
	switch k {
	case observe.Sent:
		c.sent = append(c.sent, i)
	case observe.Arrived:
		c.arrived = append(c.arrived, i)
	case observe.Answered:
		c.answered = append(c.answered, i)
	case observe.Received:
		c.received = append(c.received, i)
	case observe.Failed:
		c.failed = append(c.failed, i)
	}
}

// messages are all sightings of the call's messages, in order.
func (c *call) messages() []int {
	all := slices.Concat(c.sent, c.arrived, c.answered, c.received, c.failed)
	slices.Sort(all)
	return all
}

// leg is one way of a message from one end of the hop to the other; an end
// that nobody told of is -1.
type leg struct {
	from, to int
	answer   bool
	lost     bool // it never came out; otherwise a missing end was not observed
}

// legs are the ways of all messages of the call. One request may arrive twice,
// where a client re-sends it silently.
func (c *call) legs(h harness.History) []leg {
	var list []leg
	over := len(c.answered)+len(c.received) > 0
	for k, to := range c.arrived {
		from := -1
		if len(c.sent) > 0 {
			from = c.sent[min(k, len(c.sent)-1)]
		}
		// The tap saw it, and a injection kept it from the callee.
		lost := c.injected && !over && h[to].Actor == c.hop
		list = append(list, leg{from: from, to: to, lost: lost})
	}
	for k := len(c.arrived); k < len(c.sent); k++ {
		list = append(list, leg{from: c.sent[k], to: -1, lost: !over})
	}
	return append(list, c.answers(h)...)
}

func (c *call) answers(h harness.History) []leg {
	var list []leg
	taken := map[int]bool{}
	for _, to := range c.received {
		from := c.answerTo(h, to, taken)
		if from >= 0 {
			taken[from] = true
		}
		list = append(list, leg{from: from, to: to, answer: true})
	}
	// A caller that told of nothing at all may well have had its answer.
	silent := len(c.sent)+len(c.received)+len(c.failed) == 0
	for _, from := range c.answered {
		if !taken[from] {
			list = append(list, leg{from: from, to: -1, answer: true, lost: !silent})
		}
	}
	return list
}

// answerTo is the answer that the caller received: the last one before it with
// the same status, or -1 where the network invented it.
func (c *call) answerTo(h harness.History, received int, taken map[int]bool) int {
	best := -1
	for _, a := range c.answered {
		if !taken[a] && h[a].At <= h[received].At && h[a].Message.Status == h[received].Message.Status {
			best = a
		}
	}
	return best
}

// callee and caller are the two ends of a hop.
func caller(hop string) string {
	from, _, _ := strings.Cut(hop, ">")
	return from
}

func callee(hop string) string {
	_, to, _ := strings.Cut(hop, ">")
	return to
}
