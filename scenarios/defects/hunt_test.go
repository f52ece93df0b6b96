package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// A defect, one that shows by one provider only, and a harmless patch, built and hunted for real; “make defects”
// does it with all of them.
func TestADefectIsCaughtAndAHarmlessPatchIsLeftAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the suite twice, and explores: make test runs it")
	}
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

func TestEveryStoryAsItIsComesBeforeTheRestOfThePlainPurchase(t *testing.T) {
	h := hunt{budget: time.Minute, audit: 600}
	stories := []explore.StoryHeader{{ID: "lost"}, {ID: corpus.Plain}, {ID: "late"}}
	far := func(d corpus.Defect) (list []string) {
		for _, at := range h.order(d, stories) {
			list = append(list, fmt.Sprintf("%s %v %d", at.story.ID, at.Time, at.Schedules))
		}
		return list
	}
	require.Equal(t, []string{
		"plain-purchase 1m0s 200", "lost 1ns 0", "late 1ns 0", "plain-purchase 1m0s 0", "lost 1m0s 0", "late 1m0s 0",
	}, far(corpus.Defect{Breaks: []string{"charged-once"}}))
	harmless := corpus.Defect{}
	require.Equal(t, []string{"lost 0s 60", "plain-purchase 0s 600", "late 0s 60"}, far(harmless))
	h.audit = 50
	require.Equal(t, []string{"lost 0s 10", "plain-purchase 0s 50", "late 0s 10"}, far(harmless), "not too few")
}
