package explore

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// candidate is one injection that an exploration may add to a story.
type candidate struct {
	injection.Injection
	id      int
	message Message
	weight  int // its place among the injections on its message: the higher, the worse
	rank    int // how late it is tried
	spot    spot
	text    string
}

// spot is the moment of a message that an injection hits. Two injections on one spot
// are not combined: one of them would be the other's.
type spot struct {
	message string
	phase   fault.Phase
}

// readsLater is how many ranks a message that only reads comes after one that writes.
const readsLater = 2

// rankOf is how late an attempt on a message is tried: what is lost, refused or killed
// before what is late, and that before what is changed; writes before reads; the first
// message of a kind before the later ones. A field that all messages of a kind lack comes
// soon: there are few of these, and they tell what else becomes of the field as well.
func rankOf(m Message, a attempt) int {
	rank := int(a.turn - fault.Early)
	switch every := a.Trigger.N == 0; {
	case every && a.Fault.Kind == fault.Drop:
		return soonest
	case !every:
		rank += m.later()
	}
	if !m.writes() {
		rank += readsLater
	}
	return rank
}

// later is how many ranks a message comes after the first one of its kind.
func (m Message) later() int { return max(0, min(m.N-1, retries)) }

// catalogue knows every candidate that came up, once.
type catalogue struct {
	processes []string
	only      func(injection.Injection) bool // nil: all
	list      []*candidate
	byText    map[string]*candidate
	ofMessage map[string][]*candidate // by Message.String
	seen      map[string]string       // Message.String, by all that a message has: its candidates are known
	most      map[string]int          // by Kind: the highest number whose injections are tried
}

func newCatalogue(processes []string, only func(injection.Injection) bool) *catalogue {
	return &catalogue{
		processes: processes, only: only, byText: map[string]*candidate{}, ofMessage: map[string][]*candidate{}, seen: map[string]string{}, most: map[string]int{},
	}
}

// retries is how many messages of a kind beyond those of the control run are hit:
// the first ones tell what a caller does that asks again, and the tenth look at
// a page tells nothing more.
const retries = 3

// of returns the candidates of a message, which is new or known.
func (c *catalogue) of(m Message) []*candidate {
	whole := m.whole()
	if key, seen := c.seen[whole]; seen {
		return c.ofMessage[key]
	}
	if most, limited := c.most[m.Kind()]; limited && m.N > most || !limited && m.N > retries {
		return nil
	}
	key := m.String()
	c.seen[whole] = key
	for weight, s := range slices.Concat(m.injections(c.processes), m.drifts()) {
		text := s.String()
		if c.byText[text] != nil || s.Check() != nil {
			continue // a name that cannot be written in an injection cannot be replayed
		}
		if c.only != nil && !c.only(s.Injection) {
			continue
		}
		n := &candidate{Injection: s.Injection, id: len(c.list), message: m, weight: weight, rank: rankOf(m, s), spot: spot{key, s.Trigger.Phase}, text: text}
		c.list = append(c.list, n)
		c.byText[text] = n
		c.ofMessage[key] = append(c.ofMessage[key], n)
	}
	return c.ofMessage[key]
}

// end is the candidate of an epilogue, which is new or known. No message offers it.
func (c *catalogue) end(m Message, f fault.Fault, weight int) *candidate {
	s := injection.Injection{Operation: m.Operation, Trigger: injection.Trigger{End: true}, Fault: f}
	text := s.String()
	if known := c.byText[text]; known != nil {
		return known
	}
	n := &candidate{Injection: s, id: len(c.list), message: m, weight: weight, spot: spot{m.String(), s.Trigger.Phase}, text: text}
	c.list = append(c.list, n)
	c.byText[text] = n
	c.ofMessage[m.String()] = append(c.ofMessage[m.String()], n)
	return n
}

// limit lets the control run say how many messages of each kind are hit.
func (c *catalogue) limit(clean []Message) {
	for _, m := range clean {
		c.most[m.Kind()] = max(c.most[m.Kind()], m.N+retries)
	}
}

// item is one schedule of an exploration, in its order.
type item struct {
	index  int
	level  level
	ids    []int  // of candidates, ascending
	rank   int    // how late it is tried
	seed   uint64 // beside the exploration's own: which speeds the hops have
	sameAs []int  // the schedule that it cannot differ from, where it is pruned
	pruned bool
	// byState says that it cannot differ only from where its second injection takes effect
	// on; dead, that one of its injections has nothing to hit beside the other one.
	byState, dead bool
}

