package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// A payment that she declined or abandoned is no wish to pay: a shop that takes nothing
// and says so keeps its promises, and the ledger shows what she decided.
func TestWhatACustomerDecidesIsNoFaultOfTheShop(t *testing.T) {
	for name, row := range map[string]struct {
		decides Injection
		screen  observe.Status
		charges int
		ledger  observe.EntryOp
	}{
		"declines":                     {OnPayment(1).Declines(), observe.StatusRefused, 0, observe.MoneyAborted},
		"her card is declined":         {OnPayment(1).PaysWithAnotherCard(), observe.StatusShipped, 1, observe.MoneyDeclined},
		"abandons":                     {OnPayment(1).Abandons(), observe.StatusRefused, 0, observe.MoneyExpired},
		"approves late":                {OnPayment(1).ApprovesLate(2 * time.Minute), observe.StatusShipped, 1, observe.MoneyCaptured},
		"approves when it has run out": {OnPayment(1).ApprovesLate(11 * time.Minute), observe.StatusRefused, 0, observe.MoneyExpired},
	} {
		t.Run(name, func(t *testing.T) {
			story := plainPurchase
			story.Injections = Schedule{row.decides}
			run := inVirtualTime(t, story, "kept", nil)
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			book := run.FinalBook("b-ana")
			require.Equal(t, row.screen, book.Screen)
			require.Equal(t, row.charges, book.Charges)
			wrote := false
			for _, e := range run.History {
				wrote = wrote || e.Kind == observe.Money && e.Entry.Op == row.ledger
			}
			require.True(t, wrote, "%s", row.ledger)
		})
	}
}

// A shop that asks after an abandoned payment for days is judged all the same. Vipps ends it
// after minutes, and a page of Stripe's after a day; a payment intent stays open for ever.
func TestAShopThatNeverGivesUpOnAnAbandonedPaymentIsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("a shop that asks for ever keeps a processor busy: make test runs it")
	}
	for _, provider := range checkout.Providers() {
		for _, story := range []Story{plainPurchase, neverComesBack} {
			t.Run(provider+"/"+story.ID, func(t *testing.T) {
				story.Shop.GivesUpAfter = 26 * time.Hour
				story.Injections, story.Promises = Schedule{OnPayment(1).Abandons()}, nil
				run := paidBy(t, provider, story, "kept", nil)
				require.Equal(t, Kept, run.Verdict(), run.FailureText())
				require.Zero(t, run.FinalBook("b-ana").Charges)
			})
		}
	}
}

// Each space can be asked for.
func TestEachSpaceCanBeExploredAlone(t *testing.T) {
	for _, space := range fault.Spaces() {
		s, err := settings.Parse([]string{"UNHAPPY_SPACE=" + string(space)})
		require.NoError(t, err)
		require.Equal(t, string(space), s.Space)
	}
}

// There is one payment: what she decides about a second one proves nothing.
func TestADecisionAboutNoPaymentProvesNothing(t *testing.T) {
	story := plainPurchase
	story.Injections = Schedule{OnPayment(2).Declines()}
	run := inVirtualTime(t, story, "kept", nil)
	require.Equal(t, Unproven, run.Verdict())
	require.Contains(t, run.Ruling("every-injection-took-effect").Because, "it waits for payment #2")
}

// A customer who pays on the provider's page buys, wherever she goes from there, by each
// provider.
func TestWhoPaysAtTheProviderBuys(t *testing.T) {
	for _, provider := range checkout.Providers() {
		for _, story := range []Story{neverComesBack, backBeforeWebhook, inAnotherBrowser, declinedThenAnotherTry, anotherCard, appKilledAtProvider, closesTheLidAtProvider} {
			if compose.Lacks(provider, story.Shop) != "" {
				require.Equal(t, anotherCard.ID, story.ID)
				continue
			}
			run := paidBy(t, provider, story, "kept", nil)
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			book := run.FinalBook("b-ana")
			require.Equal(t, 1, book.Charges, story.ID)
			require.Equal(t, 1, book.Parcels, story.ID)
			require.Equal(t, story.ID != neverComesBack.ID, book.Screen == observe.StatusShipped, story.ID)
			calls := map[Operation]int{}
			for _, e := range run.History {
				if (e.Kind == observe.Arrived || e.Kind == observe.Sent) && e.ByTap() {
					calls[e.Message.Operation]++
				}
			}
			require.Positive(t, calls[PayAtProvider], story.ID)
			again := 0 // she loads the page again that slept
			if story.ID == closesTheLidAtProvider.ID {
				again = 1
			}
			require.Equal(t, calls[PayAtProvider], calls[ApproveAtProvider]+again, story.ID)
			back := story.ID != neverComesBack.ID && story.ID != appKilledAtProvider.ID
			require.Equal(t, back, calls[ReturnToShop] > 0, story.ID)
		}
	}
}

// What she decides on the provider's page is carried out there, by each provider.
func TestSheDecidesOnEveryProvidersPage(t *testing.T) {
	for _, provider := range checkout.Providers() {
		for name, row := range map[string]struct {
			decides Injection
			charges int
		}{
			"declines":      {OnPayment(1).Declines(), 0},
			"another card":  {OnPayment(1).PaysWithAnotherCard(), 1},
			"abandons":      {OnPayment(1).Abandons(), 0},
			"approves late": {OnPayment(1).ApprovesLate(2 * time.Minute), 1},
		} {
			t.Run(provider+"/"+name, func(t *testing.T) {
				story := neverComesBack
				story.Injections, story.Promises = Schedule{row.decides}, nil
				run := paidBy(t, provider, story, "kept", nil)
				if row.decides.Fault.Kind == fault.AnotherCard && compose.Lacks(provider, Shop{AnotherCard: true}) != "" {
					require.Equal(t, Unproven, run.Verdict(), "where she may not, it has no effect")
					return
				}
				require.Equal(t, Kept, run.Verdict(), run.FailureText())
				require.Equal(t, row.charges, run.FinalBook("b-ana").Charges)
			})
		}
	}
}
