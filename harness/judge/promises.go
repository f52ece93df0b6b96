package judge

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

// ChargedOnce names the promise that Run.Overcharges tells of.
const ChargedOnce = "charged-once"

// StandardPromises are the promises that every story is judged by, unless it says
// otherwise.
func StandardPromises() []Promise {
	return []Promise{
		{Name: ChargedOnce, Judge: PerBasket(chargedOnce),
			Says: "A customer pays once for one wish to buy."},
		{Name: "goods-match-money", Judge: PerBasket(goodsMatchMoney), AtRest: true,
			Says: "What was paid for was sent, and what was sent was paid for."},
		{Name: "told-in-time", Judge: PerBasket(toldInTime), AtRest: true, Timing: true, Already: PerBasket(patienceOver),
			Says: "The screen tells the customer how things stand before her patience ends."},
		{Name: "screen-is-honest", Judge: PerBasket(screenIsHonest),
			Says: "What the screen says is true when it says it, and in the end."},
		{Name: "nothing-left-reserved", Judge: PerBasket(nothingLeftReserved), AtRest: true,
			Says: "No money stays reserved when all is over."},
		{Name: "amount-as-shown", Judge: PerBasket(amountAsShown),
			Says: "The customer pays the amount that the page showed."},
		{Name: "no-storm", Judge: noStorm,
			Says: "The shop asks the provider a bounded number of times."},
		{Name: "outcomes-stand", Judge: outcomesStand,
			Says: "An outcome once told never turns into another."},
	}
}

func PromiseNames() (names []string) {
	for _, p := range StandardPromises() {
		names = append(names, p.Name)
	}
	return names
}

// PerBasket judges each wish to buy and returns the worst ruling.
func PerBasket(judge func(*Run, string) Ruling) func(*Run) Ruling {
	return func(r *Run) Ruling {
		worst := RuleKept()
		for _, basket := range r.Baskets() {
			if ruling := judge(r, basket); severity[ruling.Verdict] > severity[worst.Verdict] {
				worst = ruling
			}
		}
		return worst
	}
}

func chargedOnce(r *Run, basket string) Ruling {
	captures := r.captures(basket)
	book := r.FinalBook(basket)
	if len(captures) > 0 && book.Clicks == 0 {
		return RuleBroken(captures, "%s was charged, and nobody clicked submit", basket)
	}
	if beside := r.chargesBeside(basket); len(beside) > 0 {
		charges, sum, evidence := total(beside)
		return RuleBroken(evidence, "%s was charged %s: %s instead of %s",
			basket, units.FormatCount(charges), sum.Price(book.Currency), units.Price(book.Due, book.Currency))
	}
	if holds := r.secondHolds(basket); len(holds) > 0 {
		return RuleBroken(holds, "a second payment of %s was authorized while the first one stood", basket)
	}
	if last := r.lastWord(basket); last >= 0 && (book.Status.IsNoSale()) {
		if sum, taken := r.takenBefore(basket, last); sum.IsSome() {
			return RuleBroken(taken, "%s was charged, and the shop says that the order was %s", basket, book.Status)
		}
	}
	return RuleKept()
}

// total is how often payments charged a customer, how much, and by which entries.
func total(payments []*payment) (charges int, sum Amounts, captures []int) {
	for _, p := range payments {
		charges += p.charges()
		sum = sum.plus(p.captured, p.currency)
		captures = append(captures, p.captures...)
	}
	slices.Sort(captures)
	return charges, sum, captures
}

func (r *Run) captures(basket string) (found []int) {
	for _, i := range r.Entries(basket, observe.Money) {
		if r.History[i].Entry.Op == observe.MoneyCaptured {
			found = append(found, i)
		}
	}
	return found
}

// secondHolds are the authorizations of a payment beside one that stands.
func (r *Run) secondHolds(basket string) (holds []int) {
	books := r.reader(basket)
	for _, i := range r.Entries(basket, observe.Money) {
		if r.History[i].Entry.Op == observe.MoneyAuthorized && books.upTo(i+1).LiveHolds > 1 {
			holds = append(holds, i)
		}
	}
	return holds
}

