package explore

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

const (
	theFirst = iota
	theSecond
)

// pairOf is an explorer that knows the run of the first of two injections alone, and the
// story as it is. Capture comes at 3 s, its look-alikes later.
func pairOf(t *testing.T, first, second string, alone, clean Outcome) *explorer {
	t.Helper()
	e := &explorer{catalogue: newCatalogue(nil, nil), tried: map[int]Outcome{theFirst: alone}, clean: clean, stands: map[meeting]int{}}
	for id, text := range []string{first, second} {
		i, err := injection.ParseInjection(text)
		require.NoError(t, err)
		m := Message{Operation: i.Operation, N: i.Trigger.N}
		e.catalogue.list = append(e.catalogue.list, &candidate{Injection: i, id: id, message: m, text: text})
	}
	return e
}

func came(n int, fields ...string) Message {
	return Message{Operation: observe.Capture, N: n, Fields: fields}
}

// A pair is dead where the run of one of them alone shows that the other one would have
// nothing to hit.
func TestWhichPairsAreDead(t *testing.T) {
	const lost = "CreatePayment #1 arrives: close"
	capture := span{Seen: 3 * time.Second, Answered: 4 * time.Second}
	for name, row := range map[string]struct {
		second string
		alone  Outcome
		dead   bool
	}{
		"its message comes":           {"Capture #1 arrives: close", Outcome{Spans: map[string]span{"Capture #1": capture}}, false},
		"it never comes":              {"Capture #2 arrives: close", Outcome{Spans: map[string]span{"Capture #1": capture}}, true},
		"it is never answered":        {"Capture #1 answered: close", Outcome{Spans: map[string]span{"Capture #1": {Seen: capture.Seen}}}, true},
		"after the script":            {"Capture #1 arrives: close", Outcome{Spans: map[string]span{"Capture #1": capture}, ScriptOver: 2 * time.Second}, true},
		"as the script ends":          {"Capture #1 arrives: close", Outcome{Spans: map[string]span{"Capture #1": capture}, ScriptOver: 3 * time.Second}, false},
		"its answer has the field":    {"Capture #1 answered: drop state", Outcome{Spans: map[string]span{"Capture #1": capture}, Messages: []Message{came(1, "state")}}, false},
		"its answer has no such":      {"Capture #1 answered: drop title", Outcome{Spans: map[string]span{"Capture #1": capture}, Messages: []Message{came(1, "state")}}, true},
		"a later answer has it":       {"Capture answered: drop title", Outcome{Spans: map[string]span{"Capture #1": capture}, Messages: []Message{came(1, "state"), came(2, "title")}}, false},
		"no answer of the kind has":   {"Capture answered: drop title", Outcome{Spans: map[string]span{"Capture #1": capture}, Messages: []Message{came(1, "state"), came(2, "state")}}, true},
		"the first had no effect":     {"Capture #2 arrives: close", Outcome{Spans: map[string]span{"Capture #1": capture}, Missed: []int{0}}, false},
		"nobody knows when what came": {"Capture #2 arrives: close", Outcome{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.dead, pairOf(t, lost, row.second, row.alone, Outcome{}).isDead([]int{theFirst, theSecond}))
		})
	}
	t.Run("an invented answer has fields of its own", func(t *testing.T) {
		alone := Outcome{Spans: map[string]span{"Capture #1": capture}, Messages: []Message{came(1, "state")}}
		require.False(t, pairOf(t, "Capture #1 answered: answer 503", "Capture answered: drop title", alone, Outcome{}).isDead([]int{theFirst, theSecond}))
	})
}

