package explore_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
)

func nobodyUnhappy(Schedule, uint64) string { return "" }

// twice breaks when the answer to the capture is late by ten seconds or more, or
// lost.
func twice(s Schedule, _ uint64) string {
	if has(s, "/payments/{id}/capture", func(one Injection) bool {
		return one.Trigger.Phase == fault.Answered && one.Trigger.N == 1 && (loses(one) || one.Fault.Duration >= 10*time.Second)
	}) {
		return "charged-once"
	}
	return ""
}

// both breaks only where two messages are hit.
func both(s Schedule, _ uint64) string {
	early := func(one Injection) bool { return one.Trigger.Phase == fault.Arrives }
	if has(s, "/orders/{id}", func(one Injection) bool { return early(one) && loses(one) }) &&
		has(s, "/shipments", func(one Injection) bool { return early(one) && one.Fault.Kind == fault.Duplicate }) {
		return "goods-match-money"
	}
	return ""
}

// whole leaves an exploration of all that there is to a run that is not short.
func whole(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it explores all that there is: make test runs it")
	}
}

func TestAShopThatStandsEverythingHasNoFindings(t *testing.T) {
	whole(t)
	r, err := explore.Explore(t.Context(), config(&model{breaks: nobodyUnhappy}))
	require.NoError(t, err)
	require.True(t, r.Good())
	all := r.Tally()
	require.Equal(t, all.Possible, all.Explored+all.Pruned+all.Unproven, "every schedule is accounted for")
	require.Positive(t, all.Explored)
	require.Positive(t, all.Pruned, "a field that nobody reads")
	require.Positive(t, all.Duplicates, "pairs come up from both sides")
	require.Zero(t, r.Random.Possible, "without a budget it ends with the pairs")
	for _, c := range r.Cells {
		if c.Message.N > 1 && c.Reached() == "explored" {
			return
		}
	}
	require.Fail(t, "no injection ever hit a message that only a retry sends")
}

func TestAFindingIsMinimizedToTheFewestAndWeakestInjections(t *testing.T) {
	whole(t)
	for name, row := range map[string]struct {
		breaks    func(Schedule, uint64) string
		want      string
		schedules int
	}{
		"one injection": {twice, "checkout>provider POST /payments/{id}/capture #1 answered: delay 12s", 4000},
		"a pair": {both, "checkout>shipping POST /shipments #1 arrives: duplicate\n" +
			"customer>checkout PUT /orders/{id} #1 arrives: close", 4000},
		"none": {func(Schedule, uint64) string { return "amount-as-shown" }, "", 4000},
		"only at other speeds": {func(s Schedule, seed uint64) string {
			if seed != 1 && len(s) > 0 {
				return twice(s, seed)
			}
			return ""
		}, "checkout>provider POST /payments/{id}/capture #1 answered: delay 12s", 16_000}, // the random ones come last
	} {
		t.Run(name, func(t *testing.T) {
			m := &model{breaks: row.breaks}
			c := config(m)
			c.Schedules = row.schedules
			r, err := explore.Explore(t.Context(), c)
			require.NoError(t, err)
			require.NotEmpty(t, r.Findings)
			f := r.Findings[0]
			require.Equal(t, row.want, f.Injections.String())
			require.Greater(t, f.Count, 1, "what has the same cause is the same finding")
			require.False(t, f.Flaky)
			require.Empty(t, r.Disagreements)

			again, err := record.ParseReplay(f.Replay)
			require.NoError(t, err)
			o, err := m.try(t.Context(), explore.Trial{Story: again.Story, Seed: again.Seed, Injections: again.Injections})
			require.NoError(t, err)
			require.Equal(t, []string{f.Promise}, o.Breaks, "the token breaks it again")
		})
	}
}

func TestWhatComesOutOtherwiseWhenEnactedAgainIsNamedFlaky(t *testing.T) {
	c := config(&model{breaks: twice, flaky: true})
	c.Workers, c.StopAtFirst = 1, true
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Len(t, r.Findings, 1)
	require.True(t, r.Findings[0].Flaky)
}

// TestAnUnsoundRuleIsCaughtByTheAudit takes every injection on a message for the
// same, lost answers and lost requests alike: what is left out then differs.
func TestAnUnsoundRuleIsCaughtByTheAudit(t *testing.T) {
	whole(t)
	c := config(&model{breaks: both}).Comparing(func(s Injection, _ explore.Outcome) uint64 {
		return uint64(len(s.Hop)) // all fields of a hop are one
	})
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, r.Disagreements, "no field of this shop matters, so that even this rule is right")

	reads := &model{breaks: func(s Schedule, _ uint64) string {
		if has(s, "/payments", func(one Injection) bool { return one.Fault.Kind == fault.Drop && one.Trigger.N == 1 }) && has(s, "/shipments", loses) {
			return "goods-match-money"
		}
		return ""
	}}
	c = config(reads).Comparing(func(s Injection, _ explore.Outcome) uint64 { return uint64(len(s.Hop)) })
	r, err = explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.NotEmpty(t, r.Disagreements)
	require.False(t, r.Good())
	require.Contains(t, r.Disagreements[0], "could not differ")
}

