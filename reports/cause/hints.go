package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Finding is what an explicit rule saw in a history, and the events that show
// it. Nothing is guessed: a rule that has no event to show says nothing.
type Finding struct {
	Says     string
	Evidence []int
}

// mostFindings is how many findings of one rule are told, and mostEvidence how
// many events of each: one that hits every poll would hide the others.
const (
	mostFindings = 3
	mostEvidence = 6
)

// detective reads one history by rules.
type detective struct {
	run   *judge.Run
	found []Finding
}

// cause is a rule, and the promises whose breach it explains.
type cause struct {
	rule     func()
	explains []string
}

// causes are all rules, the likeliest cause of a wrong charge first.
func (d *detective) causes() []cause {
	const (
		charged, goods, reserved = "charged-once", "goods-match-money", "nothing-left-reserved"
		told, honest, stand      = "told-in-time", "screen-is-honest", "outcomes-stand"
		atLast                   = "told-at-last"
	)
	return []cause{
		{d.newKey, []string{charged}},
		{func() { d.sentAgain(false) }, []string{charged, goods, reserved}},
		{d.newPayment, []string{charged, reserved}},
		{d.captureAfterEnd, []string{charged, goods, honest, stand}},
		{d.twoOrders, []string{charged, goods}},
		{d.sameOrderAgain, []string{charged}},
		{d.sentByItself, []string{charged}},
		{d.killedInBetween, []string{charged, goods, reserved, told, atLast}},
		{d.killedAfterAnswer, []string{goods, reserved, told, atLast}},
		{d.lostAfterCommit, []string{charged, goods, reserved, told, atLast, honest}},
		{d.lateAnswer, []string{told, honest}},
		{d.drift, []string{told, atLast, honest}},
		{d.scriptStopped, []string{told, atLast, honest}},
		{d.webhookLost, []string{goods, told, atLast, honest}},
		{d.webhookAgain, []string{charged, stand}},
		{d.storm, []string{"no-storm"}},
		{d.otherAmount, []string{"amount-as-shown"}},
		{d.stillReserved, []string{reserved}},
		{func() { d.sentAgain(true) }, []string{told}},
		{d.missedInjections, nil},
	}
}

// Find applies every rule. Of a broken run, first come the causes that
// explain its first broken promise, and of these the ones whose evidence is that
// of the breach; what came only after the breach did not cause it.
func Find(r *judge.Run) []Finding {
	d := &detective{run: r}
	promise, breach := firstBreach(r)
	type ranked struct {
		Finding
		after, strange, apart int
	}
	var all []ranked
	for _, cause := range d.causes() {
		d.found = nil
		cause.rule()
		for _, f := range d.found[:min(len(d.found), mostFindings)] {
			one := ranked{Finding: f}
			if promise != "" {
				one.strange = 1
				if slices.Contains(cause.explains, promise) {
					one.strange = 0
				}
				for _, i := range f.Evidence {
					if slices.Contains(breach, i) {
						one.apart--
					}
				}
				if len(f.Evidence) > 0 && f.Evidence[0] > slices.Max(breach) {
					one.after = 1
				}
			}
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Or(a.after-b.after, a.strange-b.strange, a.apart-b.apart)
	})
	var list []Finding
	for _, one := range all {
		list = append(list, one.Finding)
	}
	return list
}

// firstBreach is the first broken promise that has evidence, and that.
func firstBreach(r *judge.Run) (promise string, evidence []int) {
	for _, ruling := range r.Rulings {
		if ruling.Verdict == judge.Broken {
			if evidence = model.Known(r, ruling.Evidence); len(evidence) > 0 {
				return ruling.Promise, evidence
			}
		}
	}
	return "", nil
}

func (d *detective) find(evidence []int, format string, args ...any) {
	says := fmt.Sprintf(format, args...)
	at := slices.IndexFunc(d.found, func(f Finding) bool { return f.Says == says })
	if at < 0 {
		at = len(d.found)
		d.found = append(d.found, Finding{Says: says})
	}
	all := append(d.found[at].Evidence, evidence...)
	slices.Sort(all)
	all = slices.Compact(all)
	d.found[at].Evidence = all[:min(len(all), mostEvidence)]
}

