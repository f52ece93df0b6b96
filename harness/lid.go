package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
)

// lid is the lid of a customer's computer. Her script and the injector may both have closed
// it: it is open when both have opened it.
type lid struct {
	// turning has a place for one who closes or opens it: the next one waits until all pages
	// have heard of that. Virtual time goes on meanwhile, which it would not for a mutex.
	turning chan struct{}

	mu     sync.Mutex
	tabs   []environment.Tab
	closed int
	opened chan struct{} // closed while it is open
}

func newLid() *lid {
	l := &lid{turning: make(chan struct{}, 1), opened: make(chan struct{})}
	close(l.opened)
	return l
}

// has tells of one more tab on the computer.
func (l *lid) has(tab environment.Tab) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tabs = append(l.tabs, tab)
}

// turn closes it once more, or opens it once, and returns the tabs for which that changes
// something.
func (l *lid) turn(by int) (tabs []environment.Tab) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.closed
	l.closed += by
	if (before == 0) == (l.closed == 0) {
		return nil
	}
	if l.closed == 0 {
		close(l.opened)
	} else {
		l.opened = make(chan struct{})
	}
	return l.tabs
}

func (l *lid) opens() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.opened
}

// ClosesLid lets her close the lid of her computer, and open it after d. Meanwhile her pages
// do nothing and their connections are dead; then they go on with what they remember, and
// every timer that ran out is due at once.
func (c *Customer) ClosesLid(d time.Duration) {
	c.stage.must(c.closesLid())
	c.stage.Waits(d)
	c.stage.must(c.opensLid())
}

func (c *Customer) closesLid() error {
	c.lid.turning <- struct{}{}
	defer func() { <-c.lid.turning }()
	tabs := c.lid.turn(+1)
	c.tells(observe.ClosesLid)
	for _, tab := range tabs {
		page, can := tab.(environment.Lid)
		if !can {
			return fmt.Errorf("%s closes the lid, and this kind of page is on no computer that has one", c.name)
		}
		if err := page.CloseLid(); err != nil {
			return fmt.Errorf("%s closes the lid: %w", c.name, err)
		}
	}
	return nil
}

func (c *Customer) opensLid() error {
	c.lid.turning <- struct{}{}
	defer func() { <-c.lid.turning }()
	c.tells(observe.OpensLid)
	for _, tab := range c.lid.turn(-1) {
		if err := tab.(environment.Lid).OpenLid(); err != nil {
			return fmt.Errorf("%s opens the lid: %w", c.name, err)
		}
	}
	return nil
}

// tells of what happens to her computer, whichever tab she sits at.
func (c *Customer) tells(what observe.Verb) {
	c.stage.recorder.See(observe.Event{Actor: c.name, Kind: observe.Action, Act: &observe.Act{Does: what, Basket: c.basket}})
}

// awaitsLid waits until her lid is open: before that, she can do nothing. It says whether
// the lid was closed.
func (c *Customer) awaitsLid() (was bool) {
	for {
		opened := c.lid.opens()
		select {
		case <-opened:
			return was
		default:
			was = true
		}
		select {
		case <-opened:
		case <-c.stage.ctx.Done():
			c.stage.must(context.Cause(c.stage.ctx))
		}
	}
}

// backend is the environment, and the customers on the stage with their computers.
type backend struct {
	environment.Environment
	stage *Stage
}

// CloseLid implements injection.Lids.
func (b backend) CloseLid(customer string) (open func() error, err error) {
	b.stage.mu.Lock()
	theirs := slices.Clone(b.stage.customers)
	b.stage.mu.Unlock()
	theirs = slices.DeleteFunc(theirs, func(c *Customer) bool { return customer != "" && c.name != customer })
	return func() error { return each(theirs, (*Customer).opensLid) }, each(theirs, (*Customer).closesLid)
}

func each(customers []*Customer, do func(*Customer) error) (err error) {
	for _, c := range customers {
		err = errors.Join(err, do(c))
	}
	return err
}
