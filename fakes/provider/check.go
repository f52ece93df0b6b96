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

// asked are the operations without which no shop can sell.
var asked = []observe.Operation{observe.CreatePayment, observe.GetPayment, observe.Capture}

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
		case f.Secret && len(f.Preset) < shortestSecret:
			add("the secret %q has %d characters: want %d or more", f.Name, len(f.Preset), shortestSecret)
		}
		known[f.Name] = true
	}
	operations := k.Routes.Operations()
	for _, o := range asked {
		if !slices.Contains(operations, o) {
			add("no route for %s", o)
		}
	}
	for i, r := range k.Routes {
		if r.Operation == "" || r.Hop == "" || r.Method == "" || !strings.HasPrefix(r.Path, "/") {
			add("the route %+v lacks an operation, a hop, a method, or a path that begins with /", r)
		}
		if slices.Contains(k.Routes[:i], r) {
			add("the route %+v is there twice", r)
		}
	}
	return errors.Join(wrong...)
}
