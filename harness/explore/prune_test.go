package explore

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A field that nobody reads of the n-th answer is read where another strike has
// made that answer another one.
func TestAMessageThatAnotherStrikeChangesIsNotTakenForTheCleanOne(t *testing.T) {
	const delay, retype = 1, 2
	for name, row := range map[string]struct {
		beside map[string]uint64
		pruned bool
	}{
		"the same answer":  {map[string]uint64{"look #8": 7}, true},
		"another answer":   {map[string]uint64{"look #8": 9}, false},
		"no such message":  {map[string]uint64{"look #7": 7}, false},
		"nothing answered": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := classes{
				of:    map[int]int{retype: none},
				clean: Outcome{Says: map[string]uint64{"look #8": 7}},
				tried: map[int]Outcome{delay: {Says: row.beside}, retype: {}},
				messageOf: func(id int) string {
					return map[int]string{delay: "look #2", retype: "look #8"}[id]
				},
			}
			it := item{level: pairs, ids: []int{delay, retype}}
			c.prune(&it)
			require.Equal(t, row.pruned, it.pruned)
		})
	}
}
