package main

import (
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"shops/journal"
	"shops/partners"
)

// order is what the journal has of an order. Its status says what the shop is
// about to do, and was written down before it did it.
type order struct {
	ID        string    `json:"id"`
	Basket    string    `json:"basket"`
	Reference string    `json:"reference"` // of its payment
	Status    string    `json:"status"`
	Since     time.Time `json:"since"`
	Life      string    `json:"life"` // of the shop that took it

	failures int // in a row
}

// Statuses of an order. A refused capture leads from capturing to cancelling.
const (
	paying     = "paying"
	capturing  = "capturing"
	shipping   = "shipping"
	shipped    = "shipped"
	refused    = "refused"
	cancelling = "cancelling"
	cancelled  = "cancelled"
)

func isOver(status string) bool { return status == shipped || status == refused || status == cancelled }

// desk is the one goroutine that owns all orders, as in the mended shop.
type desk struct {
	*partners.Partners
	journal *journal.Journal[order]
	orders  map[string]*order
	done    map[string]string // orders that are over and out of the way: id → status
	notes   chan func()
	life    string        // another one each time that the shop starts
	every   time.Duration // between two looks at a payment
	slow    time.Duration // a payment that takes longer
	backOff struct{ first, most time.Duration }
}

// run goes on with what the last life has left, and then does what notes say.
func (d *desk) run() {
	for _, o := range d.orders {
		resumes := o.Status == paying || o.Status == capturing || o.Status == cancelling
		if resumes || !defect("shipping-not-resumed") && o.Status == shipping {
			d.next(o)
		}
		if isOver(o.Status) && either("orders-of-the-last-life") {
			delete(d.orders, o.ID) // nobody asks for them any more
			if twin("orders-of-the-last-life") {
				d.done[o.ID] = o.Status
			}
		}
	}
	for note := range d.notes {
		note()
	}
}

// put takes an order, once, and says how it stands.
func (d *desk) put(id, basket string) *order {
	return d.ask(func() *order {
		o := d.orders[id]
		if status := d.done[id]; o == nil && status != "" && !defect("finished-order-forgotten") {
			return &order{ID: id, Status: status}
		}
		again := defect("payment-per-submit") && o != nil && o.Status == paying ||
			twin("payment-per-submit") && o != nil && o.Status == refused
		switch {
		case again: // she starts over
			o.Reference = newReference(id)
			d.move(o, paying)
		case o == nil:
			o = &order{ID: id, Basket: basket, Reference: newReference(id), Since: time.Now(), Life: d.life}
			d.orders[id] = o
			d.move(o, paying)
		}
		return o
	})
}

func newReference(id string) string { return fmt.Sprintf("%s-%08x", id, rand.Uint32()) }

// order is how an order stands; nil: there is none.
func (d *desk) order(id string) *order {
	return d.ask(func() *order {
		if o := d.orders[id]; o != nil {
			return o
		}
		if status := d.done[id]; status != "" {
			return &order{ID: id, Status: status}
		}
		return nil
	})
}

// ask gives a copy of the desk's order.
func (d *desk) ask(question func() *order) *order {
	answer := make(chan *order, 1)
	d.notes <- func() {
		o := question()
		if o != nil {
			own := *o
			o = &own
		}
		answer <- o
	}
	return <-answer
}

// move writes down where an order stands, and does what is to be done there.
func (d *desk) move(o *order, to string) {
	o.Status, o.failures = to, 0
	if err := d.journal.Write(o); err != nil {
		log.Fatal("the journal cannot be written: ", err)
	}
	if isOver(to) && either("finished-order-forgotten") {
		delete(d.orders, o.ID) // the desk is for those that are under way
		d.done[o.ID] = to
	}
	d.next(o)
}

// next lets the call that an order needs be made, and has its outcome sent to
// the desk. A call looks before it acts, so that it can be made as often as need
// be; it says where the order stands next, or "" where it stands as before.
func (d *desk) next(o *order) {
	call := map[string]func(*order) (string, error){
		paying: d.pay, capturing: d.capture, shipping: d.ship, cancelling: d.cancel,
	}[o.Status]
	if call == nil {
		return
	}
	asked, own := *o, *o // the desk's own is the desk's alone
	go func() {
		to, err := call(&own)
		d.notes <- func() { d.cameBack(o, asked, own.Reference, to, err) }
	}()
}

