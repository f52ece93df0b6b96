package shipping

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/books"
	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Config is what a Carrier is made of. Rand and See must be given.
type Config struct {
	// Refuse says which baskets cannot be shipped, ever. Nil refuses none. It
	// is called under the Carrier's lock and must return at once.
	Refuse func(basket string) bool

	// HandOverAfter is how long after booking a parcel leaves the house and can
	// no longer be called off, in story time. Zero: never.
	HandOverAfter time.Duration

	// Speed divides HandOverAfter. 0 and 1 are true time.
	Speed int

	// Rand is read once, by New. Ids are derived from what it gave and from the
	// keys, so that they do not depend on the order of requests.
	Rand io.Reader

	// See is told of every message, and of every change of a parcel at the
	// moment of its commit: before the answer goes out, in the ledger's order.
	// It may block; it must not wait for another change of a parcel.
	See observe.Observer
}

// Carrier is a fake carrier. It is safe for concurrent use.
type Carrier struct {
	cfg      Config
	seed     books.Seed
	contract *contract.Contract
	handler  http.Handler
	work     sync.WaitGroup

	mu      sync.Mutex // guards what follows; never held across waiting or See
	closed  bool
	busy    time.Time // since when parcels are being handed over; zero: none are
	timer   *time.Timer
	books   *books.Books
	parcels []*parcel // in the order of booking, which is that of handing over
	waiting []*parcel // the booked ones among them
	keys    map[string]kept
}

// parcel is one booking.
type parcel struct {
	id, reference, basket, key string
	state                      observe.EntryOp // the last one
	leaves                     time.Time       // zero: never
}

// New makes a Carrier. It starts nothing before the first booking.
func New(cfg Config) (*Carrier, error) {
	switch {
	case cfg.Rand == nil || cfg.See == nil:
		return nil, errors.New("shipping: Rand and See must be given")
	case cfg.Speed < 0:
		return nil, fmt.Errorf("shipping: Speed %d is negative", cfg.Speed)
	case cfg.HandOverAfter < 0:
		return nil, fmt.Errorf("shipping: HandOverAfter %v is negative", cfg.HandOverAfter)
	}
	held, err := loadContract()
	if err != nil {
		return nil, fmt.Errorf("shipping: openapi.yaml: %w", err)
	}
	seed, err := books.ReadSeed(cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("shipping: %w", err)
	}
	cfg.Speed = max(cfg.Speed, 1)
	c := &Carrier{
		cfg: cfg, seed: seed, contract: held,
		keys: make(map[string]kept),
	}
	c.books = books.Open(books.Books{Actor: "carrier", Kind: observe.Parcel, See: cfg.See, Lock: &c.mu})
	c.handler = held.Hold(contract.Server{
		Actor: "carrier", Hop: observe.ShippingHop, See: cfg.See, Answer: c.serve,
		Broken: func(_ *http.Request, text string) answer { return problem(http.StatusInternalServerError, text) },
	})
	return c, nil
}

// Close hands nothing over any more and waits until nothing of the Carrier runs
// by itself. Requests are still answered: their server is the caller's.
func (c *Carrier) Close() {
	c.mu.Lock()
	c.closed = true
	c.arm()
	c.mu.Unlock()
	c.work.Wait()
}

// Ledger is a copy of the books: every change of a parcel, in order.
func (c *Carrier) Ledger() []observe.Entry { return c.books.Ledger() }

// NextDue is when the next parcel will be handed over. While one is, it is the
// time when that began, which is not in the future.
func (c *Carrier) NextDue() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.busy.IsZero():
		return c.busy, true
	case c.closed || len(c.waiting) == 0 || c.waiting[0].leaves.IsZero():
		return time.Time{}, false
	}
	return c.waiting[0].leaves, true
}

// move changes a parcel's state in the books. The lock is held, here and below.
func (c *Carrier) move(p *parcel, to observe.EntryOp) {
	p.state = to
	if to != observe.ParcelBooked {
		c.waiting = slices.DeleteFunc(c.waiting, func(other *parcel) bool { return other == p })
	}
	c.books.Record(observe.Entry{
		Op: to, Reference: p.reference, Key: p.key, Basket: p.basket,
	})
	c.arm()
}

// arm sets the one timer to the next parcel that leaves, or stops it.
func (c *Carrier) arm() {
	leaves := !c.closed && len(c.waiting) > 0 && !c.waiting[0].leaves.IsZero()
	switch {
	case !leaves && c.timer != nil:
		c.timer.Stop()
	case leaves && c.timer == nil:
		c.timer = time.AfterFunc(time.Until(c.waiting[0].leaves), c.handOver)
	case leaves:
		c.timer.Reset(time.Until(c.waiting[0].leaves))
	}
}

// handOver gives away what is due.
func (c *Carrier) handOver() {
	c.mu.Lock()
	if c.closed || !c.busy.IsZero() { // the one that is at it arms the timer again
		c.mu.Unlock()
		return
	}
	c.work.Add(1)
	c.busy = time.Now()
	c.mu.Unlock()
	defer c.work.Done()

	c.books.Commit(func(now time.Time) {
		for len(c.waiting) > 0 && !c.waiting[0].leaves.IsZero() && !c.waiting[0].leaves.After(now) {
			c.move(c.waiting[0], observe.ParcelHandedOver)
		}
	})
	c.mu.Lock()
	c.busy = time.Time{}
	c.arm()
	c.mu.Unlock()
}

// id names the parcel that was booked with a key. A key books one at most.
func (c *Carrier) id(key string) string {
	h := hmac.New(sha256.New, c.seed)
	h.Write([]byte(key))
	return fmt.Sprintf("parcel-%x", h.Sum(nil)[:8])
}
