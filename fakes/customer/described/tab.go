package described

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"sync"
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
	client    *http.Client
	transport *http.Transport
	page      *page // what is open now
}

// New gives a customer a tab, with nothing in it yet.
func New(c Config) *Tab {
	t := &Tab{Config: c, transport: &http.Transport{
		DialContext: c.Dial, DisableCompression: true, MaxIdleConnsPerHost: 6,
	}}
	actor := c.Customer
	if c.Tab != "" {
		actor += "/" + c.Tab
	}
	t.client = &http.Client{
		Transport: &observe.Client{Actor: actor, Hop: Hop, See: t.seeAsCustomer, Base: t.transport},
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
		t.See(observe.Event{Actor: t.Customer, Kind: observe.Action, Act: &observe.Act{
			Does: "clicks", Basket: p.basket, Order: p.order(),
			Amount: p.amount, Money: fmt.Sprint(p.known["currency"]), Tab: t.Tab,
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
	known := maps.Clone(t.page.known)
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
	t.transport.CloseIdleConnections()
	return nil
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
func (t *Tab) Close() {
	t.leave()
	t.transport.CloseIdleConnections()
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

// page is one loaded page.
type page struct {
	tab    *Tab
	basket string
	amount int64

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup // submits and looks

	mu      sync.Mutex
	known   variables
	shown   View
	told    bool // an outcome is on the screen; nothing less replaces it
	looking bool // one loop looks after the order, however many clicks
	sending int  // submits that have no answer yet
	heard   bool // one had an answer that the page has words for
}

// undescribed is an error of the description, not of the network.
type undescribed struct{ error }

func (e undescribed) Unwrap() error { return e.error }

// send sends a request and reads the whole answer.
func (p *page) send(ctx context.Context, d Request) (answer, error) {
	p.mu.Lock()
	r, err := p.known.request(p.tab.URL, d)
	p.mu.Unlock()
	if err != nil {
		return answer{}, undescribed{err}
	}
	resp, err := p.tab.client.Do(r.WithContext(ctx))
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return read(resp.StatusCode, resp.Header, body), err
}

// maxBody is how much of an answer a page takes in.
const maxBody = 4 << 20

// order is what the page calls the order, as far as it knows.
func (p *page) order() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if id, known := p.known["order"]; known {
		return fmt.Sprint(id)
	}
	return ""
}

// opened says what the loaded page says. One that is loaded while the order is
// under way looks after it.
func (p *page) opened(a answer) {
	view, has := p.words(a)
	if !has {
		p.show(ready)
		return
	}
	p.show(view)
	if view.Says == checking.Says {
		p.work.Go(p.look)
	}
}

func (p *page) words(a answer) (View, bool) {
	for _, s := range p.tab.FrontEnd.Screens {
		if s.fits(a) {
			return s.View, true
		}
	}
	return View{}, false
}

// show puts a view up, unless it is there already or says less.
func (p *page) show(v View) {
	p.mu.Lock()
	outcome := slices.Contains(Outcomes, v.Says)
	same := v == p.shown || p.told && !outcome
	if !same {
		p.shown, p.told = v, outcome
	}
	p.mu.Unlock()
	if !same {
		p.tab.show(p.basket, v)
	}
}

// submit is what a click does.
func (p *page) submit() {
	f := p.tab.FrontEnd
	p.show(waiting)
	if f.Silence > 0 {
		p.work.Go(p.speakUp)
	}
	p.deliver()
	p.look()
}

// deliver sends the order and says what came of it.
func (p *page) deliver() {
	f := p.tab.FrontEnd
	p.counts(+1)
	a, err := p.sendOrder()
	p.counts(-1)
	switch {
	case p.ctx.Err() != nil:
		return
	case err != nil:
		if f.Unanswered.Says != "" {
			p.show(f.Unanswered)
		}
	default:
		p.learn(a)
		if view, has := p.words(a); has {
			p.show(view)
			p.mu.Lock()
			p.heard = true
			p.mu.Unlock()
		}
	}
}

func (p *page) counts(submits int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sending += submits
}

// isLost says whether the answer to a look is that there is no such order, and
// none is on its way; refused, whether the shop had one and did not want it.
func (p *page) isLost(a answer) (lost, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lost = p.tab.FrontEnd.Lost != 0 && a.status == p.tab.FrontEnd.Lost && p.sending == 0
	return lost, lost && p.heard
}

// learn takes up what a submit's answer says: an order id, say. What is not
// there is no failure of the page's.
func (p *page) learn(a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, from := range p.tab.FrontEnd.Submit.Capture {
		_ = p.known.capture(a, map[string]Source{name: from})
	}
}

// sendOrder sends the order, and sends it again where no answer comes.
func (p *page) sendOrder() (a answer, err error) {
	f := p.tab.FrontEnd
	for range 1 + f.Resends {
		ctx, cancel := context.WithTimeout(p.ctx, f.TimeOut)
		a, err = p.send(ctx, f.Submit)
		cancel()
		if err == nil || p.ctx.Err() != nil {
			return a, err
		}
		if errors.As(err, new(undescribed)) {
			p.note(err.Error())
			return a, err
		}
	}
	return a, err
}

func (p *page) note(text string) {
	p.tab.See(observe.Event{Actor: p.tab.Customer, Kind: observe.Note, Text: text})
}

// speakUp says that it is checking where for too long no answer comes, or none
// that it has words for.
func (p *page) speakUp() {
	if sleep(p.ctx, p.tab.FrontEnd.Silence) != nil {
		return
	}
	p.mu.Lock()
	silent := p.shown == waiting
	p.mu.Unlock()
	if silent {
		p.show(checking)
		p.look()
	}
}

// look asks how the order stands until there is an outcome, or it asks no more.
func (p *page) look() {
	f := p.tab.FrontEnd
	p.mu.Lock()
	busy := f.Look == nil || p.looking || p.told
	p.looking = p.looking || !busy
	p.mu.Unlock()
	if busy {
		return
	}
	defer func() {
		p.mu.Lock()
		p.looking = false
		p.mu.Unlock()
	}()
	for end := time.Now().Add(f.LookFor); time.Now().Before(end); {
		if sleep(p.ctx, f.LookEvery) != nil {
			return
		}
		ctx, cancel := context.WithTimeout(p.ctx, f.TimeOut)
		a, err := p.send(ctx, *f.Look)
		cancel()
		if errors.As(err, new(undescribed)) {
			continue // it does not know yet whom to ask for
		}
		if err != nil {
			continue
		}
		if view, has := p.words(a); has {
			p.show(view)
		}
		lost, refused := p.isLost(a)
		if p.isTold() || refused {
			return
		}
		if lost {
			p.work.Go(p.deliver)
		}
	}
}

func (p *page) isTold() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told
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