func (d *desk) cameBack(o *order, asked order, reference, to string, err error) {
	switch {
	case o.Status != asked.Status || o.Reference != asked.Reference: // something else was first
	case err != nil:
		o.failures++
		if o.Status == capturing && o.failures == 3 && either("refused-while-reserved") {
			d.move(o, map[bool]string{true: refused, false: cancelling}[defect("refused-while-reserved")])
			return
		}
		d.later(o, d.pause(o.failures-1))
	case to != "":
		o.Reference = reference
		d.move(o, to)
	default:
		o.failures = 0
		d.later(o, d.every)
	}
}

// pause is how long to wait after failures: longer each time, and not all orders the
// same time.
func (d *desk) pause(failures int) time.Duration {
	first := d.backOff.first
	if either("retry-without-pause") {
		first /= 10
	}
	if defect("retry-without-pause") {
		return first
	}
	pause := min(d.backOff.most, first<<min(failures, 10))
	return pause/2 + rand.N(pause/2+1)
}

func (d *desk) later(o *order, pause time.Duration) {
	time.AfterFunc(pause, func() { d.notes <- func() { d.next(o) } })
}

// The order of the steps; a parcel may be booked before the money is taken.
func after(status string) string {
	steps := []string{paying, capturing, shipping, shipped}
	if either("parcel-before-capture") {
		steps = []string{paying, shipping, capturing, shipped}
	}
	for i, step := range steps[:3] {
		if step == status {
			return steps[i+1]
		}
	}
	return ""
}

func (d *desk) pay(o *order) (string, error) {
	payment, err := d.Look(o.Reference)
	switch {
	case partners.NotFound(err):
		return d.create(o) // nothing of it got there
	case err != nil:
		return "", err
	case payment.State == "AUTHORIZED":
		return after(paying), nil
	case isGone(payment):
		return refused, nil
	}
	return "", nil
}

func (d *desk) create(o *order) (string, error) {
	err := d.Create(o.Reference)
	var r partners.Refused
	if !errors.As(err, &r) || r.Status < 500 || !either("new-payment-on-5xx") {
		return "", err
	}
	if twin("new-payment-on-5xx") {
		if payment, failed := d.Look(o.Reference); failed != nil || !isGone(payment) {
			return "", err
		}
	}
	o.Reference = newReference(o.ID) // that one is spoilt
	return paying, nil
}

// isGone says whether a payment is over, and nothing was reserved.
func isGone(p partners.Payment) bool {
	return p.State == "ABORTED" || p.State == "EXPIRED" || p.State == "TERMINATED"
}

func (d *desk) capture(o *order) (string, error) {
	payment, err := d.Look(o.Reference)
	if err != nil {
		return "", err
	}
	switch captured := payment.Aggregate.CapturedAmount; {
	case captured == nil:
		return "", nil // it does not say, which is no reason to take it
	case captured.Value == partners.Price.Value:
		return after(capturing), nil
	case captured.Value == 0:
		err := d.Capture(o.Reference) // and look whether it is so
		if partners.SaysNo(err) && !twin("parcel-before-capture") {
			return cancelling, nil
		}
		return "", err
	}
	return "", nil
}

// cancel releases the money. Where it was taken after all, the order goes on.
func (d *desk) cancel(o *order) (string, error) {
	payment, err := d.Look(o.Reference)
	captured, released := payment.Aggregate.CapturedAmount, payment.Aggregate.CancelledAmount
	switch {
	case err != nil:
		return "", err
	case captured == nil || released == nil:
		return "", nil
	case captured.Value == partners.Price.Value:
		return after(capturing), nil
	case released.Value == partners.Price.Value:
		return cancelled, nil
	}
	err = d.Cancel(o.Reference)
	if either("cancel-sent-once") {
		log.Print("cancel: ", err)
		return map[bool]string{true: cancelled}[defect("cancel-sent-once")], nil
	}
	return "", err
}

func (d *desk) ship(o *order) (string, error) {
	key := "ship-" + o.ID
	switch {
	case defect("parcel-key-per-life"):
		key += "-" + d.life
	case twin("parcel-key-per-life"):
		key += "-" + o.Life
	}
	return after(shipping), d.ShipAs(key, o.ID, o.Basket)
}
