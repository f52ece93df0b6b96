package tap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// maxMessage is the longest body that a tap carries, in bytes.
const maxMessage = 16 << 20

// Config is what a tap needs. All fields but Reads are required.
type Config struct {
	Hop harness.Hop
	// Caller says that the tap stands at the caller's end of the hop: it tells
	// of messages as sent and received, and names the calls for the far end.
	// Otherwise it stands at the callee's, and tells of arrivals and answers.
	Caller bool
	Dial   func(context.Context) (net.Conn, error) // to the next station of the hop
	Pace   harness.Pace
	See    harness.Observer
	// Reads says which top-level JSON fields the caller reads from which
	// answer, such as "GET /orders/{id}" → ["status"]. An answer without them
	// is told as drift, after all rewriting.
	Reads map[string][]string
}

// Tap is one tap. Serve it once.
type Tap struct {
	Config
	armoury atomic.Pointer[harness.Armoury]
	count   atomic.Int64
	server  *http.Server
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup // handlers and readers of the callee's connections
	flying  atomic.Int64
	pairs   sync.Map // the caller's net.Conn → *pair
}

// New makes a tap.
func New(c Config) *Tap {
	t := &Tap{Config: c}
	t.ctx, t.stop = context.WithCancel(context.Background())
	t.server = &http.Server{
		Handler:  http.HandlerFunc(t.carry),
		ErrorLog: log.New(io.Discard, "", 0), // aborted connections are the tap's trade
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			p := &pair{tap: t, caller: c}
			t.pairs.Store(c, p)
			return context.WithValue(ctx, pairKey{}, p)
		},
		ConnState: func(c net.Conn, s http.ConnState) {
			if s != http.StateClosed {
				return
			}
			if p, paired := t.pairs.LoadAndDelete(c); paired {
				p.(*pair).hangUp()
			}
		},
	}
	return t
}

// Arm hands the tap the strikes that may hit its messages.
func (t *Tap) Arm(a *harness.Armoury) { t.armoury.Store(a) }

// Serve serves the callers until Close.
func (t *Tap) Serve(l net.Listener) error {
	err := t.server.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// InFlight is the number of messages that have not got their answer.
func (t *Tap) InFlight() int { return int(t.flying.Load()) }

// Close ends every connection and returns when nothing of the tap runs.
func (t *Tap) Close() error {
	t.stop()
	err := t.server.Close()
	t.work.Wait()
	return err
}

// exchange is one message on its way through the tap.
type exchange struct {
	*Tap
	w     http.ResponseWriter
	r     *http.Request
	pair  *pair
	body  []byte
	seen  observe.Message
	point harness.Point
}

// carry takes one request to the callee and its answer back.
func (t *Tap) carry(w http.ResponseWriter, r *http.Request) {
	t.work.Add(1)
	defer t.work.Done()
	t.flying.Add(1)
	defer t.flying.Add(-1)

	body, err := io.ReadAll(io.LimitReader(r.Body, maxMessage+1))
	if err != nil || len(body) > maxMessage {
		panic(http.ErrAbortHandler) // the caller died in mid-body, or floods us
	}
	x := &exchange{Tap: t, w: w, r: r, body: body, pair: r.Context().Value(pairKey{}).(*pair)}
	n := int(t.count.Add(1))
	x.seen = observe.RequestMessage(string(t.Hop), r, body)
	x.seen.N = n
	if t.Caller {
		x.seen.Call = fmt.Sprintf("%s#%d", t.Hop, n)
	}
	x.point = harness.Point{
		Hop: t.Hop, Method: r.Method, Path: r.URL.Path, Phase: harness.Arrives, N: n, Call: x.seen.Call,
	}
	x.tell(observe.Arrived, observe.Sent, x.seen)
	x.run()
}

func (x *exchange) run() {
	blows, lost := x.meet(harness.Arrives)
	if lost {
		x.abort(true)
	}
	duplicate := false
	for _, blow := range blows {
		switch blow.Fault.Kind {
		case harness.DuplicateFault:
			duplicate = true
			x.fired(blow, "the request goes to the callee twice")
		case harness.AnswerFault:
			x.fired(blow, fmt.Sprintf("answered %d without asking the callee", blow.Fault.Status))
			x.reply(invented(blow.Fault.Status))
			return
		default:
			x.deal(blow, "the request")
		}
	}
	answer, err := x.forward(x.seen)
	if err != nil {
		x.abort(observe.Classify(err) == observe.Reset || observe.Classify(err) == observe.Refused)
	}
	if duplicate {
		again := x.seen
		again.N = int(x.count.Add(1))
		x.tell(observe.Arrived, observe.Sent, again)
		// What the callee answers to the copy reaches nobody.
		_, _ = x.forward(again)
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
		case harness.TruncateFault:
			x.fired(blow, fmt.Sprintf("cut the answer after %d of %d bytes", len(answer.body)/2, len(answer.body)))
			answer.cut = true
		case harness.RenameFault, harness.DropFault, harness.RetypeFault:
			if evidence := answer.rewrite(blow.Fault); evidence != "" {
				x.fired(blow, evidence)
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
	x.tell(observe.Answered, observe.Received, observe.AnswerMessage(m, a.status, a.header, a.body))
	return a, nil
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
	return &http.Request{
		Method: x.r.Method, URL: x.r.URL, Host: x.r.Host, Header: header,
		ContentLength: int64(len(x.body)), Body: io.NopCloser(bytes.NewReader(x.body)),
	}
}

func (x *exchange) tell(callee, caller observe.Kind, m observe.Message) {
	kind := callee
	if x.Caller {
		kind = caller
	}
	x.See(harness.Event{Actor: string(x.Hop), Kind: kind, Message: &m})
}

// reply gives the caller its answer.
func (x *exchange) reply(a *answer) {
	for name, values := range a.header {
		x.w.Header()[name] = values
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	x.w.WriteHeader(a.status)
	body := a.body
	if a.cut {
		body = body[:len(body)/2]
	}
	if _, err := x.w.Write(body); err != nil || a.cut {
		// The caller is gone, or is to believe that the callee is.
		panic(http.ErrAbortHandler)
	}
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
	body := fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d,"detail":"The network answered in the callee's place."}`,
		http.StatusText(status), status)
	return &answer{
		status: status, body: []byte(body),
		header: http.Header{"Content-Type": {"application/problem+json"}},
	}
}
