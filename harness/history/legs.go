package history

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Leg is one way of a message from one end of the hop to the other; an end
// that nobody told of is -1.
type Leg struct {
	From, To int
	Answer   bool
	Lost     bool // it never came out; otherwise a missing end was not observed
}

// Legs are the ways of all messages of the call. One request may arrive twice,
// where a client re-sends it silently.
func (x *Index) Legs(c *Call) []Leg {
	var list []Leg
	over := len(c.Answered)+len(c.Received) > 0
	for k, to := range c.Arrived {
		from := -1
		if len(c.Sent) > 0 {
			from = c.Sent[min(k, len(c.Sent)-1)]
		}
		// The tap saw it, and an injection kept it from the callee.
		lost := len(c.Hits) > 0 && !over && x.Events[to].Actor == string(c.Hop)
		list = append(list, Leg{From: from, To: to, Lost: lost})
	}
	for k := len(c.Arrived); k < len(c.Sent); k++ {
		list = append(list, Leg{From: c.Sent[k], To: -1, Lost: !over})
	}
	return append(list, x.answers(c)...)
}

func (x *Index) answers(c *Call) []Leg {
	var list []Leg
	taken := map[int]bool{}
	for _, to := range c.Received {
		from := x.answerTo(c, to, taken)
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
func (x *Index) answerTo(c *Call, received int, taken map[int]bool) int {
	best, to := -1, x.Events[received]
	for _, a := range c.Answered {
		if from := x.Events[a]; !taken[a] && from.At <= to.At && from.Message.Status == to.Message.Status {
			best = a
		}
	}
	return best
}

// FarEnd is where the message that was seen at index near came out at the other end of
// the hop, or where its caller heard that no answer came, whichever was first. It is -1
// where nobody saw either before the next such message of the call: a client that asks
// again has given the first one up.
func (x *Index) FarEnd(near int) int {
	c, far, next := x.CallOf(near), -1, len(x.Events)
	for _, l := range x.Legs(c) {
		switch {
		case l.From == near && far < 0:
			far = l.To
		case l.From > near && x.Events[l.From].Kind == x.Events[near].Kind:
			next = min(next, l.From)
		}
	}
	for _, i := range c.Failed {
		if x.Events[i].At >= x.Events[near].At && i < next && (far < 0 || i < far) {
			return i
		}
	}
	return far
}

// GaveUp says whether the caller had heard before the event that no answer came.
func (x *Index) GaveUp(i int) bool {
	c := x.CallOf(i)
	return len(c.Failed) > 0 && c.Failed[0] < i
}

// Requests are the requests on a hop as its tap counted them, and as their caller sent
// those that no tap saw; copies that a fault sent are left out.
func (x *Index) Requests(hop observe.Hop) (list []int) {
	tapped := map[*Call]bool{}
	for _, m := range x.Messages() {
		if m.Call.Hop == hop {
			tapped[m.Call] = true
			if !x.Events[m.Request].Message.Copy {
				list = append(list, m.Request)
			}
		}
	}
	for _, c := range x.Calls() {
		if c.Hop == hop && !tapped[c] {
			list = append(list, c.Sent...)
		}
	}
	return list
}