// by gathers the events that have a name, by it, in the order in which a name
// first came.
func (d *detective) by(name func(i int, e observe.Event) string) (names []string, events map[string][]int) {
	events = map[string][]int{}
	for i, e := range d.run.History {
		if n := name(i, e); n != "" {
			if events[n] == nil {
				names = append(names, n)
			}
			events[n] = append(events[n], i)
		}
	}
	return names, events
}

// newKey: one and the same request was made again under another idempotency key, or was made
// by two at the same time.
func (d *detective) newKey() {
	names, sent := d.by(func(_ int, e observe.Event) string {
		if e.Kind != observe.Sent || e.Message.Header["Idempotency-Key"] == "" || e.Message.Method == "GET" {
			return ""
		}
		return string(e.Message.Hop) + " " + e.Message.Method + " " + e.Message.Path + "\x00" + e.Message.Body
	})
	for _, name := range names {
		list := sent[name]
		first, last := d.run.History[list[0]].Message, d.run.History[list[len(list)-1]].Message
		a, b := first.Header["Idempotency-Key"], last.Header["Idempotency-Key"]
		switch {
		case a == b:
		case d.sideBySide(list):
			d.find(list, "The %s sent %s %s %s at the same time, each under an idempotency key of its own: %s, then %s. Two workers or threads did the same work: let one of them claim it first, such as by a row lock or a unique key, or derive the key from what is done.",
				first.Hop.Caller(), first.Method, model.WithoutQuery(first.Path), units.FormatCount(len(list)), a, b)
		default:
			d.find(list, "The retry of %s %s made a new idempotency key: %s, then %s. The callee cannot know that it is the same request.",
				first.Method, model.WithoutQuery(first.Path), a, b)
		}
	}
}

// sideBySide says whether all these requests were sent within a second, while the first one was
// under way, and that came to its answer: nobody tried again what had failed, or was late.
func (d *detective) sideBySide(sent []int) bool {
	first, last := d.run.Index().CallOf(sent[0]), sent[len(sent)-1]
	if d.run.History[last].At-d.run.History[sent[0]].At > time.Second {
		return false
	}
	return first != nil && len(first.Failed) == 0 && len(first.Received) > 0 && first.Received[0] > last
}

// newPayment: the ledger has two payments, or two captures, of one basket under
// different keys.
func (d *detective) newPayment() {
	for _, op := range []observe.EntryOp{observe.MoneyCreated, observe.MoneyCaptured} {
		names, entries := d.by(func(_ int, e observe.Event) string {
			if e.Kind != observe.Money || e.Entry.Op != op {
				return ""
			}
			return d.run.OwnerOf(e.Entry)
		})
		for _, basket := range names {
			list := entries[basket]
			first, last := d.run.History[list[0]].Entry, d.run.History[list[len(list)-1]].Entry
			if len(list) < 2 || first.Key == last.Key {
				continue
			}
			d.find(list, "The provider %s %d payments for %s, each under a key of its own (%s, then %s): to it they are different purchases.",
				op, len(list), basket, cmp.Or(first.Key, "none"), cmp.Or(last.Key, "none"))
		}
	}
}

// captureAfterEnd: money was taken for a payment or an order that was over. A new
// click begins another one.
func (d *detective) captureAfterEnd() {
	ended := map[string]int{}
	for i, e := range d.run.History {
		switch {
		case e.Kind == observe.Money && e.Entry.Op.EndsPayment():
			ended[e.Entry.Reference] = i
		case e.Kind == observe.Action && e.Act.Does == observe.Clicks:
			delete(ended, e.Act.Basket)
		case e.Kind == observe.Order && e.Entry.State.IsNoSale():
			if _, was := ended[e.Entry.Basket]; !was {
				ended[e.Entry.Basket] = i
			}
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyCaptured:
			before, was := ended[e.Entry.Reference]
			if !was {
				before, was = ended[d.run.OwnerOf(e.Entry)]
			}
			if was {
				d.find([]int{before, i}, "%s was captured after it was over: %s.", e.Entry.Reference, model.What(d.run.History[before]))
			}
		}
	}
}

