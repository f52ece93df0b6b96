package stripe

import (
	"strconv"
	"strings"
	"time"
)

// decline is a bank's no, as "Test cards" and "Decline codes" of Stripe's documentation
// have them.
type decline struct{ code, decline, message string }

var (
	genericDecline = &decline{"card_declined", "generic_decline", "Your card was declined."}
	noFunds        = &decline{"card_declined", "insufficient_funds", "Your card has insufficient funds."}
	lostCard       = &decline{"card_declined", "lost_card", "Your card was declined."}
	stolenCard     = &decline{"card_declined", "stolen_card", "Your card was declined."}
	velocity       = &decline{"card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently or exceeding its amount limit."}
	expiredCard    = &decline{"expired_card", "expired_card", "Your card has expired."}
	wrongCVC       = &decline{"incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."}
	bankError      = &decline{"processing_error", "processing_error", "An error occurred while processing your card. Try again in a little bit."}
	fraudulent     = &decline{"card_declined", "fraudulent", "Your card was declined."}
)

// card is one of the test mode, and what its bank does.
type card struct {
	brand, number, funding string
	declines               *decline
	authenticates          bool   // its bank wants the customer to authenticate each payment
	laterOnly              bool   // it declines payments, and not to be kept for them
	disputes               bool   // its holder disputes each payment
	refunds                string // "pending" or "failed": what happens to refunds at first, or in the end
}

// testMethods are the cards of the test mode, by the name that stands for them in an API
// call.
var testMethods = map[string]*card{
	"pm_card_visa":             {brand: "visa", number: "4242424242424242"},
	"pm_card_visa_debit":       {brand: "visa", number: "4000056655665556", funding: "debit"},
	"pm_card_mastercard":       {brand: "mastercard", number: "5555555555554444"},
	"pm_card_mastercard_debit": {brand: "mastercard", number: "5200828282828210", funding: "debit"},
	"pm_card_amex":             {brand: "amex", number: "378282246310005"},
	"pm_card_discover":         {brand: "discover", number: "6011111111111117"},
	"pm_card_no":               {brand: "visa", number: "4000005780000007"},
	"pm_card_jp":               {brand: "visa", number: "4000003920000003"},

	"pm_card_chargeDeclined":                      {brand: "visa", number: "4000000000000002", declines: genericDecline},
	"pm_card_chargeDeclinedInsufficientFunds":     {brand: "visa", number: "4000000000009995", declines: noFunds},
	"pm_card_chargeDeclinedLostCard":              {brand: "visa", number: "4000000000009987", declines: lostCard},
	"pm_card_chargeDeclinedStolenCard":            {brand: "visa", number: "4000000000009979", declines: stolenCard},
	"pm_card_chargeDeclinedVelocityLimitExceeded": {brand: "visa", number: "4000000000006975", declines: velocity},
	"pm_card_chargeDeclinedExpiredCard":           {brand: "visa", number: "4000000000000069", declines: expiredCard},
	"pm_card_chargeDeclinedIncorrectCvc":          {brand: "visa", number: "4000000000000127", declines: wrongCVC},
	"pm_card_chargeDeclinedProcessingError":       {brand: "visa", number: "4000000000000119", declines: bankError},
	"pm_card_chargeDeclinedFraudulent":            {brand: "visa", number: "4100000000000019", declines: fraudulent},
	"pm_card_chargeCustomerFail":                  {brand: "visa", number: "4000000000000341", declines: genericDecline, laterOnly: true},

	"pm_card_authenticationRequired":                                {brand: "visa", number: "4000002760003184", authenticates: true},
	"pm_card_threeDSecure2Required":                                 {brand: "visa", number: "4000000000003220", authenticates: true},
	"pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": {brand: "visa", number: "4000008260003178", authenticates: true, declines: noFunds},

	"pm_card_createDispute": {brand: "visa", number: "4000000000000259", disputes: true},
	"pm_card_pendingRefund": {brand: "visa", number: "4000000000007726", refunds: "pending"},
	"pm_card_refundFail":    {brand: "visa", number: "4000000000005126", refunds: "failed"},
}