func TestTheShardsMergedAreTheWhole(t *testing.T) {
	whole(t)
	for name, budget := range map[string]int{"all pairs": 0, "a number of schedules": 3000} {
		t.Run(name, func(t *testing.T) {
			explored := func(s settings.Shard) explore.Result {
				c := config(&model{breaks: func(s Schedule, seed uint64) string { return twice(s, seed) + both(s, seed) }})
				c.Shard, c.Schedules = s, budget
				c.Audit = -1 // each shard audits its own share
				r, err := explore.Explore(t.Context(), c)
				require.NoError(t, err)
				// Not of the exploration: how long it took, and what every shard does
				// for itself.
				r.Took, r.Enacted, r.Shards, r.Of = 0, 0, nil, 0
				return r
			}
			whole := explored(settings.Shard{})
			require.NotEmpty(t, whole.Findings)
			merged, err := explore.Merge(explored(settings.Shard{I: 3, Of: 3}), explored(settings.Shard{I: 1, Of: 3}), explored(settings.Shard{I: 2, Of: 3}))
			require.NoError(t, err)
			require.Equal(t, text(t, whole), text(t, merged))
		})
	}
}

func text(t *testing.T, r explore.Result) string {
	b, err := json.MarshalIndent(r, "", " ")
	require.NoError(t, err)
	return string(b)
}

func TestMergeRefusesWhatDoesNotBelongTogether(t *testing.T) {
	one := explore.Result{Story: "a", Seed: 1, Shards: []int{1}, Of: 2}
	for name, other := range map[string]explore.Result{
		"another story":     {Story: "b", Seed: 1, Shards: []int{2}, Of: 2},
		"another seed":      {Story: "a", Seed: 2, Shards: []int{2}, Of: 2},
		"another number":    {Story: "a", Seed: 1, Shards: []int{2}, Of: 3},
		"another safeguard": {Story: "a", Seed: 1, Shards: []int{2}, Of: 2, Without: []string{"lease"}},
		"the same twice":    one,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := explore.Merge(one, other)
			require.Error(t, err)
		})
	}
	_, err := explore.Merge()
	require.Error(t, err)
	require.Equal(t, []int{2}, one.Missing())
}

func TestAnInterruptedExplorationKeepsWhatItFound(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := config(&model{breaks: twice})
	c.Watch = func(p explore.Progress) {
		if p.Broken > 0 {
			interrupt()
		}
	}
	r, err := explore.Explore(ctx, c)
	require.NoError(t, err)
	require.True(t, r.Interrupted)
	require.Len(t, r.Findings, 1)
	require.Len(t, r.Findings[0].Injections, 1)
}

func TestABudgetEndsIt(t *testing.T) {
	c := config(&model{breaks: nobodyUnhappy})
	c.Schedules = 50
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	all := r.Tally()
	require.Equal(t, 50, all.Explored+all.Pruned+all.Unproven)

	c.Schedules, c.Time = 0, time.Nanosecond
	r, err = explore.Explore(t.Context(), c)
	require.NoError(t, err)
	require.Positive(t, r.Tally().Explored, "however little time there is, it is good for a schedule")
	require.Less(t, r.Tally().Explored, 10)
}

// A shop that nobody hit is not one that stands everything.
func TestWhatExploredNothingIsNotGood(t *testing.T) {
	unproven := func(clean judge.Verdict) explore.Try {
		m := &model{breaks: nobodyUnhappy}
		return func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
			o, err := m.try(ctx, p)
			o.Verdict, o.Because = Unproven, "the injection had no effect: it was not installed"
			if len(p.Injections) == 0 {
				o.Verdict = clean
			}
			for i := range p.Injections {
				o.Missed = append(o.Missed, i)
			}
			return o, err
		}
	}
	for name, row := range map[string]struct {
		try     explore.Try
		shard   settings.Shard
		enacted int
		why     string
		good    bool
	}{
		"no injection takes effect": {unproven(Kept), settings.Shard{}, 51, "of the 50 schedules tried, none had every injection take effect", false},
		"the story proves nothing":  {unproven(Unproven), settings.Shard{}, 1, "the story as it is proves nothing: the injection had no effect: it was not installed", false},
		"a shard with nothing":      {(&model{breaks: nobodyUnhappy}).try, settings.Shard{I: 51, Of: 51}, 51, "this shard has none of its schedules to try", true},
		"a story without a message": {silent, settings.Shard{}, 1, "no message that an injection could hit", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(nil)
			c.Try, c.Schedules, c.Shard = row.try, 50, row.shard
			r, err := explore.Explore(t.Context(), c)
			require.NoError(t, err)
			require.Zero(t, r.Tally().Explored)
			require.Equal(t, row.enacted, r.Enacted)
			require.Contains(t, r.Nothing, row.why)
			require.Equal(t, row.good, r.Good())
		})
	}
}

