package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// One defect and one harmless patch, built and hunted for real; “make defects”
// does it with all of them.
func TestADefectIsCaughtAndAHarmlessPatchIsLeftAlone(t *testing.T) {
	defects, err := corpus.Read("../testdata/defects")
	require.NoError(t, err)
	absolute, err := filepath.Abs("../..")
	require.NoError(t, err)
	h := hunt{root: absolute, budget: 60e9, audit: 10, replays: 20}
	for _, d := range defects {
		switch d.Name {
		case "12-capture-one-too-little":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
			require.Equal(t, "amount-as-shown", got.Promise)
			require.Empty(t, got.Injections, "it needs no injection")
			require.Equal(t, 20, got.Replayed)
		case "01-local-name":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
		}
	}
}

func TestWhatIsWrongWithAFinding(t *testing.T) {
	for name, test := range map[string]struct {
		found  reports.Defect
		broken []string
		flaky  bool
		want   string
	}{
		"as expected":           {reports.Defect{Replayed: 2, Replays: 2}, []string{"told-in-time"}, false, ""},
		"beside another":        {reports.Defect{Promise: "no-storm"}, []string{"no-storm", "told-in-time"}, false, ""},
		"another promise":       {reports.Defect{Promise: "no-storm"}, []string{"no-storm"}, false, "it broke no-storm, and was expected to break told-in-time"},
		"it is harmless":        {reports.Defect{Harmless: true}, []string{"told-in-time"}, false, "a harmless patch made somebody unhappy"},
		"seen once":             {reports.Defect{}, []string{"told-in-time"}, true, "what was found is flaky"},
		"not replayed by token": {reports.Defect{Replayed: 1, Replays: 2}, []string{"told-in-time"}, false, "replayed, it broke 1 times of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, wrong(test.found, corpus.Defect{Breaks: []string{"told-in-time"}}, test.broken, test.flaky))
		})
	}
}
