package tap

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// exchange is one message on its way through the tap.
type exchange struct {
	*Tap
	w     http.ResponseWriter
	r     *http.Request
	pair  *pair // the caller's
	to    *pair // who gets the request
	body  []byte
	seen  observe.Message
	point injection.Point

	landed bool // it does not count as under way, or no longer
}

// land takes the message out of those that are under way.
func (x *exchange) land() {
	if !x.landed {
		x.landed = true
		x.flying.Add(-1)
	}
}

// carry takes one request to the callee and its answer back.
func (t *Tap) carry(w http.ResponseWriter, r *http.Request) {
	t.flying.Add(1)
	x := &exchange{Tap: t, w: w, r: r, pair: r.Context().Value(pairKey{}).(*pair)}
	defer x.land()

	body, err := readBody(r.Body, r.ContentLength)
	if err != nil {
		panic(http.ErrAbortHandler) // the caller died in mid-body, or floods us
	}
	x.body = body
	n := int(t.count.Add(1))
	x.seen = observe.RequestMessage(t.Hop, r, legible(r.Header, body))
	x.seen.N = n
	customer := t.Hop.Customer(x.seen.Call)
	if t.Caller {
		x.seen.Call = fmt.Sprintf("%s#%d", t.Hop, n)
	}
	x.point = injection.Point{Hop: t.Hop, Method: r.Method, Phase: fault.Arrives, N: n, Call: x.seen.Call, Customer: customer}
	x.route()
	x.to = x.choose(x.pair)
	x.seen.Process = x.to.process
	x.point.Process = x.seen.Process
	if isLook := t.caller.Load().isLook; isLook != nil && isLook(x.seen) {
		x.land()
	}
	x.tell(observe.Arrived, observe.Sent, x.seen)
	if protocol := wantsSocket(r.Header); protocol != "" {
		x.refuse(protocol)
		return
	}
	x.run()
}

// readBody reads a body whose length may have been announced, or else is
// negative.
func readBody(from io.Reader, length int64) ([]byte, error) {
	var body []byte
	var err error
	switch {
	case length > maxMessage:
	case length >= 0:
		body = make([]byte, length)
		_, err = io.ReadFull(from, body)
	default:
		body, err = io.ReadAll(io.LimitReader(from, maxMessage+1))
		length = int64(len(body))
	}
	if length > maxMessage {
		return nil, fmt.Errorf("the message is longer than %d bytes", maxMessage)
	}
	return body, err
}

func (x *exchange) run() {
	hits, lost := x.meet(fault.Arrives)
	if lost {
		x.abort(true)
	}
	var copies []injection.Hit
	for _, hit := range hits {
		switch hit.Fault.Kind {
		case fault.Duplicate, fault.DuplicateChanged:
			copies = append(copies, hit)
		case fault.Meet:
			x.meets(hit)
		case fault.Rename, fault.Drop, fault.Retype, fault.Replace:
			x.rewriteRequest(hit)
		case fault.Answer:
			answer, what := invented(hit.Fault)
			x.fired(hit, fmt.Sprintf("answered %s without asking the callee", what))
			x.tellDrift(answer)
			x.reply(answer)
			return
		default:
			x.deal(hit, "the request")
		}
	}
	copies = x.sendCopiesLater(copies)
	answer, err := x.forward(x.to, x.seen)
	x.seen.Process = x.to.process
	x.point.Process = x.seen.Process
	if err != nil {
		x.abort(observe.Classify(err) == observe.Reset || observe.Classify(err) == observe.Refused)
	}
	defer x.finish(answer)
	for _, hit := range copies {
		x.forwardCopy(answer, hit, "the callee got the request twice")
	}
	hits, lost = x.meet(fault.Answered)
	if lost {
		x.abort(true)
	}
	x.give(answer, hits)
}

// choose is where the message goes next: to whom a balancer picks, on a connection for it
// alone, or else on the connection that otherwise would do.
func (x *exchange) choose(otherwise *pair) *pair {
	if x.Choose == nil {
		return otherwise
	}
	server := x.Choose(x.seen)
	if server == nil {
		return otherwise
	}
	if server.Dial == nil {
		otherwise.process = server.Process
		return otherwise
	}
	return &pair{tap: x.Tap, held: true, process: server.Process, server: server}
}

func (x *exchange) meet(phase fault.Phase) ([]injection.Hit, bool) {
	injector := x.injector.Load()
	if injector == nil {
		return nil, false
	}
	x.point.Phase = phase
	return injector.Meet(x.point)
}

