package reports

import (
	"maps"
	"slices"

	"github.com/unhappypath/unhappypath/harness"
)

// tale is a story as the headline counts it: once, however many worlds and
// rounds it was run in, and as the worst of its runs came out. One customer who
// is charged twice in each of two worlds is one customer.
type tale struct {
	standing
	New, Mended bool
	over        map[string]int64 // charged too much in the worst run, by currency
}

// count is how many stories stand where.
type count struct {
	standing
	N int
}

// talesOf are the stories of the runs. What was demonstrated without a safeguard
// is none of them; a demonstration that failed is, with no money of its own.
func talesOf(runs []*told) []*tale {
	byStory := map[string]*tale{}
	var list []*tale
	for _, t := range runs {
		if t.Standing == reproduced {
			continue
		}
		one := byStory[t.Run.Story]
		if one == nil {
			one = &tale{standing: t.Standing, over: map[string]int64{}}
			byStory[t.Run.Story] = one
			list = append(list, one)
		}
		if t.Standing.rank < one.rank {
			one.standing = t.Standing
		}
		if t.form != nil { // the summary has none
			one.New = one.New || t.form.New
			one.Mended = one.Mended || t.form.Mended
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

func counts(tales []*tale) []count {
	list := []count{{broke, 0}, {missed, 0}, {unfinished, 0}, {unproven, 0}, {kept, 0}}
	for _, one := range tales {
		for i := range list {
			if list[i].standing == one.standing {
				list[i].N++
			}
		}
	}
	return list
}

// overcharged sums by currency what customers paid beyond what they owed.
func overcharged(tales []*tale) []string {
	sums := map[string]int64{}
	for _, one := range tales {
		for currency, over := range one.over {
			sums[currency] += over
		}
	}
	var list []string
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, harness.Price(sums[currency], currency))
	}
	return list
}
