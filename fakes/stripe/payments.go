package stripe

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const mostAmount = 99999999 // eight digits

var currencyForm = regexp.MustCompile(`^[a-z]{3}$`)

// least is the smallest amount that can be asked, in minor units, of some currencies:
// "Minimum and maximum charge amounts". Of others it is 50.
var least = map[string]int64{
	"aed": 200, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500,
	"jpy": 50, "kwd": 500, "mxn": 1000, "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000, "usd": 50,
}

// createIntent answers POST /v1/payment_intents. The lock is held, here and below.
func createIntent(p *Provider, c *call, now time.Time) (object, *refusal) {
	currency := strings.ToLower(c.text("currency"))
	if refused := checkAmount(c.number("amount"), currency, "amount"); refused != nil {
		return nil, refused
	}
	m := &intent{
		key: c.key, created: now, amount: c.number("amount"), currency: currency,
		capture: orElse(c.text("capture_method"), "automatic_async"), confirms: orElse(c.text("confirmation_method"), "automatic"),
		methods: c.words("payment_method_types"), metadata: object{}, texts: object{}, told: map[string]int{},
	}
	m.automatic = automaticOf(c, m)
	if refused := p.write(m, c, now); refused != nil {
		return nil, refused
	}
	refused := checkConfirmed(c)
	if c.flag("confirm") && refused == nil {
		refused = p.confirmable(m, c)
	}
	if refused != nil {
		return nil, refused
	}
	m.id = p.mint("pi_3", 23, c)
	m.secret = m.id + "_secret_" + p.id("", 25, "secret", m.id)
	p.intents.put(m.id, m)
	if p.cfg.Decides != nil {
		m.decision = p.cfg.Decides(m.id)
	}
	p.record(m, observe.MoneyCreated, m.amount)
	p.tell(m, "payment_intent.created", p.intentJSON(m), now)
	if c.flag("confirm") {
		return p.confirm(m, c, now)
	}
	if m.method == nil {
		p.awaitCustomer(m, now)
	}
	return p.intentJSON(m), nil
}

// automaticOf is automatic_payment_methods, which are on where no types are named.
func automaticOf(c *call, m *intent) object {
	given := c.object("automatic_payment_methods")
	if enabled, _ := given["enabled"].(bool); given != nil && !enabled || given == nil && m.methods != nil {
		if m.methods == nil {
			m.methods = []string{"card"}
		}
		return nil
	}
	m.methods = []string{"card"}
	redirects, _ := given["allow_redirects"].(string)
	return object{"enabled": true, "allow_redirects": orElse(redirects, "always")}
}

// checkConfirmed says why a request to create an intent cannot confirm it, too.
func checkConfirmed(c *call) *refusal {
	confirm := c.flag("confirm")
	for _, name := range []string{"return_url", "off_session", "error_on_requires_action", "mandate_data", "confirmation_token"} {
		if c.has(name) && !confirm {
			return invalid("", name, "You cannot specify `%s` unless you also set `confirm` to true.", name)
		}
	}
	return nil
}

// checkAmount says what is wrong with an amount of a currency.
func checkAmount(amount int64, currency, param string) *refusal {
	smallest, known := least[currency]
	if !known {
		smallest = 50
	}
	switch {
	case !currencyForm.MatchString(currency):
		return invalid("", "currency", "Invalid currency: %s. Stripe currently supports these currencies: three letters of ISO 4217.", currency)
	case amount < 1:
		return invalid("parameter_invalid_integer", param, "This value must be greater than or equal to 1.")
	case amount > mostAmount:
		return invalid("amount_too_large", param, "Amount must be no more than %s", price(mostAmount, currency))
	case amount < smallest:
		return invalid("amount_too_small", param, "Amount must be at least %s", price(smallest, currency))
	case observe.Decimals(strings.ToUpper(currency)) == 3 && amount%10 != 0:
		return invalid("parameter_invalid_integer", param, "Invalid %s: amounts of %s have a last digit of 0.", param, currency)
	}
	return nil
}

// price is an amount as people write it: "12.30 usd".
func price(amount int64, currency string) string {
	decimals := observe.Decimals(strings.ToUpper(currency))
	unit := int64(1)
	for range decimals {
		unit *= 10
	}
	if decimals == 0 {
		return fmt.Sprintf("%d %s", amount, currency)
	}
	return fmt.Sprintf("%d.%0*d %s", amount/unit, decimals, amount%unit, currency)
}

// write writes what a request says of an intent into it, or nothing of it.
func (p *Provider) write(m *intent, c *call, now time.Time) *refusal {
	owner := orElse(c.text("customer"), m.customer)
	if _, refused := p.aCustomer(owner); owner != "" && refused != nil {
		return refused
	}
	for _, kind := range m.methods {
		if kind != "card" {
			return notPlayed("payment methods of the type %q", kind)
		}
	}
	if refused := checkMetadata(m.metadata, c.object("metadata")); refused != nil {
		return refused
	}
	chosen, refused := p.chosenMethod(c, now)
	var with *token
	if refused == nil {
		with, refused = p.aToken(m, c, now)
	}
	if chosen == nil && with != nil {
		chosen = with.method
	}
	if refused == nil {
		refused = checkOwner(chosen, owner)
	}
	if refused != nil {
		return refused
	}
	m.customer = owner
	for _, name := range []string{"description", "receipt_email", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_group"} {
		if c.has(name) {
			m.texts[name] = orNull(c.params[name])
		}
	}
	merge(m.metadata, c.object("metadata"))
	if c.has("setup_future_usage") {
		m.future = c.text("setup_future_usage")
	}
	if with != nil {
		m.adopt(with, c)
	}
	if chosen != nil && m.status != needsAction {
		m.method = chosen
	}
	if m.status == "" || m.status == needsMethod || m.status == needsConfirmation {
		m.status = needsMethod
		if m.method != nil {
			m.status = needsConfirmation
		}
	}
	return nil
}