// lastWord is the event of the shop's last word on an order of the basket, by when
// it was asked, or -1.
func (r *Run) lastWord(basket string) int {
	last, latest := -1, time.Duration(0)
	for _, i := range r.Entries(basket, observe.Order) {
		e := r.History[i]
		if asked := r.askedAt(e, i); e.Entry.State.IsOfOrder() && asked >= latest {
			last, latest = i, asked
		}
	}
	return last
}

func screenIsHonest(r *Run, basket string) Ruling {
	end := r.FinalBook(basket)
	earlier, later := r.reader(basket), r.reader(basket)
	for _, i := range r.about(basket, isScreen) {
		e := r.History[i]
		// The order within an instant says nothing: the screen gets the benefit.
		first, after := r.Index().Instant(i)
		now := later.upTo(after)
		switch e.View.Says {
		case observe.StatusShipped:
			if now.Parcels < 1 || now.Charges < 1 && !now.Free {
				sent := fmt.Sprintf("%d parcels", now.Parcels)
				if r.Fulfilment {
					sent = r.goods(now.Parcels)
				}
				return RuleBroken([]int{i}, "the screen of %s said “shipped” at %s, with %d charges and %s",
					basket, units.FormatDuration(e.At), now.Charges, sent)
			}
		case observe.StatusPaid:
			if !now.KeepsMoney() && !(now.Free && now.Charges == 0) {
				return RuleBroken([]int{i}, "the screen of %s said “paid” at %s, and nothing was charged, or all was paid back", basket, units.FormatDuration(e.At))
			}
		case observe.StatusRefused, observe.StatusCancelled:
			if sum, _ := r.takenBefore(basket, i); sum.IsSome() {
				return RuleBroken([]int{i}, "the screen of %s said “%s”, and the provider charged %s",
					basket, e.View.Says, sum.Price(end.Currency))
			}
		case observe.StatusRefunded:
			if now.KeepsMoney() || now.Charges == 0 && !now.Free {
				return RuleBroken([]int{i}, "the screen of %s said “refunded” at %s, when %s of %s were paid back",
					basket, units.FormatDuration(e.At), now.Refunded.Price(end.Currency), now.Charged.Price(end.Currency))
			}
		case observe.StatusReady:
			if before := earlier.upTo(first); before.KeepsMoney() {
				return RuleBroken([]int{i}, "the page of %s offered to buy again at %s, after it was charged", basket, units.FormatDuration(e.At))
			}
		}
	}
	switch {
	case end.Screen == observe.StatusShipped && end.Parcels == 0:
		nothing := "no parcel is on its way"
		if r.Fulfilment {
			nothing = "nothing was sent"
		}
		return RuleBroken(r.Entries(basket, observe.Parcel), "the last screen of %s says “shipped”, and %s", basket, nothing)
	case end.Screen == observe.StatusPaid && !end.KeepsMoney() && !(end.Free && end.Charges == 0):
		return RuleBroken(r.Entries(basket, observe.Money), "the last screen of %s says “paid”, and all was paid back", basket)
	case end.Free && end.Screen.EndsAttempt() && end.Parcels > 0: // elsewhere, unpaid goods tell
		return RuleBroken(r.Entries(basket, observe.Parcel), "the last screen of %s says “%s”, and she was sent %s", basket, end.Screen, r.goods(end.Parcels))
	}
	return RuleKept()
}

