package model

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Ledger is the money of one wish to buy, line by line.
type Ledger struct {
	Basket string // "" for what belongs to none
	Lines  []ledgerLine
	Shown  string // the amount on the page
	Charged, Refunded, Reserved,
	Over string // "" where nothing was charged too much
}

// ledgerLine is a line of the provider's ledger.
type ledgerLine struct {
	Event                  Link
	At, Reference, Key, Op string
	// One of them has the amount, by what the entry did.
	Attempted, Captured, Refunded string
	Total                         string // charged so far, in its currency
	Class                         string
}

// Parcel is a line of the carrier's ledger.
type Parcel struct {
	Event                  Link
	At, Reference, Key, Op string
}

// Ledgers are the customers' books, and one of lines that belong to nobody.
func Ledgers(r *judge.Run, at Address) []Ledger {
	var list []Ledger
	for _, b := range r.Books() {
		l := Ledger{
			Basket: b.Basket, Lines: ledgerLines(r, at, b.Basket),
			Shown:   units.Price(b.Shown, b.Currency),
			Charged: b.Charged.Price(b.Currency), Refunded: b.Refunded.Price(b.Currency),
			Reserved: b.Reserved.Price(b.Currency),
		}
		if over := overcharge(b); over.IsSome() {
			l.Over = over.Price(b.Currency)
		}
		list = append(list, l)
	}
	if lines := ledgerLines(r, at, ""); len(lines) > 0 {
		list = append(list, Ledger{Lines: lines})
	}
	return list
}

func ledgerLines(r *judge.Run, at Address, basket string) []ledgerLine {
	var lines []ledgerLine
	charged := judge.Amounts{}
	for _, i := range r.Entries(basket, observe.Money) {
		e := r.History[i]
		if e.Entry.Op == observe.MoneyCaptured {
			charged[e.Entry.Currency] += e.Entry.Amount
		}
		line := ledgerLine{
			Event: at.Link(i), At: Exact(e.At),
			Reference: e.Entry.Reference, Key: e.Entry.Key, Op: string(e.Entry.Op),
			Total: units.Price(charged[e.Entry.Currency], e.Entry.Currency),
		}
		amount := units.Price(e.Entry.Amount, e.Entry.Currency)
		switch e.Entry.Op {
		case observe.MoneyCaptured:
			line.Captured, line.Class = amount, "captured"
		case observe.MoneyRefunded:
			line.Refunded = amount
		default:
			line.Attempted = amount
		}
		lines = append(lines, line)
	}
	return lines
}

func Parcels(r *judge.Run, at Address) []Parcel {
	var list []Parcel
	for i, e := range r.History {
		if e.Kind == observe.Parcel {
			list = append(list, Parcel{
				Event: at.Link(i), At: Exact(e.At),
				Reference: e.Entry.Reference, Key: e.Entry.Key, Op: string(e.Entry.Op),
			})
		}
	}
	return list
}
