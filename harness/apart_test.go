package harness_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
)

// A mark stands in a trigger's text like any other path, and is read again.
func TestAMarkedRouteIsReadAgain(t *testing.T) {
	for _, a := range []Apart{
		{JSON: "/operationName", Value: "Complete"}, {JSON: "/a~1b/c.d", Value: "x: y, z#1\n"}, {Header: "X-Op", Value: "buy"}, {Query: "op", Value: ""},
	} {
		s := On(CustomerHop, "POST", "/graphql/{id}"+a.Mark()).Nth(2).Answered().Hangs()
		require.NoError(t, s.Check())
		read, err := ParseInjection(s.String())
		require.NoError(t, err)
		require.Equal(t, s, read)
		back, err := ParseReplay(Replay{Story: "x", Injections: Schedule{s}}.String())
		require.NoError(t, err)
		require.Equal(t, Schedule{s}, back.Injections)
		require.True(t, MatchPath("/graphql/{id}"+a.Mark(), "/graphql/7"+a.Mark()+"?x=1"))
		require.False(t, MatchPath("/graphql/{id}", "/graphql/7"+a.Mark()), "another operation")
		require.False(t, MatchPath("/graphql/{id}"+a.Mark(), "/graphql/7"), "another operation")
		require.True(t, SameRoute("/graphql/7"+a.Mark()+"?x=1", "/graphql/7?x=1"), "one end of the hop knows no mark")
		require.False(t, SameRoute("/graphql/7"+a.Mark(), "/graphql/8"))
	}
	require.True(t, MatchPath("/items/{id}", "/items/x[1]"), "a bracket of the shop's own")
	require.True(t, MatchPath("/{id...}", "/orders/7"))
	require.True(t, MatchPath("/api/{id...}", "/api/orders/7/state?x"))
	require.False(t, MatchPath("/api/{id...}", "/api/"))
	require.False(t, MatchPath("/api/{id...}", "/ape/orders"))
	require.False(t, MatchPath("/api/{id...}/x", "/api/orders/7/x"), "only at the end")
}
