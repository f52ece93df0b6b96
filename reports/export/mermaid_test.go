package export

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// A service that an ordinary shop does not call takes part in the sequence.
func TestFurtherCalleesTakePart(t *testing.T) {
	m := &observe.Message{Hop: "checkout>vault", Call: "c-1", N: 1, Method: "PUT", Path: "/cards/1"}
	run := &judge.Run{Story: "x", History: judge.History{{Actor: "checkout>vault", Kind: observe.Sent, Message: m}}}
	require.Contains(t, Sequence(run), "vault")
}
