package described

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Hop is the hop on which a customer's page speaks with the shop.
const Hop = "customer>checkout"

// What the page says where the description need not.
var (
	waiting     = View{"waiting", "One moment …"}
	checking    = View{"checking", "We are checking how your order stands."}
	ready       = View{"ready", "Buy"}
	unreachable = View{"unreachable", "This page cannot be reached."}
)

// Outcomes are the words that tell how an order ended.
var Outcomes = []string{"shipped", "paid", "refused", "refunded", "cancelled"}

// Config is what a tab needs.
type Config struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	Run      string // known as ${run}: another one in each enactment
	URL      string // where the shop is: "http://127.0.0.1:1234"
	FrontEnd FrontEnd
	See      observe.Observer
	Cookies  *cookiejar.Jar // hers, in all of her tabs
	// Dial is the way into the world's network; nil: this machine's own.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// BetweenClicks is the time between the two clicks of a double click,
	// TryAgain the time after which she reloads a page that did not come, and
	// LoadWithin how long a page may take, in the world's own time.
	BetweenClicks, TryAgain, LoadWithin time.Duration
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
		Transport: &observe.Client{Actor: actor, Hop: Hop, See: t.seeAsCustomer, Base: t.once},
		// A redirect is an answer like another one: the description says what
		// comes of it, and a followed one would be a message that nobody wrote down.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if c.Cookies != nil {
		t.client.Jar = c.Cookies
	}
	return t
}

// seeAsCustomer lets every sighting be hers, whichever tab it was in.
func (t *Tab) seeAsCustomer(e observe.Event) {
	e.Actor = t.Customer
	t.See(e)
}

// tries is how often she loads a page that does not come.
const tries = 20

// Open loads the page of a basket. A page that does not come is loaded again
// after a while, as a person would.
func (t *Tab) Open(ctx context.Context, basket string) error {
	t.leave()
	var err error
	for i := range tries {
		if i > 0 {
			t.show(basket, unreachable)
			if err := sleep(ctx, t.TryAgain); err != nil {
				return err
			}
		}
		if err = t.load(ctx, basket); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return fmt.Errorf("the page of basket %s did not come %d times in a row: %w", basket, tries, err)
}

func (t *Tab) load(ctx context.Context, basket string) error {
	p := &page{tab: t, basket: basket, known: variables{
		"customer": t.Customer, "basket": basket, "run": t.Run,
		"amount": json.Number(strconv.FormatInt(t.FrontEnd.Amount, 10)), "currency": t.FrontEnd.Currency,
	}}
	last := answer{}
	for _, r := range t.FrontEnd.Open {
		step, cancel := context.WithTimeout(ctx, t.LoadWithin)
		a, err := p.send(step, r)
		cancel()
		if err != nil {
			return err
		}
		if a.status >= 400 {
			return fmt.Errorf("the shop answered %d to %s %s", a.status, r.Method, r.Path)
		}
		if err := p.known.capture(a, r.Capture); err != nil {
			return fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
		}
		last = a
	}
	amount, err := strconv.ParseInt(fmt.Sprint(p.known["amount"]), 10, 64)
	if err != nil {
		return fmt.Errorf("the page's amount is %q: want a whole number of minor units, such as 49900", fmt.Sprint(p.known["amount"]))
	}
	p.amount = amount
	p.ctx, p.stop = context.WithCancel(context.Background())
	t.page = p
	p.opened(last)
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
			Does: "clicks", Basket: p.basket, Order: known.text("order"),
			Amount: p.amount, Money: known.text("currency"), Tab: t.Tab,
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
	step, cancel := context.WithTimeout(ctx, t.LoadWithin)
	defer cancel()
	_, err := changed.send(step, *t.FrontEnd.Change)
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
