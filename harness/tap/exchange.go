package tap

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// exchange is one message on its way through the tap.
type exchange struct {
	*Tap
	w     http.ResponseWriter
	r     *http.Request
	pair  *pair
	body  []byte
	seen  observe.Message
	point harness.Point

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
	x.seen = observe.RequestMessage(string(t.Hop), r, legible(r.Header, body))
	x.seen.N = n
	if t.Caller {
		x.seen.Call = fmt.Sprintf("%s#%d", t.Hop, n)
	}
	route := x.tellApart()
	x.point = harness.Point{
		Hop: t.Hop, Method: r.Method, Path: route, Phase: harness.Arrives, N: n, Call: x.seen.Call,
	}
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
	blows, lost := x.meet(harness.Arrives)
	if lost {
		x.abort(true)
	}
	var copies []harness.Blow
	for _, blow := range blows {
		switch blow.Fault.Kind {
		case harness.DuplicateFault:
			copies = append(copies, blow)
		case harness.AnswerFault:
			x.fired(blow, fmt.Sprintf("answered %d without asking the callee", blow.Fault.Status))
			answer := invented(blow.Fault.Status)
			x.tellDrift(answer)
			x.reply(answer)
			return
		default:
			x.deal(blow, "the request")
		}
	}
	answer, err := x.forward(x.seen)
	if err != nil {
		x.abort(observe.Classify(err) == observe.Reset || observe.Classify(err) == observe.Refused)
	}
	for _, blow := range copies {
		x.forwardCopy(blow, "the callee got the request twice")
	}
	blows, lost = x.meet(harness.Answered)
	if lost {
		x.abort(true)
	}
	for _, blow := range blows {
		switch blow.Fault.Kind {
		case harness.AnswerFault:
			x.fired(blow, fmt.Sprintf("answered %d after the callee had said %d", blow.Fault.Status, answer.status))
			answer = invented(blow.Fault.Status)
		case harness.DuplicateFault:
			x.forwardCopy(blow, "the callee got the request once more after it had answered")
		case harness.TruncateFault:
			if len(answer.body) > 0 && x.r.Method != http.MethodHead {
				x.fired(blow, fmt.Sprintf("cut the answer after %d of %d bytes", len(answer.body)/2, len(answer.body)))
				answer.cut = true
			}
		case harness.RenameFault, harness.DropFault, harness.RetypeFault:
			evidence, why := answer.rewrite(blow.Fault)
			if evidence != "" {
				x.fired(blow, evidence)
			}
			if why != "" {
				x.missed(blow, why)
			}
		default:
			x.deal(blow, "the answer")
		}
	}
	x.tellDrift(answer)
	x.reply(answer)
}

func (x *exchange) meet(phase harness.Phase) ([]harness.Blow, bool) {
	armoury := x.armoury.Load()
	if armoury == nil {
		return nil, false
	}
	x.point.Phase = phase
	return armoury.Meet(x.point)
}

func (x *exchange) fired(b harness.Blow, evidence string) {
	x.armoury.Load().Fired(b.Strike, x.point, evidence)
}

// missed tells why a strike had no effect on the message that it was to hit.
func (x *exchange) missed(b harness.Blow, why string) {
	x.note(fmt.Sprintf("%s had no effect on the answer to %s %s: %s", b.Fault.Kind, x.r.Method, x.r.URL.Path, why))
}

// note tells something that the report is to show.
func (x *exchange) note(text string) {
	x.See(harness.Event{Actor: string(x.Hop), Kind: observe.Note, Text: text})
}

// deal deals a blow that ends or delays the message, whatever it is.
func (x *exchange) deal(b harness.Blow, what string) {
	switch b.Fault.Kind {
	case harness.HangFault:
		x.fired(b, what+" went nowhere, and the connection stayed open")
		x.wait(b, 0)
		x.abort(false)
	case harness.CloseFault:
		x.fired(b, what+" was lost, and the connection ended")
		x.abort(false)
	case harness.ResetFault:
		x.fired(b, what+" was lost, and the connection was reset")
		x.abort(true)
	case harness.DelayFault:
		x.fired(b, what+" was held back for "+b.Fault.Duration.String())
		x.wait(b, b.Fault.Duration)
	}
}

// wait waits until the strike heals, the time of the story has passed, if it
// is not zero, or the tap is closed.
func (x *exchange) wait(b harness.Blow, d time.Duration) {
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(x.Pace.Real(d))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
	case <-b.Healed:
	case <-x.ctx.Done():
	}
}

// forward takes the request to the callee and tells of the answer.
func (x *exchange) forward(m observe.Message) (*answer, error) {
	a, err := x.pair.exchange(x.ctx, x.outgoing(m))
	if err != nil {
		failed := m
		failed.Body, failed.Error = "", observe.Classify(err)
		x.See(harness.Event{Actor: string(x.Hop), Kind: observe.Failed, Message: &failed})
		return nil, err
	}
	x.tell(observe.Answered, observe.Received, answerMessage(m, a))
	return a, nil
}

// forwardCopy sends the request once more, as a message of its own. What the
// callee answers to the copy reaches nobody.
func (x *exchange) forwardCopy(b harness.Blow, evidence string) {
	again := x.seen
	again.N = int(x.count.Add(1))
	x.tell(observe.Arrived, observe.Sent, again)
	if _, err := x.forward(again); err == nil {
		x.fired(b, evidence)
	}
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
	x.See(harness.Event{Actor: string(x.Hop), Kind: kind, Message: &m})
}

// reply gives the caller its answer, with the headers that it has and no other.
func (x *exchange) reply(a *answer) {
	header := x.w.Header()
	header["Date"], header["Content-Type"] = nil, nil // or net/http would add its own
	for name, values := range a.header {
		header[name] = values
	}
	if a.last {
		header.Set("Connection", "close")
	}
	if x.r.Method == http.MethodHead || !hasBody(a.status) {
		x.w.WriteHeader(a.status)
		return
	}
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	x.w.WriteHeader(a.status)
	body := a.body
	if a.cut {
		body = body[:len(body)/2]
	}
	_, err := x.w.Write(body)
	if a.cut {
		// Half an answer is more than none: the caller sees that one came.
		_ = http.NewResponseController(x.w).Flush()
	}
	if err != nil || a.cut {
		panic(http.ErrAbortHandler) // the caller is gone, or is to believe that the callee is
	}
}

// hasBody says whether an answer of this status may have a body.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// abort ends the caller's connection, with a reset or without, and does not
// return.
func (x *exchange) abort(reset bool) {
	if reset {
		x.pair.linger()
	}
	panic(http.ErrAbortHandler)
}

// invented is an answer that no callee gave.
func invented(status int) *answer {
	if !hasBody(status) {
		return &answer{status: status}
	}
	body := fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d,"detail":"The network answered in the callee's place."}`,
		http.StatusText(status), status)
	return &answer{
		status: status, body: []byte(body),
		header: http.Header{"Content-Type": {"application/problem+json"}},
	}
}
