package main

import (
	"fmt"
	"io"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// audit compares the books and prints what it counted. found says that
// somebody is out of pocket, out of goods or out of patience; finished says
// that the day could be staged as it was meant.
func audit(out io.Writer, r *judge.Run, o options) (found, finished bool) {
	var twice, unserved, unpaid, stuck, untold, reserved, shipped int
	books := r.Books()
	for _, b := range books {
		switch {
		case b.Charges > 1:
			twice++
		case b.Charges == 1 && b.KeepsMoney() && b.Parcels == 0:
			unserved++
		case b.Parcels > b.Charges:
			unpaid++
		case b.Charges == 0 && b.Parcels == 0:
			stuck++
		}
		if b.Reserved.IsSome() {
			reserved++
		}
		if b.Screen == observe.StatusShipped {
			shipped++
		} else {
			untold++
		}
	}
	messages, killed, tookEffect := 0, 0, 0
	for _, e := range r.History {
		switch {
		case e.Message != nil && e.Message.N > 0 && (e.Kind == observe.Sent || e.Kind == observe.Arrived):
			messages++
		case e.Kind == observe.Process && e.Life.What == observe.ProcessKilled:
			killed++
		case e.Kind == observe.Injected && e.Effect.What == observe.Fired:
			tookEffect++
		}
	}
	fmt.Fprintf(out, "load on %s, seed %d, without %q: %d orders, 3 submits each, in %.1f s; %d messages on the wire; %d of %d injections took effect, %d kills\n",
		o.database, o.seed, o.without, len(books), r.Took.Seconds(), messages, tookEffect, len(r.Schedule), killed)
	fmt.Fprintf(out, "audit: %d charged twice, %d charged and neither shipped nor refunded, %d shipped unpaid, %d stuck, %d still reserved; %d saw “shipped”, %d were told something else or nothing\n",
		twice, unserved, unpaid, stuck, reserved, shipped, untold)
	// A message that a kill took along cannot be hit once more.
	finished = r.Failure == "" && len(books) == o.orders && killed == o.kills && tookEffect >= len(r.Schedule)*97/100
	if !finished {
		fmt.Fprintf(out, "the day could not be staged as meant: %d of %d orders, %d of %d kills, %d of %d injections; %s\n",
			len(books), o.orders, killed, o.kills, tookEffect, len(r.Schedule), r.Failure)
	}
	if r.Unsettled != "" {
		fmt.Fprintln(out, r.Unsettled)
		stuck++
	}
	return twice+unserved+unpaid+stuck+reserved+untold > 0, finished
}