// declinedCards are the cards that a customer tries in vain on a page, by the code by which
// their banks decline them.
var declinedCards = map[string]string{
	genericDecline.decline: "pm_card_chargeDeclined",
	noFunds.decline:        "pm_card_chargeDeclinedInsufficientFunds",
	lostCard.decline:       "pm_card_chargeDeclinedLostCard",
	stolenCard.decline:     "pm_card_chargeDeclinedStolenCard",
	velocity.decline:       "pm_card_chargeDeclinedVelocityLimitExceeded",
	expiredCard.decline:    "pm_card_chargeDeclinedExpiredCard",
	wrongCVC.decline:       "pm_card_chargeDeclinedIncorrectCvc",
	bankError.decline:      "pm_card_chargeDeclinedProcessingError",
	fraudulent.decline:     "pm_card_chargeDeclinedFraudulent",
}

// sameMethods are further names of the same cards.
var sameMethods = map[string]string{
	"pm_card_visa_chargeDeclined":                  "pm_card_chargeDeclined",
	"pm_card_visa_chargeDeclinedInsufficientFunds": "pm_card_chargeDeclinedInsufficientFunds",
	"pm_card_visa_chargeDeclinedLostCard":          "pm_card_chargeDeclinedLostCard",
	"pm_card_visa_chargeDeclinedStolenCard":        "pm_card_chargeDeclinedStolenCard",
	"pm_card_visa_chargeDeclinedExpiredCard":       "pm_card_chargeDeclinedExpiredCard",
	"pm_card_visa_chargeDeclinedIncorrectCvc":      "pm_card_chargeDeclinedIncorrectCvc",
	"pm_card_visa_chargeDeclinedProcessingError":   "pm_card_chargeDeclinedProcessingError",
}

// authenticatesAlways are numbers that only a browser's form is given.
var authenticatesAlways = []string{"4000002500003155", "4000003800000446"}

// method is a payment method. It keeps no card number but its last four digits.
type method struct {
	*card
	id       string
	created  time.Time
	customer string
	gone     bool // it was detached: nothing can be done with it
	hers     bool // she described it on the shop's page
	billing  object
	metadata object
	month    int64
	year     int64
}

// namedCard is the test card of a name, or nil.
func namedCard(name string) *card {
	if other, is := sameMethods[name]; is {
		name = other
	}
	return testMethods[name]
}

// numberedCard is the test card of a number.
func numberedCard(number string) (*card, *refusal) {
	number = strings.NewReplacer(" ", "", "-", "").Replace(number)
	for _, c := range testMethods {
		if c.number == number {
			return c, nil
		}
	}
	for _, n := range authenticatesAlways {
		if n == number {
			return &card{brand: "visa", number: n, authenticates: true}, nil
		}
	}
	if !luhn(number) {
		return nil, &refusal{status: 402, kind: cardError, code: "incorrect_number", param: "number", message: "Your card number is incorrect."}
	}
	return nil, &refusal{status: 402, kind: cardError, code: "card_declined", decline: "test_mode_live_card",
		message: "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing."}
}

// luhn says whether a card number's check digit is right.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i]) - '0'
		if digit < 0 || digit > 9 {
			return false
		}
		if i%2 == 1 {
			digit *= 2
		}
		sum += digit/10 + digit%10
	}
	return len(number) >= 12 && sum%10 == 0
}

// newMethod makes a method of a card. The lock is held, here and below.
func (p *Provider) newMethod(c *card, id string, now time.Time) *method {
	return p.methods.put(id, &method{card: c, id: id, created: now, month: int64(now.Month()), year: int64(now.Year() + 1), metadata: object{}})
}

// cardOf is a method that a customer pays m with by a card of the test mode.
func (p *Provider) cardOf(m *intent, name string, now time.Time) *method {
	m.tries++
	return p.newMethod(namedCard(name), p.id("pm_1", 23, "hers", m.id, strconv.Itoa(m.tries)), now)
}

