package browser

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

//go:embed watch.js
var watch string

// The watcher tells by the function named binding, in a world of that name.
const (
	binding = "unhappyTell"
	world   = "unhappy"
)

// told has what the page's watcher says, as it read it.
type told struct {
	Kind     string `json:"kind"` // "loaded", "usable", "screen" or "click"
	Status   int    `json:"status"`
	Says     string `json:"says"`
	Text     string `json:"text"`
	Anew     bool   `json:"anew"` // a document came: what the one before said is gone
	Order    string `json:"order"`
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// backlog is how much may be heard before anybody tells of it: the browser must
// never wait for us.
const backlog = 1024

// Tab opens a tab of the profile, with nothing in it yet.
func (p *Profile) Tab(c Config) (*Tab, error) {
	if err := c.Page.Check(); err != nil {
		return nil, err
	}
	t := &Tab{
		Config: c, heard: make(chan func(), backlog),
		loaded: make(chan int, 1), usable: make(chan struct{}, 1), navigated: make(chan string, 1), complete: make(chan struct{}, 1),
		sightings: sightings{pending: map[network.RequestID]observe.Message{}},
		camera:    camera{wanted: make(chan wish, backlog)},
	}
	t.ctx, t.cancel = chromedp.NewContext(p.browser.ctx, chromedp.WithExistingBrowserContext(p.id), chromedp.WithListener(t.hear))
	if err := chromedp.Do(t.ctx, chromedp.Func(t.prepare)); err != nil {
		_ = chromedp.Cancel(t.ctx)
		t.cancel()
		return nil, fmt.Errorf("a tab for %s: %w", c.Customer, err)
	}
	t.work.Go(t.tell)
	t.work.Go(t.photograph)
	return t, nil
}

// prepare looks whether the selectors are some, and sets the watcher.
func (t *Tab) prepare(ctx context.Context, target *chromedp.Target) error {
	for _, selector := range t.Page.selectors() {
		wrong, err := call[string](ctx, target, examine, selector)
		if err != nil {
			return err
		}
		if wrong != "" {
			return fmt.Errorf("%q is no CSS selector", selector)
		}
	}
	page, err := json.Marshal(t.Page)
	if err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, target, runtime.AddBinding, runtime.AddBindingParams{
		Name: binding, ExecutionContextName: world,
	}); err != nil {
		return err
	}
	if _, err := cdp.Call(ctx, target, cdpage.AddScriptToEvaluateOnNewDocument, cdpage.AddScriptToEvaluateOnNewDocumentParams{
		// JSON is a value in JavaScript, whatever is in it: the protocol has no
		// other way to hand this script an argument.
		Source: "(" + watch + ")(" + string(page) + ")", WorldName: world,
	}); err != nil {
		return err
	}
	_, err = cdp.Call(ctx, target, fetch.Enable, fetch.EnableParams{
		Patterns: []*fetch.RequestPattern{{URLPattern: t.URL + "/*"}},
	})
	return err
}

const examine = `(selector) => {
	try { document.querySelector(selector); return ''; } catch (wrong) { return wrong.message; }
}`

// selectors are all that the page is read by.
func (p Page) selectors() []string {
	all := []string{p.Submit, p.Says.Selector, p.Text.Selector, p.Amount.Selector, p.Currency.Selector, p.Order.Selector}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// call calls a function in the page. Whatever comes from outside is an argument,
// never a part of the function.
func call[T any](ctx context.Context, target *chromedp.Target, function string, arguments ...any) (value T, err error) {
	global, err := cdp.Call(ctx, target, runtime.Evaluate, runtime.EvaluateParams{Expression: "globalThis"})
	if err != nil {
		return value, err
	}
	await := true
	return chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) {
		p.ObjectID, p.AwaitPromise = global.Result.ObjectID, &await
	}, arguments...)(ctx, target)
}