// twoOrders: the shop made two orders of one basket.
func (d *detective) twoOrders() {
	first := map[string]int{} // order → where it was first told of
	baskets, _ := d.by(func(i int, e observe.Event) string {
		if e.Kind != observe.Order {
			return ""
		}
		if _, known := first[e.Entry.Reference]; !known {
			first[e.Entry.Reference] = i
		}
		return e.Entry.Basket
	})
	for _, basket := range baskets {
		var events []int
		for _, i := range first {
			if d.run.History[i].Entry.Basket == basket {
				events = append(events, i)
			}
		}
		if len(events) > 1 {
			d.find(events, "The shop made %d orders of one basket, %s.", len(events), basket)
		}
	}
}

// sameOrderAgain: one order came to the checkout more than once.
func (d *detective) sameOrderAgain() {
	names, arrived := d.by(func(_ int, e observe.Event) string {
		m := e.Message
		if m == nil || e.Kind != observe.Arrived || m.Hop != observe.CustomerHop || m.Method == "GET" {
			return ""
		}
		return m.Method + " " + m.Path + "\x00" + m.Body
	})
	for _, name := range names {
		if list := arrived[name]; len(list) > 1 {
			clicks := 0
			for _, e := range d.run.History {
				if e.Kind == observe.Action && e.Act.Does == observe.Clicks {
					clicks++
				}
			}
			title, _, _ := strings.Cut(name, "\x00")
			d.find(list, "The same order was submitted %d times (%s), after %s.%s", len(list), title, model.Number(clicks, "click"), d.spread(list))
		}
	}
}

// spread says, where the messages came to several processes of the shop, to which.
func (d *detective) spread(messages []int) string {
	var names []string
	for _, i := range messages {
		if name := d.run.History[i].Message.Process; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) < 2 {
		return ""
	}
	last := len(names) - 1
	return fmt.Sprintf(" They came to %s and %s: what one of them has in memory, the others do not.", strings.Join(names[:last], ", "), names[last])
}

// otherAmount: what was taken is not what the page showed when she clicked.
func (d *detective) otherAmount() {
	clicked := map[string]int{}
	for i, e := range d.run.History {
		if e.Kind == observe.Action && e.Act.Does == observe.Clicks {
			clicked[e.Act.Basket] = i
		}
		if e.Kind != observe.Money || e.Entry.Op != observe.MoneyCaptured {
			continue
		}
		at, was := clicked[d.run.OwnerOf(e.Entry)]
		if !was {
			continue
		}
		if act := d.run.History[at].Act; act.IsPriced() && act.Takes() != e.Entry.Amount || act.Money != e.Entry.Currency {
			d.find([]int{at, i}, "The page showed %s when %s clicked, and %s were captured.",
				units.Price(act.Amount, act.Money), d.run.History[at].Actor, units.Price(e.Entry.Amount, e.Entry.Currency))
		}
	}
}

// stillReserved: a payment was authorized, and then nobody took or released it.
func (d *detective) stillReserved() {
	authorized := map[string]int{}
	names, _ := d.by(func(i int, e observe.Event) string {
		if e.Kind != observe.Money {
			return ""
		}
		if e.Entry.Op == observe.MoneyAuthorized {
			authorized[e.Entry.Reference] = i
		} else {
			delete(authorized, e.Entry.Reference)
		}
		return e.Entry.Reference
	})
	for _, reference := range names {
		if i, is := authorized[reference]; is {
			d.find([]int{i}, "The payment %s was authorized at %s, and the shop neither captured nor cancelled it.",
				reference, units.FormatDuration(d.run.History[i].At))
		}
	}
}
