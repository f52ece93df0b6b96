package harness_test

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// A story says what customers do, what goes wrong on the way, and what must hold
// beside the standard promises.
func ExampleStory() {
	story := Story{
		ID:   "answer-lost",
		Plot: "Ana clicks submit, and the answer to her click is lost.",
		Injections: Schedule{
			On(Submit).Nth(1).Answered().Closes(),
		},
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		},
		Complaint: Without("status-page").Orders(1).Charges(1).Parcels(1).SaysNothing(),
	}
	fmt.Println(story.Check())
	// Output: <nil>
}

// A schedule is a list of injections. It prints, and each line can be read again.
func ExampleSchedule() {
	fmt.Println(Schedule{
		On(Capture).Nth(1).Answered().Closes(),
		On(Submit).Nth(1).Toxic(Downstream, Latency(90*time.Second)).Lasting(50 * time.Second),
		On(Submit, OrderStatus).Answered().Renames("status", "orderStatus"),
		On(CreatePayment).Nth(1).Kills("checkout").Lasting(2 * time.Second),
		OnHopOf(PaymentWebhook).Down().Lasting(24 * time.Hour),
		OnHopOf(GetPayment).Down().When(observe.MoneyAuthorized, 1).Lasting(3 * time.Hour),
		OnPath(CustomerHop, "GET", "/terms").Answers(503),
	})
	// Output:
	// Capture #1 answered: close
	// Submit #1 arrives: latency 1m30s downstream, for 50s
	// Submit|OrderStatus answered: rename status as orderStatus
	// CreatePayment #1 arrives: kill checkout, for 2s
	// PaymentWebhook hop: down, for 24h0m0s
	// GetPayment hop seen authorized #1: down, for 3h0m0s
	// customer>checkout GET /terms arrives: answer 503
}

// A promise of a shop's own reads the history like the standard ones. It is explored,
// kept in findings and replayed like them.
func ExamplePromise() {
	oneParcel := Promise{
		Name: "one-parcel-at-most",
		Says: "A customer never gets the same goods twice.",
		Judge: PerBasket(func(r *Run, basket string) Ruling {
			var booked []int
			for _, i := range r.Entries(basket, observe.Parcel) {
				if r.History[i].Entry.Op == observe.ParcelBooked {
					booked = append(booked, i)
				}
			}
			if len(booked) > 1 {
				return RuleBroken(booked, "%d parcels were booked for %s", len(booked), basket)
			}
			return RuleKept()
		}),
	}
	fmt.Println(oneParcel.Judge(&Run{}).Verdict)
	// Output: KEPT
}
