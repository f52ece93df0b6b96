package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/units"
)

// Origin says where a record comes from: which suite, built from what, staged
// how, and which part of it. Records of one suite can be merged; without their
// origins nobody could tell that they are of one.
type Origin struct {
	Suite    string      `json:"suite,omitempty"`  // its title
	Commit   string      `json:"commit,omitempty"` // of what was tested; "" where nobody knows
	Worlds   []string    `json:"worlds,omitempty"`
	Database string      `json:"database,omitempty"`
	Clock    units.Clock `json:"clock,omitempty"`
	Seed     uint64      `json:"seed,omitempty"`
	Rounds   int         `json:"rounds,omitempty"`
	Without  []string    `json:"without,omitempty"`
	// Shards are the parts in it, ascending, of Of; none: it is the whole.
	Shards []int `json:"shards,omitempty"`
	Of     int   `json:"of,omitempty"`
	// Runs is how many there are in it; 0: it was being written when nobody knew.
	Runs int `json:"runs,omitempty"`
	// Skipped is what was not staged. It is known in the end only, so that a
	// record which was cut off has none.
	Skipped []Skip `json:"skipped,omitempty"`
}

// Skip is what was not staged, and why.
type Skip struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// MaxShards is how many machines a suite may be spread over.
const MaxShards = 1000

// Part says which part of the suite it is, such as “shard 1 of 3”, or "" of the
// whole.
func (o Origin) Part() string {
	if o.Of <= 1 || len(o.Shards) == o.Of {
		return ""
	}
	return fmt.Sprintf("%s of %d", spellShards(o.Shards), o.Of)
}

// Title is the suite's, with its part.
func (o Origin) Title() string {
	if part := o.Part(); part != "" {
		return o.Suite + ", " + part
	}
	return o.Suite
}

// Missing says which shards are not in it, or "".
func (o Origin) Missing() string {
	var list []int
	for i := 1; i <= o.Of; i++ {
		if !slices.Contains(o.Shards, i) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %d", spellShards(list), o.Of)
}

func spellShards(list []int) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = fmt.Sprint(n)
	}
	if len(list) == 1 {
		return "shard " + words[0]
	}
	return "shards " + strings.Join(words, ", ")
}

// check says what cannot be in an origin that was read.
func (o Origin) check() error {
	if o.Of < 0 || o.Of > MaxShards || o.Of == 0 && len(o.Shards) > 0 {
		return fmt.Errorf("an origin of %d shards", o.Of)
	}
	if o.Runs < 0 {
		return fmt.Errorf("an origin of %d runs", o.Runs)
	}
	for i, n := range o.Shards {
		if n < 1 || n > o.Of || i > 0 && n <= o.Shards[i-1] {
			return fmt.Errorf("an origin with shard %d of %d out of order", n, o.Of)
		}
	}
	return nil
}
