package tap

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
)

type pairKey struct{}

// pair is a connection of the caller and its own one to the callee. net/http
// serves the requests of one connection one after the other, so a pair carries
// one exchange at a time.
type pair struct {
	tap     *Tap
	caller  net.Conn
	process string // of the shop: that the caller is, or that was chosen
	// server is who was chosen for one message: the connection ends with its answer.
	// Nil: it lives as long as the caller's.
	server *Server
	buffer *bufio.Reader // of the callee's connection, as is the writer
	writer *bufio.Writer
	// first carries the news of the callee's first byte after a request, or
	// of its end.
	first chan error

	mu     sync.Mutex
	callee net.Conn // nil: not dialled yet, or ended
	// held says that a message of the caller is with the tap: what happens to
	// the caller's connection is decided with the message until it has gone.
	held  bool
	ended error // how the callee ended the connection by itself
}

// answer is what the callee said.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	trailer http.Header // what it says after the body
	last    bool        // the callee ends the connection with it
	cut     bool        // the caller gets the first bytes of the body: keeps of them
	keeps   int
	// stalls is what keeps the connection open after them; nil: it ends.
	stalls *injection.Hit

	// An answer that does not say how long it is, or is longer than a message may
	// be, and does not end at once is endless: the rest of it is a stream.
	endless bool
	began   time.Time        // when its head had come
	stream  *stream          // nil: body is all of it
	broke   error            // why the body is not whole, where it is not
	over    func(whole bool) // tells the pair that nothing more is read of it
	told    bool             // in the history
}

// exchange sends one request and reads its answer. The connection is dialled
// at the first one.
func (p *pair) exchange(ctx context.Context, r *http.Request) (*answer, error) {
	callee, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	// The caller may leave; the tap may not.
	stop := context.AfterFunc(ctx, func() { _ = callee.Close() })
	a, err := p.roundTrip(r)
	if err != nil {
		stop()
		p.hangUp()
		return nil, err
	}
	a.over = func(whole bool) {
		stop()
		if !whole || a.last || p.server != nil {
			p.hangUp()
		} else {
			p.listen(callee)
		}
	}
	if a.stream == nil {
		a.over(true)
		return a, nil
	}
	if a.comes() != inEvents && a.collect(grace, never) {
		return a, nil
	}
	a.endless = true
	return a, a.broke // before anything was passed on, it is as good as no answer
}

// Buffer is for how many bytes a connection has a buffer: most messages are shorter, and
// more is more to clear for each story. Webhooks are written through a longer one, so that
// they go out in one piece.
const Buffer = 1 << 10

func (p *pair) connect(ctx context.Context) (net.Conn, error) {
	p.mu.Lock()
	callee := p.callee
	p.mu.Unlock()
	if callee != nil {
		return callee, nil
	}
	callee, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.callee, p.ended = callee, nil
	p.mu.Unlock()
	p.buffer, p.writer = bufio.NewReaderSize(callee, Buffer), bufio.NewWriter(callee)
	p.listen(callee)
	return callee, nil
}

func (p *pair) dial(ctx context.Context) (callee net.Conn, err error) {
	if p.server == nil {
		return p.tap.Dial(ctx)
	}
	callee, p.process, err = p.server.Dial(ctx)
	return callee, err
}

// hangUp ends the connection to the callee, if there is one.
func (p *pair) hangUp() {
	p.mu.Lock()
	callee := p.callee
	p.callee = nil
	p.mu.Unlock()
	if callee != nil {
		_ = callee.Close()
	}
}

// listen waits for the callee's next byte in the background. Where the callee
// ends the connection while it is idle, the caller's ends with it, as it would
// without a tap.
func (p *pair) listen(callee net.Conn) {
	first, buffer := make(chan error, 1), p.buffer
	p.first = first
	p.tap.work.Go(func() {
		_, err := buffer.Peek(1)
		p.mu.Lock()
		if p.callee == callee { // else we have hung up ourselves
			p.ended = err
		}
		p.mu.Unlock()
		p.follow()
		first <- err
	})
}

// hold takes the caller's connection for one message, and release gives it
// back when the message has gone.
func (p *pair) hold() { p.setHeld(true) }

func (p *pair) release() {
	p.setHeld(false)
	p.follow()
}

func (p *pair) setHeld(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

// follow ends the caller's idle connection in the way in which the callee has
// ended its own, if it has.
func (p *pair) follow() {
	p.mu.Lock()
	ended := p.ended
	if p.held {
		ended = nil
	}
	p.mu.Unlock()
	if ended == nil {
		return
	}
	if observe.Classify(ended) == observe.Reset {
		p.linger()
	}
	_ = p.caller.Close()
}

func (p *pair) roundTrip(r *http.Request) (*answer, error) {
	if err := errors.Join(r.Write(p.writer), p.writer.Flush()); err != nil {
		// The callee may have answered and closed before it read everything;
		// what it said is worth more than the failure to write.
		if readable := <-p.first; readable != nil {
			return nil, fmt.Errorf("writing the request: %w", err)
		}
	} else if err := <-p.first; err != nil {
		return nil, err
	}
	var response *http.Response
	var err error
	for response == nil || response.StatusCode/100 == 1 {
		if response, err = http.ReadResponse(p.buffer, r); err != nil {
			return nil, err
		}
		if response.StatusCode == http.StatusSwitchingProtocols {
			return nil, errors.New("malformed: the callee switches to another protocol")
		}
	}
	header := response.Header
	header.Del("Connection")
	header.Del("Transfer-Encoding")
	a := &answer{began: time.Now(), status: response.StatusCode, header: header, last: response.Close, trailer: response.Trailer}
	length := response.ContentLength
	if r.Method == http.MethodHead {
		length = 0 // it announces the length of what it does not carry
	}
	if length < 0 || length > maxMessage {
		a.stream = p.tap.stream(response.Body)
		return a, nil
	}
	if a.body, err = readBody(response.Body, length); err != nil {
		return nil, err
	}
	return a, nil
}

// linger lets the caller's connection end with a reset instead of a farewell, of TLS and
// below it.
func (p *pair) linger() {
	caller := p.caller
	if safe, is := caller.(*tls.Conn); is {
		caller = safe.NetConn()
	}
	if c, ok := caller.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0)
		if caller != p.caller {
			_ = caller.Close() // or TLS would say goodbye first
		}
	}
}