// checkMetadata says what is wrong with metadata that is to be merged.
func checkMetadata(into, given object) *refusal {
	count := len(into)
	for _, key := range slices.Sorted(maps.Keys(given)) {
		text, _ := given[key].(string)
		if _, known := into[key]; !known && text != "" {
			count++
		}
		switch {
		case utf8.RuneCountInString(key) > 40:
			return invalid("parameter_invalid_string", "metadata", "Metadata keys can have up to 40 characters, but you passed in a key that is %d characters long.", utf8.RuneCountInString(key))
		case utf8.RuneCountInString(text) > 500:
			return invalid("parameter_invalid_string", within("metadata", key), "Metadata values can have up to 500 characters, but you passed in a value that is %d characters.", utf8.RuneCountInString(text))
		}
	}
	if count > 50 {
		return invalid("", "metadata", "You can have up to 50 metadata keys.")
	}
	return nil
}

// merge writes metadata: an empty text takes a key off.
func merge(into, given object) {
	for key, value := range given {
		if value == "" {
			delete(into, key)
		} else {
			into[key] = value
		}
	}
}

// withIntent is an operation on an intent that exists. A browser names its client_secret.
func withIntent(do func(*Provider, *intent, *call, time.Time) (object, *refusal)) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		m := p.intents.byID[c.id]
		switch {
		case m == nil:
			return nil, missing("payment_intent", c.id, "intent")
		case c.browser && !c.has("client_secret"):
			return nil, invalid("parameter_missing", "client_secret", "Missing required param: client_secret.")
		case c.has("client_secret") && !equal(c.text("client_secret"), m.secret):
			return nil, invalid("payment_intent_invalid_parameter", "client_secret", "The client_secret provided does not match the client_secret associated with the PaymentIntent.")
		}
		if c.method != "GET" {
			m.key = c.key
		}
		return do(p, m, c, now)
	}
}

func getIntent(p *Provider, m *intent, _ *call, _ time.Time) (object, *refusal) {
	return p.intentJSON(m), nil
}

func updateIntent(p *Provider, m *intent, c *call, now time.Time) (object, *refusal) {
	open := m.status == needsMethod || m.status == needsConfirmation || m.status == needsAction
	for _, name := range []string{"amount", "currency", "payment_method", "capture_method", "payment_method_types", "setup_future_usage", "customer"} {
		if c.has(name) && !open {
			return nil, p.unexpected(m, "This PaymentIntent's %s could not be updated because it has a status of %s. You may only update the %[1]s of a PaymentIntent with one of the following statuses: requires_payment_method, requires_confirmation, requires_action.", name, m.status)
		}
	}
	amount, currency := m.amount, m.currency
	if c.has("amount") {
		amount = c.number("amount")
	}
	if c.has("currency") {
		currency = strings.ToLower(c.text("currency"))
	}
	if refused := checkAmount(amount, currency, "amount"); refused != nil {
		return nil, refused
	}
	if c.has("payment_method_types") {
		m.methods, m.automatic = c.words("payment_method_types"), nil
	}
	if refused := p.write(m, c, now); refused != nil {
		return nil, refused
	}
	m.amount, m.currency = amount, currency
	m.capture = orElse(c.text("capture_method"), m.capture)
	return p.intentJSON(m), nil
}

func captureIntent(p *Provider, m *intent, c *call, now time.Time) (object, *refusal) {
	if m.status != needsCapture {
		return nil, p.unexpected(m, "This PaymentIntent could not be captured because it has a status of %s. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.", m.status)
	}
	amount := m.authorized
	if c.has("amount_to_capture") {
		amount = c.number("amount_to_capture")
	}
	switch {
	case amount < 1:
		return nil, invalid("parameter_invalid_integer", "amount_to_capture", "This value must be greater than or equal to 1.")
	case amount > m.authorized:
		return nil, invalid("amount_too_large", "amount_to_capture", "The provided amount_to_capture (%d) is greater than the amount that can be captured (%d).", amount, m.authorized)
	}
	if refused := p.write(m, c, now); refused != nil {
		return nil, refused
	}
	p.take(m, m.charge(), amount, now)
	return p.intentJSON(m), nil
}

func cancelIntent(p *Provider, m *intent, c *call, now time.Time) (object, *refusal) {
	if m.status == succeeded || m.status == canceled || m.status == processing {
		return nil, p.unexpected(m, "You cannot cancel this PaymentIntent because it has a status of %s. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action.", m.status)
	}
	p.release(m, c.text("cancellation_reason"), "charge.refunded", now)
	return p.intentJSON(m), nil
}

// unexpected refuses what m's status does not allow.
func (p *Provider) unexpected(m *intent, format string, args ...any) *refusal {
	refused := invalid("payment_intent_unexpected_state", "", format, args...)
	if m.id != "" {
		refused.intent = p.intentJSON(m)
	}
	return refused
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
