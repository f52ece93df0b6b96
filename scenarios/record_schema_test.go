package scenarios_test

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// The published schema fits every line of a record, and says every key that one can
// have: a field that it lacks, or that it has too many, is found by the second half.
func TestARecordFitsItsSchema(t *testing.T) {
	text, err := os.ReadFile("../docs/runs.schema.json")
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("runs.schema.json", document))
	schema, err := compiler.Compile("runs.schema.json")
	require.NoError(t, err)
	check := func(line string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		require.NoError(t, err)
		return schema.Validate(value)
	}

	var written bytes.Buffer
	sink := record.NewWriter(&written)
	sink.From(record.Origin{Suite: "Checkout stories", Worlds: []string{"virtual"}, Runs: 2, Skipped: []record.Skip{{Name: "a", Reason: "b"}}})
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	for _, s := range []Story{chargedTwice, contractDrift} {
		studio.Enact(t.Context(), s, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "complaint", Without: s.Complaint.Off, Sink: sink})
	}
	lines := strings.Split(strings.TrimSpace(written.String()), "\n")
	require.Greater(t, len(lines), 100)
	for _, line := range lines {
		require.NoError(t, check(line), line)
	}
	for _, wrong := range []string{`{}`, `{"v":3}`, `{"v":2,"open":{}}`, `{"run":"x","event":{"at":1,"who":"a","seq":1,"kind":"struck"}}`, strings.Replace(lines[1], `"open":{`, `"open":{"strikes":[],`, 1)} {
		require.Error(t, check(wrong), wrong)
	}

	definitions := document.(map[string]any)["$defs"].(map[string]any)
	for name, of := range map[string]any{
		"origin": record.Origin{}, "run": Run{}, "ruling": Ruling{}, "route": observe.Route{}, "event": Event{}, "message": observe.Message{},
		"act": observe.Act{}, "view": observe.View{}, "entry": observe.Entry{}, "effect": observe.Effect{}, "life": observe.Life{},
	} {
		require.ElementsMatch(t, keysOf(reflect.TypeOf(of)), keys(definitions[name].(map[string]any)["properties"].(map[string]any)), name)
	}
}

// keysOf are the JSON keys of a struct.
func keysOf(of reflect.Type) (list []string) {
	for i := range of.NumField() {
		if key, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); key != "" && key != "-" {
			list = append(list, key)
		}
	}
	return list
}

func keys(m map[string]any) (list []string) {
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
