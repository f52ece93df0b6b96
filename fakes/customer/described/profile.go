package described

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/cookiejar"
	"strconv"
	"sync"
)

// Profile is what all tabs of a customer share: her cookies, what logging in and filling
// her basket told, and which page knows most of a basket. Steps are made from one
// goroutine, the script of her story.
type Profile struct {
	cookies *cookiejar.Jar
	login   *steps
	baskets map[string]*steps

	mu    sync.Mutex
	pages map[string]*page
}

// NewProfile is that of a customer who was never here.
func NewProfile() *Profile {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Profile{cookies: jar, baskets: map[string]*steps{}, pages: map[string]*page{}}
}

// steps are requests that are made once: how many were, and what is known since.
type steps struct {
	made  int
	known variables
}

// finish makes those that are left, one after the other. One that failed is made again the
// next time, and those before it are not: she goes on where she was.
func (s *steps) finish(ctx context.Context, t *Tab, basket string, requests []Request) error {
	p := &page{tab: t, basket: basket, known: s.known}
	for ; s.made < len(requests); s.made++ {
		if _, err := p.load(ctx, requests[s.made]); err != nil {
			return err
		}
	}
	return nil
}

// logIn makes the requests with which she logs in, once in each browser, and says what is
// known then.
func (t *Tab) logIn(ctx context.Context) (variables, error) {
	if t.Profile.login == nil {
		t.Profile.login = &steps{known: variables{"customer": t.Customer, "run": t.Run}}
	}
	err := t.Profile.login.finish(ctx, t, "", t.FrontEnd.Login)
	return t.Profile.login.known, err
}

// fill makes the requests that fill the basket, as far as they were not made yet, and
// says what is known then.
func (t *Tab) fill(ctx context.Context, basket string) (variables, error) {
	f := t.FrontEnd
	known, err := t.logIn(ctx)
	if err != nil {
		return nil, err
	}
	b := t.Profile.baskets[basket]
	if b == nil {
		b = &steps{known: maps.Clone(known)}
		maps.Copy(b.known, variables{
			"basket": basket, "amount": json.Number(strconv.FormatInt(f.Amount, 10)), "currency": f.Currency,
		})
		t.Profile.baskets[basket] = b
	}
	if err := b.finish(ctx, t, basket, f.Basket); err != nil {
		return nil, err
	}
	return maps.Clone(b.known), nil
}

// remember notes the page that knows most of its basket: the latest that sent an order, or
// the latest that came where none did.
func (r *Profile) remember(p *page) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.pages[p.basket]; p.ordered.Load() || last == nil || !last.ordered.Load() {
		r.pages[p.basket] = p
	}
}

// best is that page; nil: none came yet.
func (r *Profile) best(basket string) *page {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pages[basket]
}
