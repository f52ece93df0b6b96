package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func TestMain(m *testing.M) {
	compose.Reenter()
	os.Exit(m.Run())
}

// aSiege is as the command's, with settings of a test; its clock is the one that
// all tests have.
func aSiege(t *testing.T, without ...string) (*siege, *bytes.Buffer) {
	t.Helper()
	if testing.Short() {
		t.Skip("a shop is started and killed in real time: make test runs it")
	}
	settings, err := settings.Parse(os.Environ())
	require.NoError(t, err)
	var out bytes.Buffer
	settings.Without, settings.Database = without, "sqlite"
	s, end, err := prepare(t.Context(), settings, 4, &out)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, end()) })
	return s, &out
}

// few are the messages that move money and goods: the command takes them all.
func few(n int) (list []kill) {
	for _, m := range []explore.Message{
		{Hop: observe.ProviderHop, Method: "POST", Path: "/epayment/v1/payments/{id}/capture", N: 1},
		{Hop: observe.ShippingHop, Method: "POST", Path: "/shipments", N: 1},
	} {
		list = append(list, kill{Message: m}, kill{Message: m, answered: true})
	}
	return list[:n]
}

func TestAShopThatIsKilledAtAMessageComesBackAndFinishes(t *testing.T) {
	t.Parallel() // they sleep, most of the time
	s, out := aSiege(t)
	fates := s.kills(t.Context(), few(4))
	text, good := s.sum(fates, 0)
	require.True(t, good, out.String())
	require.Equal(t, 4, strings.Count(out.String(), "✔ KEPT"))
	require.Contains(t, text, "4 kills at both sides of 2 messages on sqlite: 4 seen to take effect, after 0 a promise was not kept")
}

func TestAShopThatDoesNotResumeIsFoundOut(t *testing.T) {
	t.Parallel()
	s, out := aSiege(t, "resume")
	text, good := s.sum(s.kills(t.Context(), few(2)), 0)
	require.False(t, good)
	require.Contains(t, text, "2 seen to take effect, after 2 a promise was not kept", out.String())
	require.Contains(t, out.String(), "told-at-last: the last screen of b-ana said “checking”")
}

// A kill that nobody saw is none, whatever happened to the purchase.
func TestAKillThatMissedIsFoundOut(t *testing.T) {
	t.Parallel() // they sleep, most of the time
	s, out := aSiege(t)
	never := kill{Message: explore.Message{Hop: observe.ProviderHop, Method: "POST", Path: "/epayment/v1/payments/{id}/refund", N: 1}}
	f := fate{kill: never, run: s.enact(t.Context(), never.injection()), tries: 1}
	text, good := s.sum([]fate{f}, 0)
	require.False(t, good)
	require.Contains(t, text, "1 kills at both sides of 1 messages on sqlite: 0 seen to take effect")
	require.Contains(t, f.String(), "had no effect: no POST /epayment/v1/payments/{id}/refund came on checkout>provider")
	require.Empty(t, out.String())

	f.maybe = true // one of many questions may not be asked
	text, good = s.sum([]fate{f}, 0)
	require.False(t, good, "but without any kill nothing was shown")
	require.Contains(t, text, "0 kills")
}

func TestTheCommandIsRefusedInOneLine(t *testing.T) {
	for words, call := range map[string]struct{ args, environ []string }{
		"-at-once, which is at least 1": {[]string{"-at-once", "0"}, nil},
		"there is one flag":             {[]string{"more"}, nil},
		`no safeguard "luck"`:           {nil, []string{"UNHAPPY_WITHOUT=luck"}},
		"valid: sqlite, postgres":       {nil, []string{"UNHAPPY_DB=oracle"}},
	} {
		var out, errs bytes.Buffer
		require.Equal(t, 2, run(t.Context(), call.args, call.environ, &out, &errs))
		require.Contains(t, errs.String(), words)
		require.Equal(t, 1, strings.Count(errs.String(), "\n"), errs.String())
	}
}
