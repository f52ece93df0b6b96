package explore

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Tally counts schedules. All but Audited, which are of Pruned and Dead, exclude each other.
type Tally struct {
	Possible int `json:"possible"` // that the messages seen offer
	Explored int `json:"explored"` // enacted, and every injection took effect
	Pruned   int `json:"pruned"`   // left out: they cannot differ from another
	// Dead are left out, for one of their injections would have nothing to hit.
	Dead       int `json:"dead,omitempty"`
	Unproven   int `json:"unproven"`   // enacted, and an injection did not take effect
	Unfinished int `json:"unfinished"` // the harness failed
	Duplicates int `json:"duplicates"` // that came up again, and were not enacted again
	Audited    int `json:"audited"`    // of the pruned ones: enacted all the same
}

// Add adds another tally up.
func (t Tally) Add(o Tally) Tally {
	return Tally{
		t.Possible + o.Possible, t.Explored + o.Explored, t.Pruned + o.Pruned, t.Dead + o.Dead, t.Unproven + o.Unproven,
		t.Unfinished + o.Unfinished, t.Duplicates + o.Duplicates, t.Audited + o.Audited,
	}
}

// Cell is one injection in the space of faults, alone or beside others.
type Cell struct {
	Message   Message             `json:"message"`
	Injection injection.Injection `json:"injection"`
	// In how many schedules it took effect, was left out, and did not take effect.
	TookEffect int    `json:"took_effect,omitempty"`
	Pruned     int    `json:"pruned,omitempty"`
	Missed     int    `json:"missed,omitempty"`
	Why        string `json:"why,omitempty"` // it was never reached
	Findings   bool   `json:"findings,omitempty"`
}

// Reached says what happened to the injection: "explored", "pruned" or "unreached".
func (c Cell) Reached() string {
	switch {
	case c.TookEffect > 0:
		return "explored"
	case c.Pruned > 0:
		return "pruned"
	}
	return "unreached"
}

// Result is what an exploration of one story came to.
type Result struct {
	Story   string   `json:"story"`
	Seed    uint64   `json:"seed"`
	Without []string `json:"without,omitempty"`
	// Shards are those merged in it, ascending; Of is how many there are.
	Shards []int `json:"shards"`
	Of     int   `json:"of"`

	Singles Tally `json:"singles"`
	Pairs   Tally `json:"pairs"`
	Random  Tally `json:"random"` // whose Possible is what was drawn
	// Epilogues are the schedules after which the same submit was sent again; or NoEpilogue
	// says why there are none.
	Epilogues  Tally  `json:"epilogues,omitzero"`
	NoEpilogue string `json:"no_epilogue,omitempty"`

	// Spaces are how many schedules were explored with faults of these spaces and no
	// others: "messages", "messages+people".
	Spaces map[string]int `json:"spaces,omitempty"`

	Cells    []Cell    `json:"cells"`
	Findings []Finding `json:"findings"`
	// Disagreements are pruned schedules that, audited, came out otherwise.
	Disagreements []string `json:"disagreements,omitempty"`
	Unfinished    []string `json:"unfinished,omitempty"` // why, the first few
	Interrupted   bool     `json:"interrupted,omitempty"`
	// Nothing says why not one schedule was explored; Idle, that none had to be.
	Nothing string `json:"nothing,omitempty"`
	// Real says that real time passed. What was seen and is no finding is then
	// Unconfirmed; Folded broke only what breaks without any injection; and TooSlow says
	// why the machine could not go on.
	Real        bool      `json:"real,omitempty"`
	Unconfirmed []Finding `json:"unconfirmed,omitempty"`
	Folded      int       `json:"folded,omitempty"`
	TooSlow     string    `json:"too_slow,omitempty"`
	// Again is how often a schedule was discarded and tried again, since the machine
	// was slow; Cut, how many were under way or discarded when the time was over.
	Again int `json:"again,omitempty"`
	Cut   int `json:"cut,omitempty"`
	// Reset is how often a schedule was enacted at a shop that was reset after another one;
	// Anew, how many of these were enacted once more at a shop that was started anew, and
	// compared.
	Reset int `json:"reset,omitempty"`
	Anew  int `json:"anew,omitempty"`
	// Short is how often a run ended after a shorter silence than the quiet time; Waited, how
	// many might have and waited for the whole.
	Short  int `json:"short,omitempty"`
	Waited int `json:"waited,omitempty"`
	// TooShort are those of Short that ended after less than twice the longest silence after
	// which something moved, as it is known in the end.
	TooShort int `json:"too_short,omitempty"`
	// AtOnce is the most that were under way at once.
	AtOnce int  `json:"at_once,omitempty"`
	Idle   bool `json:"idle,omitempty"`

	Enacted int           `json:"enacted"` // stories, with reruns and minimizing
	Took    time.Duration `json:"took"`    // real time, in nanoseconds
}

