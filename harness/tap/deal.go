package tap

import (
	"fmt"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/packed"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// give gives the caller the answer, or what happens to it.
func (x *exchange) give(answer *answer, hits []injection.Hit) {
	e := x.eventsOf(answer)
	for _, hit := range hits {
		switch hit.Fault.Kind {
		case fault.Answer:
			other, what := invented(hit.Fault)
			x.fired(hit, fmt.Sprintf("answered %s after the callee had said %d", what, answer.status))
			x.finish(answer)
			answer = other
		case fault.Duplicate:
			x.forwardCopy(answer, hit, "the callee got the request once more after it had answered")
		case fault.Truncate:
			x.cut(answer, hit, "cut the answer", "")
		case fault.Stall:
			if x.cut(answer, hit, "stopped the answer", ", and the connection stayed open") {
				answer.stalls = &hit
			}
		case fault.Rename, fault.Drop, fault.Retype, fault.Replace:
			x.change(answer, e, hit)
		default:
			x.deal(hit, "the answer")
		}
	}
	if answer.stream != nil {
		x.pass(answer, e)
		return
	}
	x.tellDrift(answer)
	x.reply(answer)
}

// cut lets no more than a part of the answer's body come, or of what came first of a stream,
// and says whether there was more.
func (x *exchange) cut(a *answer, b injection.Hit, does, then string) bool {
	if x.r.Method == http.MethodHead {
		return false
	}
	inside := func() bool { return b.Fault.Cut.Of(len(a.body)) < len(a.body) }
	a.collect(x.wholeWithin(), func() bool { return a.comes() != "" && inside() })
	switch n := len(a.body); {
	case inside():
	case a.stream != nil && n == 0:
		x.missed(b, "it is a stream of which nothing had come after "+wholeWithin.String())
		return false
	case n > 0:
		x.missed(b, fmt.Sprintf("no more than %d bytes of its body came", n))
		return false
	default:
		return false
	}
	what := fmt.Sprintf("%d bytes", len(a.body))
	x.finish(a)
	if a.endless {
		what = "what had come of a stream, " + what
	}
	a.cut, a.keeps = true, b.Fault.Cut.Of(len(a.body))
	x.fired(b, fmt.Sprintf("%s after %d of %s%s", does, a.keeps, what, then))
	return true
}

// stall waits until the injection heals, the caller leaves, or the tap is closed.
func (x *exchange) stall(b injection.Hit) {
	select {
	case <-b.Healed:
	case <-x.r.Context().Done():
	case <-x.ctx.Done():
	}
}

// change lets a field of the answer drift: of each part of a stream of events or
// lines, and else of the answer as a whole.
func (x *exchange) change(a *answer, e *events, b injection.Hit) {
	evidence, why := "", ""
	switch {
	case a.comes() != "" && len(packed.Codings(a.header)) > 0:
		why = "it is a packed stream of " + a.comes() + ", which the tap cannot change"
	case a.comes() != "" && a.stream == nil:
		one := &events{x: x, in: a.comes(), hits: []*change{{Hit: b}}}
		if body := append(one.through(a.body), one.rest()...); one.hits[0].told {
			a.body = body
			a.forget()
		}
	case a.comes() != "":
		e.hits = append(e.hits, &change{Hit: b})
		a.forget()
	default:
		if why = x.whole(a); why == "" {
			evidence, why = a.rewrite(b.Fault)
		}
	}
	if evidence != "" {
		x.fired(b, evidence)
	}
	if why != "" {
		x.missed(b, why)
	}
}

func (x *exchange) fired(b injection.Hit, evidence string) {
	x.injector.Load().Fired(b.Injection, x.point, evidence)
}

// missed tells why an injection had no effect on the message that it was to hit.
func (x *exchange) missed(b injection.Hit, why string) {
	x.injector.Load().Missed(b.Injection, x.point, why)
}

// note tells something that the report is to show.
func (x *exchange) note(text string) {
	x.See(observe.Event{Actor: string(x.Hop), Kind: observe.Note, Text: text})
}

// deal deals a fault that ends or delays the message, whatever it is.
func (x *exchange) deal(b injection.Hit, what string) {
	switch b.Fault.Kind {
	case fault.Hang:
		x.fired(b, what+" went nowhere, and the connection stayed open")
		x.wait(b, 0)
		x.abort(false)
	case fault.Close:
		x.fired(b, what+" was lost, and the connection ended")
		x.abort(false)
	case fault.Reset:
		x.fired(b, what+" was lost, and the connection was reset")
		x.abort(true)
	case fault.Delay:
		x.fired(b, what+" was held back for "+b.Fault.Duration.String())
		x.wait(b, b.Fault.Duration)
	}
}

// meets lets the request wait for another one, or, where this is the other one, lets both
// go on. Who comes second tells of both, so that it is told in one order.
func (x *exchange) meets(b injection.Hit) {
	switch injector := x.injector.Load(); {
	case b.First != nil:
		injector.Fired(b.Injection, *b.First, "the request waited for another one, and both went on at once")
		x.fired(b, "the request came while another one waited for it, and both went on at once")
		close(b.Met)
	default:
		if x.wait(b, b.Fault.Duration); !injector.HasMet(b.Injection) {
			x.missed(b, "no other one came within "+b.Fault.Duration.String())
			return
		}
	}
	if x.Apart != nil {
		time.Sleep(x.Apart(x.point.N))
	}
}

// wait waits until the injection heals, the time of the story has passed, if it
// is not zero, or the tap is closed.
func (x *exchange) wait(b injection.Hit, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(x.Clock.Real(d))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-b.Healed:
	case <-b.Met: // by another message
	case <-x.ctx.Done():
	}
}
