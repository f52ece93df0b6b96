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

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Config is what a tab needs.
type Config struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	URL      string // where the shop is: "http://127.0.0.1:1234"
	Page     Page   // how its page is used and read
	See      observe.Observer
	// BetweenClicks is the time between the two clicks of a double click,
	// TryAgain the time after which she reloads a page that did not come, and
	// GiveUpAfter that after which she gives up on it (0: 5 min), in the world's
	// own time.
	BetweenClicks, TryAgain, GiveUpAfter time.Duration
	// DrawnWithin is how long a page that came may take until it can be clicked,
	// in real time; zero: 10 s.
	DrawnWithin time.Duration
}

// Tab is one tab of a profile. Its methods are called from one goroutine, the
// script of the story; the page works on in the background.
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

	mu     sync.Mutex // guards what follows
	basket string
	shown  observe.Status // what the document says
	screen int            // how many screens were told
	away   bool           // on the way to a page that the browser may have kept
}

// Open loads the page of a basket. A page that does not come, or that has nothing
// to click on, is loaded again after a while, as a person would; when she gives
// up, the error is an observe.ErrNoPage.
func (t *Tab) Open(ctx context.Context, basket string) error {
	t.mu.Lock()
	t.basket = basket
	t.mu.Unlock()
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
		t.show(observe.View{Says: observe.StatusUnreachable, Text: "This page cannot be reached."}, true)
		if errors.Is(err, errOtherPage) || sleep(until, t.TryAgain) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %w", observe.ErrNoPage, why)
		}
	}
}

// patience is how long she tries to load a page, where nothing else is said.
const patience = 5 * time.Minute

// errOtherPage is no bad network: the page was cut or changed on its way, or
// whoever said how it is used was wrong.
var errOtherPage = errors.New("the page came, and it is not the one that was described")

func (t *Tab) load(ctx context.Context, basket string) error {
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
		return fmt.Errorf("%w: there is nothing on it that fits %q", errOtherPage, t.Page.Submit)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return t.camera.rest(ctx)
}

// Click presses the left mouse button on what submits the order so many times.
// (The clicks of one double click carry the counts 1 and 2: a single event with
// a count of 2 is one click to the page.)
func (t *Tab) Click(ctx context.Context, times int) error {
	return t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		at, err := call[[]float64](ctx, target, middle, t.Page.Submit)
		if err != nil {
			return err
		}
		if len(at) != 2 {
			return fmt.Errorf("there is nothing to click on: no element that can be seen fits %q", t.Page.Submit)
		}
		for i := range times {
			if i > 0 {
				if err := sleep(ctx, t.BetweenClicks); err != nil {
					return err
				}
			}
			for _, what := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseReleased} {
				if _, err := cdp.Call(ctx, target, input.DispatchMouseEvent, input.DispatchMouseEventParams{
					Type: what, X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: int64(i + 1),
				}); err != nil {
					return err
				}
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

// Change sets how many of it are in the open page's basket.
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

// Back presses the back button and returns when the page before is there; shop
// says whether it is one of the shop's. Before the first page there is none.
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

// Chill cannot be done: Chromium offers no way to end its idle connections.
func (t *Tab) Chill() error {
	return errors.New("a browser's connections cannot be made cold on demand: stage this story with the page's script")
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
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
