package worldtest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/worldtest"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// How a connection ends whose proxy goes down is for chance to say, and for
// nobody else: a reset is a reset wherever else it is dealt.
func TestOnlyOfAProxyThatGoesDownAResetIsAsGoodAsAnEnd(t *testing.T) {
	saw := func(c worldtest.Case, class observe.Class) []string {
		return c.Boil(&Run{Schedule: Schedule{c.Injection}, History: judge.History{{Actor: "ana", Kind: observe.Failed, Message: &observe.Message{
			Hop: c.Hop, Method: c.Method, Path: c.Path, Error: class,
		}}}}).Failures
	}
	for _, c := range worldtest.Cases(compose.Routes()) {
		if c.Injection.Fault.Kind == fault.Down {
			require.Equal(t, saw(c, observe.Ended), saw(c, observe.Reset), c.Name)
		} else {
			require.NotEqual(t, saw(c, observe.Ended), saw(c, observe.Reset), c.Name)
		}
	}
}

// Every kind of fault is staged in both worlds, or listed as what only one can stage.
func TestEveryKindOfFaultHasItsRows(t *testing.T) {
	rows := map[fault.Kind]int{}
	for _, c := range worldtest.Cases(compose.Routes()) {
		whole := c.Injection
		if whole.Fault.IsLid() { // when it is opened, Heals finds
			whole.For = time.Minute
		}
		require.NoError(t, whole.Check(), c.Name)
		rows[c.Injection.Fault.Kind]++
	}
	for _, only := range worldtest.OnlyOn() {
		rows[only.Fault.Kind]++
	}
	for _, kind := range fault.Kinds() {
		require.NotZero(t, rows[kind.Kind], kind.Kind)
	}
}
