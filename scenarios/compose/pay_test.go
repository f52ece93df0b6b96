package compose_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// The reference shop by its requests, which sends its customers to the provider's page,
// with stories of its own.
var requestsThatSendToPay = `money: {amount: 49900, currency: NOK}
customer:
  open:
    - get: /checkout/${basket}
      capture: {order: {selector: "input[name=order]", attribute: value}}
  submit: {put: "/orders/${order}", json: {basket: "${basket}", amount: "${amount}", currency: "${currency}"}}
  look: {get: "/orders/${order}", capture: {pay: {json: /pay}}}
  screens:
    - {json: {/status: shipped}, says: shipped}
    - {json: {/status: refused}, says: refused}
    - {json: {/status: checking}, says: checking}
    - {text: 'data-status="shipped"', says: shipped}
    - {text: 'data-status="checking"', says: checking}
stories:
  - id: pays-there
    plot: Ana pays on the provider's page and comes back.
    steps: [ana submits, ana pays at the provider, ana returns to the shop, ana waits to be told]
  - id: pays-there-and-leaves
    plot: Ana pays on the provider's page, and the answer to her yes is lost.
    injections: ["ApproveAtProvider #1 answered: close"]
    steps: [ana submits, ana pays at the provider, ana returns in another browser, ana waits 20s]
  - id: says-no-there
    plot: Ana says no on the provider's page.
    steps: [ana submits, ana declines at the provider, ana returns to the shop, ana waits to be told]
  - id: pays-with-another-card
    plot: Ana's card is declined on the provider's page, and she pays with another one.
    steps: [ana submits, ana pays with another card at the provider, ana returns to the shop, ana waits to be told]
  - id: decides-late
    plot: Ana presses the button, and her bank takes its time.
    injections: ["ApproveAtProvider #1: approve_late 30s"]
    steps: [ana submits, ana pays at the provider, ana waits 40s]
`

func TestADescribedShopsCustomersPayAtTheProvider(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	service, _, _ := strings.Cut(fmt.Sprintf(referenceAtABrowser, self, ""), "customer:\n")
	text := strings.Replace(service, "    CHECKOUT_WITHOUT:", "    CHECKOUT_PAY_ON_PAGE: \"true\"\n    CHECKOUT_WITHOUT:", 1) + requestsThatSendToPay
	shop := describe(t, text)
	want := map[string]struct {
		screen  observe.Status
		charges int
	}{
		"pays-there": {observe.StatusShipped, 1}, "pays-there-and-leaves": {observe.StatusShipped, 1},
		"pays-with-another-card": {observe.StatusShipped, 1}, "says-no-there": {observe.StatusRefused, 0}, "decides-late": {observe.StatusChecking, 1},
	}
	for _, story := range shop.OwnStories("shop.yaml") {
		t.Run(story.ID, func(t *testing.T) {
			t.Parallel() // they sleep, most of the time
			run := stage(t, shop, story, compose.Resources{})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			book := run.FinalBook("b-ana")
			require.Equal(t, want[story.ID].screen, book.Screen)
			require.Equal(t, want[story.ID].charges, book.Charges)
		})
	}
	_, why := describe(t, service+strings.Replace(requestsThatSendToPay[:strings.Index(requestsThatSendToPay, "stories:")], ", capture: {pay: {json: /pay}}", "", 1)).Story(shop.OwnStories("shop.yaml")[0])
	require.Contains(t, why, "say capture: {pay: …} under submit or look")
}
