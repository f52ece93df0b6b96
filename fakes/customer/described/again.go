package described

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"
)

// errNoSubmit is of a page on which nobody ever clicked.
var errNoSubmit = errors.New("the page sent no submit")

// sent is the last submit of a tab: which page sent it, and what it knew by then.
type sent struct {
	mu    sync.Mutex
	page  *page
	known variables
}

func (s *sent) note(p *page) {
	known := p.knows()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page, s.known = p, known
}

func (s *sent) last() (p *page, known variables) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.page, maps.Clone(s.known)
}

// Resubmit implements customer.Repeats.
func (t *Tab) Resubmit(ctx context.Context) error {
	p, known := t.sent.last()
	if p == nil {
		return errNoSubmit
	}
	t.once.CloseIdleConnections()
	t.ask(ctx, p, known, t.FrontEnd.Submit)
	return nil
}

// Look implements customer.Repeats.
func (t *Tab) Look(ctx context.Context) {
	if p, _ := t.sent.last(); p != nil && t.FrontEnd.Look != nil {
		t.once.CloseIdleConnections()
		t.ask(ctx, p, p.knows(), *t.FrontEnd.Look)
	}
}

// ask sends a request of a page, and puts what the answer says on the screen where that
// page is still open. A stream is heard until it tells of the order, or for that long.
func (t *Tab) ask(ctx context.Context, p *page, known variables, r Request) {
	ctx, cancel := context.WithTimeout(ctx, 2*max(t.FrontEnd.TimeOut, time.Millisecond))
	defer cancel()
	again := &page{tab: t, basket: p.basket, known: known}
	a, err := again.send(ctx, r, t.FrontEnd.TimeOut, func(a answer) bool { _, has := p.words(a); return has })
	if err != nil || t.page != p {
		return // what came of it is in the history
	}
	if view, has := p.words(a); has {
		p.show(view)
	}
}
