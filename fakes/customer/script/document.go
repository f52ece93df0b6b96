package script

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Script is the page's behaviour, compiled once for all documents.
type Script struct{ program *goja.Program }

// Compile reads the page's behaviour script: it must define the function
// checkout(order, config, env), which returns an object with submit() and, where
// the page does something by itself, opened(status).
func Compile(text string) (*Script, error) {
	program, err := goja.Compile("behaviour.js", text, true)
	if err != nil {
		return nil, fmt.Errorf("the page's script: %w", err)
	}
	return &Script{program}, nil
}

// document is one loaded page: a JavaScript runtime with its event loop. The
// runtime is touched by the loop's goroutine alone.
type document struct {
	tab                     *Tab
	basket, order, currency string
	amount                  int64

	ctx   context.Context
	stop  context.CancelFunc
	work  sync.WaitGroup // the loop, timers and requests
	calls calls
	toPay chan string // where the page sends her to pay, once it knows
	jobs  chan func()
	js    *goja.Runtime
	page  *goja.Object
	// unminded are the promises that failed and that nobody has caught yet.
	unminded map[*goja.Promise]bool
}

func (t *Tab) newDocument(basket string, data []byte) (*document, error) {
	d := &document{
		tab: t, basket: basket, jobs: make(chan func()), toPay: make(chan string, 1), js: goja.New(),
		unminded: map[*goja.Promise]bool{},
	}
	d.ctx, d.stop = context.WithCancel(context.Background())
	if err := d.start(data); err != nil {
		d.stop()
		return nil, fmt.Errorf("the page's script does not start: %w", err)
	}
	d.work.Go(d.loop)
	return d, nil
}

// start runs the script and makes the page.
func (d *document) start(data []byte) error {
	if _, err := d.js.RunProgram(d.tab.Script.program); err != nil {
		return err
	}
	checkout, ok := goja.AssertFunction(d.js.Get("checkout"))
	if !ok {
		return fmt.Errorf("it defines no function checkout(order, config, env)")
	}
	var parts struct{ Order, Config any }
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	env := d.js.NewObject()
	for name, bound := range map[string]func(goja.FunctionCall) goja.Value{
		"request": d.request, "sleep": d.sleep, "show": d.show, "pay": d.pay,
	} {
		if err := env.Set(name, bound); err != nil {
			return err
		}
	}
	d.js.SetPromiseRejectionTracker(d.rejected)
	made, err := checkout(goja.Undefined(), d.js.ToValue(parts.Order), d.js.ToValue(parts.Config), env)
	if err != nil {
		return err
	}
	d.page = made.ToObject(d.js)
	return nil
}

// loop is the event loop: one job after the other, promises in between.
func (d *document) loop() {
	for {
		select {
		case job := <-d.jobs:
			job()
		case <-d.ctx.Done():
			return
		}
	}
}

// post lets the loop do a job, when her computer is awake, unless the page is left first.
func (d *document) post(job func()) {
	if _, left := d.tab.Lid.Await(d.ctx); left != nil {
		return
	}
	select {
	case d.jobs <- job:
	case <-d.ctx.Done():
	}
}

// end leaves the page: what it had under way is cancelled.
func (d *document) end() {
	d.stop()
	d.calls.cancel()
	d.work.Wait()
}

func (d *document) submit() {
	d.post(func() {
		if !d.call("submit") {
			d.tab.Notes("the page has no submit()")
		}
	})
}

// opened tells the page which status the shop has rendered into it.
func (d *document) opened(status string) {
	d.post(func() { d.call("opened", d.js.ToValue(status)) })
}

// call calls one of the page's functions, in the loop, and says whether the page
// has it.
func (d *document) call(name string, arguments ...goja.Value) bool {
	function, is := goja.AssertFunction(d.page.Get(name))
	if !is {
		return false
	}
	if _, err := function(d.page, arguments...); err != nil {
		d.tab.Notes(observe.ScriptStopped + err.Error())
	}
	return true
}

// rejected is told of promises that fail with nobody to mind: in a browser that
// is a red line in a console that no customer opens. A promise may find its
// catcher later in the same turn of the loop, so the next turn judges.
func (d *document) rejected(p *goja.Promise, op goja.PromiseRejectionOperation) {
	if op == goja.PromiseRejectionHandle {
		delete(d.unminded, p)
		return
	}
	d.unminded[p] = true
	d.work.Go(func() {
		d.post(func() {
			if d.unminded[p] {
				delete(d.unminded, p)
				d.tab.Notes(fmt.Sprintf("%s%v", observe.ScriptStopped, p.Result()))
			}
		})
	})
}

// show, sleep and request are what the script is given to act with; see
// behaviour.js.
func (d *document) show(call goja.FunctionCall) goja.Value {
	view := call.Argument(0).ToObject(d.js)
	d.tab.Shows(observe.View{Says: observe.Status(textOf(view, "says")), Text: textOf(view, "text"), Basket: d.basket})
	return goja.Undefined()
}

// pay tells where she is sent to pay; the page may say so at each look.
func (d *document) pay(call goja.FunctionCall) goja.Value {
	select {
	case d.toPay <- call.Argument(0).String():
	default:
	}
	return goja.Undefined()
}

func (d *document) sleep(call goja.FunctionCall) goja.Value {
	ms := call.Argument(0).ToFloat()
	promise, resolve, _ := d.js.NewPromise()
	d.work.Go(func() {
		if customer.Wait(d.ctx, millis(ms)) == nil {
			d.post(func() { _ = resolve(goja.Undefined()) })
		}
	})
	return d.js.ToValue(promise)
}

func millis(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// textOf is a property of an object that is a text, or "".
func textOf(o *goja.Object, name string) string {
	if v := o.Get(name); v != nil {
		text, _ := v.Export().(string)
		return text
	}
	return ""
}

// request is the page's fetch.
func (d *document) request(call goja.FunctionCall) goja.Value {
	promise, resolve, reject := d.js.NewPromise()
	asked := call.Argument(0).ToObject(d.js)
	one := submit{method: textOf(asked, "method"), path: textOf(asked, "path"), body: textOf(asked, "body"), header: http.Header{}}
	if given, is := asked.Get("headers").(*goja.Object); is {
		for _, name := range given.Keys() {
			one.header.Set(name, given.Get(name).String())
		}
	}
	if ms := asked.Get("timeOutMS"); ms != nil {
		one.timeOut = millis(ms.ToFloat())
	}
	if one.method != http.MethodGet {
		d.tab.sent.note(one)
	}
	ctx, over := d.calls.begin(one.timeOut)
	d.work.Go(func() {
		defer over()
		ctx, done := d.tab.Lid.Within(ctx)
		status, text, err := d.tab.fetch(ctx, one)
		done()
		d.post(func() {
			if err != nil {
				_ = reject(d.js.NewGoError(err))
				return
			}
			_ = resolve(map[string]any{"status": status, "body": text})
		})
	})
	return d.js.ToValue(promise)
}
