package model_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/reports/model"
)

// The provider has one lane, for all who call it.
func TestTheProviderIsNoFurtherCallee(t *testing.T) {
	sent := func(hop observe.Hop) observe.Event { return Message(observe.Sent, "ana", hop, "c") }
	r := RunOf(At(0, sent(observe.PayingHop), sent(observe.ProviderHop), sent("checkout>stock"), sent("checkout>mail")))
	require.Equal(t, []string{"mail", "stock"}, model.FurtherCallees(r))
}
