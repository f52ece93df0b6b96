package judge

import (
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

func toldInTime(r *Run, basket string) Ruling {
	if ruling := toldNothing(r, basket); ruling.Verdict != Kept {
		return ruling
	}
	book := r.FinalBook(basket)
	if book.Clicks > 0 && !book.Left && !book.Screen.IsOutcome() && book.Screen != observe.StatusChanged &&
		!r.failedForGood(basket, book) && !r.offersAnew(basket, book) && !(book.Screen.TellsSomething() && r.leftOpen(basket)) {
		return RuleBroken(r.lastSeen(basket), "%s was never told the outcome: the screen still said “%s” when all was over", basket, book.Screen)
	}
	return RuleKept()
}

// toldNothing judges whether a customer's patience ended before she was told
// anything: whatever she is told later mends nothing.
func toldNothing(r *Run, basket string) Ruling {
	book := r.FinalBook(basket)
	if book.Clicks == 0 {
		return RuleKept()
	}
	deadline := r.PatienceEnds(basket, book.FirstClick)
	told, gone := time.Duration(-1), r.gone(basket)
	for _, i := range r.about(basket, isScreen) {
		if r.at(i) >= book.FirstClick && r.tellsHer(basket, i) {
			told = r.at(i)
			break
		}
	}
	// A customer who leaves before her patience ends is not kept waiting while away.
	leftEarly := gone >= 0 && gone <= deadline && (told < 0 || told > gone)
	switch {
	case leftEarly && (book.Left || r.offersAnew(basket, book)), told >= 0 && r.offersAnew(basket, book):
		return RuleKept()
	case told < 0:
		return RuleBroken(r.lastSeen(basket), "%s clicked and was never told anything", basket)
	case told > deadline && !leftEarly:
		return RuleBroken(r.lastSeen(basket), "%s was told nothing for %s, longer than her patience of %s",
			basket, units.FormatDuration(r.waited(basket, book.FirstClick, told)), units.FormatDuration(r.Patience))
	}
	return RuleKept()
}

// tellsHer says whether a screen told her how things stand. A page that says that
// something went wrong does where nothing came of her clicks until then.
func (r *Run) tellsHer(basket string, screen int) bool {
	says := r.History[screen].View.Says
	return says.TellsSomething() || says == observe.StatusError && !r.costHer(basket, screen)
}

// costHer says whether a payment of her clicks before the i-th event took money in
// the end, or kept it reserved.
func (r *Run) costHer(basket string, i int) bool {
	return slices.ContainsFunc(r.begunBefore(basket, i), func(p *payment) bool {
		return p.captured > 0 || p.reserved() > 0
	})
}

// failedForGood says whether her last screen says that something went wrong, and
// is right: nothing came of it.
func (r *Run) failedForGood(basket string, end Book) bool {
	last := r.lastScreen(basket)
	return last >= 0 && end.Screen == observe.StatusError && end.Parcels == 0 && r.tellsHer(basket, last)
}

// leftOpen says whether the last payment of the basket still waits for her, as she decided:
// it has no outcome yet, and whether it gets one is up to her.
func (r *Run) leftOpen(basket string) bool {
	payments := r.payments(basket)
	if len(payments) == 0 {
		return false
	}
	last := payments[len(payments)-1]
	if len(last.entries) != 1 || r.History[last.began].Entry.Op != observe.MoneyCreated {
		return false
	}
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		return e.Kind == observe.Injected && e.Effect.What == observe.Fired && e.Effect.Payment == last.reference
	})
}

// patienceOver is toldNothing of a story that is not over: of a customer who
// stayed, and whose patience has ended.
func patienceOver(r *Run, basket string) Ruling {
	if r.gone(basket) >= 0 || !r.lasted(r.PatienceEnds(basket, r.FinalBook(basket).FirstClick)) {
		return RuleKept()
	}
	return toldNothing(r, basket)
}

// gone is when she first left the last of her open pages, or -1.
func (r *Run) gone(basket string) time.Duration {
	var pages pages
	for _, i := range r.about(basket, isAct) {
		if pages.act(r.History[i]); pages.left {
			return r.at(i)
		}
	}
	return -1
}

// lastSeen is the evidence of what a customer was told: her clicks, and her last
// screen.
func (r *Run) lastSeen(basket string) []int {
	evidence := r.Clicks(basket)
	if last := r.lastScreen(basket); last >= 0 {
		evidence = append(evidence, last)
	}
	return evidence
}

// lastScreen is the event of her last screen, or -1.
func (r *Run) lastScreen(basket string) int {
	for _, i := range slices.Backward(r.Index().About(basket)) {
		if isScreen(r.History[i]) {
			return i
		}
	}
	return -1
}

// offersAnew says whether she came back to a page that offers the basket once
// more, and is right: nothing was taken and nothing sent. Her order had never
// reached the shop, and the form says so.
func (r *Run) offersAnew(basket string, end Book) bool {
	back := -1
	for _, i := range r.about(basket, isAct) {
		switch r.History[i].Act.Does {
		case observe.Clicks:
			back = -1
		case observe.Opens, observe.ComesBack:
			back = i
		}
	}
	return back >= 0 && end.Clicks > 0 && end.Screen == observe.StatusReady && end.Charges == 0 && !end.Reserved.IsSome() && end.Parcels == 0
}
