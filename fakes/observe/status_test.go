package observe_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Anyone who adds a status answers every question about it.
func TestEveryStatusIsAnswered(t *testing.T) {
	const outcome, sale, ends, noSale, tells, pending, page = 1, 2, 4, 8, 16, 32, 64
	want := map[observe.Status]int{
		observe.StatusReady:       page,
		observe.StatusWaiting:     pending | page,
		observe.StatusChecking:    tells | pending | page,
		observe.StatusShipped:     outcome | sale | tells | page,
		observe.StatusPaid:        outcome | sale | tells | page,
		observe.StatusRefused:     outcome | ends | noSale | tells | page,
		observe.StatusRefunded:    outcome | ends | tells | page,
		observe.StatusCancelled:   outcome | ends | noSale | tells | page,
		observe.StatusChanged:     tells | page,
		observe.StatusError:       0,
		observe.StatusUnreachable: 0,
		observe.StatusOther:       0,
	}
	require.Len(t, observe.Statuses(), len(want))
	pages := map[observe.Status]bool{}
	for _, s := range observe.StatusesOfPages() {
		pages[s] = true
	}
	for _, s := range observe.Statuses() {
		got := 0
		for tookEffect, is := range map[int]bool{
			outcome: s.IsOutcome(), sale: s.IsSale(), ends: s.EndsAttempt(), noSale: s.IsNoSale(),
			tells: s.TellsSomething(), pending: s.IsPending(), page: pages[s],
		} {
			if is {
				got |= tookEffect
			}
		}
		require.Equal(t, want[s], got, string(s))
		require.Equal(t, s != observe.StatusError, s.IsOfOrder(), string(s))
	}
	require.False(t, observe.Status("delivered").TellsSomething(), "what somebody made up is none of them")
}

func TestWhatEndsAPayment(t *testing.T) {
	for op, ends := range map[observe.EntryOp]bool{
		observe.MoneyCreated: false, observe.MoneyAuthorized: false, observe.MoneyCaptured: false, observe.MoneyRefunded: false,
		observe.MoneyCancelled: true, observe.MoneyTerminated: true, observe.MoneyAborted: true, observe.MoneyExpired: true,
	} {
		require.Equal(t, ends, op.EndsPayment(), string(op))
	}
}
