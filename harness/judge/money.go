package judge

import (
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

// goodsMatchMoney compares what she paid with the parcels that she was sent. A
// parcel is worth what the page showed. How much of a basket is in it, only the
// shop knows: of a payment that took or kept a part, and left or gave back the
// rest, only that it took something, and not too much, is judged.
func goodsMatchMoney(r *Run, basket string) Ruling {
	book := r.FinalBook(basket)
	evidence := r.Entries(basket, observe.Money, observe.Parcel)
	paid, asked, owed := r.bill(basket, book)
	in := func(amount int64) string { return units.Price(amount, book.Currency) }
	switch {
	case book.Parcels < 0:
		return RuleBroken(evidence, "the carrier cancelled more parcels of %s than it booked", basket)
	case book.Refunded > book.Charged:
		return RuleBroken(evidence, "%s was charged %s and paid back %s", basket, in(book.Charged), in(book.Refunded))
	case r.NoCarrier: // nobody sees the goods
	case paid > owed:
		return RuleBroken(evidence, "%s paid %s and was sent %s%s", basket, in(paid), parcels(book.Parcels), wasDue(owed, in))
	case asked < owed:
		return RuleBroken(evidence, "%s was sent %s and paid %s%s", basket, parcels(book.Parcels), in(paid), wasDue(owed, in))
	}
	return RuleKept()
}

func wasDue(owed int64, in func(int64) string) string {
	if owed == 0 {
		return ""
	}
	return ", and " + in(owed) + " was due"
}

// bill is what she paid, what the provider was asked for by the payments that
// took something, and what was due for her parcels. A payment of an amount that
// she was shown pays for one parcel, and one of another amount for none.
func (r *Run) bill(basket string, book Book) (paid, asked, owed int64) {
	shown := r.shown(basket)
	live := 0
	for _, p := range r.payments(basket) {
		paid += p.net()
		if p.net() <= 0 || p.net() < p.asked() && p.tooLittle(p.net()) {
			continue
		}
		live++
		switch a := p.asked(); {
		case shown[units.Price(a, p.currency)]:
			asked, owed = asked+a, owed+a
		case a < book.Due && !decimalsLost(a, book.Due):
			// The page showed one basket and the shop sold another, whose parcel
			// may well be worth it: that is amount-as-shown's to tell.
			asked, owed = asked+a, owed+a
		default:
			asked, owed = asked+a, owed+book.Due
		}
	}
	if live != book.Parcels {
		owed = book.Due * int64(book.Parcels)
	}
	return paid, asked, owed
}

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
		shown[units.Price(due(act), act.Money)] = true
	}
	return shown
}

// amountAsShown wants every charge to be of an amount that a page showed when she
// clicked on it: of several pages, any may have been the one. What counts is what
// the provider was asked to reserve, since a shop may take a part of it and let
// the rest go.
func amountAsShown(r *Run, basket string) Ruling {
	shown, reserved := map[string]bool{}, map[string]int64{}
	page := ""
	for i, e := range r.History {
		switch {
		case isClick(e) && e.Act.Basket == basket:
			price := units.Price(due(e.Act), e.Act.Money)
			shown[price] = true
			page = price + ", which the page showed"
			if due(e.Act) != e.Act.Amount {
				page = price + ", which was due of the " + units.Price(e.Act.Amount, e.Act.Money) + " on the page"
			}
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyAuthorized:
			reserved[e.Entry.Reference] += e.Entry.Amount
		case e.Kind == observe.Money && e.Entry.Op == observe.MoneyCaptured && r.OwnerOf(e.Entry) == basket:
			took, asked := e.Entry.Amount, max(e.Entry.Amount, reserved[e.Entry.Reference])
			price := units.Price(asked, e.Entry.Currency)
			switch {
			case page == "":
				return RuleBroken([]int{i}, "%s was charged %s, and no page had shown an amount", basket, price)
			case !shown[price] && asked != took:
				return RuleBroken([]int{i}, "the provider was asked to reserve %s of %s instead of %s", price, basket, page)
			case !shown[price]:
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

func parcels(n int) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "one parcel"
	}
	return fmt.Sprintf("%d parcels", n)
}
