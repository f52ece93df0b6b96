package tap

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// rewrite lets the answer's JSON drift and says what was done, or "" where the
// answer has no such field.
func (a *answer) rewrite(f harness.Fault) string {
	var document map[string]json.RawMessage
	if json.Unmarshal(a.body, &document) != nil {
		return ""
	}
	value, there := document[f.Field]
	if !there {
		return ""
	}
	var evidence string
	switch f.Kind {
	case harness.RenameFault:
		delete(document, f.Field)
		document[f.As] = value
		evidence = fmt.Sprintf("the field %q of the answer was called %q", f.Field, f.As)
	case harness.DropFault:
		delete(document, f.Field)
		evidence = fmt.Sprintf("the field %q of the answer was dropped", f.Field)
	case harness.RetypeFault:
		document[f.Field] = json.RawMessage("[" + string(value) + "]")
		evidence = fmt.Sprintf("the field %q of the answer became a list", f.Field)
	}
	changed, err := json.Marshal(document)
	if err != nil {
		return ""
	}
	a.body = changed
	return evidence
}

// tellDrift compares the answer with what the caller reads from it.
func (x *exchange) tellDrift(a *answer) {
	wanted := x.readsOf()
	if len(wanted) == 0 || a.status/100 != 2 {
		return
	}
	var document map[string]json.RawMessage
	// An answer that is no JSON object lacks every field.
	_ = json.Unmarshal(a.body, &document)
	var missing []string
	for _, field := range wanted {
		if _, there := document[field]; !there {
			missing = append(missing, field)
		}
	}
	if len(missing) == 0 {
		return
	}
	m := observe.AnswerMessage(x.seen, a.status, a.header, a.body)
	m.Missing = missing
	x.See(harness.Event{Actor: string(x.Hop), Kind: observe.Drift, Message: &m})
}

func (x *exchange) readsOf() []string {
	for _, r := range x.reads {
		if r.method == x.r.Method && harness.MatchPath(r.template, x.point.Path) {
			return r.fields
		}
	}
	return nil
}

// reading is what the caller reads from the answers of an operation.
type reading struct {
	method, template string
	fields           []string
}

// readingsOf lists them in an order that no map decides.
func readingsOf(reads map[string][]string) (list []reading) {
	for _, operation := range slices.Sorted(maps.Keys(reads)) {
		method, template, _ := strings.Cut(operation, " ")
		list = append(list, reading{method, template, reads[operation]})
	}
	return list
}
