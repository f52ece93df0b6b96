package providertest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Rule is one thing that every provider does.
type Rule struct {
	Name  string
	with  func(*provider.Config)
	holds func(*desk) error
}

// Run runs the whole list.
func Run(t *testing.T, s Subject) {
	for _, rule := range Rules() {
		t.Run(strings.ReplaceAll(rule.Name, " ", "-"), func(t *testing.T) {
			if err := Broken(t, s, rule); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Broken says how a provider breaks a rule, or nil.
func Broken(t *testing.T, s Subject, rule Rule) (err error) {
	synctest.Test(t, func(*testing.T) {
		var d *desk
		if d, err = s.open(rule.with); err != nil {
			return
		}
		defer d.made.Close()
		if err = rule.holds(d); err == nil {
			err = d.atRest()
		}
	})
	return err
}

// atRest is what holds when all is over: nothing is due, and both ends of each message
// were told.
func (d *desk) atRest() error {
	d.rests()
	due, any := d.made.NextDue()
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case any:
		return fmt.Errorf("something is still due at %s", due.Format(time.RFC3339))
	case d.messages[observe.Arrived] == 0 || d.messages[observe.Arrived] != d.messages[observe.Answered]:
		return fmt.Errorf("%d requests were told of and %d answers", d.messages[observe.Arrived], d.messages[observe.Answered])
	}
	return nil
}

func never(c *provider.Config) { c.ApproveAfter = -1 }

const (
	made  = "created 49900"
	held  = "authorized 49900"
	taken = "captured 49900"
	back  = "refunded 49900"
)

// Rules are the whole list.
func Rules() []Rule {
	return []Rule{
		{"a purchase is one charge", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			if err != nil {
				return err
			}
			d.ask(d.Capture(payment, price), "")
			for _, e := range d.ledger {
				if e.Reference != payment || e.Currency != currency {
					return fmt.Errorf("the ledger has %+v of the payment %q", e, payment)
				}
			}
			return d.is(made, held, taken)
		}},
		{"what is told is the ledger", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price), "")
			d.ask(d.Refund(payment, price), "")
			kept, keeps := d.made.(interface{ Ledger() []observe.Entry })
			if keeps && fmt.Sprint(kept.Ledger()) != fmt.Sprint(d.ledger) {
				return fmt.Errorf("told is %v, the ledger is %v", d.ledger, kept.Ledger())
			}
			return errors.Join(err, d.is(made, held, taken, back))
		}},
		{"a key acts once", nil, keyActsOnce},
		{"a key acts once for many at the same time", nil, keyActsOnceForMany},
		{"a key is bound to its request", nil, func(d *desk) error {
			d.ask(d.Create("order-0001", price), "k")
			status, body := d.ask(d.Create("order-0001", price+100), "k")
			if status < 400 {
				return fmt.Errorf("another body under the key is answered %d %s", status, body)
			}
			return d.is(made, held)
		}},
		{"no more is captured than was held", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price+1), "")
			return errors.Join(err, d.is(made, held))
		}},
		{"nothing is captured twice", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price), "")
			d.ask(d.Capture(payment, price), "")
			return errors.Join(err, d.is(made, held, taken))
		}},
		{"nothing is captured before she approves", never, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price), "")
			return errors.Join(err, zero(d, observe.MoneyCaptured, observe.MoneyAuthorized))
		}},
		{"nothing is captured that she declined", func(c *provider.Config) { c.Declines = 1 }, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price), "")
			return errors.Join(err, zero(d, observe.MoneyCaptured, observe.MoneyAuthorized))
		}},
		{"a cancel releases what is held", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Cancel(payment), "")
			d.ask(d.Capture(payment, price), "")
			d.ask(d.Cancel(payment), "")
			return errors.Join(err, d.is(made, held, "cancelled 49900"))
		}},
		{"a cancel after a capture changes nothing", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Capture(payment, price), "")
			d.ask(d.Cancel(payment), "")
			return errors.Join(err, d.is(made, held, taken))
		}},
		{"no more is refunded than was captured", nil, func(d *desk) error {
			payment, err := d.pays("order-0001")
			d.ask(d.Refund(payment, price), "") // nothing is captured yet
			d.ask(d.Capture(payment, price), "")
			d.ask(d.Refund(payment, price+1), "")
			d.ask(d.Refund(payment, 20000), "")
			d.ask(d.Refund(payment, 30000), "")
			d.ask(d.Refund(payment, 29900), "")
			d.ask(d.Refund(payment, 100), "")
			return errors.Join(err, d.is(made, held, taken, "refunded 20000", "refunded 29900"))
		}},
		{"a payment that is not there cannot be changed", nil, func(d *desk) error {
			for _, r := range []*http.Request{d.Capture("nobody-0001", price), d.Cancel("nobody-0001"), d.Refund("nobody-0001", price)} {
				if status, body := d.ask(r, ""); status < 400 {
					return fmt.Errorf("%s is answered %d %s", r.URL, status, body)
				}
			}
			return d.is()
		}},
		{"who has no key is refused", nil, func(d *desk) error {
			d.entries = nil
			if status, body := d.ask(d.Create("order-0001", price), ""); status != 401 && status != 403 {
				return fmt.Errorf("a stranger is answered %d %s", status, body)
			}
			return d.is()
		}},
		{"an answer that is cut leaves the ledger right", nil, cutAnswer},
		decides("she approves late", provider.Decision{Late: time.Minute}, made, held),
		anotherCard,
		decides("she declines", provider.Decision{Declines: true}, made),
		decides("she never answers", provider.Decision{Never: true}, made),
		rejectingBank,
		{"notices are signed and come until taken", nil, signedNotices},
		{"ids do not depend on the order of requests", nil, sameIDs},
		{"nothing happens after the end", func(c *provider.Config) { c.ApproveAfter = 3 * time.Second }, func(d *desk) error {
			d.serve(httptest.NewRecorder(), d.Create("order-0001", price), "k")
			d.made.Close()
			time.Sleep(48 * time.Hour)
			return d.is(made)
		}},
	}
}

