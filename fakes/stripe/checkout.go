package stripe

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// sessionLife is how long a checkout session is open, where the shop does not say.
const sessionLife = 24 * time.Hour

const soonestExpiry = 30 * time.Minute

// session is a checkout session: a page of the provider's on which a customer pays an
// intent of its own, of which the API tells once she has.
type session struct {
	id        string
	of        *intent
	status    string // open, complete or expired
	successAt string
	cancelAt  string
	client    string // client_reference_id
	email     string
	metadata  object
	expires   time.Time
	lapse     *agenda.Plan
}

// createSession answers POST /v1/checkout/sessions. The lock is held, here and below.
func createSession(p *Provider, c *call, now time.Time) (object, *refusal) {
	if mode := c.text("mode"); mode != "payment" && mode != "" {
		return nil, notPlayed("checkout sessions of the mode %q", mode)
	}
	if c.text("success_url") == "" {
		return nil, invalid("parameter_missing", "success_url", "Missing required param: success_url.")
	}
	amount, currency, refused := lineItems(c)
	if refused == nil {
		refused = checkAmount(amount, currency, "line_items")
	}
	if refused == nil {
		refused = checkMetadata(nil, c.object("metadata"))
	}
	data := c.object("payment_intent_data")
	given, _ := data["metadata"].(object)
	if refused == nil {
		refused = checkMetadata(nil, given)
	}
	if refused == nil {
		refused = p.checkPayer(c)
	}
	if refused != nil {
		return nil, refused
	}
	expires := now.Add(p.scaled(sessionLife))
	if c.has("expires_at") {
		expires = time.Unix(c.number("expires_at"), 0)
		if wait := expires.Sub(now); wait < p.scaled(soonestExpiry) || wait > p.scaled(sessionLife)+time.Second {
			return nil, invalid("", "expires_at", "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.")
		}
	}
	id := p.mint("cs_test_a1", 56, c)
	m := &intent{
		id: p.id("pi_3", 23, "session", id), key: c.key, created: now, amount: amount, currency: currency, status: needsMethod,
		capture: "automatic_async", confirms: "automatic", methods: []string{"card"}, customer: c.text("customer"), metadata: object{}, texts: object{}, told: map[string]int{},
	}
	if capture, is := data["capture_method"].(string); is {
		m.capture = capture
	}
	if text, is := data["description"].(string); is {
		m.texts["description"] = text
	}
	m.secret = m.id + "_secret_" + p.id("", 25, "secret", m.id)
	merge(m.metadata, given)
	s := &session{id: id, of: m, status: "open", successAt: c.text("success_url"), cancelAt: c.text("cancel_url"),
		client: c.text("client_reference_id"), email: c.text("customer_email"), metadata: object{}, expires: expires}
	merge(s.metadata, c.object("metadata"))
	m.session = s
	p.sessions.put(id, s)
	p.intents.put(m.id, m)
	if p.cfg.Decides != nil {
		m.decision = p.cfg.Decides(m.id)
	}
	p.record(m, observe.MoneyCreated, amount)
	s.lapse = p.agenda.Distant(expires, p.later(m, func(now time.Time) { p.expire(s, now) }))
	p.awaitCustomer(m, now)
	return p.sessionJSON(s), nil
}

// checkPayer refuses a customer who is not known, and one who is named twice.
func (p *Provider) checkPayer(c *call) *refusal {
	if c.text("customer") == "" {
		return nil
	}
	if c.text("customer_email") != "" {
		return invalid("", "customer", "You may only specify one of these parameters: customer, customer_email.")
	}
	_, refused := p.aCustomer(c.text("customer"))
	return refused
}

// lineItems are what the things on the page cost together.
func lineItems(c *call) (amount int64, currency string, refused *refusal) {
	list, _ := c.params["line_items"].([]any)
	if len(list) == 0 {
		return 0, "", invalid("parameter_missing", "line_items", "Missing required param: line_items.")
	}
	for i, one := range list {
		at := fmt.Sprintf("line_items[%d]", i)
		item, _ := one.(object)
		data, priced := item["price_data"].(object)
		if !priced {
			name, _ := item["price"].(string)
			return 0, "", unknown("price", name, at+"[price]")
		}
		quantity, is := item["quantity"].(int64)
		if !is {
			quantity = 1
		}
		unit, is := data["unit_amount"].(int64)
		if !is || unit < 0 || unit > mostAmount || quantity < 1 || quantity > mostAmount {
			return 0, "", invalid("parameter_invalid_integer", at+"[price_data][unit_amount]", "Invalid amount or quantity in %s.", at)
		}
		word, _ := data["currency"].(string)
		if word = strings.ToLower(word); currency != "" && currency != word {
			return 0, "", invalid("", at+"[price_data][currency]", "All prices on a Checkout Session must have the same currency.")
		}
		currency = word
		if amount += unit * quantity; amount > mostAmount {
			return 0, "", invalid("amount_too_large", at, "Amount must be no more than %s", price(mostAmount, currency))
		}
	}
	return amount, currency, nil
}

