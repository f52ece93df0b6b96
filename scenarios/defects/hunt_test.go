package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// A defect, one that shows by one provider only, and a harmless patch, built and hunted for real; “make defects”
// does it with all of them.
func TestADefectIsCaughtAndAHarmlessPatchIsLeftAlone(t *testing.T) {
	defects, err := corpus.Read("../testdata/defects")
	require.NoError(t, err)
	absolute, err := filepath.Abs("../..")
	require.NoError(t, err)
	h := hunt{root: absolute, budget: 60e9, audit: 10, replays: 20}
	for _, d := range defects {
		switch d.Name {
		case "39-received-is-captured":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
			require.Equal(t, "screen-is-honest", got.Promise)
			require.Empty(t, got.Injections, "it needs the provider that is named in the patch, and nothing else")
			require.Equal(t, 20, got.Replayed)
		case "01-local-name":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
		}
	}
}
