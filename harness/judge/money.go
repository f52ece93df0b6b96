package judge

import (
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

// goodsMatchMoney compares what she paid with the parcels that she was sent. The parcels
// of one order are worth what the page showed. How much of a basket is in one, only the
// shop knows: of a payment that took or kept a part, and left or gave back the
// rest, only that it took something, and not too much, is judged.
func goodsMatchMoney(r *Run, basket string) Ruling {
	book := r.FinalBook(basket)
	evidence := r.Entries(basket, observe.Money, observe.Parcel)
	bill := r.bill(basket, book)
	in := func(a Amounts) string { return a.Price(book.Currency) }
	switch {
	case book.Parcels < 0:
		return RuleBroken(evidence, "the carrier cancelled more parcels of %s than it booked", basket)
	case book.Refunded.Exceeds(book.Charged):
		return RuleBroken(evidence, "%s was charged %s and paid back %s", basket, in(book.Charged), in(book.Refunded))
	case r.NoCarrier: // nobody sees the goods
	case book.Unpriced && (len(bill.paid) > 0 || book.Parcels > 0):
		return RuleUnproven("nobody knows what was due of %s: its page showed no amount that could be read", basket)
	case book.Parcels%r.parcelsEach() != 0:
		return RuleBroken(evidence, "%s was sent %s, and an order is sent in %d", basket, r.goods(book.Parcels), r.parcelsEach())
	case bill.paid.Exceeds(bill.owed):
		return RuleBroken(evidence, "%s paid %s and was sent %s%s", basket, in(bill.paid), r.goods(book.Parcels), bill.wasDue(book))
	case bill.owed.Exceeds(bill.asked):
		return RuleBroken(evidence, "%s was sent %s and paid %s%s", basket, r.goods(book.Parcels), in(bill.paid), bill.wasDue(book))
	case book.Free && bill.live == 0 && book.Parcels > r.parcelsEach():
		return RuleBroken(evidence, "%s was sent %s for one wish to buy, of which nothing was due", basket, r.goods(book.Parcels))
	}
	return RuleKept()
}

// bill is what she paid, what the provider was asked for by the payments that took
// something, so many, and what was due for her parcels. Repeated says that these are worth
// one wish to buy several times over.
type bill struct {
	paid, asked, owed Amounts
	live              int
	repeated          bool
}

func (b bill) wasDue(book Book) string {
	switch {
	case b.repeated && b.owed.IsSome(): // nobody ever asked her for as much as all of them are worth
		return ", and " + book.Asks().Price(book.Currency) + " was due for one wish to buy"
	case b.owed.IsSome():
		return ", and " + b.owed.Price(book.Currency) + " was due"
	case book.Free:
		return ", and nothing was due"
	}
	return ""
}

// bill sums up what she paid, and for what. A payment of an amount that she was shown
// pays for one order's parcels, and one of another amount, or of another currency, for none.
func (r *Run) bill(basket string, book Book) (b bill) {
	shown := r.shown(basket)
	for _, p := range r.payments(basket) {
		b.paid = b.paid.plus(p.net(), p.currency)
		if p.net() <= 0 || p.net() < p.asked() && p.tooLittle(p.net()) {
			continue
		}
		b.live++
		a := p.asked()
		b.asked = b.asked.plus(a, p.currency)
		if !shown[units.Price(a, p.currency)] {
			// The page showed one basket and the shop sold another, whose parcel
			// may well be worth it: that is amount-as-shown's to tell.
			another := p.currency == book.Currency && a < book.Due && !decimalsLost(a, book.Due)
			if !another {
				b.owed = b.owed.plus(book.Due, book.Currency)
				continue
			}
		}
		b.owed = b.owed.plus(a, p.currency)
	}
	sent := book.Parcels / r.parcelsEach() // orders
	if isGift := book.Free && b.live == 0 && sent == 1; isGift {
		b.owed = nil
	} else if b.live != sent {
		b.owed = Amounts{}.plus(book.Due*int64(sent), book.Currency)
		b.repeated = sent > 1
	}
	return b
}

// parcelsEach is in how many parcels an order is sent.
func (r *Run) parcelsEach() int { return max(1, r.ParcelsEach) }

// decimalsLost says whether one amount is a tenth, a hundredth … of another one:
// that is the price of nothing.
func decimalsLost(amount, of int64) bool {
	for amount > 0 && amount < of {
		amount *= 10
	}
	return amount == of
}

// shown are the amounts that a page showed at her clicks, or that the provider was
// to take.
func (r *Run) shown(basket string) map[string]bool {
	shown := map[string]bool{}
	for _, i := range r.Clicks(basket) {
		act := r.History[i].Act
		shown[units.Price(act.Takes(), act.Money)] = true
	}
	return shown
}

// amountAsShown wants every charge to be of an amount that a page showed when she
// clicked on it: of several pages, any may have been the one. What counts is what
// the provider was asked to reserve, since a shop may take a part of it and let
// the rest go.
func amountAsShown(r *Run, basket string) Ruling {
	shown, reserved := map[string]bool{}, map[account]int64{}
	page, unpriced := "", false
	for _, i := range r.Index().About(basket) {
		e := r.History[i]
		switch {
		case isClick(e):
			unpriced = unpriced || !e.Act.IsPriced()
			price := units.Price(e.Act.Takes(), e.Act.Money)
			shown[price] = true
			page = price + ", which the page showed"
			if e.Act.Takes() != e.Act.Amount {
				page = price + ", which was due of the " + units.Price(e.Act.Amount, e.Act.Money) + " on the page"
			}
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyAuthorized:
			reserved[accountOf(e.Entry)] += e.Entry.Amount
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyCaptured:
			took, asked := e.Entry.Amount, max(e.Entry.Amount, reserved[accountOf(e.Entry)])
			price := units.Price(asked, e.Entry.Currency)
			switch {
			case page == "":
				return RuleBroken([]int{i}, "%s was charged %s, and no page had shown an amount", basket, price)
			case shown[price]:
			case unpriced:
				return RuleUnproven("%s was charged %s, and its page showed no amount that could be read", basket, price)
			case asked != took:
				return RuleBroken([]int{i}, "the provider was asked to reserve %s of %s instead of %s", price, basket, page)
			default:
				return RuleBroken([]int{i}, "%s was charged %s instead of %s", basket, price, page)
			}
		}
	}
	for _, p := range r.payments(basket) {
		if short := p.authorized - p.captured; len(p.captures) > 0 && short > 0 && p.tooLittle(short) {
			return RuleBroken(p.captures, "%s was charged %s instead of %s", basket, units.Price(p.captured, p.currency), page)
		}
	}
	return RuleKept()
}

// leastPart is the least part of a payment that a shop keeps or lets go, in minor
// units: nothing costs less, and what is less was rounded wrongly.
const leastPart = 10

func (p *payment) tooLittle(amount int64) bool {
	return amount < leastPart && observe.Decimals(p.currency) > 1
}

// goods says what a customer was sent.
func (r *Run) goods(n int) string {
	if !r.Fulfilment || n == 0 {
		return parcels(n)
	}
	return "the goods " + units.FormatCount(n)
}

func parcels(n int) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "one parcel"
	}
	return fmt.Sprintf("%d parcels", n)
}
