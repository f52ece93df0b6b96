package explore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

// payment is the n-th payment of a run, which waits for its customer.
func payment(n int) explore.Message {
	return explore.Message{Hop: observe.PayingHop, Operation: ApproveAtProvider, N: n}
}

// pays is an exploration of a shop that asks the provider for one payment, and for
// another one where the first was declined.
func pays(c explore.Config) explore.Config {
	try := c.Try
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		o, err := try(ctx, p)
		o.Messages = append(o.Messages, payment(1))
		declined := slices.ContainsFunc(p.Injections, func(s Injection) bool { return s.Fault.Kind == fault.Decline && s.Trigger.N == 1 })
		if declined {
			o.Messages = append(o.Messages, payment(2))
			o.Missed = slices.DeleteFunc(o.Missed, func(i int) bool { return p.Injections[i].Fault.IsDecision() })
			if len(o.Missed) == 0 && o.Verdict == Unproven {
				o.Verdict = Kept
			}
		}
		o.Trace(p.Injections)
		return o, err
	}
	return c
}

func decides(s Schedule, kind fault.Kind, n int) bool {
	return slices.ContainsFunc(s, func(one Injection) bool { return one.Fault.Kind == kind && one.Trigger.N == n })
}

// What only a customer's decision shows is found and minimized to the weakest one, alone,
// beside a lost message, or beside what she decides about the payment after it.
func TestWhatOnlyADecisionShowsIsFound(t *testing.T) {
	lost := func(s Schedule) bool { return has(s, "/payments/{id}/capture", loses) }
	for name, row := range map[string]struct {
		breaks func(Schedule) bool
		want   string
	}{
		"alone": {func(s Schedule) bool { return decides(s, fault.ApproveLate, 1) || decides(s, fault.Abandon, 1) },
			"ApproveAtProvider #1: approve_late 35s"},
		"beside a lost message": {func(s Schedule) bool { return decides(s, fault.ApproveLate, 1) && lost(s) },
			"ApproveAtProvider #1: approve_late 35s\ncheckout>provider POST /payments/{id}/capture #1 answered: close"},
		"about the next payment": {func(s Schedule) bool { return decides(s, fault.Decline, 1) && decides(s, fault.Abandon, 2) },
			"ApproveAtProvider #1: decline\nApproveAtProvider #2: abandon"},
	} {
		t.Run(name, func(t *testing.T) {
			c := pays(config(&model{breaks: func(s Schedule, _ uint64) string {
				return map[bool]string{true: "charged-once"}[row.breaks(s)]
			}}))
			c.Schedules = 4000
			r, err := explore.Explore(t.Context(), c)
			require.NoError(t, err)
			require.NotEmpty(t, r.Findings)
			require.Equal(t, row.want, r.Findings[0].Injections.String())
			require.Contains(t, explore.Literal(explore.StoryHeader{ID: "x"}, r.Findings[0]), "OnPayment(1).")
			require.Empty(t, r.Disagreements)

			kept := explore.RegressionOf(r.Findings[0], "plain-purchase")
			require.Equal(t, r.Findings[0].Injections, kept.Injections)
		})
	}
}

// Each space is counted, alone and beside the others, and shards come to the same. Asked
// for one space, each schedule has a fault of it.
func TestPeopleAreCountedBesideMessagesAndMachines(t *testing.T) {
	c := pays(sells(config(&model{breaks: nobodyUnhappy}), always))
	c.Schedules = 2000
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	sum := 0
	for names, n := range r.Spaces {
		require.NotEmpty(t, names)
		sum += n
	}
	require.Equal(t, r.Tally().Explored, sum)
	for _, names := range []string{"people", "messages", "machines", "messages+people", "machines+people", "messages+machines"} {
		require.Positive(t, r.Spaces[names], names)
	}
	covered := explore.Cover(r)
	require.Equal(t, fault.People, covered[2].Space)
	require.Equal(t, r.Spaces["people"]+covered[2].Beside, covered[2].Schedules)
	require.Equal(t, covered[2].Injections, covered[2].TookEffect)
	require.Equal(t, len(r.Cells), covered[0].Injections+covered[1].Injections+covered[2].Injections)
	merged, err := explore.Merge(r)
	require.NoError(t, err)
	require.Equal(t, r.Spaces, merged.Spaces)

	c.Space, c.Epilogues, c.Schedules = fault.People, false, 300
	only, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, only.Tally().Explored, explore.Cover(only)[2].Schedules)
	require.Positive(t, explore.Cover(only)[0].Schedules)
}

// The payments of a run are what a customer decides about, in their order.
func TestThePaymentsOfARunAreFound(t *testing.T) {
	r := RunOf(At(1, Money(observe.MoneyCreated, "b-ana-1", 49900)), At(4, Money(observe.MoneyAborted, "b-ana-1", 49900)),
		At(60, Money(observe.MoneyCreated, "b-ana-2", 49900)))
	o := explore.Look(explore.Trial{Whole: true}, r)
	require.Equal(t, []explore.Message{payment(1), payment(2)}, o.Messages)
	require.Equal(t, "customer>provider ApproveAtProvider #2", o.Messages[1].String())
	span := o.Spans["customer>provider ApproveAtProvider #1"]
	require.Equal(t, "1s 4s", fmt.Sprint(span.Seen, " ", span.Answered))
	require.Equal(t, "OnPayment(2).Abandons()", explore.Code(OnPayment(2).Abandons()))
}