func silent(context.Context, explore.Trial) (explore.Outcome, error) {
	return explore.Outcome{Verdict: Kept}, nil
}

func TestTheWholeIsGoodWhereAShardHadNothingToDo(t *testing.T) {
	one, two := explore.Result{Shards: []int{1}, Of: 3}, explore.Result{Shards: []int{2}, Of: 3, Nothing: "no injection had an effect"}
	idle := explore.Result{Shards: []int{3}, Of: 3, Nothing: "nothing to try", Idle: true}
	one.Singles.Explored = 5
	whole, err := explore.Merge(one, idle)
	require.NoError(t, err)
	require.True(t, whole.Good())
	require.Empty(t, whole.Nothing)
	whole, err = explore.Merge(idle, two)
	require.NoError(t, err)
	require.False(t, whole.Good())
	require.Equal(t, "no injection had an effect", whole.Nothing)
}

func TestAStoryThatCannotBeStagedIsNotExplored(t *testing.T) {
	c := config(nil)
	c.Try = func(context.Context, explore.Trial) (explore.Outcome, error) {
		return explore.Outcome{Verdict: Unfinished, Because: "no page came"}, nil
	}
	_, err := explore.Explore(t.Context(), c)
	require.ErrorContains(t, err, "plain-purchase cannot be explored, for it could not be staged: no page came")
}

// What promises most is tried first: a lost write before a changed field, and a pair on a
// message that only a retry sends before the last of the singles.
func TestWhatPromisesMostComesFirst(t *testing.T) {
	m := &model{breaks: nobodyUnhappy}
	var tried []Schedule
	c := config(m)
	c.Workers, c.Audit = 1, -1
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		tried = append(tried, p.Injections)
		return m.try(ctx, p)
	}
	_, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	place := func(is func(Schedule) bool) int { return slices.IndexFunc(tried, is) }
	single := func(is func(Injection) bool) func(Schedule) bool {
		return func(s Schedule) bool { return len(s) == 1 && is(s[0]) }
	}
	changed := place(single(func(one Injection) bool { return one.Fault.Kind == fault.Rename }))
	opened := place(func(s Schedule) bool {
		return len(s) == 2 && slices.ContainsFunc(s, func(one Injection) bool { return one.Trigger.N == 2 })
	})
	last := len(tried) - 1
	for ; len(tried[last]) != 1; last-- {
	}
	for i, s := range tried {
		if len(s) == 1 && s[0].Fault.Kind == fault.Close {
			require.Less(t, i, changed, "%s", s)
		}
	}
	require.Positive(t, opened)
	require.Less(t, opened, last)
}

// An answer of a kind may lack a field that later ones have: the first look finds no
// payment yet.
func TestAFieldOfALaterAnswerIsDropped(t *testing.T) {
	m := &model{breaks: nothing}
	c := config(m)
	c.SinglesOnly = true
	c.Try = func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		o, err := m.try(ctx, p)
		look := explore.Message{Hop: ProviderHop, Method: "GET", Path: "/payments/{id}", N: 1, Fields: []string{"title"}, Body: true}
		second := look
		second.N, second.Fields = 2, []string{"state"}
		o.Messages = append(o.Messages, look, second)
		return o, err
	}
	r, err := explore.Explore(t.Context(), c)
	require.NoError(t, err)
	var drops []string
	for _, cell := range r.Cells {
		if cell.Injection.Fault.Kind == fault.Drop && cell.Injection.Trigger.Path == "/payments/{id}" {
			drops = append(drops, cell.Injection.String())
		}
	}
	require.ElementsMatch(t, []string{
		"checkout>provider GET /payments/{id} #1 answered: drop title", "checkout>provider GET /payments/{id} answered: drop title",
		"checkout>provider GET /payments/{id} #2 answered: drop state", "checkout>provider GET /payments/{id} answered: drop state",
	}, drops)
}
