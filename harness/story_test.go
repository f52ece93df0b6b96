package harness_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
)

func TestAStoryThatCannotBeToldIsRefused(t *testing.T) {
	whole := Story{ID: "customer-1", Plot: "Ana clicks.", Script: func(*Stage) {}}
	require.NoError(t, whole.Check())
	own := whole
	own.Promises = []Promise{{Name: "gift-wrapped"}}
	own.Complaint = Without("lease").Breaking("gift-wrapped", "charged-once")
	require.NoError(t, own.Check(), "a complaint may break the story's own promise")
	for name, c := range map[string]struct {
		change  func(*Story)
		because string
	}{
		"without an id":         {func(s *Story) { s.ID = "" }, `story id ""`},
		"with capitals":         {func(s *Story) { s.ID = "Customer" }, "lower case with hyphens"},
		"with a double hyphen":  {func(s *Story) { s.ID = "a--b" }, "lower case with hyphens"},
		"with a path":           {func(s *Story) { s.ID = "a/b" }, "lower case with hyphens"},
		"with a whole sentence": {func(s *Story) { s.ID = strings.Repeat("ten-letter-", 4) + "x" }, "has 45 characters: want 43 at most"},
		"with a complaint of no promise": {func(s *Story) { s.Complaint = Without("lease").Breaking("charged-once", "charged-onec") },
			`story customer-1 has a complaint that breaks "charged-onec", which is no promise: charged-once, `},
		"with a complaint that switches nothing off": {func(s *Story) { s.Complaint = Complaint{}.Charges(2) }, "begin it with Without"},
		"without a plot":                       {func(s *Story) { s.Plot = " \n" }, "story customer-1 has no Plot"},
		"without a script":                     {func(s *Story) { s.Script = nil }, "story customer-1 has no Script"},
		"with a promise that is judged anyway": {func(s *Story) { s.Promises = StandardPromises() }, `promises "charged-once" twice`},
		"with an excuse of nothing":            {func(s *Story) { s.Excused = []string{"happiness"} }, `excuses "happiness", which is no standard promise: charged-once, `},
		"with a bad injection":                 {func(s *Story) { s.Injections = Schedule{Down("moon")} }, `story customer-1: injection "moon: down": invalid hop "moon"`},
	} {
		t.Run(name, func(t *testing.T) {
			story := whole
			c.change(&story)
			require.ErrorContains(t, story.Check(), c.because)
		})
	}
}

func TestAStorySaysNothingAndGetsTheUsual(t *testing.T) {
	require.Equal(t, 30*time.Second, Story{}.PatienceOrDefault())
	require.Equal(t, time.Minute, Story{Patience: time.Minute}.PatienceOrDefault())
	require.Len(t, Story{}.AllPromises(), len(StandardPromises()))
	require.Len(t, Story{Promises: []Promise{Clicked(1)}}.AllPromises(), len(StandardPromises())+1, "its own come beside the standard ones")
}