// Tally is that of all levels together.
func (r Result) Tally() Tally { return r.Singles.Add(r.Pairs).Add(r.Random).Add(r.Epilogues) }

// Good says whether something was explored and nothing was found, nothing went
// wrong with the harness, and the audit agreed.
func (r Result) Good() bool {
	all := r.Tally()
	return len(r.Findings) == 0 && len(r.Disagreements) == 0 && r.Staged() && (all.Explored > 0 || r.Idle)
}

// Staged says whether the schedules could be staged to their ends: all of them, or,
// where real time passes, all but one in 20.
func (r Result) Staged() bool {
	all := r.Tally()
	if !r.Real {
		return all.Unfinished == 0
	}
	return all.Unfinished <= 1 || all.Unfinished*fewUnfinished <= all.Unfinished+all.Explored+all.Unproven
}

// fewUnfinished is how many schedules may have one among them that could not be
// staged.
const fewUnfinished = 20

// fewReasons is how many causes of unfinished schedules are kept in words.
const fewReasons = 5

// Merge is the whole of an exploration's shards, in whatever order. It refuses
// shards of different explorations, and one that comes twice.
func Merge(parts ...Result) (Result, error) {
	if len(parts) == 0 {
		return Result{}, fmt.Errorf("no shards to merge")
	}
	slices.SortFunc(parts, func(a, b Result) int { return slices.Compare(a.Shards, b.Shards) })
	whole := parts[0]
	whole.Spaces = maps.Clone(whole.Spaces)
	whole.Cells, whole.Findings = slices.Clone(whole.Cells), slices.Clone(whole.Findings)
	for _, p := range parts[1:] {
		if p.Story != whole.Story || p.Seed != whole.Seed || p.Of != whole.Of || !slices.Equal(p.Without, whole.Without) {
			return Result{}, fmt.Errorf("these are shards of different explorations: %s and %s", whole.title(), p.title())
		}
		for _, shard := range p.Shards {
			if slices.Contains(whole.Shards, shard) {
				return Result{}, fmt.Errorf("shard %d/%d of %s comes twice", shard, p.Of, p.Story)
			}
		}
		whole.Shards = append(whole.Shards, p.Shards...)
		whole.Singles, whole.Pairs, whole.Random = whole.Singles.Add(p.Singles), whole.Pairs.Add(p.Pairs), whole.Random.Add(p.Random)
		whole.Epilogues, whole.NoEpilogue = whole.Epilogues.Add(p.Epilogues), cmp.Or(whole.NoEpilogue, p.NoEpilogue)
		for names, n := range p.Spaces {
			whole.add(names, n)
		}
		whole.Cells = mergeCells(whole.Cells, p.Cells)
		whole.Findings = mergeFindings(whole.Findings, p.Findings)
		whole.Unconfirmed = mergeFindings(slices.Clone(whole.Unconfirmed), p.Unconfirmed)
		whole.Real, whole.Folded, whole.TooSlow = whole.Real || p.Real, whole.Folded+p.Folded, cmp.Or(whole.TooSlow, p.TooSlow)
		whole.Disagreements = append(whole.Disagreements, p.Disagreements...)
		whole.Unfinished = append(whole.Unfinished, p.Unfinished...)
		if whole.Nothing == "" || whole.Idle {
			whole.Nothing = p.Nothing
		}
		whole.Idle = whole.Idle && p.Idle
		whole.Interrupted = whole.Interrupted || p.Interrupted
		whole.Enacted += p.Enacted
		whole.Took = max(whole.Took, p.Took)
	}
	if whole.Tally().Explored > 0 {
		whole.Nothing, whole.Idle = "", false
	}
	whole.order()
	return whole, nil
}

