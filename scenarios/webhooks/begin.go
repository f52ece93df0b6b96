package webhooks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Example is a sequence of that provider's notices: the last one of a purchase that is
// paid comes twice.
func Example(w provider.Webhooks) Sequence {
	s := Sequence{Purchase: provider.Paid}
	paid, err := w.Find(provider.Paid)
	if err != nil {
		return s
	}
	names := namesOf(paid)
	last := []Delivery{{Notice: names[len(names)-1]}}
	s.Steps = [][]Delivery{last, last}
	return s
}

// Beginning is a description to begin with, of a handler of that provider's webhooks.
func Beginning(name string, w provider.Webhooks) string {
	var b strings.Builder
	fmt.Fprintf(&b, `version: 1
provider: %s
# Where your handler takes webhooks, on this machine, and what they are signed with.
url: http://127.0.0.1:3000/webhooks
secret: %s

# How the handler is started, so that it can be killed. Leave it out where it runs already.
service:
  command: [node, server.js]
  environment:
    PORT: ${service.port}
    WEBHOOK_SECRET: ${webhooks.secret}

# How often your shop acted on a purchase: a number, or a list, at that place of the
# answer. A right handler acts once on each purchase that is paid.
count:
  paid: {get: "/orders/${reference}", json: /credits}
`, name, w.Secret)
	for _, p := range w.Purchases {
		if n := len(p.Effects); n > 1 && !strings.Contains(b.String(), p.Effects[n-1]+": {get") {
			fmt.Fprintf(&b, "#  %s: {get: \"/orders/${reference}\", json: /%s}\n", p.Effects[n-1], p.Effects[n-1])
		}
	}
	fmt.Fprintf(&b, "#  %s: {get: \"/orders/${reference}\", json: /%[1]s} # how much money, in minor units\n", provider.RefundedAmount)
	ids := w.IDs(provider.Wish{Reference: "reference"})
	names := make([]string, 0, len(ids))
	for id := range ids {
		names = append(names, "${"+id+"}")
	}
	slices.Sort(names)
	fmt.Fprintf(&b, `
# Where your shop has to know an order before its events come: ${reference}, ${amount},
# ${currency}, %s.
#before: {post: /orders, json: {id: "${reference}"}}
`, strings.Join(names, ", "))
	return b.String()
}