// forward takes the request to the callee and tells of the answer, if it is whole
// or broke off. A stream is under way no longer: nobody knows for how long.
func (x *exchange) forward(p *pair, m observe.Message) (*answer, error) {
	a, err := p.exchange(x.ctx, x.outgoing(m))
	m.Process = p.process
	if err != nil {
		failed := m
		failed.Body, failed.Error = "", observe.Classify(err)
		x.See(observe.Event{Actor: string(x.Hop), Kind: observe.Failed, Message: &failed})
		return nil, err
	}
	if a.stream == nil {
		x.tellAnswer(m, a)
	} else {
		x.land()
	}
	return a, nil
}

// forwardCopy sends the request once more, as a message of its own. What the
// callee answers to the copy reaches nobody. While the first answer is still
// coming, the copy goes on a connection of its own.
func (x *exchange) forwardCopy(first *answer, b injection.Hit, evidence string) {
	p := x.choose(x.pair)
	if first.stream != nil && p == x.pair {
		p = &pair{tap: x.Tap, held: true, process: x.pair.process}
		defer p.hangUp()
	}
	if x.sendCopy(p) != 0 {
		x.fired(b, evidence)
	}
}

// sendCopy sends the request once more and says with which status the callee answered; 0:
// it did not.
func (x *exchange) sendCopy(p *pair) (status int) {
	again := x.seen
	again.N, again.Copy, again.Process = int(x.count.Add(1)), true, p.process
	x.tell(observe.Arrived, observe.Sent, again)
	a, err := x.forward(p, again)
	if err != nil {
		return 0
	}
	a.drop()
	x.tellAnswer(again, a)
	return a.status
}

// sendCopiesLater sends those of the copies that come at a time of their own, whether
// the first request is under way then or not, and returns the others. Each goes on a
// connection of its own and counts as under way until it has been answered.
func (x *exchange) sendCopiesLater(copies []injection.Hit) (others []injection.Hit) {
	for _, hit := range copies {
		if hit.Fault.Duration == 0 {
			others = append(others, hit)
			continue
		}
		second := *x // the first goes on, and changes
		second.landed = false
		evidence, what := "the callee got the request again, "+hit.Fault.Duration.String()+" after the first", ""
		if hit.Fault.Kind == fault.DuplicateChanged {
			if what = second.differs(hit); what == "" {
				continue
			}
		}
		alone := &pair{tap: x.Tap, held: true, process: x.pair.process}
		second.flying.Add(1)
		x.work.Go(func() {
			defer second.land()
			second.wait(hit, hit.Fault.Duration)
			p := second.choose(alone)
			defer p.hangUp()
			switch status := second.sendCopy(p); {
			case status != 0 && what != "":
				second.fired(hit, fmt.Sprintf("%s: %s, and was answered %d", evidence, what, status))
			case status != 0:
				second.fired(hit, evidence)
			}
		})
	}
	return others
}

// finish does without what has not come of an answer, and tells of what has.
func (x *exchange) finish(a *answer) {
	a.drop()
	x.tellAnswer(x.seen, a)
}

// tellAnswer tells of an answer, once: when all of it has come that ever will.
func (x *exchange) tellAnswer(m observe.Message, a *answer) {
	if a.told {
		return
	}
	a.told = true
	seen := answerMessage(m, a)
	seen.Stream, seen.Error = a.isStream(), observe.Classify(a.broke)
	x.tell(observe.Answered, observe.Received, seen)
}

// outgoing is the request as the callee gets it: what the caller sent, less
// what concerns the tap alone.
func (x *exchange) outgoing(m observe.Message) *http.Request {
	header := x.r.Header.Clone()
	header.Del("Connection")
	header.Del("Expect")
	header.Del(observe.CallHeader)
	if x.Caller {
		header.Set(observe.CallHeader, m.Call)
	}
	if header.Get("User-Agent") == "" {
		header["User-Agent"] = []string{""} // or Request.Write would name one
	}
	body := io.ReadCloser(http.NoBody) // any other empty one would go out in chunks
	if len(x.body) > 0 {
		body = io.NopCloser(bytes.NewReader(x.body))
	}
	return &http.Request{
		Method: x.r.Method, URL: x.r.URL, Host: x.r.Host, Header: header,
		ContentLength: int64(len(x.body)), Body: body,
	}
}

func (x *exchange) tell(callee, caller observe.Kind, m observe.Message) {
	kind := callee
	if x.Caller {
		kind = caller
	}
	x.See(observe.Event{Actor: string(x.Hop), Kind: kind, Message: &m})
}
