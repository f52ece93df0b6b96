package compose_test

import (
	"slices"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// fewQuestions is a promise of a shop's own, of which no standard promise knows.
var fewQuestions = Promise{
	Name: "few-questions",
	Says: "The shop asks three times at most how a payment stands.",
	Judge: func(r *Run) Ruling {
		var asked []int
		for i, e := range r.History {
			if e.Message != nil && e.Message.Operation == GetPayment && e.ByTap() && e.Kind == "sent" {
				asked = append(asked, i)
			}
		}
		if len(asked) > 3 {
			return RuleBroken(asked, "it asked %d times", len(asked))
		}
		return RuleKept()
	},
}

// A promise of its own is explored and replayed; a proof that says nothing where more
// goes wrong accuses nobody.
func TestAnOwnPromiseIsExploredAndReplayed(t *testing.T) {
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	story := Story{
		ID: "asks-little", Plot: "Ana buys.",
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		},
		Promises: []Promise{fewQuestions, Clicked(2)},
	}
	r, err := explore.Explore(t.Context(), explore.Config{
		Story: explore.Header(story), Seed: 1, Try: studio.Explores([]Story{story}), SinglesOnly: true, Schedules: 60, Audit: -1,
	})
	require.NoError(t, err)
	i := slices.IndexFunc(r.Findings, func(f explore.Finding) bool { return f.Promise == fewQuestions.Name })
	require.GreaterOrEqual(t, i, 0, "%v", r.Findings)
	again := studio.Enact(t.Context(), enact.Replayed(story, record.Replay{Injections: r.Findings[i].Injections}), enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
	require.Equal(t, Broken, again.Ruling(fewQuestions.Name).Verdict)
	require.Equal(t, Kept, again.Ruling("page-got-the-clicks").Verdict, "a proof is none where more goes wrong")
	alone := studio.Enact(t.Context(), enact.Replayed(story, record.Replay{}), enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
	require.Equal(t, Kept, alone.Verdict())
}