// hear runs on the goroutine that reads the browser's messages.
func (t *Tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventBindingCalled:
		var it told
		if e.Name == binding && json.Unmarshal([]byte(e.Payload), &it) == nil {
			t.later(func() { t.tellOf(it) })
		}
	case *runtime.EventExceptionThrown:
		t.later(func() { t.threw(e.ExceptionDetails) })
	case *cdpage.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			t.later(func() { t.arrived(e.Frame) })
		}
	case *cdpage.EventLoadEventFired:
		t.later(func() { leave(t.complete, struct{}{}) })
	case *fetch.EventRequestPaused:
		t.later(func() { t.sent(e) })
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			t.later(func() { t.answered(e.RequestID, int(e.RedirectResponse.Status)); t.received(e.RequestID) })
		}
	case *network.EventResponseReceived:
		t.later(func() { t.answered(e.RequestID, int(e.Response.Status)) })
	case *network.EventLoadingFinished:
		t.later(func() { t.received(e.RequestID) })
	case *network.EventLoadingFailed:
		t.later(func() { t.failed(e) })
	}
}

func (t *Tab) later(do func()) {
	select {
	case t.heard <- do:
	default: // a page that tells a thousand things in no time is broken
	}
}

// leave leaves word for anyone who waits, in place of an older one.
func leave[T any](c chan T, word T) {
	empty(c)
	c <- word
}

// tell passes on what was heard, in its order.
func (t *Tab) tell() {
	for {
		select {
		case do := <-t.heard:
			do()
		case <-t.ctx.Done():
			return
		}
	}
}

// threw takes note of an error that nobody caught: what the page is to do next may never
// come.
func (t *Tab) threw(wrong *runtime.ExceptionDetails) {
	t.mu.Lock()
	t.errors++
	told := t.errors <= errorsTold
	t.mu.Unlock()
	if !told {
		return
	}
	what := wrong.Text
	if thrown := wrong.Exception; thrown != nil {
		what, _, _ = strings.Cut(cmp.Or(thrown.Description, what+" "+string(thrown.Value)), "\n") // the stack follows
	}
	where, _, _ := strings.Cut(strings.TrimPrefix(wrong.URL, t.URL), "?")
	t.Notes(fmt.Sprintf("%s%s (%s, line %d)", observe.ScriptStopped, printable(what), cmp.Or(printable(where), "no file"), wrong.LineNumber+1))
}

// printable is a text that does nothing to a terminal.
func printable(text string) string {
	return shorten(squeeze(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)))
}

// errorsTold is how many errors of a tab are told: a script that runs again and again has no end
// of them.
const errorsTold = 5

// arrived takes note of another document in the tab.
func (t *Tab) arrived(at *cdp.Frame) {
	t.camera.breakOff()
	t.dropped(network.RequestID(at.LoaderID))
	leave(t.navigated, at.URL)
}

func (t *Tab) tellOf(it told) {
	switch it.Kind {
	case "loaded":
		leave(t.loaded, it.Status)
	case "usable":
		leave(t.usable, struct{}{})
	case "click":
		t.clicked(it)
	case "screen":
		word, text := t.Page.word(it.Says), it.Text
		if text == "" {
			text = it.Says
		}
		t.show(observe.View{Says: word, Text: shorten(squeeze(text))}, it.Anew)
		if !slices.Contains([]observe.Status{observe.StatusReady, observe.StatusWaiting, observe.StatusOther}, word) {
			leave(t.usable, struct{}{}) // it may have no form any more
		}
	}
}

func (t *Tab) clicked(it told) {
	amount, money, err := t.Page.price(it.Amount, it.Currency)
	if err != nil && t.Page.Amount.Selector != "" {
		t.Notes(err.Error())
	}
	due := t.Page.Due
	if due == nil && err == nil && amount == 0 { // the page says that it costs nothing
		due = &amount
	}
	t.Clicks(observe.Act{
		Basket: t.openBasket(), Order: it.Order, Amount: amount, Due: due, Money: money,
	})
}

// Shows implements customer.FrontEnd.
func (t *Tab) Shows(v observe.View) { t.show(v, true) }

// show tells of a screen, unless the document said so before, and wants a
// picture of it.
func (t *Tab) show(v observe.View, anew bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if v.Says == t.shown && !anew {
		return
	}
	t.shown = v.Says
	t.screen++
	t.camera.breakOff()
	v.Basket, v.Tab = t.basket, t.Config.Tab
	t.Person.Shows(v)
	t.camera.want(wish{view: v, screen: t.screen})
}
