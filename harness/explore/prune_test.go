package explore

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A field that nobody reads of an answer is read where another injection, before
// it, has left the reader in another state.
func TestAnInjectionIsLeftOutOnlyBesideOneThatComesLater(t *testing.T) {
	const other, retype = 1, 2
	changed := span{Seen: 10 * time.Second, Answered: 11 * time.Second}
	for name, row := range map[string]struct {
		beside map[string]span
		pruned bool
	}{
		"later":             {map[string]span{"other": {Seen: 12 * time.Second}}, true},
		"at its answer":     {map[string]span{"other": {Seen: 11 * time.Second}}, false},
		"under way with it": {map[string]span{"other": {Seen: 10500 * time.Millisecond}}, false},
		"before":            {map[string]span{"other": {Seen: time.Second, Answered: 2 * time.Second}}, false},
		"opened by others":  {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := classes{
				of: map[int]int{retype: none}, spans: map[string]span{"changed": changed},
				messageOf: func(id int) string { return map[int]string{other: "other", retype: "changed"}[id] },
			}
			for message, s := range row.beside {
				c.spans[message] = s
			}
			it := item{level: pairs, ids: []int{other, retype}}
			c.prune(&it)
			require.Equal(t, row.pruned, it.pruned)
		})
	}
}
