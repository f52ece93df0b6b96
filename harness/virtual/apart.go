package virtual

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// apart is a transport on which no two requests set out in the same instant, as
// they would where several waited for one thing, such as an access token: which
// of them takes which connection, and which is numbered first, would be for
// chance to say. How long each takes to set out derives from what it says, and
// from how often that was said before.
type apart struct {
	next http.RoundTripper
	seed uint64

	mu   sync.Mutex
	said map[uint64]uint64 // how often, by what
}

// Apart keeps the requests of a transport apart.
func (n *Network) Apart(next http.RoundTripper) http.RoundTripper {
	return &apart{next: next, seed: n.seed, said: map[uint64]uint64{}}
}

// RoundTrip implements http.RoundTripper.
func (a *apart) RoundTrip(r *http.Request) (*http.Response, error) {
	what, err := a.what(r)
	if err != nil {
		return nil, fmt.Errorf("the body of %s %s: %w", r.Method, r.URL, err)
	}
	a.mu.Lock()
	a.said[what]++
	h := finish(what + a.said[what]*0x9e3779b97f4a7c15)
	a.mu.Unlock()
	timer := time.NewTimer(time.Microsecond + time.Duration(h%49_000))
	defer timer.Stop()
	select {
	case <-timer.C:
		return a.next.RoundTrip(r)
	case <-r.Context().Done():
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, r.Context().Err()
	}
}

// apart keeps messages apart that a tap lets go on at once: by up to 50 µs, in an order
// that the seed decides.
func (n *Network) apart(hop observe.Hop) func(message int) time.Duration {
	return func(message int) time.Duration {
		return time.Microsecond + time.Duration(hash(n.seed, "apart", string(hop), strconv.Itoa(message))%49_000)
	}
}

// what is a number for what the request says.
func (a *apart) what(r *http.Request) (uint64, error) {
	h := hash(a.seed, r.Method, r.URL.String(), r.Header.Get("Idempotency-Key"))
	if r.GetBody == nil {
		return h, nil
	}
	body, err := r.GetBody()
	if err != nil {
		return 0, err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	return hash(h, string(text)), err
}
