package provider

import "time"

// A provider that has Kind.Pages serves to customers what its real page is to them. Its
// answer to CreatePayment, or to a later question of the shop, has a URL of its own form, to which
// the shop sends her. Her browser asks the Pages for it, whatever its host: it is where no
// real page is reached. It does four things:
//
//   - It loads that URL (PayAtProvider): 200 with a page, while the payment waits for her,
//     and the redirect below where it is decided.
//   - She presses a button (ApproveAtProvider): a POST to the same URL, with a form of
//     AnswerField and an Answer. The ledger has what she said before it is answered.
//   - Where her card is declined by that, and she may try another one, the answer is the page
//     again, with 402.
//   - Where the payment is decided by then, the answer is a redirect, 303 to the URL that
//     the shop gave for her return; otherwise it is a page that sends her nowhere.
//
// Her yes is the moment at which Config.Decides counts, as the end of Config.ApproveAfter
// is in her app. The pages are told of with observe.Server on observe.PayingHop. Routes has
// PayAtProvider and ApproveAtProvider on that hop.

// Answer is what a customer says on the provider's page.
type Answer string

// The answers, and the fields of the form that have one, and the code by which a card is
// declined.
const (
	Approves     Answer = "approve"
	Declines     Answer = "decline"
	CardDeclined Answer = "declined_card" // she pays, and her bank declines the card
	AnswerField         = "answer"
	CodeField           = "code"
)

// NoFunds is the code of the most usual reason why a bank declines a card.
const NoFunds = "insufficient_funds"

// OtherCardAfter is how long a customer whose card was declined takes to find another one, in
// story time, where she pays on no page of the provider's.
const OtherCardAfter = 20 * time.Second
