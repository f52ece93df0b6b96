package main

import (
	"log"
	"math/rand/v2"
	"time"

	"shops/journal"
	"shops/partners"
)

// order is what the journal has of an order. Its status says what the shop is
// about to do, and was written down before it did it.
type order struct {
	ID     string `json:"id"`
	Basket string `json:"basket"`
	Status string `json:"status"`

	failures int // in a row
}

// Statuses of an order, in their order.
const (
	paying    = "paying"
	capturing = "capturing"
	shipping  = "shipping"
	shipped   = "shipped"
	refused   = "refused"
)

// desk is the one goroutine that owns all orders. Nothing needs a lock, since
// every request about an order sends the desk a note: a customer who puts
// or asks, and a call that came back. The desk itself never waits for a call.
type desk struct {
	*partners.Partners
	journal *journal.Journal[order]
	orders  map[string]*order
	notes   chan func()
	every   time.Duration // between two looks at a payment
	backOff struct{ first, most time.Duration }
}

// run goes on with what the last life has left, and then does what notes say.
func (d *desk) run() {
	for _, o := range d.orders {
		d.next(o)
	}
	for note := range d.notes {
		note()
	}
}

// put takes an order, once, and says how it stands.
func (d *desk) put(id, basket string) string {
	return d.ask(func() string {
		if o := d.orders[id]; o != nil {
			return o.Status
		}
		o := &order{ID: id, Basket: basket}
		d.orders[id] = o
		d.move(o, paying)
		return o.Status
	})
}

// status says how an order stands; "": there is none.
func (d *desk) status(id string) string {
	return d.ask(func() string {
		if o := d.orders[id]; o != nil {
			return o.Status
		}
		return ""
	})
}

func (d *desk) ask(question func() string) string {
	answer := make(chan string, 1)
	d.notes <- func() { answer <- question() }
	return <-answer
}

// move writes down where an order stands, and does what is to be done there. A
// desk that cannot write must not act: it ends, and the next life reads on.
func (d *desk) move(o *order, to string) {
	o.Status, o.failures = to, 0
	if err := d.journal.Write(o); err != nil {
		log.Fatal("the journal cannot be written: ", err)
	}
	d.next(o)
}

// next lets the call that an order needs be made, and has its outcome sent to
// the desk. A call looks before it acts, so that it can be made as often as need
// be; it says where the order stands next, or "" where it stands as before.
func (d *desk) next(o *order) {
	call := map[string]func(order) (string, error){paying: d.pay, capturing: d.capture, shipping: d.ship}[o.Status]
	if call == nil {
		return
	}
	asked := *o // the desk's own is the desk's alone
	go func() {
		to, err := call(asked)
		d.notes <- func() { d.cameBack(o, to, err) }
	}()
}

func (d *desk) cameBack(o *order, to string, err error) {
	switch {
	case err != nil:
		// Perhaps it happened, perhaps not: look again, later each time, and not
		// all orders at the same moment.
		pause := min(d.backOff.most, d.backOff.first<<min(o.failures, 10))
		o.failures++
		d.later(o, pause/2+rand.N(pause/2+1))
	case to != "":
		d.move(o, to)
	default:
		o.failures = 0
		d.later(o, d.every)
	}
}

func (d *desk) later(o *order, pause time.Duration) {
	time.AfterFunc(pause, func() { d.notes <- func() { d.next(o) } })
}

func (d *desk) pay(o order) (string, error) {
	payment, err := d.Look(o.ID)
	switch {
	case partners.NotFound(err):
		return "", d.Create(o.ID) // nothing of it got there
	case err != nil:
		return "", err
	case payment.State == "AUTHORIZED":
		return capturing, nil
	case payment.State == "ABORTED", payment.State == "EXPIRED", payment.State == "TERMINATED":
		return refused, nil
	}
	return "", nil
}

func (d *desk) capture(o order) (string, error) {
	payment, err := d.Look(o.ID)
	if err != nil {
		return "", err
	}
	switch captured := payment.Aggregate.CapturedAmount; {
	case captured == nil:
		return "", nil // it does not say, which is no reason to take it
	case captured.Value == partners.Price.Value:
		return shipping, nil
	case captured.Value == 0:
		return "", d.Capture(o.ID) // and look whether it is so
	}
	return "", nil
}

func (d *desk) ship(o order) (string, error) { return shipped, d.Ship(o.ID, o.Basket) }
