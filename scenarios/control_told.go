package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// toldOfSale says whether a screen said that something was bought.
func toldOfSale(r *judge.Run) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says.IsSale() })
}

// toldOutcome says whether a screen said how the order ended, well or badly.
func toldOutcome(r *judge.Run) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says.IsOutcome() })
}

// untold says whether a run shows nothing of the shop, since nobody was told of a sale. A
// run that proves something does, whatever the screen said.
func untold(r *judge.Run) bool {
	verdict := r.Verdict()
	return !toldOfSale(r) && (verdict == judge.Unproven || verdict == judge.Unfinished)
}

// neverTold says whether a customer bought, and no screen said how that ended until all was
// at rest.
func neverTold(r *judge.Run) bool { return sold(r) && !toldOutcome(r) }

// deliveries are how the shop answered the provider's webhooks in a run. What had no
// answer is not among them: the shop may have done its work.
type deliveries struct {
	answers, refusals int
	statuses          []int
	last              *observe.Message // that was refused
}

func deliveriesIn(r *judge.Run) (d deliveries) {
	for _, e := range r.History {
		if e.Kind != observe.Answered || e.Message.Hop != observe.WebhookHop {
			continue
		}
		d.answers++
		if status := e.Message.Status; status < 200 || status >= 300 { // a provider follows no redirect
			d.refusals++
			d.last = e.Message
			if !slices.Contains(d.statuses, status) {
				d.statuses = append(d.statuses, status)
			}
		}
	}
	return d
}

// allRefused says whether there were webhooks, and none of them was taken.
func (d deliveries) allRefused() bool { return d.answers > 0 && d.refusals == d.answers }

// heardNothing says whether the shop refused whatever the provider told it, and told the
// customer nothing: then the set-up is wrong, and what else the run shows follows from it.
func heardNothing(r *judge.Run) bool { return deliveriesIn(r).allRefused() && !toldOutcome(r) }

// deaf says whether the shop refused whatever the provider told it, so that the provider was
// never done. A shop that asks by itself may sell all the same, and what is judged at rest
// cannot be.
func deaf(r *judge.Run) bool {
	return r.Unsettled != "" && len(r.Schedule) == 0 && deliveriesIn(r).allRefused()
}

// whyItNeverRests is one sentence of why the provider was never done at a shop that is deaf.
func whyItNeverRests(r *judge.Run, shop *target.Target) string {
	return "the provider was never done: " + deliveriesIn(r).words(shop)
}

// misconfigured says whether a run shows that the shop's set-up is wrong, which is no
// machine's doing: the provider refuses it or does not play what it asks for, it refuses the
// provider's webhooks, or it has nothing but errors for its customers.
func misconfigured(r *judge.Run) bool {
	return refused(r) || r.Unplayed() != "" || heardNothing(r) || deaf(r) || turnedAway(r)
}

// isNoMachines says whether what a run without a sale shows is no machine's doing. That a shop
// was not ready within a minute is not explained by a stall of a moment, but it is by a machine
// whose cores were taken.
func (t *runner) isNoMachines(r *judge.Run) bool {
	taken := t.machine.pulse != nil && t.machine.pulse.CoresAreTaken(r.Began)
	return misconfigured(r) || unread(r) || neverReady(r) && !taken
}

// neverReady says whether a process of the shop was not ready when its time was over.
func neverReady(r *judge.Run) bool {
	started, ready := 0, 0
	for _, e := range r.History {
		switch {
		case e.Kind != observe.Process:
		case e.Life.What == observe.ProcessStarted:
			started++
		case e.Life.What == observe.ProcessReady:
			ready++
		}
	}
	return r.Failure != "" && len(r.Schedule) == 0 && started > ready
}

// looks are how the shop answered when the page asked how the order stands, in a run
// without faults.
type looks struct {
	answers, errors int
	last            *observe.Message
}

func looksIn(r *judge.Run) (l looks) {
	for _, e := range r.History {
		if len(r.Schedule) > 0 || e.Kind != observe.Answered || e.Message.Hop != observe.CustomerHop || e.Message.Operation != observe.OrderStatus {
			continue
		}
		if l.answers++; e.Message.Status >= 400 {
			l.errors++
			l.last = e.Message
		}
	}
	return l
}

// inVain says whether the page looked, and heard nothing but errors. One may be all: it can
// mean that the order is lost, and then the page looks no more.
func (l looks) inVain() bool { return l.errors > 0 && l.errors == l.answers }

// words say how the page looked in vain, or "".
func (l looks) words() string {
	if !l.inVain() {
		return ""
	}
	return fmt.Sprintf("the shop answered each look of the page (%d of %d) with an error, the last one %s %s with %d%s: is that where “look” is to ask?",
		l.errors, l.answers, l.last.Method, l.last.Path, l.last.Status, said(l.last.Body))
}

// oftenEnough is how many errors in a row are no accident.
const oftenEnough = 3

// turnedAway says whether all that customers heard in a run without faults were errors.
func turnedAway(r *judge.Run) bool {
	errors := 0
	for _, e := range r.History {
		if e.Kind != observe.Answered || e.Message.Hop != observe.CustomerHop {
			continue
		}
		if e.Message.Status < 400 {
			return false
		}
		errors++
	}
	return errors >= oftenEnough && len(r.Schedule) == 0
}

// whyNobodyWasTold is one sentence of why no customer was told of a sale.
func whyNobodyWasTold(r *judge.Run, shop *target.Target) string {
	says := "nobody was told of a sale"
	if taken := movedIn(r).taken(); taken != "" {
		says += ", though " + taken
	}
	l := lastWordsIn(r)
	if d := deliveriesIn(r); d.allRefused() {
		return says + ": " + d.words(shop) + l.ends()
	}
	return says + ": " + strings.Join(parts(l.provider, l.callee, l.shop, l.screen, l.words), "; ")
}

// words say how all of them were refused, and what the likeliest cause is.
func (d deliveries) words(shop *target.Target) string {
	secret := "does it check them with ${webhooks.secret}"
	if shop.Service.URL != "" { // which is told nothing
		secret = "does it check them with the description's payments.webhook_secret"
	}
	path := fmt.Sprintf(`is "webhooks: %s" its path`, shop.Webhooks)
	refused := fmt.Sprintf("the shop answered every webhook of the provider (%d of %d) with %s%s", d.refusals, d.answers, list(d.statuses), said(d.last.Body))
	switch status := d.last.Status; {
	case status >= 500:
		return refused + ": it failed at them; " + secret + "?"
	case status < 400 || slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone}, status):
		return refused + ": " + path + ", and " + secret + "?"
	}
	return refused + ": " + secret + ", and " + path + "?"
}

// list is numbers as a sentence has them.
func list(numbers []int) string {
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(numbers), "[]")), " and ")
}
