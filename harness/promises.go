package harness

import (
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Always are the promises that every story is judged by, unless it says
// otherwise.
func Always() []Promise {
	return []Promise{
		{Name: "charged-once", Judge: perBasket(chargedOnce),
			Says: "A customer pays once for one wish to buy."},
		{Name: "goods-match-money", Judge: perBasket(goodsMatchMoney), AtRest: true,
			Says: "What was paid for was sent, and what was sent was paid for."},
		{Name: "told-in-time", Judge: perBasket(toldInTime), AtRest: true, Timing: true, Already: perBasket(patienceOver),
			Says: "The screen tells the customer how things stand before her patience ends."},
		{Name: "screen-is-honest", Judge: perBasket(screenIsHonest),
			Says: "What the screen says is true when it says it, and in the end."},
		{Name: "nothing-left-reserved", Judge: perBasket(nothingLeftReserved), AtRest: true,
			Says: "No money stays reserved when all is over."},
		{Name: "amount-as-shown", Judge: perBasket(amountAsShown),
			Says: "The customer pays the amount that the page showed."},
		{Name: "no-storm", Judge: noStorm,
			Says: "The shop asks the provider a bounded number of times."},
		{Name: "outcomes-stand", Judge: outcomesStand,
			Says: "An outcome once told never turns into another."},
	}
}

func promiseNames() (names []string) {
	for _, p := range Always() {
		names = append(names, p.Name)
	}
	return names
}

// perBasket judges each wish to buy and returns the worst ruling.
func perBasket(judge func(*Run, string) Ruling) func(*Run) Ruling {
	return func(r *Run) Ruling {
		worst := kept()
		for _, basket := range r.Baskets() {
			if ruling := judge(r, basket); severity[ruling.Verdict] > severity[worst.Verdict] {
				worst = ruling
			}
		}
		return worst
	}
}

func chargedOnce(r *Run, basket string) Ruling {
	var captures []int
	var holds []int
	books := r.reader(basket)
	for i, e := range r.History {
		if e.Kind != observe.Money || r.OwnerOf(e.Entry) != basket {
			continue
		}
		if e.Entry.Op == "captured" {
			captures = append(captures, i)
		}
		if e.Entry.Op == "authorized" && books.upTo(i+1).LiveHolds > 1 {
			holds = append(holds, i)
		}
	}
	book := r.FinalBook(basket)
	switch {
	case len(captures) > 0 && book.Clicks == 0:
		return broken(captures, "%s was charged, and nobody clicked submit", basket)
	case len(captures) > 1:
		return broken(captures, "%s was charged %s: %s instead of %s",
			basket, Times(len(captures)), Price(book.Charged, book.Currency), Price(book.Shown, book.Currency))
	case len(holds) > 0:
		return broken(holds, "a second payment of %s was authorized while the first one stood", basket)
	case len(captures) == 1 && (book.Status == "refused" || book.Status == "cancelled"):
		return broken(captures, "%s was charged, and the shop says that the order was %s", basket, book.Status)
	}
	return kept()
}

func goodsMatchMoney(r *Run, basket string) Ruling {
	book := r.FinalBook(basket)
	paid := book.Charged - book.Refunded
	evidence := r.entries(basket, observe.Money, observe.Parcel)
	switch {
	case book.Parcels < 0:
		return broken(evidence, "the carrier cancelled more parcels of %s than it booked", basket)
	case book.Refunded > book.Charged:
		return broken(evidence, "%s was charged %s and paid back %s", basket,
			Price(book.Charged, book.Currency), Price(book.Refunded, book.Currency))
	case r.NoCarrier: // nobody sees the goods
	case paid > book.Shown*int64(book.Parcels):
		return broken(evidence, "%s paid %s and was sent %s", basket, Price(paid, book.Currency), parcels(book.Parcels))
	case paid < book.Shown*int64(book.Parcels):
		return broken(evidence, "%s was sent %s and paid %s", basket, parcels(book.Parcels), Price(paid, book.Currency))
	}
	return kept()
}

func screenIsHonest(r *Run, basket string) Ruling {
	end := r.FinalBook(basket)
	earlier, later := r.reader(basket), r.reader(basket)
	for i, e := range r.History {
		if e.Kind != observe.Screen || e.View.Basket != basket {
			continue
		}
		// The order within an instant says nothing: the screen gets the benefit.
		first, after := r.instant(i)
		now := later.upTo(after)
		switch e.View.Says {
		case "shipped":
			if now.Parcels < 1 || now.Charges < 1 {
				return broken([]int{i}, "the screen of %s said “shipped” at %s, with %d charges and %d parcels",
					basket, Spell(e.At), now.Charges, now.Parcels)
			}
		case "paid":
			if now.Charged <= now.Refunded {
				return broken([]int{i}, "the screen of %s said “paid” at %s, and nothing was charged, or all was paid back", basket, Spell(e.At))
			}
		case "refused", "cancelled":
			if end.Charges > 0 {
				return broken([]int{i}, "the screen of %s said “%s”, and the provider charged %s",
					basket, e.View.Says, Price(end.Charged, end.Currency))
			}
		case "refunded":
			if now.Refunded < now.Charged || now.Charged == 0 {
				return broken([]int{i}, "the screen of %s said “refunded” at %s, when %s of %s were paid back",
					basket, Spell(e.At), Price(now.Refunded, end.Currency), Price(now.Charged, end.Currency))
			}
		case "ready":
			if before := earlier.upTo(first); before.Charged > before.Refunded {
				return broken([]int{i}, "the page of %s offered to buy again at %s, after it was charged", basket, Spell(e.At))
			}
		}
	}
	switch {
	case end.Screen == "shipped" && end.Parcels == 0:
		return broken(r.entries(basket, observe.Parcel), "the last screen of %s says “shipped”, and no parcel is on its way", basket)
	case end.Screen == "paid" && end.Charged <= end.Refunded:
		return broken(r.entries(basket, observe.Money), "the last screen of %s says “paid”, and all was paid back", basket)
	}
	return kept()
}

func nothingLeftReserved(r *Run, basket string) Ruling {
	if book := r.FinalBook(basket); book.Reserved > 0 {
		return broken(r.entries(basket, observe.Money), "%s of %s are still reserved at the provider",
			Price(book.Reserved, book.Currency), basket)
	}
	return kept()
}

// amountAsShown wants every charge to be of an amount that a page showed when she
// clicked on it: of several pages, any may have been the one.
func amountAsShown(r *Run, basket string) Ruling {
	shown := map[string]bool{}
	last := "nothing"
	for i, e := range r.History {
		switch {
		case isClick(e) && e.Act.Basket == basket:
			last = Price(e.Act.Amount, e.Act.Money)
			shown[last] = true
		case e.Kind == observe.Money && e.Entry.Op == "captured" && r.OwnerOf(e.Entry) == basket:
			if charged := Price(e.Entry.Amount, e.Entry.Currency); !shown[charged] {
				return broken([]int{i}, "the page showed %s, and %s was charged %s", last, basket, charged)
			}
		}
	}
	return kept()
}

// stormLimit is how many messages a minute the shop may send the provider for
// one basket: an approval asked for every two seconds (the provider's own
// advice) is thirty, and two payments of one basket are already too many.
const stormLimit = 90

func noStorm(r *Run) Ruling {
	type sent struct {
		at    time.Duration
		index int
	}
	recent := map[string][]sent{}
	for i, e := range r.History {
		if e.Message == nil || Hop(e.Message.Hop) != ProviderHop {
			continue
		}
		if e.Kind == observe.Answered && e.Message.Status == 429 {
			return broken([]int{i}, "the provider refused a call at %s because the shop calls too often (429)", Spell(e.At))
		}
		if e.Kind != observe.Sent {
			continue
		}
		basket := r.basketOfMessage(e.Message)
		window := append(recent[basket], sent{e.At, i})
		for len(window) > 0 && window[0].at < e.At-time.Minute {
			window = window[1:]
		}
		recent[basket] = window
		if len(window) > stormLimit {
			return broken([]int{window[0].index, i}, "the shop called the provider %d times in one minute for %s", len(window), basket)
		}
	}
	return kept()
}

// outcomesStand compares what the shop told of an order after an outcome. An
// answer to a request that was under way when the outcome was told may be older
// than it: only what was asked later counts.
func outcomesStand(r *Run) Ruling {
	outcomes := map[string]int{} // order → the event that told its outcome
	for i, e := range r.History {
		if e.Kind != observe.Order {
			continue
		}
		if first, was := outcomes[e.Entry.Reference]; was {
			before := r.History[first]
			if e.Entry.State != before.Entry.State && r.askedAt(e, i) > before.At {
				return broken([]int{first, i}, "the shop said that order %s was %s, and later that it is %s",
					e.Entry.Reference, before.Entry.State, e.Entry.State)
			}
		} else if isOutcome(e.Entry.State) {
			outcomes[e.Entry.Reference] = i
		}
	}
	return kept()
}

// askedAt is when the request arrived whose answer told of an order.
func (r *Run) askedAt(told Event, i int) time.Duration {
	for i--; i >= 0; i-- {
		m := r.History[i].Message
		if m != nil && r.History[i].Kind == observe.Arrived && Hop(m.Hop) == CustomerHop && strconv.Itoa(m.N) == told.Entry.Key {
			return r.History[i].At
		}
	}
	return told.At
}

// CallerSaw promises that the customer's page saw a call fail in this way: the
// proof that a fault was of the kind that the story speaks of.
func CallerSaw(method, path string, class observe.Class) Promise {
	return Promise{
		Name: "caller-saw-" + string(class),
		Says: "The page saw its call fail: " + string(class) + ".",
		Judge: func(r *Run) Ruling {
			var seen []observe.Class
			for _, e := range r.History {
				m := e.Message
				if m == nil || e.Kind != observe.Failed || Hop(m.Hop) != CustomerHop || e.Actor == m.Hop ||
					m.Method != method || !MatchPath(path, m.Path) {
					continue
				}
				if m.Error == class {
					return kept()
				}
				seen = append(seen, m.Error)
			}
			return unproven("no %s %s failed with %q; those that failed did so with %q", method, path, class, seen)
		},
	}
}

// Clicked promises that the page got so many clicks: the proof that a double
// click was one.
func Clicked(n int) Promise {
	return Promise{
		Name: "page-got-the-clicks",
		Says: "The page got every click that was meant.",
		Judge: func(r *Run) Ruling {
			clicks := 0
			for _, b := range r.Books() {
				clicks += b.Clicks
			}
			if clicks != n {
				return unproven("the page got %d clicks instead of %d", clicks, n)
			}
			return kept()
		},
	}
}
