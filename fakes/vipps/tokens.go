package vipps

import (
	"sync"
	"time"
)

// Tokens are access tokens and when each of them ends. Providers that share them
// honour one another's, as a shop expects that runs on while one is taken down and
// the next one built. The zero value has none.
type Tokens struct {
	mu   sync.Mutex
	ends map[string]time.Time
}

// add issues a token, and drops those that have ended.
func (t *Tokens) add(token string, now, end time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ends == nil {
		t.ends = map[string]time.Time{}
	}
	for old, end := range t.ends {
		if !now.Before(end) {
			delete(t.ends, old)
		}
	}
	t.ends[token] = end
}

// forget drops all tokens, as if they had ended.
func (t *Tokens) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.ends)
}

// has says whether the token was issued and has not ended.
func (t *Tokens) has(token string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	end, issued := t.ends[token]
	return issued && now.Before(end)
}
