package compose_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// What a fault that is over has left behind shows in the state in which the capture is
// asked for: nothing, or the same as another fault, or something else.
func TestTheStateAfterAFaultThatIsOver(t *testing.T) {
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	try := studio.Explores([]Story{purchase})
	after := func(text string) uint64 {
		p := explore.Trial{Story: purchase.ID, Seed: 1, Whole: true}
		if text != "" {
			i, err := injection.ParseInjection(text)
			require.NoError(t, err)
			p.Injections = injection.Schedule{i}
		}
		o, err := try(t.Context(), p)
		require.NoError(t, err)
		require.Equal(t, Kept, o.Verdict, o.Because)
		require.Empty(t, o.Missed)
		state := o.Spans["Capture #1"].SeenIn
		require.NotZero(t, state)
		return state
	}
	clean := after("")
	require.Equal(t, clean, after(""))
	require.Equal(t, clean, after("CreatePayment #1 answered: delay 200ms"), "nothing is left of it")
	require.Equal(t, clean, after("CreatePayment #1 arrives: close"), "it was sent again at once, under one key")
	lost := after("CreatePayment #1 answered: hang, for 20s")
	require.NotEqual(t, clean, lost, "the shop asked again, later, and its order is older")
	require.NotEqual(t, lost, after("PaymentWebhook #2 arrives: answer 503"))
}

// Of the pairs that are decided without being enacted, some are enacted all the same: none
// comes out otherwise. make pairs audits thousands, and at a shop without a safeguard.
func TestWhatIsLeftOutComesOutAsConcluded(t *testing.T) {
	if testing.Short() {
		t.Skip("minutes with the race detector: make slow runs it without")
	}
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	r, err := explore.Explore(t.Context(), explore.Config{
		Story: explore.Header(purchase), Seed: 1, Try: studio.Explores([]Story{purchase}),
		Processes: compose.Processes(), Schedules: 1000, Audit: 1000, Shard: settings.Shard{I: 2, Of: 3},
	})
	require.NoError(t, err)
	require.Empty(t, r.Disagreements)
	require.Positive(t, r.Pairs.Dead)
	require.Positive(t, r.Pairs.Pruned)
	require.Greater(t, r.Pairs.Audited, 10)
}
