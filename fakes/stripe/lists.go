package stripe

import (
	"slices"
	"time"
)

// How many objects a list has: where a request says nothing, and at most.
const (
	usualLimit = 10
	mostOfList = 100
)

// listIntents lists the payment intents, the newest first.
func listIntents(p *Provider, c *call, _ time.Time) (object, *refusal) {
	limit := int64(usualLimit)
	if c.has("limit") {
		limit = c.number("limit")
	}
	if limit < 1 || limit > mostOfList {
		return nil, invalid("parameter_invalid_integer", "limit", "Invalid limit: must be between 1 and 100")
	}
	first := len(p.intents.list) - 1
	if after := c.text("starting_after"); after != "" {
		first = slices.IndexFunc(p.intents.list, func(m *intent) bool { return m.id == after }) - 1
		if p.intents.byID[after] == nil {
			return nil, missing("payment_intent", after, "starting_after")
		}
	}
	data := []any{}
	for ; first >= 0 && int64(len(data)) < limit; first-- {
		data = append(data, p.intentJSON(p.intents.list[first]))
	}
	return object{"object": "list", "url": "/v1/payment_intents", "has_more": first >= 0, "data": data}, nil
}
