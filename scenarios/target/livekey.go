package target

import (
	"os"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// LiveKey says what is wrong with a text that has a key of a provider's live mode
// anywhere in it, or "". It never says the key.
func LiveKey(text string) string {
	if observe.LiveKey(text) == "" {
		return ""
	}
	return "this is a live key, with which real money is moved: a test never has one; write a test key (…_test_…)"
}

// checkLiveKeys looks for live keys in every text of the file but those that the
// provider has refused already, and in what is inherited.
func (t *Target) checkLiveKeys(root *yaml.Node, refused Problems, tell func(string, ...string)) {
	each(root, func(text string, place ...string) {
		if !slices.ContainsFunc(refused, func(p Problem) bool { return slices.Equal(p.at, place) }) {
			tell(LiveKey(text), place...)
		}
	})
	for i, name := range t.Service.Inherit {
		tell(LiveKey(os.Getenv(name)), "service", "inherit", strconv.Itoa(i))
	}
}
