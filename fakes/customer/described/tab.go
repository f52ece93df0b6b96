package described

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// What the page says where the description need not.
var (
	waiting  = View{observe.StatusWaiting, "One moment …"}
	checking = View{observe.StatusChecking, "We are checking how your order stands."}
	ready    = View{observe.StatusReady, "Buy"}
)

// Config is what a page needs.
type Config struct {
	customer.Person
	Run      string // known as ${run}: another one in each enactment
	URL      string // where the shop is: "http://127.0.0.1:1234"
	Also     string // another address that the shop gives itself; "": none
	FrontEnd FrontEnd
	Profile  *Profile // hers, in all of her tabs; nil: she has this one alone
	// Dial is the way into the world's network; nil: this machine's own.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// LoadWithin is how long a page may take, in the world's own time.
	LoadWithin time.Duration
	// Undisturbed says that nothing is in the page's way: one that comes and cannot be
	// read is not what was described, and is not loaded again.
	Undisturbed bool
}

// Tab is a customer.FrontEnd: the described page.
type Tab struct {
	Config
	client *http.Client
	once   once
	page   *page // what is open now
	loads  int
	sent   sent
	toPay  chan string // where the page sends her to pay
}

// New gives a customer a tab, with nothing in it yet.
func New(c Config) *Tab {
	t := &Tab{Config: c, toPay: make(chan string, 1), once: once{&http.Transport{
		DialContext: c.Dial, DisableCompression: true, MaxIdleConnsPerHost: 6,
	}}}
	t.client = &http.Client{
		Transport: &observe.Client{Actor: c.Caller(), Hop: observe.CustomerHop, See: c.Sees, Base: t.once, Streams: true},
		// A redirect is an answer like another one: the description says whether it is
		// followed, and the page follows it itself.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if t.Profile == nil {
		t.Profile = NewProfile()
	}
	t.client.Jar = t.Profile.cookies
	return t
}

// shop are the addresses at which the shop may say that something is.
func (t *Tab) shop() shop {
	return slices.DeleteFunc(shop{t.URL, t.Also}, func(base string) bool { return base == "" })
}

// Load implements customer.FrontEnd. What the description lacks is a
// customer.ErrUndescribed.
func (t *Tab) Load(ctx context.Context, basket string) error {
	t.leave()
	t.loads++
	select {
	case <-t.toPay: // of the page before
	default:
	}
	known, err := t.fill(ctx, basket)
	if err != nil {
		return err
	}
	known["load"] = t.loadID()
	p := &page{tab: t, basket: basket, known: known}
	var last answer
	for _, r := range t.FrontEnd.Open {
		if last, err = p.load(ctx, r); err != nil {
			break
		}
	}
	if err == nil {
		err = p.offers()
	}
	if lacking := errors.As(err, new(incomplete)); err != nil && (!lacking || !p.tellsOfOrder(last)) {
		return err
	}
	t.Profile.remember(p)
	p.ctx, p.stop = context.WithCancel(context.Background())
	t.page = p
	p.opened(last)
	return nil
}

// load makes a request of the page's load, and remembers what it captures. One whose
// condition does not hold is not made.
func (p *page) load(ctx context.Context, r Request) (answer, error) {
	t := p.tab
	if !r.When.holds(p.known) {
		return answer{}, nil
	}
	a, err := p.send(ctx, r, t.LoadWithin, nil)
	if errors.As(err, new(endless)) {
		return a, t.unread(err)
	}
	if err != nil {
		return a, err
	}
	if a.status >= 400 {
		err := fmt.Errorf("the shop answered %d to %s %s", a.status, r.Method, r.Path)
		if t.Undisturbed {
			err = failing{err}
		}
		return a, err
	}
	if err := p.known.capture(a, r.Capture, t.shop()); err != nil {
		return a, t.unread(incomplete{fmt.Errorf("the answer to %s %s (status %d) %w", r.Method, r.Path, a.status, err)})
	}
	return a, nil
}

// failing is an error that the shop answers with though nothing is in the page's way.
type failing struct{ error }

func (e failing) Unwrap() error { return e.error }

// Is lets the error be a customer.ErrFailing.
func (e failing) Is(target error) bool { return target == customer.ErrFailing }

// incomplete is the error of a page that lacks something of a page to buy on.
type incomplete struct{ error }

// offers says whether the page has what one buys with: a price, and what its requests need.
func (p *page) offers() error {
	if err := p.price(); err != nil {
		return p.tab.unread(incomplete{err})
	}
	if err := p.usable(); err != nil {
		return p.tab.unread(incomplete{err})
	}
	return nil
}

// tellsOfOrder says whether the last answer tells that the order is under way or over. The
// page then goes on with what an earlier one in her browser knew of the basket.
func (p *page) tellsOfOrder(last answer) bool {
	view, has := p.words(last)
	before := p.tab.Profile.best(p.basket)
	if !has || !view.Says.IsOutcome() && view.Says != checking.Says || before == nil {
		return false
	}
	known := before.knows()
	known.add(p.known)
	p.known, p.ofOrder = known, true
	p.amount, p.due, p.currency = before.amount, before.due, before.currency
	return true
}

// Unread is how the error of a page begins that came and could not be read.
const Unread = "the page could not be read"

// unread is the error of such a page.
func (t *Tab) unread(why error) error {
	err := fmt.Errorf("%s: %w", Unread, why)
	if t.Undisturbed {
		return otherPage{err}
	}
	return err
}

// otherPage is an error of the page or its description, not of the network.
type otherPage struct{ error }

func (e otherPage) Unwrap() error { return e.error }

// Is lets the error be a customer.ErrOtherPage.
func (e otherPage) Is(target error) bool { return target == customer.ErrOtherPage }

// loadID is a UUID that each load of a page has for itself.
func (t *Tab) loadID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", t.Run, t.Caller(), t.loads))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8: derived in a way of our own
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// price reads what the page shows, and what the provider is to take.
func (p *page) price() (err error) {
	f := p.tab.FrontEnd
	if p.currency, err = p.known.currency(); err != nil {
		return err
	}
	units, shown := f.captured("amount")
	if p.amount, err = p.known.minor("amount", units, p.currency); err != nil {
		return err
	}
	p.due = f.Due
	if units, captured := f.captured("due"); captured {
		due, err := p.known.minor("due", units, p.currency)
		if err != nil {
			return err
		}
		p.due = &due
	}
	if p.due == nil && shown && p.amount == 0 { // the page says that it costs nothing
		p.due = &p.amount
	}
	return nil
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

// Click implements customer.FrontEnd.
func (t *Tab) Click(context.Context, int) error {
	p := t.page
	if p.ofOrder {
		t.Notes("there is nothing to click on: the page tells of the order")
		return nil
	}
	known := p.knows()
	t.Clicks(observe.Act{
		Basket: p.basket, Order: known.text("order"), Amount: p.amount, Due: p.due, Money: p.currency,
	})
	p.work.Go(p.submit)
	return nil
}

// Change implements customer.FrontEnd.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	if t.FrontEnd.Change == nil {
		return errors.New("the basket cannot be changed: the page's description has no change step")
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

// Chill implements customer.ColdClicks.
func (t *Tab) Chill() { t.once.CloseIdleConnections() }

// Sleep implements customer.Sleeps.
func (t *Tab) Sleep() error {
	t.Lid.Close()
	t.once.CloseIdleConnections()
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
