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
	if !e.inPortions() || len(e.later) == 0 {
		list = append(list, e.leftOver()...)
	}
	return e.run(ctx, singles, list)
}

const (
	// soonest is the highest rank of the singles that are tried before any pair,
	soonest = 1
	// firstPortion is how many singles are where they are tried in portions,
	firstPortion = 4
	// leastTried is how many schedules are tried there even if the time is over: the fifth is a
	// pair.
	leastTried = firstPortion + 1
)

// beforePairs is how many singles are tried before any pair.
func (e *explorer) beforePairs(list []item) int {
	if e.inPortions() {
		return min(firstPortion, len(list))
	}
	if soon := slices.IndexFunc(list, func(it item) bool { return it.rank > soonest }); soon >= 0 {
		return soon
	}
	return len(list)
}

// inPortions says whether singles are tried in portions, each as large as all before it, and
// before each of them a quarter as many pairs. An exploration of all stories has two seconds for
// each, which may be over before the most promising singles were tried, and no pair would be.
// In real time one story has minutes.
func (e *explorer) inPortions() bool {
	return e.Real == nil && e.Time > 0 && e.Schedules == 0 && !e.SinglesOnly && e.Triples == 0
}

// otherSingles are tried in turn with the pairs that the ones before them offer.
func (e *explorer) otherSingles(ctx context.Context) bool {
	if e.inPortions() {
		return e.nextPortion(ctx)
	}
	list := e.later
	offered := e.offered(list)
	e.paired = append(e.paired, offered...)
	level := e.prunable(offered)
	e.stage = e.otherPairs
	return e.run(ctx, level, e.withShare(alternate(list, offered), e.afterSingles()))
}

// nextPortion has one pair for four singles: by one injection, a defect is understood sooner than
// by two. Pairs that would come to nothing wait until all singles were tried.
func (e *explorer) nextPortion(ctx context.Context) bool {
	now := e.later[:min(len(e.later), max(firstPortion, len(e.tried)))]
	offered := slices.DeleteFunc(e.offered(e.later), func(it item) bool { return e.isDead(it.ids) })
	offered = offered[:min(len(offered), max(1, len(now)/4))]
	e.paired = append(e.paired, offered...)
	if e.later = e.later[len(now):]; len(e.later) == 0 {
		e.stage = e.otherPairs
	}
	level := e.prunable(offered)
	return e.run(ctx, level, e.withShare(slices.Concat(offered, now), e.afterSingles()))
}

// offered are the pairs of the singles that were tried. Those of one that is still to come wait
// for it: alone, an injection shows which of its pairs cannot differ.
func (e *explorer) offered(toCome []item) []item {
	alone := map[int]bool{}
	for _, it := range toCome {
		alone[it.ids[0]] = true
	}
	return slices.DeleteFunc(e.pairs(e.paired), func(it item) bool { return alone[it.ids[0]] || alone[it.ids[1]] })
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
	if e.Schedules == 0 && e.Time == 0 {
		return true
	}
	list := e.nextDraws()
	if len(list) > 0 {
		e.stage = e.randomOnes
	}
	return e.run(ctx, random, list)
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

// drawnAtOnce is how many random schedules are drawn before they are tried.
const drawnAtOnce = 5000

// nextDraws draws the next random schedules, as many as the budget asks for; the time ends them
// where the number does not.
func (e *explorer) nextDraws() (list []item) {
	fired := e.fired()
	if len(fired) == 0 {
		return nil
	}
	most := drawnAtOnce
	if e.Schedules > 0 {
		most = min(most, e.Schedules-e.next)
	}
	for end := e.draws + 4*most; len(list) < most && e.draws < end; e.draws++ {
		it, ok := e.catalogue.draw(e.Seed, e.draws, fired, e.tried)
		key := fmt.Sprint(it.ids)
		if !ok {
			continue
		}
		if e.drawn[key] {
			e.result.Random.Duplicates += e.mine(1)
			continue
		}
		e.drawn[key] = true
		list = append(list, it)
	}
	e.result.Random.Possible += e.mine(len(list))
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