// chosenMethod is the one that a request names or describes; nil where it has none.
func (p *Provider) chosenMethod(c *call, now time.Time) (*method, *refusal) {
	data := c.object("payment_method_data")
	name := c.text("payment_method")
	switch {
	case name != "" && data != nil:
		return nil, invalid("", "payment_method_data", "You may only specify one of these parameters: payment_method, payment_method_data.")
	case data != nil:
		return p.describedMethod(c, data, "payment_method_data", now)
	case name == "":
		return nil, nil
	}
	if card := namedCard(name); card != nil {
		return p.newMethod(card, p.mint("pm_1", 23, c), now), nil
	}
	if found := p.methods.byID[name]; found != nil {
		return found, nil
	}
	return nil, unknown("PaymentMethod", name, "payment_method")
}

// describedMethod is one that a browser's form describes: a card's number, or a token.
func (p *Provider) describedMethod(c *call, data object, at string, now time.Time) (*method, *refusal) {
	if kind, _ := data["type"].(string); kind != "card" {
		return nil, notPlayed("payment methods of the type %q", data["type"])
	}
	given, _ := data["card"].(object)
	m := &method{}
	var refused *refusal
	switch number, _ := given["number"].(string); {
	case number != "":
		m.card, refused = numberedCard(number)
	case given["token"] != nil:
		token, _ := given["token"].(string)
		m.card = namedCard("pm_card_" + strings.TrimPrefix(token, "tok_"))
		if m.card == nil {
			refused = unknown("token", token, within(within(at, "card"), "token"))
		}
	default:
		refused = invalid("parameter_missing", within(within(at, "card"), "number"), "Missing required param: %s.", within(within(at, "card"), "number"))
	}
	if refused != nil {
		return nil, refused
	}
	m = p.newMethod(m.card, p.mint("pm_1", 23, c), now)
	m.hers = c.browser
	if month, is := given["exp_month"].(int64); is {
		m.month = month
	}
	if year, is := given["exp_year"].(int64); is {
		m.year = year
	}
	if billing, is := data["billing_details"].(object); is {
		m.billing = billing
	}
	if metadata, is := data["metadata"].(object); is {
		m.metadata = metadata
	}
	return m, nil
}

// methodJSON is a method as the API tells it.
func (p *Provider) methodJSON(m *method) object {
	if m == nil {
		return nil
	}
	return object{
		"id": m.id, "object": "payment_method", "allow_redisplay": "unspecified", "billing_details": billing(m.billing),
		"card": object{
			"brand": m.brand, "display_brand": m.brand, "funding": m.fundingOf(), "last4": m.number[len(m.number)-4:], "country": "US",
			"exp_month": m.month, "exp_year": m.year, "fingerprint": p.id("", 16, "fingerprint", m.number),
			"checks":         object{"address_line1_check": nil, "address_postal_code_check": nil, "cvc_check": "unchecked"},
			"generated_from": nil, "networks": object{"available": []any{m.brand}, "preferred": nil},
			"regulated_status": "unregulated", "three_d_secure_usage": object{"supported": true}, "wallet": nil,
		},
		"created": m.created.Unix(), "customer": orNull(m.customer), "customer_account": nil, "livemode": false, "metadata": m.metadata, "type": "card",
	}
}

func (m *method) fundingOf() string {
	if m.funding == "" {
		return "credit"
	}
	return m.funding
}

// billing are billing details with all their fields.
func billing(given object) object {
	full := object{"email": nil, "name": nil, "phone": nil, "tax_id": nil}
	for name := range full {
		full[name] = orNull(given[name])
	}
	inner, _ := given["address"].(object)
	full["address"] = addressOf(inner)
	return full
}

// orNull is a text, or null where it is empty.
func orNull(v any) any {
	if v == "" {
		return nil
	}
	return v
}
