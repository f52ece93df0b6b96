package picture

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// A service that an ordinary shop does not call has a lane of its own, right of the
// others, in the report's picture.
func TestFurtherCalleesHaveLanes(t *testing.T) {
	m := &observe.Message{Hop: "checkout>vault", Call: "c-1", N: 1, Method: "PUT", Path: "/cards/1"}
	run := &judge.Run{Story: "x", History: judge.History{{Actor: "checkout>vault", Kind: observe.Sent, Message: m}}}
	l := newLanes(run)
	require.Equal(t, []string{"customer", "checkout", "provider", "carrier", "vault"}, l.names)
	require.Equal(t, l.of("vault")-l.half(), l.network("checkout>vault"), "left of the vault")
	require.Greater(t, l.of("vault"), l.of("carrier"))
	require.Len(t, (&artist{run: run, lanes: l}).networks(), 4)
}
