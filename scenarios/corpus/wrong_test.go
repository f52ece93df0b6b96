package corpus_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

func TestWhatIsWrongWithAReplayedFinding(t *testing.T) {
	for name, test := range map[string]struct {
		found corpus.Replayed
		want  string
	}{
		"as expected":      {corpus.Replayed{Promise: "told-in-time", Broke: 2, Of: 2}, ""},
		"beside another":   {corpus.Replayed{Promise: "no-storm", Broken: []string{"no-storm", "told-in-time"}, Broke: 2, Of: 2}, ""},
		"another promise":  {corpus.Replayed{Promise: "no-storm", Broken: []string{"no-storm"}, Broke: 2, Of: 2}, "it broke no-storm, and was expected to break told-in-time"},
		"not every replay": {corpus.Replayed{Promise: "told-in-time", Broken: []string{"told-in-time"}, Broke: 1, Of: 2}, "replayed, it broke 1 times of 2"},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, test.found.Wrong([]string{"told-in-time"})) })
	}
}
