package tap

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

type pairKey struct{}

// pair is a connection of the caller and its own one to the callee. net/http
// serves the requests of one connection one after the other, so a pair carries
// one exchange at a time.
type pair struct {
	tap    *Tap
	caller net.Conn
	buffer *bufio.Reader
	// first carries the news of the callee's first byte after a request, or
	// of its end.
	first chan error
	busy  atomic.Bool // an exchange is under way

	mu     sync.Mutex
	callee net.Conn // nil: not dialled yet, or ended
}

// answer is what the callee said.
type answer struct {
	status int
	header http.Header
	body   []byte
	cut    bool // the caller gets half of the body
}

// exchange sends one request and reads its answer. The connection is dialled
// at the first one.
func (p *pair) exchange(ctx context.Context, r *http.Request) (*answer, error) {
	p.busy.Store(true)
	callee, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	// The caller may leave; the tap may not.
	stop := context.AfterFunc(ctx, func() { _ = callee.Close() })
	defer stop()
	a, again, err := p.roundTrip(callee, r)
	if err != nil || !again {
		p.hangUp()
	} else {
		p.busy.Store(false)
		p.listen(callee)
	}
	return a, err
}

func (p *pair) connect(ctx context.Context) (net.Conn, error) {
	p.mu.Lock()
	callee := p.callee
	p.mu.Unlock()
	if callee != nil {
		return callee, nil
	}
	callee, err := p.tap.Dial(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.callee = callee
	p.mu.Unlock()
	p.buffer = bufio.NewReader(callee)
	p.listen(callee)
	return callee, nil
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
		if err != nil && !p.busy.Load() {
			if observe.Classify(err) == observe.Reset {
				p.linger()
			}
			_ = p.caller.Close()
		}
		first <- err
	})
}

func (p *pair) roundTrip(callee net.Conn, r *http.Request) (a *answer, again bool, err error) {
	if err := r.Write(callee); err != nil {
		// The callee may have answered and closed before it read everything;
		// what it said is worth more than the failure to write.
		if readable := <-p.first; readable != nil {
			return nil, false, fmt.Errorf("writing the request: %w", err)
		}
	} else if err := <-p.first; err != nil {
		return nil, false, err
	}
	var response *http.Response
	for response == nil || response.StatusCode/100 == 1 {
		if response, err = http.ReadResponse(p.buffer, r); err != nil {
			return nil, false, err
		}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxMessage+1))
	if err == nil && len(body) > maxMessage {
		err = fmt.Errorf("the answer is longer than %d bytes", maxMessage)
	}
	if err != nil {
		return nil, false, err
	}
	header := response.Header
	header.Del("Connection")
	header.Del("Transfer-Encoding")
	return &answer{status: response.StatusCode, header: header, body: body}, !response.Close, nil
}

// linger lets the caller's connection end with a reset instead of a farewell.
func (p *pair) linger() {
	if c, ok := p.caller.(interface{ SetLinger(int) error }); ok {
		_ = c.SetLinger(0)
	}
}