// Where the first injection has left everything as it is without it, the pair is the second
// one alone; where it is long over, it is that of any other first one that left it alike.
func TestWhichPairsAreOne(t *testing.T) {
	const state, other = 7, 8
	healed := func(state uint64) Outcome {
		return Outcome{Verdict: judge.Kept, Over: time.Second, Spans: map[string]span{
			"CreatePayment #1": {Seen: time.Second}, "Capture #1": {Seen: 3 * time.Second, SeenIn: state, Answered: 4 * time.Second},
		}}
	}
	with := func(change func(*Outcome)) Outcome {
		o := healed(state)
		change(&o)
		return o
	}
	const lost, late = "CreatePayment #1 arrives: close", "Capture #1 arrives: close"
	for name, row := range map[string]struct {
		first, second string
		alone, clean  Outcome
		stands        bool // another first injection, enacted before, with this state
		want          []int
	}{
		"as without it":                  {lost, late, healed(state), healed(state), false, []int{theSecond}},
		"as after another one":           {lost, late, healed(state), healed(other), true, []int{theSecond, 9}},
		"the first such":                 {lost, late, healed(state), healed(other), false, nil},
		"the first is hardly over":       {lost, late, with(func(o *Outcome) { o.Over = 2900 * time.Millisecond }), healed(state), true, nil},
		"the first broke a promise":      {lost, late, with(func(o *Outcome) { o.Verdict = judge.Broken }), healed(state), true, nil},
		"the first had no effect":        {lost, late, with(func(o *Outcome) { o.Missed = []int{0} }), healed(state), true, nil},
		"the books could not be read":    {lost, late, healed(0), healed(0), true, nil},
		"the second may come first":      {"CreatePayment #1 arrives: close", "CreatePayment #1 arrives: delay 1s", healed(state), healed(state), true, nil},
		"the first hits all of a kind":   {"CreatePayment answered: drop state", late, healed(state), healed(state), true, nil},
		"the second waits for another":   {lost, "Capture #1 arrives: meet 1m0s", healed(state), healed(state), true, nil},
		"a state that the story has not": {lost, "Capture #1 answered: close", healed(state), healed(state), true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			e := pairOf(t, row.first, row.second, row.alone, row.clean)
			e.tried[theSecond] = Outcome{Missed: []int{0}} // its own run says nothing
			if row.stands {
				e.stands[meeting{state, theSecond}] = 9
			}
			it := item{level: pairs, ids: []int{theFirst, theSecond}}
			e.class(&it)
			require.Equal(t, row.want, it.sameAs)
			require.Equal(t, row.want != nil, it.pruned && it.byState)
		})
	}
}

// What was concluded is audited: a pair that was taken for dead and is not, or for another
// one and comes out otherwise, fails the exploration, and says by which rule.
func TestAWrongConclusionIsCaughtByTheAudit(t *testing.T) {
	for name, row := range map[string]struct {
		it   item
		pair Outcome
		want string
	}{
		"dead":               {item{dead: true}, Outcome{Missed: []int{1}}, ""},
		"not dead":           {item{dead: true}, Outcome{}, "would have nothing to hit, and all took effect"},
		"the same":           {item{pruned: true, byState: true, sameAs: []int{theSecond}}, Outcome{Sign: "two looks", Tail: "one charge"}, ""},
		"another fate":       {item{pruned: true, byState: true, sameAs: []int{theSecond}}, Outcome{Tail: "two charges"}, "would find everything as it is in"},
		"the same, wholly":   {item{pruned: true, sameAs: []int{theSecond}}, Outcome{Sign: "one look"}, ""},
		"another, somewhere": {item{pruned: true, sameAs: []int{theSecond}}, Outcome{Sign: "two looks"}, "could not differ from"},
	} {
		t.Run(name, func(t *testing.T) {
			e := pairOf(t, "CreatePayment #1 arrives: close", "Capture #1 arrives: close", Outcome{}, Outcome{})
			e.tried[theSecond] = Outcome{Sign: "one look", Tail: "one charge"}
			row.it.ids, row.it.level = []int{theFirst, theSecond}, pairs
			e.Audit, e.cells, e.result = 1, map[int]*Cell{}, Result{}
			for _, c := range e.catalogue.list {
				e.catalogue.byText[c.text] = c
			}
			e.Try = func(context.Context, Trial) (Outcome, error) { return row.pair, nil }
			require.NoError(t, e.leaveOut(t.Context(), row.it))
			require.Equal(t, 1, e.result.Pairs.Audited)
			if row.want == "" {
				require.Empty(t, e.result.Disagreements)
				return
			}
			require.Len(t, e.result.Disagreements, 1)
			require.Contains(t, e.result.Disagreements[0], row.want)
			require.False(t, e.result.Good())
		})
	}
}

// In real time nothing is sure, so that what would be dead comes last and is tried.
func TestWhereRealTimePassesTheDeadComeLast(t *testing.T) {
	alone := Outcome{Spans: map[string]span{"Capture #1": {Seen: time.Second}}}
	e := pairOf(t, "CreatePayment #1 arrives: close", "Capture #2 arrives: close", alone, Outcome{})
	third, err := injection.ParseInjection("Capture #1 arrives: close")
	require.NoError(t, err)
	e.catalogue.list = append(e.catalogue.list, &candidate{Injection: third, id: 2, message: came(1)})
	e.Audit, e.Real = -1, &Real{}
	list := []item{{level: pairs, ids: []int{theFirst, theSecond}}, {level: pairs, ids: []int{theFirst, 2}}}
	e.prunable(list)
	require.Equal(t, []int{theFirst, 2}, list[0].ids)
	require.False(t, list[1].leftOut())
}
