package model

import (
	"maps"
	"slices"

	"github.com/unhappypath/unhappypath/harness/units"
)

// tale is a story as the headline counts it: once, however many worlds and
// rounds it was run in, and as the worst of its runs came out. One customer who
// is charged twice in each of two worlds is one customer.
type tale struct {
	Standing
	New, Mended bool
	over        map[string]int64 // charged too much in the worst run, by currency
}

// Count is how many stories stand where.
type Count struct {
	Standing
	N int
}

// TalesOf are the stories of the runs. What was demonstrated without a safeguard
// is none of them; a demonstration that failed is, with no money of its own.
func TalesOf(runs []*Told) []*tale {
	byStory := map[string]*tale{}
	var list []*tale
	for _, t := range runs {
		if t.Standing == Reproduced {
			continue
		}
		one := byStory[t.Run.Story]
		if one == nil {
			one = &tale{Standing: t.Standing, over: map[string]int64{}}
			byStory[t.Run.Story] = one
			list = append(list, one)
		}
		if t.Standing.Rank < one.Rank {
			one.Standing = t.Standing
		}
		if t.Form != nil { // the summary has none
			one.New = one.New || t.Form.New
			one.Mended = one.Mended || t.Form.Mended
		}
		if t.Demo() {
			continue
		}
		for currency, over := range t.over {
			one.over[currency] = max(one.over[currency], over)
		}
	}
	for _, one := range list {
		one.Mended = one.Mended && one.good()
	}
	return list
}

func Counts(tales []*tale) []Count {
	list := []Count{{Broke, 0}, {Missed, 0}, {Unfinished, 0}, {Unproven, 0}, {Kept, 0}}
	for _, one := range tales {
		for i := range list {
			if list[i].Standing == one.Standing {
				list[i].N++
			}
		}
	}
	return list
}

// Overcharged sums by currency what customers paid beyond what they owed.
func Overcharged(tales []*tale) []string {
	sums := map[string]int64{}
	for _, one := range tales {
		for currency, over := range one.over {
			sums[currency] += over
		}
	}
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, units.Price(sums[currency], currency))
	}
	return list
}
