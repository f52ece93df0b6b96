package cause

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// sentByItself: one call of a client was two messages on the wire, and no
// injection doubled it.
func (d *detective) sentByItself() {
	for _, c := range d.run.Index().Calls() {
		if len(c.Sent) == 1 && len(c.Arrived) > 1 && !d.doubled(c) {
			d.find(slices.Concat(c.Sent, c.Arrived), "One call of %s, %s %s, was %d messages on the wire: an HTTP client or browser sent it again by itself.",
				c.Hop.Caller(), c.Method, model.WithoutQuery(c.Path), len(c.Arrived))
		}
	}
}

// sentAgain: the shop, or a client in it, made one and the same request again, after an error or no
// answer, under the same idempotency key or with none.
func (d *detective) sentAgain(keyed bool) {
	names, sent := d.by(func(_ int, e observe.Event) string {
		m := e.Message
		if e.Kind != observe.Sent || m.Copy || !d.does(m) || (m.Header["Idempotency-Key"] != "") != keyed {
			return ""
		}
		if keyed { // what is under one key is one request of a purchase, whatever its body is
			return string(m.Hop) + " " + m.Method + " " + m.Path + "\x00" + d.run.Index().BasketOfMessage(m) + "\x00" + m.Header["Idempotency-Key"]
		}
		about := d.about(m)
		if about == "" {
			return ""
		}
		return string(m.Hop) + " " + m.Method + " " + m.Path + "\x00" + about
	})
	for _, name := range names {
		list := sent[name]
		why := d.endedBadly(list[:len(list)-1])
		if len(list) < 2 || why == "" {
			continue
		}
		m := d.run.History[list[0]].Message
		under, means := "under the same idempotency key", "the callee can tell that it is the same request"
		if !keyed {
			under, means = "without an idempotency key", "to the callee each is a request of its own"
		}
		d.find(list, "The %s, or the client in it, sent %s %s again %s %s, after %s: %s.",
			m.Hop.Caller(), m.Method, model.WithoutQuery(m.Path), model.Number(len(list)-1, "time"), under, why, means)
	}
}

// about tells requests without a key apart: by whose purchase they are part of, and by what they
// ask for. "" where several customers buy and nobody knows whose a request is: two who buy
// the same thing ask for the same.
func (d *detective) about(m *observe.Message) string {
	index := d.run.Index()
	basket := index.BasketOfMessage(m)
	if basket == "" && len(index.Baskets) > 1 {
		return ""
	}
	body := momentForm.ReplaceAllString(m.Body, "*")
	body = idForm.ReplaceAllStringFunc(body, func(id string) string {
		if index.BasketOfMessage(&observe.Message{Path: "/" + id}) != "" { // it names an order or a payment
			return id
		}
		return "*"
	})
	return basket + "\x00" + body
}