// decides is the rule that a customer's decision takes the place of her yes, and is told
// once. begins is how the ledger begins; of a payment that she does not approve, nothing is
// ever held.
func decides(name string, what provider.Decision, begins ...string) Rule {
	took := 0
	what.Took = func() { took++ }
	asked := 0
	return Rule{name, func(c *provider.Config) {
		took, asked = 0, 0
		c.ApproveAfter = 3 * time.Second
		c.Decides = func(string) provider.Decision { asked++; return what }
	}, func(d *desk) error {
		_, err := d.pays("order-0001")
		got := d.books()
		switch {
		case err != nil:
			return err
		case took != 1 || asked != 1:
			return fmt.Errorf("the decision was asked for %d times and told %d times", asked, took)
		case what.Late > 0 && d.heldAfter() < 3*time.Second+what.Late:
			return fmt.Errorf("the money was held after %s, and she was to approve it %s late", d.heldAfter(), what.Late)
		case len(got) < len(begins) || !slices.Equal(got[:len(begins)], begins) || len(begins) == 1 && slices.Contains(got, held):
			return fmt.Errorf("the ledger is %q, and begins with %q", got, begins)
		}
		return nil
	}}
}

// anotherCard is the rule that a card which is declined moves no money, and that she pays with
// another one where she may.
var anotherCard = Rule{"her card is declined and another one is good", func(c *provider.Config) {
	c.ApproveAfter = 3 * time.Second
	c.Decides = func(string) provider.Decision { return provider.Decision{CardDeclined: provider.NoFunds} }
}, func(d *desk) error {
	_, err := d.pays("order-0001")
	switch want := []string{made, "declined 49900", held}; {
	case err != nil:
		return err
	case len(d.Kind.CardCodes) == 0: // she may not, and nobody asks for it
		return nil
	case !slices.Contains(d.Kind.CardCodes, provider.NoFunds):
		return fmt.Errorf("the codes are %q, without %q", d.Kind.CardCodes, provider.NoFunds)
	case d.heldAfter() < 3*time.Second+provider.OtherCardAfter:
		return fmt.Errorf("the money was held after %s, and she looked for another card for %s", d.heldAfter(), provider.OtherCardAfter)
	default:
		return d.is(want...)
	}
}}

// rejectingBank is the rule that a bank which is said to reject the first capture does so
// after the provider has received it, that the shop is told, and that the next one is made.
var rejectingBank = Rule{"a bank rejects the first capture and no other", func(c *provider.Config) { c.Bank = observe.RejectingBank }, func(d *desk) error {
	for _, bank := range d.Kind.Banks {
		if bank != observe.RejectingBank {
			return fmt.Errorf("no rule says what a bank does that is %s", bank)
		}
	}
	payment, err := d.pays("order-0001")
	if err != nil || len(d.Kind.Banks) == 0 { // nobody asks for it
		return err
	}
	told := len(d.hooks)
	status, body := d.ask(d.Capture(payment, price), "")
	switch {
	case status >= 300:
		return fmt.Errorf("the capture is refused at once: %d %s", status, body)
	case len(d.hooks) == told && len(d.Kind.Routes.Of(observe.GetPayment)) == 0:
		return errors.New("the capture is rejected, and nobody is told")
	}
	if err := d.is(made, held); err != nil {
		return err
	}
	d.ask(d.Capture(payment, price), "")
	return d.is(made, held, taken)
}}

// heldAfter is how long after the beginning money was held.
func (d *desk) heldAfter() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.held.Sub(d.began)
}

