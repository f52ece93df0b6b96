package stripe

import (
	"slices"
	"strings"
)

const deepestExpansion = 4

// The fields of which the API can tell the whole object: those that the fake tells, and
// those that it does not.
var (
	expandable = []string{"latest_charge", "charge", "payment_method", "payment_intent", "customer"}
	unexpanded = []string{
		"application", "balance_transaction", "failure_balance_transaction", "invoice", "latest_attempt", "line_items", "on_behalf_of", "review",
		"setup_intent", "source_transfer", "transfer",
	}
	// between are steps to such a field.
	between = []string{"data", "last_payment_error", "source"}
)

// checkExpand says what is wrong with the paths that a request wants to see whole.
func checkExpand(paths []string) *refusal {
	for _, path := range paths {
		steps := strings.Split(path, ".")
		last := steps[len(steps)-1]
		switch {
		case len(steps) > deepestExpansion:
			return invalid("", "expand", "You cannot expand more than %d levels of a property. Property: %s", deepestExpansion, path)
		case slices.Contains(unexpanded, last):
			return notPlayed("the expansion of %q", path)
		case !slices.Contains(expandable, last), slices.ContainsFunc(steps[:len(steps)-1], func(step string) bool {
			return !slices.Contains(expandable, step) && !slices.Contains(between, step)
		}):
			return invalid("", "expand", "This property cannot be expanded (%s). You may want to try expanding one of its parents.", path)
		}
	}
	return nil
}

// expand replaces the ids in an object that a request wants to see whole:
// "latest_charge", "data.payment_method". The lock is held, here and below.
func (p *Provider) expand(it object, paths []string) {
	for _, path := range paths {
		p.expandAt(it, strings.Split(path, "."))
	}
}

func (p *Provider) expandAt(it object, steps []string) {
	name, rest := steps[0], steps[1:]
	inner := []any{it[name]}
	switch value := it[name].(type) {
	case string:
		if it["object"] == "charge" && name == "payment_method" {
			return // of a charge it is an id always
		}
		if whole := p.whole(name, value); whole != nil {
			it[name], inner = whole, []any{whole}
		}
	case []any:
		inner = value
	}
	for _, one := range inner {
		if o, is := one.(object); is && len(rest) > 0 {
			p.expandAt(o, rest)
		}
	}
}

// whole is the object of an id in a field of that name, or nil.
func (p *Provider) whole(name, id string) object {
	switch name {
	case "latest_charge", "charge":
		if c := p.charges.byID[id]; c != nil {
			return p.chargeJSON(c)
		}
	case "payment_method":
		if m := p.methods.byID[id]; m != nil {
			return p.methodJSON(m)
		}
	case "customer":
		if it := p.customers.byID[id]; it != nil && it.deleted {
			return deletedJSON("customer", id)
		} else if it != nil {
			return p.customerJSON(it)
		}
	case "payment_intent":
		if m := p.intents.byID[id]; m != nil {
			return p.intentJSON(m)
		}
	}
	return nil
}
