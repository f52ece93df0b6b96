package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
)

func seen(name string, seed uint64, verdict judge.Verdict, sentence string) observation {
	return observation{Case: name, Seed: seed, outcome: outcome{Verdict: verdict, Sentence: sentence}}
}

// What differs from the record is told; what was recorded and is gone, too.
func TestDifferencesAreTold(t *testing.T) {
	recorded := fold([]observation{
		seen("virtual/a/kept", 1, judge.Kept, "once"), seen("virtual/a/kept", 2, judge.Kept, "twice"),
		seen("wire/a/kept", 1, judge.Kept, "once"), seen("wire/a/kept", 2, judge.Kept, "twice"),
	})
	for name, row := range map[string]struct {
		part string
		seen []observation
		want string // "": nothing differs
	}{
		"same":                  {"virtual", []observation{seen("virtual/a/kept", 1, judge.Kept, "once")}, ""},
		"other seed's, virtual": {"virtual", []observation{seen("virtual/a/kept", 1, judge.Kept, "twice")}, "virtual/a/kept, seed 1"},
		"other seed's, wire":    {"wire", []observation{seen("wire/a/kept", 1, judge.Kept, "twice")}, ""},
		"unseen seed, wire":     {"wire", []observation{seen("wire/a/kept", 9, judge.Kept, "once")}, ""},
		"verdict":               {"wire", []observation{seen("wire/a/kept", 1, judge.Broken, "once")}, "wire/a/kept, seed 1"},
		"a story more":          {"wire", []observation{seen("wire/a/kept", 1, judge.Kept, "once"), seen("wire/b/kept", 1, judge.Kept, "once")}, "not recorded"},
		"a story less":          {"wire", nil, "is not enacted any more"},
	} {
		t.Run(name, func(t *testing.T) {
			found := compare(recorded, row.seen, row.part)
			if row.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0], row.want)
		})
	}
}

func TestTheRecordIsReadAsItWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "oracle.jsonl")
	lines := fold([]observation{seen("wire/a/kept", 2, judge.Broken, "“x” <b>"), seen("wire/a/kept", 1, judge.Broken, "“x” <b>")})
	require.NoError(t, writeLines(path, lines))
	read, err := readLines(path)
	require.NoError(t, err)
	require.Equal(t, lines, read)
	require.Equal(t, []uint64{1, 2}, read[0].Seeds)
}
