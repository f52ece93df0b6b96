package model

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

// Part is a record as it was read, and what its file is called.
type Part struct {
	Name   string
	Origin record.Origin
	Runs   []*judge.Run
}

// Merge makes one record of several: shards of one staging of a suite, or whole
// stagings of it in different worlds, databases or clocks. The order of the parts
// does not matter. It refuses what is not of one suite, one commit and one seed,
// and a shard or a run that comes twice. What is missing the origin says.
func Merge(parts []Part) (record.Origin, []*judge.Run, error) {
	if len(parts) == 0 {
		return record.Origin{}, nil, errors.New("no parts to merge")
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int {
		return cmp.Or(slices.Compare(a.Origin.Shards, b.Origin.Shards), cmp.Compare(a.Name, b.Name))
	})
	whole := parts[0].Origin
	for _, p := range parts[1:] {
		if err := oneStaging(parts[0], p); err != nil {
			return record.Origin{}, nil, err
		}
		whole = together(whole, p.Origin)
	}
	slices.SortFunc(whole.Skipped, func(a, b record.Skip) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reason, b.Reason))
	})
	whole.Skipped = slices.Compact(whole.Skipped)
	slices.Sort(whole.Shards)
	if err := eachShardOnce(whole.Shards, parts); err != nil {
		return record.Origin{}, nil, err
	}
	runs, err := eachRunOnce(parts)
	whole.Runs = len(runs)
	return whole, runs, err
}

// oneStaging says why two records cannot be parts of one, if they cannot.
func oneStaging(a, b Part) error {
	differ := func(what, x, y string) error {
		return fmt.Errorf("%s and %s are of different %s (%s and %s): merge what one staging left", a.Name, b.Name, what, named(x), named(y))
	}
	x, y := a.Origin, b.Origin
	for _, row := range []struct{ what, x, y string }{
		{"commits", x.Commit, y.Commit},
		{"suites", x.Suite, y.Suite},
		{"numbers of shards", fmt.Sprint(max(1, x.Of)), fmt.Sprint(max(1, y.Of))},
		{"seeds", fmt.Sprint(x.Seed), fmt.Sprint(y.Seed)},
		{"rounds", fmt.Sprint(x.Rounds), fmt.Sprint(y.Rounds)},
		{"safeguards switched off", strings.Join(x.Without, ","), strings.Join(y.Without, ",")},
	} {
		if row.x != row.y {
			return differ(row.what, row.x, row.y)
		}
	}
	if x.Of <= 1 {
		return nil // whole stagings may be of different worlds
	}
	for _, row := range []struct{ what, x, y string }{
		{"worlds", strings.Join(x.Worlds, ","), strings.Join(y.Worlds, ",")},
		{"databases", x.Database, y.Database},
		{"clocks", x.Clock.String(), y.Clock.String()},
	} {
		if row.x != row.y {
			return differ(row.what, row.x, row.y)
		}
	}
	return nil
}

func named(text string) string {
	if text == "" {
		return "none is named"
	}
	return text
}

// together is the origin of both together.
func together(a, b record.Origin) record.Origin {
	a.Worlds = union(a.Worlds, b.Worlds)
	a.Database = strings.Join(union(strings.Split(a.Database, ","), strings.Split(b.Database, ",")), ",")
	if a.Clock != b.Clock {
		a.Clock = 0 // each run says its own
	}
	a.Shards = slices.Concat(a.Shards, b.Shards)
	a.Skipped = slices.Concat(a.Skipped, b.Skipped)
	return a
}

func union(a, b []string) []string {
	list := slices.Concat(a, b)
	slices.Sort(list)
	return slices.Compact(list)
}

func eachShardOnce(sorted []int, parts []Part) error {
	for i := 1; i < len(sorted); i++ {
		if n := sorted[i]; n == sorted[i-1] {
			var names []string
			for _, p := range parts {
				if slices.Contains(p.Origin.Shards, n) {
					names = append(names, p.Name)
				}
			}
			return fmt.Errorf("shard %d comes twice: in %s", n, strings.Join(names, " and "))
		}
	}
	return nil
}

// eachRunOnce are all runs, sorted by their ids.
func eachRunOnce(parts []Part) (all []*judge.Run, err error) {
	from := map[string]string{}
	for _, p := range parts {
		for _, r := range p.Runs {
			if other, twice := from[r.ID]; twice {
				return nil, fmt.Errorf("run %s comes twice: in %s and in %s", r.ID, other, p.Name)
			}
			from[r.ID] = p.Name
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b *judge.Run) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
