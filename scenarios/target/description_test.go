package target_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/target"
)

// schemaKeys are all keys of the schema: "service.command". What the schema has
// once for several places stands under the name that it has there.
func schemaKeys(t *testing.T) []string {
	var schema map[string]any
	require.NoError(t, json.Unmarshal([]byte(target.Schema), &schema))
	keys := map[string]bool{}
	var walk func(place string, node map[string]any)
	walk = func(place string, node map[string]any) {
		for _, key := range []string{"items", "additionalProperties"} {
			if below, is := node[key].(map[string]any); is {
				walk(place, below)
			}
		}
		for _, key := range []string{"oneOf", "anyOf"} {
			choices, _ := node[key].([]any)
			for _, choice := range choices {
				walk(place, choice.(map[string]any))
			}
		}
		named, _ := node["properties"].(map[string]any)
		for name, below := range named {
			keys[strings.TrimPrefix(place+"."+name, ".")] = true
			walk(strings.TrimPrefix(place+"."+name, "."), below.(map[string]any))
		}
		patterned, _ := node["patternProperties"].(map[string]any)
		for _, below := range patterned {
			walk(place, below.(map[string]any))
		}
	}
	walk("", schema)
	for name, below := range schema["$defs"].(map[string]any) {
		walk(name, below.(map[string]any))
	}
	return slices.Sorted(maps.Keys(keys))
}

var (
	heading = regexp.MustCompile("^### `([^`]+)`$")
	row     = regexp.MustCompile("^\\| ((?:`[a-z_]+`(?:, )?)+) \\|")
	quoted  = regexp.MustCompile("`([a-z_]+)`")
)

// Every key of the schema stands in the page that lists them, and no other.
func TestEveryKeyStandsInTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/description.md")
	require.NoError(t, err)
	place, keys := "", map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if found := heading.FindStringSubmatch(line); found != nil {
			place = found[1] + "."
		}
		if found := row.FindStringSubmatch(line); found != nil {
			for _, name := range quoted.FindAllStringSubmatch(found[1], -1) {
				keys[place+name[1]] = true
			}
		}
	}
	require.Equal(t, schemaKeys(t), slices.Sorted(maps.Keys(keys)))
	for _, word := range []string{"waiting", "checking", "changed", "shipped", "paid", "refused", "refunded", "cancelled", "ready", "error", "unreachable"} {
		require.Contains(t, string(text), "`"+word+"`")
	}
}

// The defaults of the page are those that are played.
func TestTheGuidesDefaultsArePlayed(t *testing.T) {
	text, err := os.ReadFile("../../docs/description.md")
	require.NoError(t, err)
	shop := with(t)
	f := shop.FrontEnd(1)
	for key, is := range map[string]string{
		"timeout": f.TimeOut.String(), "look_every": f.LookEvery.String(), "look_for": f.LookFor.String(),
		"quiet": shop.QuietFor().String(), "within": shop.ReadyWithin().String(),
	} {
		is = strings.NewReplacer("30m0s", "30m", "1m0s", "60s").Replace(is)
		require.Regexp(t, "(?m)^\\| `"+key+"` \\| [^|]+ \\| `"+is+"` \\|", string(text))
		require.Contains(t, target.Schema, is+" by default")
	}
}
