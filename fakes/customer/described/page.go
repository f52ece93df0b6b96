package described

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// page is one loaded page.
type page struct {
	tab    *Tab
	basket string

	amount   int64  // in minor units
	due      *int64 // nil: the amount
	currency string

	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup // submits and looks

	ofOrder bool        // it has nothing to buy with, and tells of the order
	ordered atomic.Bool // it sent one

	mu      sync.Mutex
	known   variables
	shown   View
	told    bool // an outcome is on the screen; nothing less replaces it
	looking bool // one loop looks after the order, however many clicks
	sending int  // submits that have no answer yet
	heard   bool // one had an answer that the page has words for
}

// undescribed is an error of the description, not of the network.
type undescribed struct{ error }

func (e undescribed) Unwrap() error { return e.error }

// Is lets the error be a customer.ErrUndescribed.
func (e undescribed) Is(target error) bool { return target == customer.ErrUndescribed }

// maxBody is how much of an answer a page takes in.
const maxBody = 4 << 20

// knows is what the page knows by now. An answer may tell it more at any time.
func (p *page) knows() variables {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.known)
}

// opened says what the loaded page says. One that is loaded while the order is
// under way looks after it.
func (p *page) opened(a answer) {
	view, has := p.words(a)
	if !has {
		p.show(ready)
		return
	}
	p.show(view)
	if view.Says == checking.Says {
		p.work.Go(p.look)
	}
}

// hears puts on the screen what a stream says while it comes, until it tells an
// outcome.
func (p *page) hears(a answer) (enough bool) {
	view, has := p.words(a)
	if !has {
		return false
	}
	p.show(view)
	return view.Says.IsOutcome()
}

func (p *page) words(a answer) (View, bool) {
	for _, s := range p.tab.FrontEnd.Screens {
		if s.fits(a) {
			return s.View, true
		}
	}
	return View{}, false
}

// show puts a view up, unless it is there already or says less.
func (p *page) show(v View) {
	p.mu.Lock()
	outcome := v.Says.IsOutcome()
	same := v == p.shown || p.told && !outcome
	if !same {
		p.shown, p.told = v, outcome
	}
	p.mu.Unlock()
	if !same {
		p.tab.Shows(observe.View{Says: v.Says, Text: v.Text, Basket: p.basket})
	}
}

// submit is what a click does.
func (p *page) submit() {
	f := p.tab.FrontEnd
	p.mu.Lock()
	p.told = false // what it told before is of another click, or of another order
	p.mu.Unlock()
	p.show(waiting)
	if f.Silence > 0 {
		p.work.Go(p.speakUp)
	}
	p.deliver()
	p.look()
}

// deliver sends the order and says what came of it.
func (p *page) deliver() {
	f := p.tab.FrontEnd
	p.counts(+1)
	a, err := p.sendOrder()
	p.counts(-1)
	switch {
	case p.ctx.Err() != nil:
		return
	case err != nil:
		if errors.As(err, new(endless)) {
			p.tab.Notes(err.Error())
		}
		if f.Unanswered.Says != "" {
			p.show(f.Unanswered)
		}
	default:
		p.learn(a)
		p.sendsToPay(f.Submit, a)
		if view, has := p.words(a); has {
			p.show(view)
			p.mu.Lock()
			p.heard = p.heard || view.Says.IsOfOrder()
			p.mu.Unlock()
		}
	}
}

func (p *page) counts(submits int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sending += submits
}

// isLost says whether the answer to a look is that there is no such order, and
// none is on its way; refused, whether the shop had one and did not want it.
func (p *page) isLost(a answer) (lost, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lost = p.tab.FrontEnd.Lost.is() && p.tab.FrontEnd.Lost.fits(a) && p.sending == 0
	return lost, lost && p.heard
}

// learn takes up what a submit's answer says: an order id, say. What is not
// there, or null, is no failure of the page's, which goes on with what it knew.
func (p *page) learn(a answer) {
	for name, from := range p.tab.FrontEnd.Submit.Capture {
		if name == Pay {
			continue
		}
		heard := variables{}
		err := heard.capture(a, map[string]Source{name: from}, p.tab.shop())
		p.mu.Lock()
		p.known.add(heard)
		p.mu.Unlock()
		if errors.As(err, new(elsewhere)) {
			p.tab.Notes("the answer to the submit " + err.Error())
		}
	}
}

// sendOrder sends the order, and sends it again where no answer comes.
func (p *page) sendOrder() (a answer, err error) {
	f := p.tab.FrontEnd
	p.tab.sent.note(p)
	p.ordered.Store(true)
	p.tab.Profile.remember(p)
	for range 1 + f.Resends {
		a, err = p.send(p.ctx, f.Submit, f.TimeOut, p.hears)
		if err == nil || p.ctx.Err() != nil {
			return a, err
		}
		if errors.As(err, new(undescribed)) {
			p.tab.Notes(err.Error())
			return a, err
		}
	}
	return a, err
}

// speakUp says that it is checking where for too long no answer comes, or none
// that it has words for.
func (p *page) speakUp() {
	if p.tab.Lid.Wait(p.ctx, p.tab.FrontEnd.Silence) != nil {
		return
	}
	p.mu.Lock()
	silent := p.shown == waiting
	p.mu.Unlock()
	if silent {
		p.show(checking)
		p.look()
	}
}

// blindLooks is how often a page cannot look, for want of something that it never captured,
// until that is told.
const blindLooks = 10

// look asks how the order stands until there is an outcome, or it asks no more.
func (p *page) look() {
	f := p.tab.FrontEnd
	p.mu.Lock()
	busy := f.Look == nil || p.looking || p.told
	p.looking = p.looking || !busy
	p.mu.Unlock()
	if busy {
		return
	}
	defer func() {
		p.mu.Lock()
		p.looking = false
		p.mu.Unlock()
	}()
	until, cancel := context.WithTimeout(p.ctx, f.LookFor)
	defer cancel()
	for blind := 0; ; {
		if p.tab.Lid.Wait(until, f.LookEvery) != nil {
			return
		}
		a, err := p.send(until, *f.Look, f.TimeOut, p.hears)
		if errors.As(err, new(undescribed)) {
			// It does not know yet whom to ask for, and may never know.
			if blind++; blind == blindLooks {
				p.tab.Notes(observe.CouldNotLook + err.Error())
			}
			continue
		}
		if err != nil {
			continue
		}
		if view, has := p.words(a); has {
			p.show(view)
		}
		p.sendsToPay(*f.Look, a)
		lost, refused := p.isLost(a)
		if p.isTold() || refused {
			return
		}
		if lost {
			p.work.Go(p.deliver)
		}
	}
}

func (p *page) isTold() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.told
}