func zero(d *desk, ops ...observe.EntryOp) error {
	for _, op := range ops {
		if n := d.sum(op); n != 0 {
			return fmt.Errorf("%d are %s", n, op)
		}
	}
	return nil
}

func keyActsOnce(d *desk) error {
	payment := ""
	for _, step := range []struct {
		name string
		make func() *http.Request
		want []string
	}{
		{"create", func() *http.Request { return d.Create("order-0001", price) }, []string{made, held}},
		{"capture", func() *http.Request { return d.Capture(payment, price) }, []string{made, held, taken}},
		{"refund", func() *http.Request { return d.Refund(payment, price) }, []string{made, held, taken, back}},
	} {
		var first string
		for i, r := range again(step.make) {
			status, body := d.ask(r, step.name)
			if answer := fmt.Sprint(status, " ", body); i == 0 {
				first = answer
			} else if answer != first || status >= 300 {
				return fmt.Errorf("%s twice is answered %s, then %s", step.name, first, answer)
			}
			payment = d.ledger[0].Reference
		}
		if err := d.is(step.want...); err != nil {
			return fmt.Errorf("%s twice: %w", step.name, err)
		}
	}
	return nil
}

func keyActsOnceForMany(d *desk) error {
	atOnce := func(make func() *http.Request, key string) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { d.serve(httptest.NewRecorder(), make(), key) })
		}
		all.Wait()
		d.rests()
	}
	atOnce(func() *http.Request { return d.Create("order-0001", price) }, "create")
	if err := d.is(made, held); err != nil {
		return err
	}
	payment := d.ledger[0].Reference
	atOnce(func() *http.Request { return d.Capture(payment, price) }, "capture")
	return d.is(made, held, taken)
}

// cutWriter is a connection that is reset when the answer begins.
type cutWriter struct{ header http.Header }

func (c cutWriter) Header() http.Header       { return c.header }
func (c cutWriter) WriteHeader(int)           {}
func (c cutWriter) Write([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

func cutAnswer(d *desk) error {
	payment := ""
	for _, step := range []struct {
		name string
		make func() *http.Request
	}{
		{"create", func() *http.Request { return d.Create("order-0001", price) }},
		{"capture", func() *http.Request { return d.Capture(payment, price) }},
	} {
		d.serve(cutWriter{http.Header{}}, step.make(), step.name)
		d.rests()
		if status, body := d.ask(step.make(), step.name); status >= 300 {
			return fmt.Errorf("after a cut answer, %s is answered %d %s", step.name, status, body)
		}
		payment = d.ledger[0].Reference
	}
	return d.is(made, held, taken)
}

func signedNotices(d *desk) error {
	d.refuses = 3
	payment, err := d.pays("order-0001")
	if err != nil {
		return err
	}
	d.ask(d.Capture(payment, price), "")
	secret := d.made.Facts()[provider.WebhookSecret]
	if len(d.hooks) < 5 { // two at the least, and three were refused
		return fmt.Errorf("%d webhooks came, of which 3 were refused", len(d.hooks))
	}
	bodies := map[string]int{}
	for _, h := range d.hooks {
		bodies[string(h.body)]++
		if err := d.Verify(h.request, h.body, secret); err != nil {
			return fmt.Errorf("a webhook of the provider is taken for a forgery: %w: %s", err, h.body)
		}
		forged := []byte(strings.ReplaceAll(string(h.body), "499", "500"))
		if d.Verify(altered(h.request, forged), forged, secret) == nil {
			return fmt.Errorf("a webhook with another amount is not found out: %s", forged)
		}
		other := strings.Map(func(c rune) rune {
			if c == '0' {
				return '1'
			}
			return c
		}, secret) + "0a"
		if d.Verify(h.request, h.body, other) == nil {
			return errors.New("a webhook that another secret signed is not found out")
		}
	}
	repeated := 0
	for _, n := range bodies {
		repeated += n - 1
	}
	if repeated != 3 {
		return fmt.Errorf("3 webhooks were refused, and %d came again", repeated)
	}
	return nil
}

func sameIDs(d *desk) error {
	ids := func(references ...string) (list []string, err error) {
		other, err := d.open(nil)
		if err != nil {
			return nil, err
		}
		defer other.made.Close()
		for _, reference := range references {
			if status, body := other.ask(other.Create(reference, price), "key-"+reference); status >= 300 {
				return nil, fmt.Errorf("a payment is refused: %d %s", status, body)
			}
		}
		for _, e := range other.ledger {
			list = append(list, e.Reference)
		}
		slices.Sort(list)
		return list, nil
	}
	one, err := ids("order-0001", "order-0002")
	two, err2 := ids("order-0002", "order-0001")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	if !slices.Equal(one, two) {
		return fmt.Errorf("the ids are %q, and %q in another order of requests", one, two)
	}
	d.ask(d.Create("order-0001", price), "")
	return nil
}
