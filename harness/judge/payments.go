package judge

import (
	"cmp"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// payment is one reference at the provider, in one currency: what its ledger says of it.
type payment struct {
	hold
	account
	began    int   // the first entry of its reference, by index
	entries  []int // in their order
	captures []int
}

// payments are those of one wish to buy, in the order in which they began.
func (r *Run) payments(basket string) []*payment {
	var list []*payment
	known := map[account]*payment{}
	began := map[string]int{}
	for _, i := range r.Entries(basket, observe.Money) {
		e := r.History[i]
		of := accountOf(e.Entry)
		if _, has := began[of.reference]; !has {
			began[of.reference] = i
		}
		p := known[of]
		if p == nil {
			p = &payment{account: of, began: began[of.reference]}
			known[of] = p
			list = append(list, p)
		}
		p.write(e.Entry)
		p.entries = append(p.entries, i)
		if e.Entry.Op == observe.MoneyCaptured {
			p.captures = append(p.captures, i)
		}
	}
	return list
}

// charges is how often the payment took money: captures that together stay
// within what was authorized are the parts of one charge.
func (p *payment) charges() int {
	if len(p.captures) > 1 && p.captured <= p.authorized {
		return 1
	}
	return len(p.captures)
}

// asked is what the provider was asked to reserve; a payment that was never
// reserved was asked for what it took.
func (p *payment) asked() int64 { return cmp.Or(p.authorized, p.captured) }

// net is what it took and did not give back.
func (p *payment) net() int64 { return p.captured - p.refunded }

// follows says whether a payment may be of a click after the i-th event: the
// customer clicked between the two.
func (r *Run) follows(p *payment, clicks []int, i int) bool {
	return p.began > i && slices.ContainsFunc(clicks, func(c int) bool {
		return c > i && r.at(c) <= r.at(p.began)
	})
}

// undone says whether all that the payment took had been given back before the
// click, and it took nothing afterwards. Her next attempt begins with nothing owed.
func (r *Run) undone(p *payment, click int) bool {
	var h hold
	for _, i := range p.entries {
		switch e := r.History[i]; {
		case i < click:
			h.write(e.Entry)
		case e.Entry.Op == observe.MoneyCaptured:
			return false
		}
	}
	return h.captured > 0 && h.captured == h.refunded
}

// begunBefore are the payments of the clicks before the i-th event. One that
// was undone before the last of these clicks is of an attempt that is over.
func (r *Run) begunBefore(basket string, i int) []*payment {
	clicks := r.Clicks(basket)
	last := -1
	for _, c := range clicks {
		if c < i {
			last = c
		}
	}
	return slices.DeleteFunc(r.payments(basket), func(p *payment) bool {
		return r.follows(p, clicks, i) || last >= 0 && r.undone(p, last)
	})
}

// takenBefore is what payments of the clicks before the i-th event have taken in
// the end, paid back or not, and the captures that took it.
func (r *Run) takenBefore(basket string, i int) (sum Amounts, captures []int) {
	for _, p := range r.begunBefore(basket, i) {
		sum = sum.plus(p.captured, p.currency)
		captures = append(captures, p.captures...)
	}
	return sum, captures
}

// Overcharges says whether somebody was charged more than once for one wish to buy, or had
// a second payment authorized while the first one stood. A slow machine makes no right shop
// do so.
func (r *Run) Overcharges() bool {
	return slices.ContainsFunc(r.Baskets(), func(basket string) bool {
		return len(r.chargesBeside(basket)) > 0 || len(r.secondHolds(basket)) > 0
	})
}

// chargesBeside are the payments that charged a customer beside another one,
// and those that did so more than once. Two attempts may each charge her where
// the first was undone before she clicked for the second.
func (r *Run) chargesBeside(basket string) (beside []*payment) {
	clicks := r.Clicks(basket)
	charged := slices.DeleteFunc(r.payments(basket), func(p *payment) bool { return len(p.captures) == 0 })
	for i, p := range charged {
		twice := p.charges() > 1
		for j, other := range charged {
			first, second := p, other
			if j < i {
				first, second = other, p
			}
			twice = twice || i != j && !r.apart(first, second, clicks)
		}
		if twice {
			beside = append(beside, p)
		}
	}
	return beside
}

// apart says whether a payment is of a later attempt than another one, which was
// undone by then.
func (r *Run) apart(first, second *payment, clicks []int) bool {
	return slices.ContainsFunc(clicks, func(c int) bool {
		return r.undone(first, c) && r.at(c) <= r.at(second.began)
	})
}

func (r *Run) at(i int) time.Duration { return r.History[i].At }
