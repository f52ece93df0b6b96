package harness_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
)

var found = Replay{
	Story: "plain-purchase", Seed: 7, Without: []string{"one-payment"},
	Injections: Schedule{OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Hangs(), Down(ProviderHop)},
}

func TestATokenOfOneWordReplaysWhatWasFound(t *testing.T) {
	token := found.String()
	require.Len(t, strings.Fields(token), 1)
	require.NotContains(t, token, "'", "it needs no quotes in a shell")
	again, err := ParseReplay(token)
	require.NoError(t, err)
	require.Equal(t, found, again)

	story := Story{ID: "plain-purchase", Injections: Schedule{Down(ShippingHop)}}
	require.Equal(t, Schedule{Down(ShippingHop), found.Injections[0], found.Injections[1]}, again.Of(story).Injections)
	require.Len(t, story.Injections, 1, "the story itself stays as it is")
}

func TestADamagedTokenIsRefusedInOneLine(t *testing.T) {
	token := found.String()
	for name, row := range map[string]struct{ token, words string }{
		"cut off":         {token[:len(token)/2], "three parts"},
		"a letter wrong":  {strings.Replace(token, "u1.e", "u1.f", 1), "damaged"},
		"another version": {"u9" + strings.TrimPrefix(token, "u1"), `version "u9"`},
		"no injection":    {Replay{Story: "x", Injections: Schedule{{Hop: "moon>earth", Fault: Latency(1)}}}.String(), "there is no hop"},
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

func TestBudgetsAndShardsAreReadOrRefused(t *testing.T) {
	for text, want := range map[string]Budget{"20s": {Time: 20e9}, "1m30s": {Time: 90e9}, "100000": {Schedules: 100000}} {
		b, err := ParseBudget(text)
		require.NoError(t, err)
		require.Equal(t, want, b)
	}
	for _, text := range []string{"", "0", "-1", "-5s", "soon", "1/3"} {
		_, err := ParseBudget(text)
		require.Error(t, err, text)
	}
	s, err := ParseShard("2/3")
	require.NoError(t, err)
	require.Equal(t, Shard{2, 3}, s)
	for _, text := range []string{"", "0/3", "4/3", "-1/3", "1", "1/", "a/b", "1/1000000"} {
		_, err := ParseShard(text)
		require.Error(t, err, text)
	}
	for place := range 9 {
		var has int
		for i := range 3 {
			if (Shard{i + 1, 3}).Has(place) {
				has++
			}
		}
		require.Equal(t, 1, has, "each place is one shard's")
		require.True(t, Shard{}.Has(place))
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

func FuzzParseSettings(f *testing.F) {
	f.Add("UNHAPPY_SHARD=4/3")
	f.Add("UNHAPPY_BUDGET=20s")
	f.Add("UNHAPPY_REPLAY=u1.x.y")
	f.Fuzz(func(t *testing.T, pair string) {
		_, err := ParseSettings([]string{pair})
		if err != nil {
			require.Contains(t, err.Error(), "UNHAPPY_")
		}
	})
}
