package explore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// levels runs one level after the other, till the budget is used up. It goes on where it
// ended before.
func (e *explorer) levels(ctx context.Context) {
	for e.stage != nil && e.stage(ctx) {
	}
}

// soonestSingles come first: what promises most.
func (e *explorer) soonestSingles(ctx context.Context) bool {
	list := e.singles()
	soon := len(list)
	switch {
	case e.SinglesOnly:
		e.stage = nil
	case e.Triples > 0:
		e.stage = e.someTriples
	default:
		soon = e.beforePairs(list)
		e.stage = e.otherSingles
	}
	e.later = list[soon:]
	list = e.withShare(list[:soon], e.aloneAtEnd())
	if !e.doubles() || len(e.later) == 0 {
		list = append(list, e.leftOver()...)
	}
	return e.run(ctx, singles, list)
}

const (
	// soonest is the highest rank of the singles that are tried before any pair,
	soonest = 1
	// fewSingles is how many are in virtual time where the time is limited: it may be over
	// before a hundredth of them was tried.
	fewSingles = 4
	// firstPair is how many schedules there are until a pair was tried, too: before that, the
	// time is not over.
	firstPair = fewSingles + 1
)

// beforePairs is how many singles are tried before any pair.
func (e *explorer) beforePairs(list []item) int {
	if e.doubles() {
		return min(fewSingles, len(list))
	}
	if soon := slices.IndexFunc(list, func(it item) bool { return it.rank > soonest }); soon >= 0 {
		return soon
	}
	return len(list)
}

// doubles says whether singles are tried in portions, each as large as all before it, and
// before each a quarter as many pairs: an exploration of many stories has two seconds for each,
// too few for the most promising singles. In real time one story has minutes, and all of these
// come first.
func (e *explorer) doubles() bool { return e.Real == nil && e.Time > 0 }

// otherSingles are tried with the pairs that the ones before them offer. A defect is understood
// sooner by one injection than by two, so that singles are more until they are all tried.
func (e *explorer) otherSingles(ctx context.Context) bool {
	now := e.later
	if e.doubles() {
		now = now[:min(len(now), max(fewSingles, len(e.tried)))]
	}
	// Alone, an injection shows which of its pairs cannot differ: those come afterwards.
	alone := map[int]bool{}
	for _, it := range e.later {
		alone[it.ids[0]] = true
	}
	e.later = e.later[len(now):]
	more := len(e.later) > 0
	offered := slices.DeleteFunc(e.pairs(e.paired), func(it item) bool {
		return alone[it.ids[0]] || alone[it.ids[1]] || more && e.isDead(it.ids)
	})
	if more {
		offered = offered[:min(len(offered), max(1, len(now)/4))]
	} else {
		e.stage = e.otherPairs
	}
	e.paired = append(e.paired, offered...)
	level := e.prunable(offered)
	list := alternate(offered, now)
	if more {
		list = slices.Concat(offered, now)
	}
	return e.run(ctx, level, e.withShare(list, e.afterSingles()))
}

// otherPairs are what the singles have to offer. In real time, those that took long have
// more by the time that these are through.
func (e *explorer) otherPairs(ctx context.Context) bool {
	rest := e.pairs(e.paired)
	level := e.prunable(rest)
	e.paired = append(e.paired, rest...)
	through := e.run(ctx, level, append(e.withShare(rest, e.afterSingles()), e.leftOver()...))
	if e.Real == nil || len(rest) == 0 && !e.side.hearAll(ctx) {
		e.stage = e.randomOnes
	}
	return through
}

func (e *explorer) someTriples(ctx context.Context) bool {
	e.stage = nil
	return e.run(ctx, random, e.triples())
}

func (e *explorer) randomOnes(ctx context.Context) bool {
	e.stage = nil
	return e.Schedules == 0 && e.Time == 0 || e.run(ctx, random, e.draws(e.next))
}

// mine is this shard's part of a number that all shards come to.
func (e *explorer) mine(n int) int {
	if e.Shard.I > 1 {
		return 0
	}
	return n
}

func (e *explorer) singles() (list []item) {
	for _, m := range e.clean.Messages {
		for _, c := range e.catalogue.of(m) {
			if e.Space != "" && c.Fault.Spec().Space() != e.Space {
				continue
			}
			list = append(list, item{level: singles, ids: []int{c.id}, rank: c.rank})
		}
	}
	arrange(list, e.Seed)
	e.result.Singles.Possible = e.mine(len(list))
	return list
}

// pairs are what the singles tried so far offer, beside those that were tried.
func (e *explorer) pairs(before []item) []item {
	tried := map[[2]int]bool{}
	for _, it := range before {
		tried[[2]int(it.ids)] = true
	}
	list, duplicates := e.catalogue.pairsOf(e.clean, e.tried)
	e.result.Pairs.Possible, e.result.Pairs.Duplicates = e.mine(len(list)), e.mine(duplicates)
	list = slices.DeleteFunc(list, func(it item) bool { return tried[[2]int(it.ids)] })
	arrange(list, e.Seed)
	return list
}

// prunable marks what need not be run. In real time, nothing is sure: what will come to
// nothing comes last there.
func (e *explorer) prunable(list []item) level {
	if e.Audit < 0 {
		if e.Real != nil {
			dead := func(it item) int {
				if e.isDead(it.ids) {
					return 1
				}
				return 0
			}
			slices.SortStableFunc(list, func(a, b item) int { return cmp.Compare(dead(a), dead(b)) })
		}
		return pairs
	}
	e.classes = classify(e.clean, e.tried, func(id int) *candidate { return e.catalogue.list[id] }, e.same)
	for i := range list {
		it := &list[i]
		if it.dead = e.isDead(it.ids); it.dead || it.level != pairs {
			continue
		}
		if e.classes.prune(it); !it.pruned {
			e.class(it)
		}
	}
	return pairs
}

// draws draws as many random schedules as the budget can ask for at once; the
// time ends them where the number does not.
func (e *explorer) draws(from int) (list []item) {
	fired := e.fired()
	if len(fired) == 0 {
		return nil
	}
	most := 200_000
	if e.Schedules > 0 {
		most = e.Schedules - from
	}
	seen := map[string]bool{}
	for k := 0; len(list) < most && k < 4*most; k++ {
		it, ok := e.catalogue.draw(e.Seed, k, fired, e.tried)
		key := fmt.Sprint(it.ids)
		if !ok {
			continue
		}
		if seen[key] {
			e.result.Random.Duplicates += e.mine(1)
			continue
		}
		seen[key] = true
		list = append(list, it)
	}
	e.result.Random.Possible = e.mine(len(list))
	return list
}

// fired are the injections that took effect alone.
func (e *explorer) fired() (ids []int) {
	for id, o := range e.tried {
		if len(o.Missed) == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
