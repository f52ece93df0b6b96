package vipps

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"time"
)

// kept is what is remembered of a request for its Idempotency-Key. Keys are
// kept for good: how long the provider keeps them is not published.
type kept struct {
	path   string
	op     *operation
	body   []byte
	answer answer
}

// once answers c from what is kept for its key, or lets do answer it and keeps
// that. It runs under the lock, so two requests with one key never both get to
// do: the second waits, and is answered from what the first left.
func (p *Provider) once(c *call, now time.Time, do func(*call, time.Time) answer) answer {
	if before, used := p.keys[c.key]; used {
		if before.path == c.path && sameJSON(before.body, c.body) {
			return before.answer
		}
		return p.refuse(c, conflict(before, c))
	}
	a := do(c, now)
	if lasting(a.Status) {
		p.keys[c.key] = kept{path: c.path, op: c.op, body: c.body, answer: a}
	}
	return a
}

// lasting says whether a key is bound to this answer for good. The provider
// asks that 423, 429 and 5xx be tried again with the same key, so they do not
// last; any other refusal does.
func lasting(status int) bool {
	return status < 500 && status != http.StatusLocked && status != http.StatusTooManyRequests
}

// conflict is the refusal of a key that came before with another request.
func conflict(before kept, c *call) *refusal {
	switch {
	case before.path != c.path:
		return keyReused
	case c.op.id == "capturePayment":
		return captureKeyReused
	case c.op.id == "refundPayment":
		return refundKeyReused
	default:
		return keyReused
	}
}

// sameJSON says whether two bodies mean the same: a client that writes its
// fields in another order on a retry did not change its request.
func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}
