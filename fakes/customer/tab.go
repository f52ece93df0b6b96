package customer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Hop is the hop on which a customer's page speaks with the shop.
const Hop = string(observe.CustomerHop)

// Config is what a tab needs.
type Config struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	URL      string // where the shop is: "http://127.0.0.1:1234"
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
	Script   *Script
	See      observe.Observer
	// BetweenClicks is the time between the two clicks of a double click,
	// TryAgain the time after which she reloads a page that did not come, and
	// GiveUpAfter that after which she gives up on it (0: 5 min), in the world's
	// own time.
	BetweenClicks, TryAgain, GiveUpAfter time.Duration
}

// Tab is a browser tab with the shop's page in it. Its methods are called from
// one goroutine, the script of the story; the page works on in the background.
type Tab struct {
	Config
	client    *http.Client
	transport *http.Transport
	page      *document // what is open now
}

// New gives a customer a tab, with nothing in it yet.
func New(c Config) *Tab {
	t := &Tab{Config: c, transport: &http.Transport{
		DialContext: c.Dial, DisableCompression: true, MaxIdleConnsPerHost: 6,
	}}
	t.client = &http.Client{Transport: &observe.Client{
		Actor: name(c.Customer, c.Tab), Hop: Hop, See: t.seeAsCustomer, Base: t.transport,
	}}
	return t
}

func name(customer, tab string) string {
	if tab == "" {
		return customer
	}
	return customer + "/" + tab
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
// is an observe.ErrNoPage.
func (t *Tab) Open(ctx context.Context, basket string) error {
	t.leave()
	until, cancel := context.WithTimeout(ctx, cmp.Or(t.GiveUpAfter, patience))
	defer cancel()
	var why error
	for {
		err := t.load(until, basket)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case until.Err() == nil || why == nil:
			why = err // the last try may only have run out of time
		}
		t.show(basket, observe.StatusUnreachable, "This page cannot be reached.")
		if sleep(until, t.TryAgain) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %w", observe.ErrNoPage, why)
		}
	}
}

// What stands before and after what a page says to its script and its customer.
var (
	pageData   = [2]string{`<script type="application/json" id="order">`, `</script>`}
	pageStatus = [2]string{`<main data-status="`, `"`}
	pageSays   = [2]string{`<p id="says"`, `</p>`} // with the rest of the tag
)

func find(html string, between [2]string) string {
	_, after, _ := strings.Cut(html, between[0])
	found, _, closed := strings.Cut(after, between[1])
	if !closed {
		return ""
	}
	return found
}

func (t *Tab) load(ctx context.Context, basket string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, t.URL+"/checkout/"+basket, nil)
	if err != nil {
		return err
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the shop answered %d", answer.StatusCode)
	}
	html := string(text)
	data, status := find(html, pageData), find(html, pageStatus)
	if data == "" || status == "" {
		return errors.New("the shop's page carries no order, or no status")
	}
	var order struct {
		Order struct {
			ID, Currency string
			Amount       int64
		}
	}
	if err := json.Unmarshal([]byte(data), &order); err != nil {
		return fmt.Errorf("the order on the shop's page: %w", err)
	}
	page, err := t.newDocument(basket, []byte(data))
	if err != nil {
		return err
	}
	page.order, page.amount, page.currency = order.Order.ID, order.Order.Amount, order.Order.Currency
	t.page = page
	_, says, _ := strings.Cut(find(html, pageSays), ">")
	t.show(basket, observe.Status(status), says)
	page.opened(status)
	return nil
}

// Back leaves the page for the one that she came from, which is none of the
// shop's: what the page has under way is cancelled.
func (t *Tab) Back(context.Context) (shop bool, err error) {
	if t.page == nil {
		return false, errors.New("there is no page to go back from: open it first")
	}
	t.leave()
	return false, nil
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
		t.See(observe.Event{Actor: t.Customer, Kind: observe.Action, Act: &observe.Act{
			Does: observe.Clicks, Basket: t.page.basket, Order: t.page.order,
			Amount: t.page.amount, Money: t.page.currency, Tab: t.Tab,
		}})
		t.page.submit()
	}
	return nil
}

// Change sets how many of it are in the open page's basket. What the shop says
// to it she sees when she loads the page again.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	if t.page == nil {
		return errors.New("there is no page whose basket could be changed: open it first")
	}
	body := strings.NewReader(fmt.Sprintf(`{"quantity":%d}`, quantity))
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, t.URL+"/baskets/"+t.page.basket, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := t.client.Do(r)
	if err != nil {
		return nil // it is in the history, and nothing that she would notice
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.Body.Close()
}

// Chill ends the idle connections, so that the next request needs a new one.
func (t *Tab) Chill() error {
	t.transport.CloseIdleConnections()
	return nil
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
func (t *Tab) Close() {
	t.leave()
	t.transport.CloseIdleConnections()
}

// leave ends the open document and what it has under way.
func (t *Tab) leave() {
	if t.page != nil {
		t.page.end()
		t.page = nil
	}
}

func (t *Tab) show(basket string, says observe.Status, text string) {
	t.See(observe.Event{Actor: t.Customer, Kind: observe.Screen, View: &observe.View{
		Says: says, Text: text, Basket: basket, Tab: t.Tab,
	}})
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
