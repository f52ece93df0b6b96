package checkout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhereOutcomesLead(t *testing.T) {
	all := Config{}
	tests := []struct {
		state   State
		effect  Kind
		outcome outcome
		leads   State
		without string
	}{
		{Authorizing, Authorize, done, Capturing, ""},
		{Authorizing, Authorize, failed, Declined, ""},
		{Capturing, Capture, done, Shipping, ""},
		{Capturing, Capture, failed, Voiding, ""},
		{Capturing, Capture, failed, Cancelled, voidFirst},
		{Shipping, Ship, done, Completed, ""},
		{Shipping, Ship, failed, Refunding, ""},
		{Shipping, Ship, failed, Stuck, refundUnshippable},
		{Voiding, Void, done, Cancelled, ""},
		{Voiding, Void, failed, Stuck, ""},
		{Voiding, Void, overtaken, Refunding, ""},
		{Refunding, Refund, done, Refunded, ""},
		{Refunding, Refund, failed, Stuck, ""},
	}
	for _, test := range tests {
		cfg := all
		if test.without != "" {
			cfg.Without = []string{test.without}
		}
		at, known := stepOf(test.effect)
		require.True(t, known)
		require.Equal(t, test.state, at.state)
		require.Equal(t, test.leads, cfg.next(at, test.outcome), "%s %v", test.state, test.outcome)
	}
}

func TestATerminalStateHasNoEffectAndTheCustomerIsToldIt(t *testing.T) {
	told := map[State]string{
		Authorizing: "checking", Capturing: "checking", Shipping: "checking", Voiding: "checking",
		Refunding: "checking", Stuck: "checking",
		Completed: "shipped", Declined: "refused", Cancelled: "cancelled", Refunded: "refunded",
	}
	for state, status := range told {
		_, more := effectOf(state)
		require.Equal(t, !state.Terminal() && state != Stuck, more, state)
		require.Equal(t, status, state.Status())
		require.Equal(t, status != "checking", state.Terminal())
	}
}
