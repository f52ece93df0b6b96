package judge

import (
	"cmp"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// History is what everybody saw, ordered by time, actor and the actor's own
// sequence.
type History []observe.Event

// sort brings it into that order.
func (h History) Sort() {
	slices.SortStableFunc(h, func(a, b observe.Event) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Seq, b.Seq))
	})
}

// Book is what the books say of one wish to buy at a moment: the provider's
// and the carrier's ledgers, the shop's own word, and the screen.
type Book struct {
	Basket string
	Orders []string       // ids that the shop told of, in their order
	Status observe.Status // the last one that the shop told, by when it was asked
	Screen observe.Status // the last one that the customer saw

	Charges    int     // captures in the provider's ledger
	Charged    Amounts // their sums
	Refunded   Amounts
	Reserved   Amounts // authorized and neither captured nor released
	LiveHolds  int     // payments with money reserved or charged, and not given back
	Parcels    int     // booked and not cancelled
	Shown      int64   // the amount on the page when she last clicked, in minor units
	Due        int64   // what the provider was to take of it
	Currency   string  // the page's
	Free       bool    // nothing was due at one of her clicks
	Unpriced   bool    // at one of her clicks, nobody knows what the page showed
	Clicks     int
	FirstClick time.Duration
	Left       bool // she left: what the screen says later, she does not see
}

// Asks is what was due when she last clicked.
func (b Book) Asks() Amounts { return Amounts{}.plus(b.Due, b.Currency) }

// KeepsMoney says whether money was taken from her and not given back.
func (b Book) KeepsMoney() bool { return b.Charged.Exceeds(b.Refunded) }

// Figures are the countable part of the book.
func (b Book) Figures() Figures {
	return Figures{Orders: len(b.Orders), Charges: b.Charges, Parcels: b.Parcels, Screen: b.Screen}
}

// Book reads the books of one basket as they stand after the first n events.
func (r *Run) Book(basket string, n int) Book { return r.reader(basket).upTo(n) }

// reader reads the books of one basket on and on, each event once.
type reader struct {
	keeper
	run  *Run
	rest []int // of the events of the basket
}

func (r *Run) reader(basket string) *reader {
	return &reader{keeper: keeper{Book: Book{Basket: basket}}, run: r, rest: r.Index().About(basket)}
}

// upTo is the book after the first n events, which must not be fewer than before.
func (b *reader) upTo(n int) Book {
	for ; len(b.rest) > 0 && b.rest[0] < n; b.rest = b.rest[1:] {
		b.write(b.run, b.rest[0])
	}
	return b.close()
}

// FinalBook reads the books at the end of the run.
func (r *Run) FinalBook(basket string) Book { return r.Book(basket, len(r.History)) }

// Books reads the final books of all baskets, in the order of Baskets.
func (r *Run) Books() (books []Book) {
	for _, basket := range r.Baskets() {
		books = append(books, r.FinalBook(basket))
	}
	return books
}

// keeper writes one basket's book, event by event.
type keeper struct {
	Book
	holds map[account]*hold
	pages pages
	asked time.Duration // when the shop was asked for its last word
}

func (k *keeper) write(r *Run, i int) {
	switch e := r.History[i]; e.Kind {
	case observe.Action:
		k.pages.act(e)
		k.act(e)
		k.Left = k.pages.left
	case observe.Screen:
		if !k.Left {
			k.Screen = e.View.Says
		}
	case observe.Order:
		if !slices.Contains(k.Orders, e.Entry.Reference) {
			k.Orders = append(k.Orders, e.Entry.Reference)
		}
		if asked := r.askedAt(e, i); e.Entry.State.IsOfOrder() && asked >= k.asked {
			k.Status, k.asked = e.Entry.State, asked // an older answer may come last
		}
	case observe.Parcel:
		k.parcel(e.Entry.Op)
	case observe.Money:
		if k.holds == nil {
			k.holds = map[account]*hold{}
		}
		h := k.holds[accountOf(e.Entry)]
		if h == nil {
			h = &hold{}
			k.holds[accountOf(e.Entry)] = h
		}
		h.write(e.Entry)
		if k.Clicks == 0 {
			k.Currency = e.Entry.Currency // no page said one
		}
		if e.Entry.Op == observe.MoneyCaptured {
			k.Charges++
		}
	}
}

// close sums the money up; more can be written after it.
func (k *keeper) close() Book {
	b := k.Book
	for of, h := range k.holds {
		b.Charged = b.Charged.plus(h.captured, of.currency)
		b.Refunded = b.Refunded.plus(h.refunded, of.currency)
		b.Reserved = b.Reserved.plus(h.reserved(), of.currency)
		if h.reserved() > 0 || h.captured > h.refunded {
			b.LiveHolds++
		}
	}
	return b
}

func (b *Book) act(e observe.Event) {
	if !isClick(e) {
		return
	}
	if b.Clicks == 0 {
		b.FirstClick = e.At
	}
	b.Shown, b.Due, b.Currency = e.Act.Amount, e.Act.Takes(), e.Act.Money
	b.Free, b.Unpriced = b.Free || e.Act.IsFree(), b.Unpriced || !e.Act.IsPriced()
	b.Clicks++
}

// pages are those that are open, of one basket: anyone who leaves one of several
// tabs still looks at the others.
type pages struct {
	open map[string]bool // by who and which tab
	left bool            // the last one was left
}

func (p *pages) act(e observe.Event) {
	if p.open == nil {
		p.open = map[string]bool{}
	}
	page := e.Actor + "/" + e.Act.Tab
	switch e.Act.Does {
	case observe.Clicks, observe.Opens, observe.ComesBack:
		p.open[page], p.left = true, false
	case observe.Leaves, observe.GoesToPay:
		delete(p.open, page)
		p.left = len(p.open) == 0
	}
}

func (b *Book) parcel(op observe.EntryOp) {
	switch op {
	case observe.ParcelBooked:
		b.Parcels++
	case observe.ParcelCancelled:
		b.Parcels--
	}
}

// account is where the provider keeps the money of a payment: what it was asked for in
// one currency and took in another is not the same money.
type account struct{ reference, currency string }

func accountOf(e *observe.Entry) account { return account{e.Reference, e.Currency} }

// hold is one account's money at the provider, in minor units.
type hold struct{ authorized, captured, refunded, cancelled int64 }

func (h *hold) write(e *observe.Entry) {
	switch e.Op {
	case observe.MoneyAuthorized:
		h.authorized += e.Amount
	case observe.MoneyCaptured:
		h.captured += e.Amount
	case observe.MoneyRefunded:
		h.refunded += e.Amount
	case observe.MoneyCancelled:
		h.cancelled += e.Amount
	}
}

func (h *hold) reserved() int64 { return max(0, h.authorized-h.captured-h.cancelled) }

func isClick(e observe.Event) bool { return e.Kind == observe.Action && e.Act.Does == observe.Clicks }

func isScreen(e observe.Event) bool { return e.Kind == observe.Screen }

func isAct(e observe.Event) bool { return e.Kind == observe.Action }
