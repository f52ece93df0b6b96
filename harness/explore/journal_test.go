package explore_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/explore"
)

// counted counts the trials that are enacted.
func counted(m *model) (explore.Try, *atomic.Int64) {
	n := new(atomic.Int64)
	return func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		n.Add(1)
		return m.try(ctx, p)
	}, n
}

// told is a result as it is written down, without what depends on the time it took.
func told(t *testing.T, r explore.Result) string {
	r.Took = 0
	text, err := json.Marshal(r)
	require.NoError(t, err)
	return string(text)
}

// An exploration that stopped and was resumed comes to what one comes to that never stopped,
// and enacts of the pairs only those that are new.
func TestAnExplorationGoesOnWhereItStopped(t *testing.T) {
	whole(t)
	shop := &model{breaks: both}
	whole := config(shop)
	whole.Workers, whole.Schedules = 1, 3000
	want, err := explore.Explore(t.Context(), whole)
	require.NoError(t, err)
	require.NotEmpty(t, want.Findings)

	path := filepath.Join(t.TempDir(), "journal")
	part := func(schedules int, open func(path, of string, real bool) (*explore.Journal, error)) (explore.Result, int64, int) {
		j, err := open(path, "a build", false)
		require.NoError(t, err)
		c := config(shop)
		try, n := counted(shop)
		c.Workers, c.Schedules, c.Try = 1, schedules, j.Tries(try)
		r, err := explore.Explore(t.Context(), c)
		require.NoError(t, err)
		taken := j.Taken()
		require.NoError(t, j.Close())
		return r, n.Load(), taken
	}
	_, first, taken := part(2000, explore.NewJournal)
	require.Zero(t, taken)
	got, second, taken := part(3000, explore.ResumeJournal)
	require.Equal(t, told(t, want), told(t, got))
	require.Greater(t, taken, 500)
	require.Less(t, second, first+1000, "what is known is not enacted again")
	_, third, _ := part(3000, explore.ResumeJournal)
	require.Less(t, third, second)
}

// What breaks is enacted again to be believed, also where it is known from before.
func TestAResumedExplorationStillRepeatsWhatBroke(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := explore.NewJournal(path, "a build", false)
	require.NoError(t, err)
	c := config(&model{breaks: both})
	c.Try, c.Schedules = j.Tries(c.Try), 1500
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.NotEmpty(t, r.Findings)
	require.False(t, r.Findings[0].Flaky)
	require.NoError(t, j.Close())

	j, err = explore.ResumeJournal(path, "a build", false)
	require.NoError(t, err)
	c = config(&model{breaks: nobodyUnhappy}) // as if it had been chance
	c.Try, c.Schedules = j.Tries(c.Try), 1500
	r, err = explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	require.NotEmpty(t, r.Findings, "it is told that it was seen once")
	for _, f := range r.Findings {
		require.True(t, f.Flaky)
	}
}

// In real time a schedule that broke is enacted again, and one that was kept is not.
func TestInRealTimeOnlyWhatWasKeptIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	trials := config(&model{breaks: twice})
	var of []explore.Trial
	trials.Try = func(_ context.Context, p explore.Trial) (explore.Outcome, error) {
		of = append(of, p)
		return (&model{breaks: twice}).try(t.Context(), p)
	}
	trials.Workers, trials.SinglesOnly = 1, true
	_, err := explore.Explore(t.Context(), trials)
	require.NoError(t, err)

	enacted := func(open func(path, of string, real bool) (*explore.Journal, error)) (n int64, broken int) {
		j, err := open(path, "a build", true)
		require.NoError(t, err)
		try, count := counted(&model{breaks: twice})
		seen := map[string]bool{}
		for _, p := range of {
			if key := p.Injections.String(); seen[key] {
				continue
			} else {
				seen[key] = true
			}
			o, err := j.Tries(try)(t.Context(), p)
			require.NoError(t, err)
			if len(o.Breaks) > 0 {
				broken++
			}
		}
		require.NoError(t, j.Close())
		return count.Load(), broken
	}
	all, broken := enacted(explore.NewJournal)
	require.Positive(t, broken)
	again, brokenAgain := enacted(explore.ResumeJournal)
	require.Equal(t, broken, brokenAgain)
	require.EqualValues(t, broken+1, again, "what broke, and the run without injections, of %d", all)
}

// A journal that was cut off anywhere is read up to there, and one of something else is
// refused in one sentence.
func TestAJournalThatCannotBeResumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	j, err := explore.NewJournal(path, "a build", false)
	require.NoError(t, err)
	c := config(&model{breaks: nobodyUnhappy})
	c.Try, c.Schedules = j.Tries(c.Try), 100
	_, err = explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.NoError(t, j.Close())
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	head := strings.Index(string(text), "\n") + 1

	resume := func(text, of string) error {
		other := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, os.WriteFile(other, []byte(text), 0o644))
		j, err := explore.ResumeJournal(other, of, false)
		if err == nil {
			require.NoError(t, j.Close())
		}
		return err
	}
	for cut := head; cut < len(text); cut += len(text) / 97 {
		require.NoError(t, resume(string(text[:cut]), "a build"), "cut after %d bytes", cut)
	}
	for _, c := range []struct{ text, of, says string }{
		{string(text), "another build", "it is of another build or description"},
		{"", "a build", "its first line is not whole"},
		{string(text[:head-3]), "a build", "its first line is not whole"},
		{"{}\n", "a build", "it is no journal of version 1"},
		{"no JSON\n", "a build", "it is no journal of version 1"},
		{string(text[:head]) + "no JSON\n" + string(text[head:]), "a build", "line 2: invalid character"},
	} {
		err := resume(c.text, c.of)
		require.ErrorIs(t, err, explore.ErrJournal)
		require.ErrorContains(t, err, c.says)
	}
	_, err = explore.ResumeJournal(filepath.Join(t.TempDir(), "none"), "a build", false)
	require.ErrorIs(t, err, explore.ErrJournal)
}
