package record_test

import (
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/record"
)

var found = Replay{
	Story: "plain-purchase", Seed: 7, Without: []string{"one-payment"},
	Injections: injection.Schedule{injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs(), injection.Down(observe.ProviderHop)},
}

func TestATokenOfOneWordReplaysWhatWasFound(t *testing.T) {
	token := found.String()
	require.Len(t, strings.Fields(token), 1)
	require.NotContains(t, token, "'", "it needs no quotes in a shell")
	again, err := ParseReplay(token)
	require.NoError(t, err)
	require.Equal(t, found, again)

	story := harness.Story{ID: "plain-purchase", Injections: injection.Schedule{injection.Down(observe.ShippingHop)}}
	require.Equal(t, injection.Schedule{injection.Down(observe.ShippingHop), found.Injections[0], found.Injections[1]}, enact.Replayed(story, again).Injections)
	require.Len(t, story.Injections, 1, "the story itself stays as it is")
}

func TestADamagedTokenIsRefusedInOneLine(t *testing.T) {
	token := found.String()
	for name, row := range map[string]struct{ token, words string }{
		"cut off":         {token[:len(token)/2], "three parts"},
		"a letter wrong":  {strings.Replace(token, "u2.e", "u2.f", 1), "damaged"},
		"another version": {"u9" + strings.TrimPrefix(token, "u2"), `version "u9"`},
		"no injection":    {Replay{Story: "x", Injections: injection.Schedule{{Hop: "moon>Earth", Fault: injection.Latency(1)}}}.String(), `invalid hop "moon>Earth"`},
		"no story":        {Replay{Story: "A Story"}.String(), "no story id"},
		"nothing":         {"u1..00000000", "says nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseReplay(row.token)
			require.ErrorContains(t, err, row.words)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func FuzzParseReplay(f *testing.F) {
	f.Add(found.String())
	f.Add("u1..00000000")
	f.Add("u1.e30.a3830348")
	f.Fuzz(func(t *testing.T, token string) {
		r, err := ParseReplay(token)
		if err != nil {
			return
		}
		again, err := ParseReplay(r.String())
		require.NoError(t, err)
		require.Equal(t, r.String(), again.String())
	})
}
