package browser

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Config is what a tab needs.
type Config struct {
	customer.Person
	URL  string // where the shop is: "http://127.0.0.1:1234"
	Page Page   // how its page is used and read
	// DrawnWithin is how long a page that came may take until it can be clicked,
	// in real time; zero: 10 s.
	DrawnWithin time.Duration
}

// Tab is a customer.FrontEnd: one tab of a profile.
type Tab struct {
	Config
	ctx    context.Context
	cancel context.CancelFunc
	heard  chan func() // what was heard of the browser and is to be told, in its order
	work   sync.WaitGroup

	loaded    chan int      // the status of a document that came
	usable    chan struct{} // it can be clicked, or says something already
	navigated chan string   // where the tab is now
	complete  chan struct{} // all of a document was loaded
	sightings sightings
	camera    camera
	button    []float64 // where she clicks

	mu     sync.Mutex // guards what follows
	basket string
	shown  observe.Status // what the document says
	screen int            // how many screens were told
	errors int            // how many errors of its page were heard
	away   bool           // on the way to a page that the browser may have kept
}

// Load implements customer.FrontEnd. A page that has nothing to click on is a
// customer.ErrOtherPage.
func (t *Tab) Load(ctx context.Context, basket string) error {
	t.mu.Lock()
	t.basket = basket
	t.mu.Unlock()
	empty(t.loaded)
	empty(t.usable)
	if err := t.do(ctx, chromedp.Navigate(t.URL+at(t.Page.Path, basket))); err != nil {
		return err
	}
	select {
	case status := <-t.loaded:
		if status >= 400 {
			return fmt.Errorf("the shop answered %d", status)
		}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return t.awaitUse(ctx)
}

// awaitUse returns when the page can be clicked and its picture is taken: a
// customer looks at it first.
func (t *Tab) awaitUse(ctx context.Context) error {
	limit := time.NewTimer(cmp.Or(t.DrawnWithin, 10*time.Second))
	defer limit.Stop()
	select {
	case <-t.usable:
	case <-limit.C:
		return fmt.Errorf("%w: there is nothing on it that fits %q", customer.ErrOtherPage, t.Page.Submit)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return t.camera.rest(ctx)
}

// Click implements customer.FrontEnd: it presses the left mouse button on what
// submits the order. The clicks of a double click go to the same place, and carry
// the counts 1 and 2: a single event with a count of 2 is one click to the page.
func (t *Tab) Click(ctx context.Context, nth int) error {
	return t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) (err error) {
		if nth == 1 {
			if t.button, err = call[[]float64](ctx, target, middle, t.Page.Submit); err != nil {
				return err
			}
		}
		if len(t.button) != 2 {
			return fmt.Errorf("there is nothing to click on: no element that can be seen fits %q", t.Page.Submit)
		}
		for _, what := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseReleased} {
			if _, err := cdp.Call(ctx, target, input.DispatchMouseEvent, input.DispatchMouseEventParams{
				Type: what, X: t.button[0], Y: t.button[1], Button: input.MouseButtonLeft, ClickCount: int64(nth),
			}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// middle finds the middle of the first element that can be seen.
const middle = `(selector) => {
	const it = [...document.querySelectorAll(selector)].find((it) => it.checkVisibility());
	if (!it) return [];
	it.scrollIntoView({ block: 'nearest', behavior: 'instant' });
	const box = it.getBoundingClientRect();
	return [box.x + box.width / 2, box.y + box.height / 2];
}`

// Change implements customer.FrontEnd.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	if t.Page.Basket == "" {
		return errors.New("nobody has said how a basket of this shop is changed")
	}
	return t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := call[bool](ctx, target, change, at(t.Page.Basket, t.openBasket()), quantity)
		return err
	}))
}

const change = `(path, quantity) => fetch(path, {
	method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ quantity }),
}).then(() => true, () => false)`

// Back implements customer.BackButton. Before the first page there is none.
func (t *Tab) Back(ctx context.Context) (shop bool, err error) {
	t.travel(true)
	defer t.travel(false)
	empty(t.usable)
	empty(t.navigated)
	empty(t.complete)
	if err := t.do(ctx, chromedp.Func(goBack)); err != nil {
		return false, err
	}
	var where string
	select {
	case where = <-t.navigated:
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	if strings.HasPrefix(where, t.URL+"/") {
		return true, t.awaitUse(ctx)
	}
	// An empty page is never kept, so it is loaded; before it is, the tab would
	// take no further command.
	select {
	case <-t.complete:
		return false, nil
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
}

// goBack asks for the page before. (The library's own NavigateBack waits for a
// load, and a page that was kept is not loaded.)
func goBack(ctx context.Context, target *chromedp.Target) error {
	history, err := cdp.Call(ctx, target, cdpage.GetNavigationHistory, cdp.Empty{})
	if err != nil {
		return err
	}
	if history.CurrentIndex < 1 {
		return errors.New("there is no page before this one")
	}
	_, err = cdp.Call(ctx, target, cdpage.NavigateToHistoryEntry, cdpage.NavigateToHistoryEntryParams{
		EntryID: history.Entries[history.CurrentIndex-1].ID,
	})
	return err
}

func (t *Tab) travel(away bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.away = away
}

func (t *Tab) openBasket() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.basket
}

// Close implements customer.FrontEnd.
func (t *Tab) Close() {
	_ = chromedp.Cancel(t.ctx)
	t.cancel()
	t.work.Wait()
}

// do does the steps in the tab, unless ctx ends first.
func (t *Tab) do(ctx context.Context, steps ...chromedp.Action[chromedp.Void]) error {
	mine, cancel := context.WithCancelCause(t.ctx)
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	defer stop()
	if err := chromedp.Do(mine, steps...); err != nil {
		return fmt.Errorf("%s's browser: %w", t.Customer, err)
	}
	return nil
}

func empty[T any](c <-chan T) {
	for {
		select {
		case <-c:
		default:
			return
		}
	}
}
