package tap

import (
	"io"
	"mime"
	"net"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const (
	// grace is for how long the tap waits for the end of an answer that did not
	// say how long it is, before it takes it for a stream. Most end at once.
	grace = 20 * time.Millisecond
	// shortly is how long an answer of no kind that streams may have come in parts,
	// in real time, and still be told of as any other: the machine was slow.
	shortly = 250 * time.Millisecond
	// wholeWithin is for how long, in story time, the tap waits for the end of a
	// stream that a fault is to change as a whole; wholeAtLeast is real time.
	wholeWithin  = 5 * time.Second
	wholeAtLeast = 100 * time.Millisecond
	// maxKept is how much of a stream is kept to be told of, in bytes.
	maxKept = 1 << 20
)

// stream is the rest of an answer that is still coming.
type stream struct {
	chunks chan []byte   // closed at the end
	err    error         // how it broke off, once chunks is closed; nil: it is whole
	gone   chan struct{} // closed when nobody wants the rest
}

// stream reads a body as it comes, no faster than it is passed on.
func (t *Tap) stream(body io.Reader) *stream {
	s := &stream{chunks: make(chan []byte), gone: make(chan struct{})}
	t.work.Go(func() {
		defer close(s.chunks)
		for {
			chunk := make([]byte, 16<<10)
			n, err := body.Read(chunk)
			if n > 0 {
				select {
				case s.chunks <- chunk[:n]:
				case <-s.gone:
					err = net.ErrClosed
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				s.err = err
				return
			}
		}
	})
	return s
}

// collect takes in what comes within the time, until the answer is whole or it
// is enough. It says whether the answer is whole.
func (a *answer) collect(d time.Duration, enough func() bool) (whole bool) {
	if a.stream == nil {
		return a.broke == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	for len(a.body) <= maxMessage && !enough() {
		select {
		case chunk, more := <-a.stream.chunks:
			if !more {
				a.ended()
				a.endless = a.endless && a.broke != nil
				return a.broke == nil
			}
			a.body = append(a.body, chunk...)
		case <-timer.C:
			return false
		}
	}
	return false
}

// never is for an answer that is wanted as a whole.
func never() bool { return false }

// ended takes note that all of the answer came that ever will.
func (a *answer) ended() {
	a.broke = a.stream.err
	a.stream = nil
	a.over(a.broke == nil)
}

// drop does without the rest of the answer, and with it without the connection
// that it would come on.
func (a *answer) drop() {
	if a.stream != nil {
		close(a.stream.gone)
		a.stream = nil
		a.over(false)
	}
}

// keep remembers a part of a stream that was passed on, for the history.
func (a *answer) keep(chunk []byte) {
	a.body = append(a.body, chunk[:min(len(chunk), max(0, maxKept-len(a.body)))]...)
}

// How the parts of a stream are told apart, where its kind says so.
const (
	inEvents = "events" // server-sent events
	inLines  = "lines"  // a JSON text on each line
)

// comes says how the parts of the answer are told apart; "" where they are not.
func (a *answer) comes() string {
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	switch {
	case kind == observe.EventStream:
		return inEvents
	case observe.IsLines(kind):
		return inLines
	}
	return ""
}

// isStream says whether the history is to know the answer as a stream.
func (a *answer) isStream() bool {
	return a.endless && (a.comes() != "" || time.Since(a.began) > shortly)
}

func (x *exchange) wholeWithin() time.Duration { return max(wholeAtLeast, x.Clock.Real(wholeWithin)) }

// whole waits for the end of an answer that a fault is to change as a whole, and
// says why that cannot be done.
func (x *exchange) whole(a *answer) (why string) {
	if a.collect(x.wholeWithin(), never) {
		x.tellAnswer(x.seen, a)
		return ""
	}
	switch {
	case a.broke != nil:
		return "it broke off"
	case len(a.body) > maxMessage:
		return "it is a stream of more than 16 MiB"
	}
	return "it is a stream that had not ended after " + wholeWithin.String()
}

// pass gives the caller a stream as it comes. It ends with the callee's, and the
// callee's with the caller's.
func (x *exchange) pass(a *answer, e *events) {
	x.head(a)
	x.w.WriteHeader(a.status)
	x.send(e.through(a.body))
	for a.stream != nil {
		select {
		case chunk, more := <-a.stream.chunks:
			if !more {
				a.ended()
				break
			}
			a.keep(chunk)
			x.send(e.through(chunk))
		case <-x.r.Context().Done():
			panic(http.ErrAbortHandler) // the caller is gone
		}
	}
	x.send(e.rest())
	x.breakOff(a)
	if a.comes() == "" && len(a.body) < maxKept {
		x.tellDrift(a)
	}
	x.trail(a)
}

// send gives the caller a part of a stream, now.
func (x *exchange) send(part []byte) {
	if _, err := x.w.Write(part); err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = http.NewResponseController(x.w).Flush()
}