// momentForm and idForm are what a client makes anew each time that it sends the same: a
// time, as text or in milliseconds, and a random id.
var (
	momentForm = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d(\.\d+)?(Z|([+-]|%2B)\d\d(:|%3A)?\d\d)?|\b1\d{12}\b`)
	idForm     = regexp.MustCompile(`\b[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b`)
)

// does says whether a message of the shop's does something that costs when it is done twice.
func (d *detective) does(m *observe.Message) bool {
	return slices.Contains([]observe.Operation{observe.CreatePayment, observe.Capture, observe.Refund, observe.BookParcel}, m.Operation)
}

// endedBadly says how calls ended, each without success, or "" where one had it.
func (d *detective) endedBadly(sent []int) string {
	var ends []string
	for _, i := range sent {
		end := "no answer"
		if c := d.run.Index().CallOf(i); c != nil && len(c.Received) > 0 {
			m := d.run.History[c.Received[0]].Message
			if m.Status < 400 {
				return ""
			}
			end = model.Status(m)
		}
		if !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	return strings.Join(ends, " and ")
}

func (d *detective) doubled(c *history.Call) bool {
	return slices.ContainsFunc(c.Hits, func(i int) bool {
		return i >= 0 && i < len(d.run.Schedule) &&
			slices.Contains([]fault.Kind{fault.Duplicate, fault.DuplicateChanged}, d.run.Schedule[i].Fault.Kind)
	})
}

// killedInBetween: the shop died while a call of its own was under way.
func (d *detective) killedInBetween() {
	for i, e := range d.run.History {
		if e.Kind != observe.Process || e.Life.What != observe.ProcessKilled {
			continue
		}
		for _, c := range d.run.Index().Calls() {
			if d.madeBy(c) != e.Life.Process || c.Method == "GET" || len(c.Sent)+len(c.Arrived) == 0 {
				continue
			}
			messages := c.Sightings()
			if messages[0] > i || slices.ContainsFunc(c.Received, func(k int) bool { return k < i }) {
				continue
			}
			done := "before the other side had it"
			evidence := []int{messages[0], i}
			if len(c.Arrived) > 0 && c.Arrived[0] < i {
				done = "when the other side had it and the shop had not yet recorded the answer"
				evidence = append(evidence, c.Arrived[0])
				evidence = append(evidence, d.entriesBetween(c.Arrived[0], i)...)
			}
			d.find(evidence, "The %s was killed between its call %s %s and the record of it, %s.",
				e.Life.Process, c.Method, model.WithoutQuery(c.Path), done)
		}
	}
}

// killedAfterAnswer: a process answered, and had no time for what it left for later.
func (d *detective) killedAfterAnswer() {
	for _, c := range d.run.Index().Calls() {
		after := func(i int) bool { return d.run.Schedule[i].Fault.Kind == fault.KillAfter }
		if len(c.Answered) == 0 || !slices.ContainsFunc(c.Hits, after) {
			continue
		}
		answer := d.run.History[c.Answered[0]].Message
		d.find(c.Answered[:1], "The shop was killed when it had answered %s with %d: nobody tells it again what it had not written down.",
			d.webhook(c), answer.Status)
	}
}

// madeBy is the process that made the call, where the shop has several, or else its caller.
func (d *detective) madeBy(c *history.Call) string {
	for _, i := range c.Sent {
		if process := d.run.History[i].Message.Process; process != "" {
			return process
		}
	}
	return c.Hop.Caller()
}

// entriesBetween are what provider and carrier wrote between two events.
func (d *detective) entriesBetween(from, to int) (list []int) {
	for i := from; i < to; i++ {
		if k := d.run.History[i].Kind; k == observe.Money || k == observe.Parcel {
			list = append(list, i)
		}
	}
	return list
}

// gaveUp is the event at which the call's own caller heard that there is no
// answer, or -1.
func (d *detective) gaveUp(c *history.Call) int {
	if len(c.Failed) == 0 {
		return -1
	}
	return c.Failed[0]
}

// asked names the maker of the call, a customer by her name.
func (d *detective) asked(c *history.Call, failed int) string {
	if actor := d.run.History[failed].Actor; c.Hop == observe.CustomerHop {
		return actor
	}
	return c.Hop.Caller()
}

// lostAfterCommit: the callee answered that it is done, and its caller never
// heard.
func (d *detective) lostAfterCommit() {
	for _, c := range d.run.Index().Calls() {
		if c.Method == "GET" || c.Hop == observe.WebhookHop || len(c.Received) > 0 {
			continue
		}
		failed := d.gaveUp(c)
		for _, i := range c.Answered {
			if m := d.run.History[i].Message; failed >= i && m.Status < 300 {
				d.find([]int{i, failed}, "%s answered %s to %s %s, and %s never got it (%s): what was done stayed done, and the caller could not know.",
					capital(c.Hop.Callee()), model.Status(m), c.Method, model.WithoutQuery(c.Path), d.asked(c, failed),
					model.NoAnswer(d.run.History[failed].Message))
				break
			}
		}
	}
}

// lateAnswer: the answer came after its caller had given up.
func (d *detective) lateAnswer() {
	for _, c := range d.run.Index().Calls() {
		failed := d.gaveUp(c)
		if failed < 0 {
			continue
		}
		gaveUp := d.run.History[failed].At
		for _, i := range c.Answered {
			if late := d.run.History[i].At - gaveUp; late > 0 {
				d.find([]int{failed, i}, "%s gave up waiting for %s %s at %s; the answer (%s) came %s later.",
					capital(d.asked(c, failed)), c.Method, model.WithoutQuery(c.Path), units.FormatDuration(gaveUp),
					model.Status(d.run.History[i].Message), units.FormatDuration(late))
				break
			}
		}
	}
}

// drift: an answer lacks what the page reads.
func (d *detective) drift() {
	names, events := d.by(func(_ int, e observe.Event) string {
		if e.Kind != observe.Drift {
			return ""
		}
		return strings.Join(e.Message.Missing, ", ")
	})
	for _, name := range names {
		m := d.run.History[events[name][0]].Message
		d.find(events[name], "The page reads %s from the answer to %s %s, and the answer does not have it: a field was renamed, dropped or retyped.",
			name, m.Method, model.WithoutQuery(m.Path))
	}
}

// scriptStopped: an error that nothing on the page caught.
func (d *detective) scriptStopped() {
	names, events := d.by(func(_ int, e observe.Event) string {
		what, is := strings.CutPrefix(e.Text, observe.ScriptStopped)
		if e.Kind != observe.Note || !is {
			return ""
		}
		return what
	})
	for _, name := range names {
		d.find(events[name], "The page's script stopped, and what it was to do next did not come: %s.", name)
	}
}

// webhookLost: the provider's word did not come through.
func (d *detective) webhookLost() {
	for _, c := range d.run.Index().Calls() {
		if c.Hop != observe.WebhookHop || len(c.Sent) == 0 || len(c.Received) > 0 {
			continue
		}
		switch failed := d.gaveUp(c); {
		case failed >= 0 && len(c.Arrived) == 0:
			d.find([]int{c.Sent[0], failed}, "A webhook was lost: %s never arrived at the shop.", d.webhook(c))
		case failed >= 0:
			d.find([]int{c.Sent[0], failed}, "The provider does not know whether its webhook came: %s arrived, and the answer to it was lost.", d.webhook(c))
		case len(c.Arrived) == 0:
			d.find(c.Sent, "A webhook was lost: %s never arrived at the shop.", d.webhook(c))
		}
	}
}

// webhookAgain: the shop got the same word of the provider more than once.
func (d *detective) webhookAgain() {
	names, arrived := d.by(func(_ int, e observe.Event) string {
		if e.Kind != observe.Arrived || e.Message.Hop != observe.WebhookHop {
			return ""
		}
		return e.Message.Body
	})
	for _, body := range names {
		if list := arrived[body]; len(list) > 1 {
			d.find(list, "The same webhook came %d times: %s.%s", len(list), d.webhook(d.run.Index().CallOf(list[0])), d.spread(list))
		}
	}
}

// webhook names what a webhook told.
func (d *detective) webhook(c *history.Call) string {
	var told struct{ Name, Reference string }
	for _, i := range slices.Concat(c.Sent, c.Arrived) {
		if json.Unmarshal([]byte(d.run.History[i].Message.Body), &told) == nil && told.Name != "" {
			return "“" + told.Name + "” of " + told.Reference
		}
	}
	return c.Method + " " + model.WithoutQuery(c.Path)
}

// storm: the provider refused calls because there were too many.
func (d *detective) storm() {
	var refused []int
	sent := 0
	for i, e := range d.run.History {
		if e.Message == nil || e.Message.Hop != observe.ProviderHop {
			continue
		}
		if e.Kind == observe.Sent {
			sent++
		}
		if e.Kind == observe.Received && e.Message.Status == 429 {
			refused = append(refused, i)
		}
	}
	if len(refused) > 0 {
		d.find(refused, "The provider refused %d of the shop’s %s as too many (429).", len(refused), model.Number(sent, "call"))
	}
}

// missedInjections: what was to go wrong did not.
func (d *detective) missedInjections() {
	for i := range d.run.Schedule {
		why := d.run.WithoutEffect(i)
		if why == "" {
			continue
		}
		var evidence []int
		for _, at := range []int{model.FateOf(d.run, i).First, model.FateOf(d.run, i).Heal} {
			if at >= 0 {
				evidence = append(evidence, at)
			}
		}
		d.find(evidence, "%s.", capital(why))
	}
}

// capital begins a sentence.
func capital(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	if size == 0 {
		return "Somebody"
	}
	return string(unicode.ToUpper(first)) + word[size:]
}
