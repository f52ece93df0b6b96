package scenarios

import (
	"bytes"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	"github.com/stretchr/testify/require"
)

// A spec of somebody's own may stand in no container, and is no story.
func TestASpecInNoContainerIsNoStory(t *testing.T) {
	require.False(t, new(progress).isStaged(types.SpecReport{LeafNodeType: types.NodeTypeIt}))
}

// Where several processes stage the stories, none has counted them.
func TestWhatNobodyCountedIsNotNone(t *testing.T) {
	var out bytes.Buffer
	s := &runner{out: &out}
	s.Seed = 7
	s.heading()
	require.Equal(t, "Checkout stories: seed 7\n\n", out.String())
	out.Reset()
	s.progress.stories = map[string]bool{}
	s.heading()
	require.Equal(t, "Checkout stories: none is staged, seed 7\n\n", out.String())
}

// A repeat is told as one, and not as the same story once more.
func TestARepeatSaysThatItIsOne(t *testing.T) {
	require.Equal(t, "8 of 27", placeOfRepeat("8 of 27", ""))
	require.Equal(t, "8 of 27, repeat 1", placeOfRepeat("8 of 27", againForm+"1"))
	require.Equal(t, "repeat 2", placeOfRepeat("", againForm+"2"), "where nobody has counted the stories")
	require.Equal(t, "found before", placeOfRepeat("found before", "replay"))
}
