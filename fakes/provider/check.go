package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// shortestSecret is how many characters a secret has at least: records do not redact
// shorter ones, which stand in harmless words.
const shortestSecret = 8

// asked are the operations without which no shop can sell. GetPayment is none of them: of
// some providers a shop hears only by their webhooks how a payment stands.
var asked = []observe.Operation{observe.CreatePayment, observe.Capture}

// CheckFact says what is wrong with a value that a description gives a fact.
func (k Kind) CheckFact(name, value string) error {
	var names []string
	for _, f := range k.Account {
		switch {
		case f.Name != name:
			names = append(names, f.Name)
		case f.Secret && len(value) < shortestSecret:
			return fmt.Errorf("a secret has %d characters or more, for records to redact it", shortestSecret)
		case f.Check != nil:
			return f.Check(value)
		default:
			return nil
		}
	}
	return fmt.Errorf("accounts with this provider have no %s: want %s", name, strings.Join(names, ", "))
}

// Check says all that is wrong with the Kind. The test of a list of providers calls it
// of each.
func (k Kind) Check() error {
	var wrong []error
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if k.New == nil {
		add("New is missing")
	}
	known := map[string]bool{WebhookSecret: true}
	for _, f := range k.Account {
		switch {
		case f.Name == "" || f.Is == "" || f.Preset == "":
			add("the fact %q lacks a name, what it is, or a preset", f.Name)
		case known[f.Name]:
			add("the fact %q is there twice, or is the webhooks' secret", f.Name)
		default:
			if err := k.CheckFact(f.Name, f.Preset); err != nil {
				add("the preset of %q: %w", f.Name, err)
			}
		}
		known[f.Name] = true
	}
	for hop := range k.Hops {
		if err := hop.Check(); err != nil {
			add("%w", err)
		} else if slices.Contains([]string{"checkout", "provider", "shipping", "database"}, hop.Callee()) || hop.Caller() != "checkout" {
			add("the hop %s goes from the checkout to a service with a name of its own", hop)
		}
	}
	operations := k.Routes.Operations()
	for _, o := range asked {
		if !slices.Contains(operations, o) {
			add("no route for %s", o)
		}
	}
	if issues := slices.Contains(operations, observe.Authenticate); issues != (k.ForgetTokens != nil) {
		add("ForgetTokens and a route for %s belong together", observe.Authenticate)
	}
	for _, o := range []observe.Operation{observe.PayAtProvider, observe.ApproveAtProvider} {
		if slices.Contains(operations, o) != (k.Pages != nil) {
			add("Pages and a route for %s belong together", o)
		}
	}
	for i, r := range k.Routes {
		if r.Operation == "" || r.Hop == "" || r.Method == "" || !strings.HasPrefix(r.Path, "/") {
			add("the route %+v lacks an operation, a hop, a method, or a path that begins with /", r)
		}
		if r.Hop == observe.PayingHop && k.Pages != nil {
			continue
		}
		if r.Hop != observe.ProviderHop && k.Hops[r.Hop] == nil {
			add("the route of %s is on the hop %q, which the kind does not bring", r.Operation, r.Hop)
		}
		if slices.Contains(k.Routes[:i], r) {
			add("the route %+v is there twice", r)
		}
	}
	for i, bank := range k.Banks {
		if bank == "" || slices.Contains(k.Banks[:i], bank) || k.Prices[bank] != 0 {
			add("the bank %q has no name, or is there twice: a bank of Banks needs no price", bank)
		}
	}
	if k.Webhooks != nil {
		wrong = append(wrong, k.Webhooks.Check())
	}
	return errors.Join(wrong...)
}