// add counts schedules with faults of these spaces.
func (r *Result) add(spaces string, n int) {
	if r.Spaces == nil {
		r.Spaces = map[string]int{}
	}
	r.Spaces[spaces] += n
}

func (r Result) title() string { return fmt.Sprintf("%s, seed %d, of %d", r.Story, r.Seed, r.Of) }

// Missing are the shards that are not in it.
func (r Result) Missing() (list []int) {
	for i := 1; i <= r.Of; i++ {
		if !slices.Contains(r.Shards, i) {
			list = append(list, i)
		}
	}
	return list
}

func mergeCells(a, b []Cell) []Cell {
	at := map[string]int{}
	for i, c := range a {
		at[c.Injection.String()] = i
	}
	for _, c := range b {
		i, known := at[c.Injection.String()]
		if !known {
			a = append(a, c)
			continue
		}
		a[i].TookEffect += c.TookEffect
		a[i].Pruned += c.Pruned
		a[i].Missed += c.Missed
		a[i].Why = cmp.Or(a[i].Why, c.Why)
		a[i].Findings = a[i].Findings || c.Findings
		if a[i].TookEffect > 0 {
			a[i].Why = ""
		}
	}
	return a
}

func mergeFindings(a, b []Finding) []Finding {
	for _, f := range b {
		i := slices.IndexFunc(a, func(g Finding) bool { return g.Cause == f.Cause })
		if i < 0 {
			a = append(a, f)
			continue
		}
		count := a[i].Count + f.Count
		if f.before(a[i]) {
			a[i] = f
		}
		a[i].Count = count
	}
	return a
}

// order brings everything into the order in which it is told.
func (r *Result) order() {
	slices.Sort(r.Shards)
	slices.SortFunc(r.Cells, func(a, b Cell) int {
		return cmp.Or(
			observe.CompareHops(a.Message.Hop, b.Message.Hop),
			cmp.Compare(a.Message.Kind(), b.Message.Kind()), cmp.Compare(a.Message.N, b.Message.N),
			cmp.Compare(a.Injection.String(), b.Injection.String()))
	})
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(len(a.Injections), len(b.Injections)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	slices.Sort(r.Disagreements)
	slices.Sort(r.Unfinished)
	r.Unfinished = r.Unfinished[:min(len(r.Unfinished), fewReasons)]
}

// WhyUnreached says in a few words why an injection never took effect.
func WhyUnreached(c Cell) string {
	switch {
	case c.Missed == 0:
		return "its turn did not come"
	case c.Injection.Fault.IsEpilogue():
		return "nobody was told that she bought, or the submit sent again got no answer"
	case judge.NeverInstalled(c.Why):
		return "the message never came"
	case c.Injection.Fault.IsDecision():
		return "the payment was over before she would have approved it"
	case c.Injection.Fault.IsTransport():
		return "nothing that the toxic could hit came by, or nobody could tell"
	case c.Injection.Fault.IsProcess():
		return "the process was dead already"
	case c.Injection.Fault.IsLid():
		return "the script was over before"
	case c.Injection.Fault.IsProvider():
		return "no request came with a token that had expired"
	}
	return "the message was hit otherwise before, or its caller was gone"
}
