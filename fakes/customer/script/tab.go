package script

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Config is what a page needs.
type Config struct {
	customer.Person
	URL    string // where the shop is: "http://127.0.0.1:1234"
	Dial   func(ctx context.Context, network, address string) (net.Conn, error)
	Script *Script
}

// bufferSize is that of most messages, in bytes: a page is read by its customer alone.
const bufferSize = 1 << 10

// Tab is a customer.FrontEnd: the page that the shop sent, with its own script.
type Tab struct {
	Config
	client    *http.Client
	transport *http.Transport
	page      *document // what is open now
	sent      sent
}

// New gives a customer a tab, with nothing in it yet.
func New(c Config) *Tab {
	t := &Tab{Config: c, transport: &http.Transport{
		DialContext: c.Dial, DisableCompression: true, MaxIdleConnsPerHost: 6,
		ReadBufferSize: bufferSize, WriteBufferSize: bufferSize,
	}}
	t.client = &http.Client{Transport: &observe.Client{
		Actor: c.Caller(), Hop: observe.CustomerHop, See: c.Sees, Base: t.transport,
	}}
	return t
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

// Load implements customer.FrontEnd.
func (t *Tab) Load(ctx context.Context, basket string) error {
	return t.load(ctx, t.URL+"/checkout/"+basket, basket)
}

// ToPay implements customer.Pays.
func (t *Tab) ToPay(ctx context.Context) (string, error) {
	select {
	case url := <-t.page.toPay:
		return url, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Return implements customer.Pays.
func (t *Tab) Return(ctx context.Context, url, basket string) error {
	if !strings.HasPrefix(url, t.URL+"/") {
		return fmt.Errorf("the provider sends her to %s, which is not the shop's: %w", url, customer.ErrOtherPage)
	}
	return t.load(ctx, url, basket)
}

func (t *Tab) load(ctx context.Context, url, basket string) error {
	t.leave()
	ctx, done := t.Lid.Within(ctx)
	defer done()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
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
	t.Shows(observe.View{Says: observe.Status(status), Text: says, Basket: basket})
	page.opened(status)
	return nil
}

// Back implements customer.BackButton. The page that she came from is none of the
// shop's.
func (t *Tab) Back(context.Context) (shop bool, err error) {
	t.leave()
	return false, nil
}

// Click implements customer.FrontEnd.
func (t *Tab) Click(context.Context, int) error {
	t.Clicks(observe.Act{
		Basket: t.page.basket, Order: t.page.order, Amount: t.page.amount, Money: t.page.currency,
	})
	t.page.submit()
	return nil
}

// Change implements customer.FrontEnd.
func (t *Tab) Change(ctx context.Context, quantity int) error {
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

// Chill implements customer.ColdClicks.
func (t *Tab) Chill() { t.transport.CloseIdleConnections() }

// Sleep implements customer.Sleeps.
func (t *Tab) Sleep() error {
	t.Lid.Close()
	t.transport.CloseIdleConnections()
	return nil
}

// Wake implements customer.Sleeps.
func (t *Tab) Wake() error {
	t.Lid.Open()
	return nil
}

// Close implements customer.FrontEnd.
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