func withSession(do func(*Provider, *session, *call, time.Time) (object, *refusal)) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		s := p.sessions.byID[c.id]
		if s == nil {
			return nil, missing("checkout.session", c.id, "session")
		}
		return do(p, s, c, now)
	}
}

func getSession(p *Provider, s *session, _ *call, _ time.Time) (object, *refusal) {
	return p.sessionJSON(s), nil
}

func expireSession(p *Provider, s *session, c *call, now time.Time) (object, *refusal) {
	if s.status != "open" {
		return nil, invalid("", "", "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of %s.", s.status)
	}
	s.of.key = c.key
	p.expire(s, now)
	return p.sessionJSON(s), nil
}

// expire ends a session that nobody paid.
func (p *Provider) expire(s *session, now time.Time) {
	if s.status != "open" {
		return
	}
	p.agenda.Drop(s.lapse)
	s.status = "expired"
	if s.of.status != processing {
		p.release(s.of, "abandoned", "charge.refunded", now)
	}
	p.tell(s.of, "checkout.session.expired", p.sessionJSON(s), now)
}

// complete ends the session of an intent that was paid, if it has one.
func (p *Provider) complete(m *intent, now time.Time) {
	if s := m.session; s != nil && s.status == "open" {
		p.agenda.Drop(s.lapse)
		s.status = "complete"
		p.tell(m, "checkout.session.completed", p.sessionJSON(s), now)
	}
}

// shows says whether the API tells of the intent: from her first attempt to pay on.
func (s *session) shows() bool { return s.status == "complete" || s.of.tries > 0 }

// sessionJSON is a session as the API tells it.
func (p *Provider) sessionJSON(s *session) object {
	m := s.of
	payment, at, paid := any(nil), any(pageOfSession(s)), "unpaid"
	if s.shows() {
		payment = m.id
	}
	if s.status != "open" {
		at = nil
	}
	if m.status == succeeded {
		paid = "paid"
	}
	return object{
		"id": s.id, "object": "checkout.session", "amount_subtotal": m.amount, "amount_total": m.amount, "cancel_url": orNull(s.cancelAt),
		"client_reference_id": orNull(s.client), "created": m.created.Unix(), "currency": m.currency, "customer": orNull(m.customer), "customer_email": orNull(s.email),
		"automatic_tax": object{"enabled": false, "liability": nil, "provider": nil, "status": nil}, "custom_fields": []any{},
		"custom_text": object{"after_submit": nil, "shipping_address": nil, "submit": nil, "terms_of_service_acceptance": nil},
		"expires_at":  s.expires.Unix(), "livemode": false, "metadata": s.metadata, "mode": "payment", "payment_intent": payment,
		"payment_method_types": []any{"card"}, "payment_method_options": object{}, "payment_status": paid, "shipping_options": []any{},
		"status": s.status, "success_url": s.successAt, "ui_mode": "hosted_page", "url": at,
	}
}

// pageOfSession is where her browser pays.
func pageOfSession(s *session) string { return "https://checkout.stripe.com/c/pay/" + s.id }

// back is where her browser goes from the provider's page, as things stand: "" is to
// stay. Where she said no it is to the shop's page of that.
func (m *intent) back(saidNo bool) string {
	waits := m.status == needsMethod || m.status == needsAction || m.status == processing
	switch s := m.session; {
	case s == nil && waits && m.failure == nil:
		return ""
	case s == nil:
		to, err := url.Parse(m.returnURL)
		if err != nil || m.returnURL == "" {
			return ""
		}
		query := to.Query()
		query.Set("payment_intent", m.id)
		query.Set("payment_intent_client_secret", m.secret)
		query.Set("redirect_status", map[bool]string{true: "failed", false: "succeeded"}[m.failure != nil])
		to.RawQuery = query.Encode()
		return to.String()
	case s.status == "complete":
		return strings.ReplaceAll(s.successAt, "{CHECKOUT_SESSION_ID}", s.id)
	case saidNo || s.status == "expired":
		return s.cancelAt
	}
	return ""
}
