package injection_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/record"
)

// A mark stands in a trigger's text like any other path, and is read again.
func TestAMarkedRouteIsReadAgain(t *testing.T) {
	for _, a := range []observe.Where{
		{JSON: "/operationName", Value: "Complete"}, {JSON: "/a~1b/c.d", Value: "x: y, z#1\n"}, {Header: "X-Op", Value: "buy"}, {Query: "op", Value: ""},
	} {
		s := OnPath(observe.CustomerHop, "POST", "/graphql/{id}"+a.Mark()).Nth(2).Answered().Hangs()
		require.NoError(t, s.Check())
		read, err := ParseInjection(s.String())
		require.NoError(t, err)
		require.Equal(t, s, read)
		back, err := record.ParseReplay(record.Replay{Story: "x", Injections: Schedule{s}}.String())
		require.NoError(t, err)
		require.Equal(t, Schedule{s}, back.Injections)
		require.True(t, observe.MatchPath("/graphql/{id}"+a.Mark(), "/graphql/7"+a.Mark()+"?x=1"))
		require.False(t, observe.MatchPath("/graphql/{id}", "/graphql/7"+a.Mark()), "another operation")
		require.False(t, observe.MatchPath("/graphql/{id}"+a.Mark(), "/graphql/7"), "another operation")
		require.True(t, observe.SameRoute("/graphql/7"+a.Mark()+"?x=1", "/graphql/7?x=1"), "one end of the hop knows no mark")
		require.False(t, observe.SameRoute("/graphql/7"+a.Mark(), "/graphql/8"))
	}
	require.True(t, observe.MatchPath("/items/{id}", "/items/x[1]"), "a bracket of the shop's own")
	require.True(t, observe.MatchPath("/{id...}", "/orders/7"))
	require.True(t, observe.MatchPath("/api/{id...}", "/api/orders/7/state?x"))
	require.False(t, observe.MatchPath("/api/{id...}", "/api/"))
	require.False(t, observe.MatchPath("/api/{id...}", "/ape/orders"))
	require.False(t, observe.MatchPath("/api/{id...}/x", "/api/orders/7/x"), "only at the end")
}
