package stripe

import (
	"net/http"
	"time"
)

const (
	keyLife    = 24 * time.Hour // "Idempotent requests": keys can be removed after 24 hours
	longestKey = 255
)

// kept is what is remembered of a request for its Idempotency-Key.
type kept struct {
	print   string // of the parameters
	done    bool   // it has its answer; else it is under way
	answer  answer
	request string // its Request-Id
	until   time.Time
}

// once answers c from what is kept for its key, or lets do answer it and keeps that,
// whatever it is: a refusal and a 500 too. What was refused before, since its parameters
// are wrong or its key is in use, is not kept.
func (p *Provider) once(c *call, do func() answer) (a answer, replayOf string) {
	if c.key == "" || c.method != http.MethodPost {
		return do(), ""
	}
	k, before := p.bind(c)
	switch {
	case before && !k.done:
		return keyInUse.answer(), ""
	case before && k.print != c.print:
		return keyReused(c.key).answer(), ""
	case before:
		return k.answer, k.request
	}
	a = do()
	p.mu.Lock()
	defer p.mu.Unlock()
	k.answer, k.done = a, true
	return a, ""
}

// bind is a copy of what a key is bound to, or binds it to c.
func (p *Provider) bind(c *call) (k *kept, before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.keys[c.key]; k != nil && (!k.done || c.at.Before(k.until)) {
		own := *k
		return &own, true
	}
	k = &kept{print: c.print, request: c.request, until: c.at.Add(p.scaled(keyLife))}
	p.keys[c.key] = k
	return k, false
}
