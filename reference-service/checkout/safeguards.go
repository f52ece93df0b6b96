package checkout

import (
	"fmt"
	"slices"
	"strings"
)

// The safeguards by name. Each is one mechanism that saves a customer, and each
// can be switched off by CHECKOUT_WITHOUT to show who becomes unhappy then.
const (
	orderIdentity       = "order-identity"
	oneOrderPerBasket   = "one-order-per-basket"
	onePayment          = "one-payment"
	stableKey           = "stable-key"
	intentFirst         = "intent-first"
	unknownIsNotFailure = "unknown-is-not-failure"
	leased              = "lease"
	resume              = "resume"
	reconciler          = "reconciler"
	webhookInbox        = "webhook-inbox"
	shipOnce            = "ship-once"
	voidFirst           = "void-first"
	refundUnshippable   = "refund-unshippable"
	backoff             = "backoff"
	amountCheck         = "amount-check"
	statusPage          = "status-page"
	tolerantReader      = "tolerant-reader"
	nestedTimeouts      = "nested-timeouts"
)

// Safeguard is one row of the table of what saves whom.
type Safeguard struct {
	Name  string // as in CHECKOUT_WITHOUT
	Side  string // who carries it: "service", "front end" or "both"
	Saves string // the customer whom it saves, in one sentence
	Story string // the id of the story that shows it, if there is one
}

// Safeguards lists every safeguard. Treat it as read-only.
var Safeguards = []Safeguard{
	{orderIdentity, "service",
		"Her order was sent twice, by her browser or by her impatience, and she gets and pays for one.",
		"customer-2-charged-twice"},
	{oneOrderPerBasket, "service",
		"She has the same basket open in two tabs, submits both, and buys it once.", ""},
	{onePayment, "service",
		"She clicks twice in a row, and one payment is started for her order.",
		"customer-3-double-click"},
	{stableKey, "service",
		"The answer of the provider or the carrier was lost, and asking again does not do it again.", ""},
	{intentFirst, "service",
		"The shop dies while it asks for her money, and still knows of her order afterwards.", ""},
	{unknownIsNotFailure, "service",
		"The provider was slow, and she is not told that her payment failed while it succeeds.", ""},
	{leased, "service",
		"Two workers of the shop are awake at once, and only one of them works on her order.", ""},
	{resume, "service",
		"The shop restarts in the middle of her order, and finishes it afterwards.", ""},
	{reconciler, "service",
		"Something reached the provider after everybody had given up, and her money comes back.", ""},
	{webhookInbox, "service",
		"A late, repeated or untrue notification does not undo her paid order.", ""},
	{shipOnce, "service",
		"The carrier's confirmation was lost, and she gets one parcel.", ""},
	{voidFirst, "service",
		"The shop gives up on her order, and no money stays reserved on her account.", ""},
	{refundUnshippable, "service",
		"She paid for what cannot be sent, and gets her money back.", ""},
	{backoff, "service",
		"The provider is in trouble, and the shop's retries do not make it worse for her and all others.", ""},
	{amountCheck, "service",
		"She changed her basket in another tab, and never pays another amount than the one she saw.", ""},
	{statusPage, "front end",
		"The one answer to her submit was lost, and the page finds out by itself how her order stands.",
		"customer-1-lost-confirmation"},
	{tolerantReader, "front end",
		"The shop's answers changed, and the page still tells her that it is looking after her order.",
		"customer-1-contract-drift"},
	{nestedTimeouts, "both",
		"The shop answers before her page gives up waiting, and the provider before the shop does.", ""},
}

// CheckSafeguards says in one line which of the names is no safeguard's, and
// which ones are valid.
func CheckSafeguards(names []string) error {
	valid := safeguardNames()
	for _, name := range names {
		if !slices.Contains(valid, name) {
			return fmt.Errorf("there is no safeguard %q; valid: %s", name, strings.Join(valid, ", "))
		}
	}
	return nil
}

func safeguardNames() []string {
	var names []string
	for _, g := range Safeguards {
		names = append(names, g.Name)
	}
	return names
}
