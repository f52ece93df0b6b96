package described

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Hop is the hop on which a customer's page speaks with the shop.
const Hop = string(observe.CustomerHop)

// What the page says where the description need not.
var (
	waiting     = View{observe.StatusWaiting, "One moment …"}
	checking    = View{observe.StatusChecking, "We are checking how your order stands."}
	ready       = View{observe.StatusReady, "Buy"}
	unreachable = View{observe.StatusUnreachable, "This page cannot be reached."}
)

// Config is what a tab needs.
type Config struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	Run      string // known as ${run}: another one in each enactment
	URL      string // where the shop is: "http://127.0.0.1:1234"
	Also     string // another address that the shop gives itself; "": none
	FrontEnd FrontEnd
	See      observe.Observer
	Cookies  *cookiejar.Jar // hers, in all of her tabs
	// Dial is the way into the world's network; nil: this machine's own.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// BetweenClicks is the time between the two clicks of a double click,
	// TryAgain the time after which she reloads a page that did not come,
	// GiveUpAfter that after which she gives up on it (0: 5 min), and LoadWithin
	// how long a page may take, in the world's own time.
	BetweenClicks, TryAgain, GiveUpAfter, LoadWithin time.Duration
}

// Tab is a browser tab with the described page in it. Its methods are called
// from one goroutine, the script of the story; the page works on in the
// background.
type Tab struct {
	Config
	client *http.Client
	once   once
	page   *page // what is open now
}

// New gives a customer a tab, with nothing in it yet.
func New(c Config) *Tab {
	t := &Tab{Config: c, once: once{&http.Transport{
		DialContext: c.Dial, DisableCompression: true, MaxIdleConnsPerHost: 6,
	}}}
	actor := c.Customer
	if c.Tab != "" {
		actor += "/" + c.Tab
	}
	t.client = &http.Client{
		Transport: &observe.Client{Actor: actor, Hop: Hop, See: t.seeAsCustomer, Base: t.once, Streams: true},
		// A redirect is an answer like another one: the description says what
		// comes of it, and a followed one would be a message that nobody wrote down.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if c.Cookies != nil {
		t.client.Jar = c.Cookies
	}
	return t
}

// shop are the addresses at which the shop may say that something is.
func (t *Tab) shop() shop {
	return slices.DeleteFunc(shop{t.URL, t.Also}, func(base string) bool { return base == "" })
}

// seeAsCustomer lets every sighting be hers, whichever tab it was in.
func (t *Tab) seeAsCustomer(e observe.Event) {
	e.Actor = t.Customer
	t.See(e)
}

// patience is how long she tries to load a page, where nothing else is said.
const patience = 5 * time.Minute

// Open loads the page of a basket. A page that does not come, or cannot be read,
// is loaded again after a while, as a person would; when she gives up, the error
// is an observe.ErrNoPage. What the description lacks is another error.
func (t *Tab) Open(ctx context.Context, basket string) error {
	t.leave()
	until, cancel := context.WithTimeout(ctx, cmp.Or(t.GiveUpAfter, patience))
	defer cancel()
	var why error
	for tries := 1; ; tries++ {
		err := t.load(until, basket)
		switch {
		case err == nil || errors.As(err, new(undescribed)):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case until.Err() == nil || why == nil:
			why = err // the last try may only have run out of time
		}
		if tries == 1 {
			t.show(basket, unreachable)
		}
		if sleep(until, t.TryAgain) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %w", observe.ErrNoPage, why)
		}
	}
}

func (t *Tab) load(ctx context.Context, basket string) error {
	f := t.FrontEnd
	p := &page{tab: t, basket: basket, known: variables{
		"customer": t.Customer, "basket": basket, "run": t.Run,
		"amount": json.Number(strconv.FormatInt(f.Amount, 10)), "currency": f.Currency,
	}}
	last := answer{}
	for _, r := range f.Open {
		a, err := p.send(ctx, r, t.LoadWithin, nil)
		if err != nil {
			return err
		}
		if a.status >= 400 {
			return fmt.Errorf("the shop answered %d to %s %s", a.status, r.Method, r.Path)
		}
		if err := p.known.capture(a, r.Capture, t.shop()); err != nil {
			return fmt.Errorf("the page could not be read: the answer to %s %s (status %d) %w", r.Method, r.Path, a.status, err)
		}
		last = a
	}
	if err := p.price(); err != nil {
		return fmt.Errorf("the page could not be read: %w", err)
	}
	if err := p.usable(); err != nil {
		return fmt.Errorf("the page could not be read: %w", err)
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	t.page = p
	p.opened(last)
	return nil
}

// price reads what the page shows, and what the provider is to take.
func (p *page) price() (err error) {
	f := p.tab.FrontEnd
	if p.currency, err = p.known.currency(); err != nil {
		return err
	}
	if p.amount, err = p.known.minor("amount", f.units("amount"), p.currency); err != nil {
		return err
	}
	p.due = f.Due
	if _, captured := p.known["due"]; captured {
		p.due, err = p.known.minor("due", f.units("due"), p.currency)
	}
	return err
}

// usable says whether the page's own requests can be made of what was captured:
// a list has no place in a path.
func (p *page) usable() error {
	for _, d := range []*Request{&p.tab.FrontEnd.Submit, p.tab.FrontEnd.Look} {
		if d == nil {
			continue
		}
		if _, err := p.known.request(p.tab.URL, *d); errors.As(err, new(noText)) {
			return err
		}
	}
	return nil
}

// Click clicks the submit button so many times and does not wait for what
// comes of it.
func (t *Tab) Click(ctx context.Context, times int) error {
	if t.page == nil {
		return errors.New("there is no page to click on: open it first")
	}
	for i := range times {
		if i > 0 {
			if err := sleep(ctx, t.BetweenClicks); err != nil {
				return err
			}
		}
		p := t.page
		known := p.knows()
		t.See(observe.Event{Actor: t.Customer, Kind: observe.Action, Act: &observe.Act{
			Does: observe.Clicks, Basket: p.basket, Order: known.text("order"),
			Amount: p.amount, Due: p.due, Money: p.currency, Tab: t.Tab,
		}})
		p.work.Go(p.submit)
	}
	return nil
}

// Change sets how many of it are in the open page's basket.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	if t.page == nil || t.FrontEnd.Change == nil {
		return errors.New("the basket cannot be changed: the page is not open, or its description has no change step")
	}
	known := t.page.knows()
	known["quantity"] = json.Number(strconv.Itoa(quantity))
	changed := &page{tab: t, basket: t.page.basket, known: known}
	_, err := changed.send(ctx, *t.FrontEnd.Change, t.LoadWithin, nil)
	if errors.As(err, new(undescribed)) {
		return err
	}
	return nil // what came of it is in the history, and nothing that she would notice
}

// Chill ends the idle connections, so that the next request needs a new one.
func (t *Tab) Chill() error {
	t.once.CloseIdleConnections()
	return nil
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
func (t *Tab) Close() {
	t.leave()
	t.once.CloseIdleConnections()
}

// leave ends the open page and what it has under way.
func (t *Tab) leave() {
	if t.page != nil {
		t.page.stop()
		t.page.work.Wait()
		t.page = nil
	}
}

func (t *Tab) show(basket string, v View) {
	t.See(observe.Event{Actor: t.Customer, Kind: observe.Screen, View: &observe.View{
		Says: v.Says, Text: v.Text, Basket: basket, Tab: t.Tab,
	}})
}
