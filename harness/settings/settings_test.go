package settings_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/settings"
)

func TestBudgetsAndShards(t *testing.T) {
	for text, want := range map[string]settings.Budget{"20s": {Time: 20e9}, "1m30s": {Time: 90e9}, "100000": {Schedules: 100000}} {
		b, err := settings.ParseBudget(text)
		require.NoError(t, err)
		require.Equal(t, want, b)
	}
	for _, text := range []string{"", "0", "-1", "-5s", "soon", "1/3"} {
		_, err := settings.ParseBudget(text)
		require.Error(t, err, text)
	}
	s, err := settings.ParseShard("2/3")
	require.NoError(t, err)
	require.Equal(t, settings.Shard{2, 3}, s)
	for _, text := range []string{"", "0/3", "4/3", "-1/3", "1", "1/", "a/b", "1/1000000"} {
		_, err := settings.ParseShard(text)
		require.Error(t, err, text)
	}
	for place := range 9 {
		var has int
		for i := range 3 {
			if (settings.Shard{i + 1, 3}).Has(place) {
				has++
			}
		}
		require.Equal(t, 1, has, "each place is one shard's")
		require.True(t, settings.Shard{}.Has(place))
	}
}

func FuzzParse(f *testing.F) {
	f.Add("UNHAPPY_SHARD=4/3")
	f.Add("UNHAPPY_BUDGET=20s")
	f.Add("UNHAPPY_REPLAY=u1.x.y")
	f.Fuzz(func(t *testing.T, pair string) {
		_, err := settings.Parse([]string{pair})
		if err != nil {
			require.Contains(t, err.Error(), "UNHAPPY_")
		}
	})
}

func TestUnsetAndEmptyAreTheDefaults(t *testing.T) {
	want := settings.Settings{Worlds: []string{"virtual", "wire"}, Clock: 100, Seed: 1, Database: "sqlite", Rounds: 1}
	empty := []string{"HOME=/", "OTHER_SEED=x"}
	for _, name := range settings.Names() {
		empty = append(empty, name+"=")
	}
	for _, environ := range [][]string{nil, empty} {
		got, err := settings.Parse(environ)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestErrorsListWhatIsValid(t *testing.T) {
	for pair, words := range map[string]string{
		"UNHAPPY_SEEDS=1":       "unknown setting UNHAPPY_SEEDS: valid are " + strings.Join(settings.Names(), ", "),
		"UNHAPPY_WORLD=mars":    `UNHAPPY_WORLD=mars: "mars" is unknown; valid: virtual, wire`,
		"UNHAPPY_DB=sqlite,pg":  `"pg" is unknown; valid: sqlite, postgres`,
		"UNHAPPY_ROUNDS=10001":  "10001 is out of range; valid: a number from 1 to 10000",
		"UNHAPPY_REPLAY=A b":    `"A b" is no story id; valid: the id of a story`,
		"UNHAPPY_REPLAY=u1.x.y": "valid: the id of a story",
	} {
		_, err := settings.Parse([]string{pair})
		require.ErrorContains(t, err, words)
	}
}
