package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

//go:embed watch.js
var watch string

// binding is the name of the function by which the page's watcher tells us.
const binding = "unhappyTell"

// Config is what a tab needs.
type Config struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	URL      string // where the shop is: "http://127.0.0.1:1234"
	See      observe.Observer
	// BetweenClicks is the time between the two clicks of a double click.
	BetweenClicks time.Duration
}

// Tab is one tab with a profile of its own.
type Tab struct {
	Config
	ctx    context.Context
	cancel context.CancelFunc
	told   chan told
	teller sync.WaitGroup
}

// told is what the page's watcher says.
type told struct {
	Kind          string // "click" or "screen"
	Says, Text    string
	Basket, Order string
	Currency      string
	Amount        int64
}

// backlog is how much the watcher may tell before anybody listens: the browser
// must never wait for us.
const backlog = 1024

// Tab opens a tab with nothing in it yet.
func (b *Browser) Tab(c Config) (*Tab, error) {
	t := &Tab{Config: c, told: make(chan told, backlog)}
	t.ctx, t.cancel = chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	err := errors.Join(
		chromedp.Do(t.ctx),
		chromedp.Listen(t.ctx, t.hear),
		chromedp.Do(t.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, runtime.AddBinding, runtime.AddBindingParams{Name: binding})
			if err == nil {
				_, err = cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument,
					page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
			}
			return err
		})),
	)
	if err != nil {
		t.cancel()
		return nil, fmt.Errorf("a tab for %s: %w", c.Customer, err)
	}
	t.teller.Go(t.tell)
	return t, nil
}

// hear runs on the goroutine that reads the browser's messages.
func (t *Tab) hear(event any) {
	called, ok := event.(*runtime.EventBindingCalled)
	if !ok || called.Name != binding {
		return
	}
	var it told
	if json.Unmarshal([]byte(called.Payload), &it) == nil {
		select {
		case t.told <- it:
		default: // a page that tells a thousand things in no time is broken
		}
	}
}

// tell passes on what was heard, in its order.
func (t *Tab) tell() {
	for {
		select {
		case it := <-t.told:
			switch it.Kind {
			case "click":
				t.See(observe.Event{Actor: t.Customer, Kind: observe.Action, Act: &observe.Act{
					Does: "clicks", Basket: it.Basket, Order: it.Order, Amount: it.Amount, Money: it.Currency, Tab: t.Config.Tab,
				}})
			case "screen":
				t.See(observe.Event{Actor: t.Customer, Kind: observe.Screen, View: &observe.View{
					Says: it.Says, Text: it.Text, Basket: it.Basket, Tab: t.Config.Tab,
				}})
			}
		case <-t.ctx.Done():
			return
		}
	}
}

// Open loads the page of a basket.
func (t *Tab) Open(ctx context.Context, basket string) error {
	return t.do(ctx, chromedp.Navigate(t.URL+"/checkout/"+basket), chromedp.WaitReady(chromedp.CSS("#submit")))
}

// Click presses the left mouse button on the submit button so many times.
// (The clicks of one double click carry the counts 1 and 2: a single event with
// a count of 2 is one click to the page.)
func (t *Tab) Click(ctx context.Context, times int) error {
	return t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		at, err := chromedp.Evaluate[[]float64](`(() => {
			const box = document.getElementById('submit').getBoundingClientRect();
			return [box.x + box.width / 2, box.y + box.height / 2];
		})()`)(ctx, target)
		if err != nil {
			return err
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

// Change sets how many of it are in the open page's basket.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	return t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](fmt.Sprintf(`fetch('/baskets/' + JSON.parse(document.getElementById('order').textContent).order.basket,
			{method: 'PUT', headers: {'Content-Type': 'application/json'}, body: '{"quantity":%d}'}).then(() => true, () => false)`, quantity))(ctx, target)
		return err
	}))
}

// Chill cannot be done: Chromium offers no way to end its idle connections.
func (t *Tab) Chill() error {
	return errors.New("a browser's connections cannot be made cold on demand: stage this story with the page's script")
}

// Screenshot returns what the tab shows, as a PNG.
func (t *Tab) Screenshot(ctx context.Context) (png []byte, err error) {
	err = t.do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		png, err = chromedp.CaptureScreenshot()(ctx, target)
		return err
	}))
	return png, err
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
func (t *Tab) Close() {
	_ = chromedp.Cancel(t.ctx)
	t.cancel()
	t.teller.Wait()
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
