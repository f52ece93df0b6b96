package enact_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// backend writes down what it was told to do.
type backend struct {
	mu    sync.Mutex
	did   []string
	fails error
}

func (b *backend) do(what string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.did = append(b.did, what)
	return b.fails
}

func (b *backend) Install(s injection.Injection) (func() error, error) {
	return func() error { return b.do("heal " + s.Fault.String()) }, b.do("install " + s.Fault.String())
}
func (b *backend) Kill(string) error   { return b.do("kill") }
func (b *backend) Revive(string) error { return b.do("revive") }
func (b *backend) Pause(string) error  { return b.do("pause") }
func (b *backend) Resume(string) error { return b.do("resume") }
func (b *backend) ForgetTokens() error { return b.do("forget tokens") }

// toyShop is a set in which every click buys: no network, no processes.
type toyShop struct {
	backend
	*environment.Recorder
	settle error // what Settle says
	clumsy error // what Tab, Open and Click say
	close  error
	closed atomic.Int32
	open   atomic.Int32 // pages
	cold   int
	silent bool // the page shows its spinner and no more
	rest   time.Duration
	opened []string
	kept   bool // going back leads to a page of the shop
	plain  bool // the pages have no back button
	lost   int  // pages that do not come, from the first on
	tried  int
	retry  bool // the first click is refused, and what comes of the next ones is told 20 s later
}

func (s *toyShop) build(_ context.Context, _ environment.Brief, r *environment.Recorder) (environment.Environment, error) {
	s.Recorder = r
	return s, nil
}

func (s *toyShop) Arm(*injection.Injector) {}

func (s *toyShop) Settle(ctx context.Context) error {
	select {
	case <-time.After(s.rest):
		return s.settle
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *toyShop) Close() error { s.closed.Add(1); return s.close }

func (s *toyShop) Tab(customer, tab string) (environment.Tab, error) {
	s.open.Add(1)
	page := &toyPage{shop: s, customer: customer, tab: tab}
	if s.plain {
		return struct{ environment.Tab }{page}, s.clumsy
	}
	return page, s.clumsy
}

type toyPage struct {
	shop          *toyShop
	customer, tab string
	basket        string
	shut          bool
}

func (p *toyPage) Open(_ context.Context, basket string) error {
	p.basket = basket
	p.shop.opened = append(p.shop.opened, p.tab)
	if len(p.shop.opened) <= p.shop.lost {
		return fmt.Errorf("%w: the shop answered 503", observe.ErrNoPage)
	}
	return nil
}

func (p *toyPage) Click(_ context.Context, times int) error {
	for range times {
		p.shop.See(By(p.customer, Clicks(49900)))
	}
	if p.shop.silent {
		p.shop.See(By(p.customer, Screen("waiting")))
		return nil
	}
	if p.shop.retry {
		if p.shop.tried++; p.shop.tried == 1 {
			p.shop.See(By(p.customer, Screen("refused")))
			return nil
		}
		go func() {
			time.Sleep(20 * time.Second) // of a bubble
			p.shop.See(By(p.customer, Screen("shipped")))
		}()
		return nil
	}
	id := p.basket + "-1"
	order := Told(id, "shipped")
	order.Entry.Basket = p.basket
	for _, e := range []Event{Authorized(id, 49900), Captured(id, 49900), Booked(id), order, By(p.customer, Screen("shipped"))} {
		p.shop.See(e)
	}
	return nil
}

func (p *toyPage) Change(context.Context, int) error { return nil }

func (p *toyPage) Chill() error { p.shop.cold++; return nil }

// Back leads to the page that she bought on, where the set has one.
func (p *toyPage) Back(context.Context) (shop bool, err error) { return p.shop.kept, p.shop.clumsy }

func (p *toyPage) Close() {
	if !p.shut {
		p.shut = true
		p.shop.open.Add(-1)
	}
}

// buys is a story in which Ana buys, and what comes after.
func buys(then ...func(*Stage, *Customer)) Story {
	return Story{ID: "she-buys", Plot: "Ana buys.", Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		for _, more := range then {
			more(s, ana)
		}
	}}
}

func enacted(t *testing.T, shop *toyShop, story Story, o enact.Options) *Run {
	t.Helper()
	if o.World == "" {
		o.World, o.Expects = "toy", "kept"
	}
	run := enact.Run(t.Context(), story, o, shop.build)
	require.EqualValues(t, 1, shop.closed.Load(), "the set is always taken down")
	return run
}
