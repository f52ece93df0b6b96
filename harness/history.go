package harness

import (
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// History is what everybody saw, ordered by time, actor and the actor's own
// sequence.
type History []Event

// Book is what the books say of one wish to buy at a moment: the provider's
// and the carrier's ledgers, the shop's own word, and the screen.
type Book struct {
	Basket string
	Orders []string // ids that the shop told of, in their order
	Status string   // the last one that the shop told
	Screen string   // the last one that the customer saw

	Charges    int   // captures in the provider's ledger
	Charged    int64 // their sum, minor units
	Refunded   int64
	Reserved   int64 // authorized and neither captured nor released
	LiveHolds  int   // references with money reserved or charged, and not given back
	Parcels    int   // booked and not cancelled
	Shown      int64 // the amount on the page when she clicked
	Currency   string
	Clicks     int
	FirstClick time.Duration
	Left       bool // she left: what the screen says later, she does not see
	Waits      bool // she waits to be told
}

// Figures are the countable part of the book.
func (b Book) Figures() Figures {
	return Figures{Orders: len(b.Orders), Charges: b.Charges, Parcels: b.Parcels, Screen: b.Screen}
}

// Book reads the books of one basket as they stand after the first n events.
func (r *Run) Book(basket string, n int) Book {
	b := Book{Basket: basket}
	holds := map[string]*hold{}
	for _, e := range r.History[:n] {
		switch e.Kind {
		case observe.Action:
			b.act(e)
		case observe.Screen:
			if e.View.Basket == basket && !b.Left {
				b.Screen = e.View.Says
			}
		case observe.Order:
			if e.Entry.Basket == basket {
				if !slices.Contains(b.Orders, e.Entry.Reference) {
					b.Orders = append(b.Orders, e.Entry.Reference)
				}
				b.Status = e.Entry.State
			}
		case observe.Parcel:
			if r.BasketOf(e.Entry.Reference) == basket {
				b.parcel(e.Entry.Op)
			}
		case observe.Money:
			if r.BasketOf(e.Entry.Reference) == basket {
				h := holds[e.Entry.Reference]
				if h == nil {
					h = &hold{}
					holds[e.Entry.Reference] = h
				}
				h.write(e.Entry)
				if e.Entry.Op == "captured" {
					b.Charges++
				}
			}
		}
	}
	for _, h := range holds {
		b.Charged += h.captured
		b.Refunded += h.refunded
		b.Reserved += h.reserved()
		if h.reserved() > 0 || h.captured > h.refunded {
			b.LiveHolds++
		}
	}
	return b
}

func (b *Book) act(e Event) {
	if e.Act.Basket != b.Basket {
		return
	}
	switch e.Act.Does {
	case "clicks":
		if b.Clicks == 0 {
			b.FirstClick, b.Shown, b.Currency = e.At, e.Act.Amount, e.Act.Money
		}
		b.Clicks++
		b.Left = false
	case "opens":
		b.Left = false
	case "leaves":
		b.Left = true
	case "waits to be told":
		b.Waits = true
	}
}

func (b *Book) parcel(op string) {
	switch op {
	case "booked":
		b.Parcels++
	case "cancelled":
		b.Parcels--
	}
}

// hold is one reference's money at the provider, in minor units.
type hold struct{ authorized, captured, refunded, cancelled int64 }

func (h *hold) write(e *observe.Entry) {
	switch e.Op {
	case "authorized":
		h.authorized += e.Amount
	case "captured":
		h.captured += e.Amount
	case "refunded":
		h.refunded += e.Amount
	case "cancelled":
		h.cancelled += e.Amount
	}
}

func (h *hold) reserved() int64 { return max(0, h.authorized-h.captured-h.cancelled) }

// FinalBook reads the books at the end of the run.
func (r *Run) FinalBook(basket string) Book { return r.Book(basket, len(r.History)) }

// Books reads the final books of all baskets.
func (r *Run) Books() []Book {
	var books []Book
	for _, basket := range r.Baskets() {
		books = append(books, r.FinalBook(basket))
	}
	return books
}

func isClick(e Event) bool { return e.Kind == observe.Action && e.Act.Does == "clicks" }

// isOutcome says whether a screen tells how the order ended.
func isOutcome(says string) bool {
	return contains([]string{"shipped", "refused", "refunded", "cancelled"}, says)
}

// tellsSomething says whether a screen is more than the form or its spinner.
func tellsSomething(says string) bool { return says != "" && says != "ready" && says != "waiting" }

func contains(list []string, s string) bool { return slices.Contains(list, s) }
