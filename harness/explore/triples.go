package explore

import (
	"fmt"
	"slices"
)

// triples draws schedules of three injections that took effect alone, all hops at the speeds
// that they have in the singles.
func (e *explorer) triples() (list []item) {
	e.classes = classify(e.clean, e.tried, func(id int) *candidate { return e.catalogue.list[id] }, e.same)
	fired := e.fired()
	seen := map[string]bool{}
	for k := 0; len(fired) > 0 && len(list) < e.Triples && k < drawsATriple*e.Triples; k++ {
		it, _ := e.catalogue.draw(e.Seed, k, fired, e.tried)
		if key := fmt.Sprint(it.ids); len(it.ids) == 3 && !seen[key] {
			seen[key] = true
			if it.seed = 0; e.isNew(it) {
				list = append(list, it)
			}
		}
	}
	e.result.Random.Possible = e.mine(len(list))
	return list
}

// drawsATriple is how often one is drawn, at most, until one is found that is new.
const drawsATriple = 1000

// isNew says whether no two injections of a triple are dead together, or come out as two
// others do.
func (e *explorer) isNew(triple item) bool {
	for i := range triple.ids {
		pair := item{level: pairs}
		for j, id := range triple.ids {
			if j != i {
				pair.ids = append(pair.ids, id)
			}
		}
		if e.isDead(pair.ids) {
			return false
		}
		if e.classes.prune(&pair); !pair.pruned {
			e.class(&pair)
		}
		if pair.pruned && !slices.Equal(pair.sameAs, pair.ids) {
			return false
		}
	}
	return true
}