// leftOut says whether it need not be enacted.
func (it item) leftOut() bool { return it.pruned || it.dead }

// level is how far an exploration has come.
type level int

const (
	singles level = iota
	pairs
	random
	epilogues // alone, or after a single
)

// arrange puts schedules into the order of their ranks. Those of one rank are in an
// order that depends on the seed alone, so that what a budget cuts off is spread over
// messages and faults.
func arrange(list []item, seed uint64) {
	slices.SortFunc(list, func(a, b item) int { return slices.Compare(a.ids, b.ids) })
	rng := rand.New(rand.NewPCG(seed, uint64(len(list))))
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b item) int { return cmp.Compare(a.rank, b.rank) })
}

// alternate takes schedules from two lists in turn, each in its own order.
func alternate(a, b []item) (list []item) {
	for i := range max(len(a), len(b)) {
		if i < len(a) {
			list = append(list, a[i])
		}
		if i < len(b) {
			list = append(list, b[i])
		}
	}
	return list
}

// How many ranks a pair comes later whose second injection hits a message that came
// without the first one, too, and one whose first injection is not the first that
// brought the message about.
const (
	knownLater  = 2
	mostOpeners = 4
)

// pairsOf lists every two injections of which the second hits a message of the
// first one's run. It also says how many came up twice: once from each side. Those
// come soonest whose second injection hits a message that the control run lacked, and
// of many first injections that open one message, one.
func (c *catalogue) pairsOf(clean Outcome, tried map[int]Outcome) (list []item, duplicates int) {
	first := make([]int, 0, len(tried))
	for id := range tried {
		first = append(first, id)
	}
	slices.Sort(first) // candidates get their ids in this order
	slices.SortStableFunc(first, func(a, b int) int { return cmp.Compare(c.list[a].rank, c.list[b].rank) })
	offers := make([][][]*candidate, len(first)) // by first injection and message
	for i, id := range first {
		for _, m := range tried[id].Messages {
			offers[i] = append(offers[i], c.of(m))
		}
	}
	openers := map[string]int{}
	known := map[string]bool{}
	for _, m := range clean.Messages {
		known[m.String()] = true
	}
	n := len(c.list)
	seen := make([]bool, n*n)
	var ids []int // of all pairs, one after the other
	for i, id := range first {
		a := c.list[id]
		for j, m := range tried[id].Messages {
			later := knownLater
			if name := m.String(); !known[name] {
				later = min(openers[name], mostOpeners)
				openers[name]++
			}
			for _, b := range offers[i][j] {
				if a.spot == b.spot || b.Fault.Kind == fault.Meet && !m.Repeats {
					continue
				}
				less, more := min(a.id, b.id), max(a.id, b.id)
				if seen[less*n+more] {
					duplicates++
					continue
				}
				seen[less*n+more] = true
				ids = append(ids, less, more)
				list = append(list, item{level: pairs, rank: a.rank + b.rank + later})
			}
		}
	}
	for i := range list {
		list[i].ids = ids[2*i : 2*i+2 : 2*i+2]
	}
	return list, duplicates
}

// draw draws the k-th random schedule: two to five injections, each on a message
// of a run of one of those before it, and hops of other speeds.
func (c *catalogue) draw(seed uint64, k int, fired []int, tried map[int]Outcome) (item, bool) {
	rng := rand.New(rand.NewPCG(seed, uint64(k)))
	one := fired[rng.IntN(len(fired))]
	ids := []int{one}
	spots := []spot{c.list[one].spot}
	for range 1 + rng.IntN(4) {
		from := tried[ids[rng.IntN(len(ids))]].Messages
		if len(from) == 0 {
			continue
		}
		all := c.ofMessage[from[rng.IntN(len(from))].String()]
		if len(all) == 0 {
			continue
		}
		next := all[rng.IntN(len(all))]
		if slices.Contains(spots, next.spot) {
			continue
		}
		ids = append(ids, next.id)
		spots = append(spots, next.spot)
	}
	slices.Sort(ids)
	return item{level: random, ids: ids, seed: 1 + rng.Uint64N(1<<20)}, len(ids) > 1
}

// schedule is the injections of the candidates, in the order of their texts: a set
// has one schedule.
func (c *catalogue) schedule(ids []int) injection.Schedule {
	list := make([]*candidate, len(ids))
	for i, id := range ids {
		list[i] = c.list[id]
	}
	slices.SortFunc(list, func(a, b *candidate) int { return cmp.Compare(a.text, b.text) })
	var s injection.Schedule
	for _, one := range list {
		s = append(s, one.Injection)
	}
	return s
}
