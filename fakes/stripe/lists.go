package stripe

import "time"

// How many objects a list has: where a request says nothing, and at most.
const (
	usualLimit = 10
	mostOfList = 100
)

// listIntents lists the payment intents, the newest first.
func listIntents(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.intents, "payment_intent", "/v1/payment_intents", func(m *intent) string { return m.id }, p.intentJSON,
		func(m *intent) bool { return m.session == nil || m.session.shows() })
}

// listSessions lists the checkout sessions, the newest first.
func listSessions(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.sessions, "checkout.session", "/v1/checkout/sessions", func(s *session) string { return s.id }, p.sessionJSON,
		func(*session) bool { return true })
}

// listed is a list of objects, the newest first, from after one of them. The lock is
// held, here and below.
func listed[T any](c *call, from shelf[T], what, url string, id func(T) string, tells func(T) object, fits func(T) bool) (object, *refusal) {
	limit := int64(usualLimit)
	if c.has("limit") {
		limit = c.number("limit")
	}
	if limit < 1 || limit > mostOfList {
		return nil, invalid("parameter_invalid_integer", "limit", "Invalid limit: must be between 1 and 100")
	}
	after := c.text("starting_after")
	if _, is := from.byID[after]; after != "" && !is {
		return nil, unknown(what, after, "starting_after")
	}
	data, more := []any{}, false
	for i := len(from.list) - 1; i >= 0; i-- {
		it := from.list[i]
		switch {
		case after != "":
			if id(it) == after {
				after = ""
			}
		case !fits(it):
		case int64(len(data)) == limit:
			more = true
		default:
			data = append(data, tells(it))
		}
	}
	return object{"object": "list", "url": url, "has_more": more, "data": data}, nil
}

func getCharge(p *Provider, c *call, _ time.Time) (object, *refusal) {
	if found := p.charges.byID[c.id]; found != nil {
		return p.chargeJSON(found), nil
	}
	return nil, missing("charge", c.id, "charge")
}

func listCharges(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.charges, "charge", "/v1/charges", func(it *charge) string { return it.id }, p.chargeJSON, func(it *charge) bool {
		return !c.has("payment_intent") || it.of.id == c.text("payment_intent")
	})
}

func listRefunds(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.refunds, "refund", "/v1/refunds", func(it *refund) string { return it.id }, p.refundJSON, func(it *refund) bool {
		return (!c.has("payment_intent") || it.of.of.id == c.text("payment_intent")) && (!c.has("charge") || it.of.id == c.text("charge"))
	})
}

func getMethod(p *Provider, c *call, _ time.Time) (object, *refusal) {
	if found := p.methods.byID[c.id]; found != nil {
		return p.methodJSON(found), nil
	}
	return nil, missing("PaymentMethod", c.id, "payment_method")
}

func getEvent(p *Provider, c *call, _ time.Time) (object, *refusal) {
	if found := p.events.byID[c.id]; found != nil {
		return p.eventJSON(found, 0), nil
	}
	return nil, missing("event", c.id, "id")
}

func listEvents(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.events, "event", "/v1/events", func(it *event) string { return it.id },
		func(it *event) object { return p.eventJSON(it, 0) }, func(it *event) bool { return !c.has("type") || it.kind == c.text("type") })
}
