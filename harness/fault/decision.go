package fault

import "time"

// Decisions are the customer's: what she does at the provider about a payment, in place of
// approving it at once. A provider carries them out, and its ledger shows that it did.
const (
	ApproveLate Kind = "approve_late"
	Decline     Kind = "decline"
	Abandon     Kind = "abandon"
	AnotherCard Kind = "another_card"
)

// How much later she approves: beyond what a person takes who looks for her telephone,
// beyond her page's patience, and beyond that of most shops. What takes many minutes is
// tried later: it takes long where real time passes.
var hesitations = []time.Duration{35 * time.Second, 2 * time.Minute, 9 * time.Minute}

var decisions = []Spec{
	{
		Kind: ApproveLate, Does: "the customer approves the payment so much later; where it is over by then, she cannot",
		Takes: []Parameter{Lasts(time.Millisecond)},
		Dealt: ByDecision, Proof: told, Builder: "ApprovesLate",
		Tries: on(APayment, func(Spot) (list []Try) {
			for i, d := range hesitations {
				list = append(list, Try{Fault: Fault{Kind: ApproveLate, Duration: d}, Turn: []Turn{Later, Early, Last}[i]})
			}
			return list
		}),
		Rows: all(APayment, Fault{Kind: ApproveLate, Duration: 10 * time.Second}),
	},
	{
		Kind: AnotherCard, Does: "the customer's card is declined, and she pays with another one, where the provider lets her",
		Dealt: ByDecision, Proof: told, Builder: "PaysWithAnotherCard",
		Tries: each(APayment, Early, 0, Fault{Kind: AnotherCard}), Rows: all(APayment, Fault{Kind: AnotherCard}),
	},
	{
		Kind: Decline, Does: "the customer declines the payment",
		Dealt: ByDecision, Proof: told, Builder: "Declines",
		Tries: each(APayment, Early, 0, Fault{Kind: Decline}), Rows: all(APayment, Fault{Kind: Decline}),
	},
	{
		Kind: Abandon, Does: "the customer never approves the payment, and it runs out or the shop cancels it",
		Dealt: ByDecision, Proof: told, Builder: "Abandons",
		Tries: each(APayment, Later, 0, Fault{Kind: Abandon}), Rows: all(APayment, Fault{Kind: Abandon}),
	},
}