func nothingLeftReserved(r *Run, basket string) Ruling {
	if book := r.FinalBook(basket); book.Reserved.IsSome() {
		return RuleBroken(r.Entries(basket, observe.Money), "%s of %s are still reserved at the provider",
			book.Reserved.Price(book.Currency), basket)
	}
	return RuleKept()
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
		if e.Message == nil || e.Message.Hop != observe.ProviderHop {
			continue
		}
		if e.Kind == observe.Answered && e.Message.Status == 429 {
			return RuleBroken([]int{i}, "the provider refused a call at %s because the shop calls too often (429)", units.FormatDuration(e.At))
		}
		if e.Kind != observe.Sent {
			continue
		}
		basket := r.Index().BasketOfMessage(e.Message)
		window := append(recent[basket], sent{e.At, i})
		for len(window) > 0 && window[0].at < e.At-time.Minute {
			window = window[1:]
		}
		recent[basket] = window
		if len(window) > stormLimit {
			return RuleBroken([]int{window[0].index, i}, "the shop called the provider %d times in one minute for %s", len(window), basket)
		}
	}
	return RuleKept()
}

// outcomesStand compares what the shop told of an order after an outcome. An
// answer to a request that was under way when the outcome was told may be older
// than it: only what was asked later counts. What she clicks for after she was
// told that nothing was bought is a new attempt: of it, something else is true. A submit
// that an epilogue sends again may be answered that it is being worked on, as every submit
// is: its answer counts where it tells another outcome.
func outcomesStand(r *Run) Ruling {
	if ruling := r.forgotten(); ruling.Verdict != Kept {
		return ruling
	}
	again := r.answersAgain()
	outcomes := map[string]int{} // order → the event that told its outcome
	for i, e := range r.History {
		if e.Kind != observe.Order || !e.Entry.State.IsOfOrder() || again[e.Entry.Key] && !e.Entry.State.IsOutcome() {
			continue
		}
		first, was := outcomes[e.Entry.Reference]
		if was && e.Entry.State != r.History[first].Entry.State {
			switch before := r.History[first]; {
			case r.triedAgain(before, e):
				was = false
			case r.askedAt(e, i) > before.At:
				return RuleBroken([]int{first, i}, "the shop said that order %s was %s, and later that it is %s",
					e.Entry.Reference, before.Entry.State, e.Entry.State)
			}
		}
		if !was {
			delete(outcomes, e.Entry.Reference)
			if e.Entry.State.IsOutcome() {
				outcomes[e.Entry.Reference] = i
			}
		}
	}
	return RuleKept()
}

// triedAgain says whether she clicked for the basket once more between two words
// of the shop on one order, the first of which left her free to.
func (r *Run) triedAgain(before, now observe.Event) bool {
	if !before.Entry.State.EndsAttempt() {
		return false
	}
	return slices.ContainsFunc(r.Clicks(now.Entry.Basket), func(c int) bool {
		return r.at(c) > before.At && r.at(c) <= now.At
	})
}

// askedAt is when the request arrived whose answer told of an order.
func (r *Run) askedAt(told observe.Event, i int) time.Duration {
	for i--; i >= 0; i-- {
		m := r.History[i].Message
		if m != nil && r.History[i].Kind == observe.Arrived && m.Hop == observe.CustomerHop && strconv.Itoa(m.N) == told.Entry.Key {
			return r.at(i)
		}
	}
	return told.At
}

// CallerSaw promises that the customer's page saw a call fail in this way: the
// proof that a fault was of the kind that the story speaks of.
func CallerSaw(operation observe.Operation, class observe.Class) Promise {
	return Promise{
		Name: "caller-saw-" + string(class),
		Says: "The page saw its call fail: " + string(class) + ".",
		Judge: func(r *Run) Ruling {
			var seen []observe.Class
			for _, e := range r.History {
				m := e.Message
				if m == nil || e.Kind != observe.Failed || m.Hop != observe.CustomerHop || e.ByTap() ||
					r.Routes.Named(observe.CustomerHop, m.Method, m.Path) != operation {
					continue
				}
				if m.Error == class {
					return RuleKept()
				}
				seen = append(seen, m.Error)
			}
			return RuleUnproven("no %s failed with %q; those that failed did so with %q", operation, class, seen)
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
				return RuleUnproven("the page got %d clicks instead of %d", clicks, n)
			}
			return RuleKept()
		},
	}
}
