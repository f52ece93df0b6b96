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

// rewrite lets the answer's JSON drift and says what was done, or else, where the
// tap could not read the answer, why. Both are empty where the answer has no such
// field. What was packed is packed again.
func (a *answer) rewrite(f harness.Fault) (evidence, why string) {
	if len(a.body) == 0 {
		return "", ""
	}
	text, err := unpack(a.header, a.body, maxMessage)
	if err != nil {
		return "", err.Error()
	}
	changed, evidence := drifted(text, f)
	if evidence == "" {
		return "", ""
	}
	if a.body, err = packAgain(a.header, changed); err != nil {
		return "", err.Error()
	}
	a.forget()
	return evidence, ""
}

// drifted is a JSON object with one field changed, and what was done to it; or
// nothing, where it has no such field.
func drifted(text []byte, f harness.Fault) (changed []byte, evidence string) {
	var document map[string]json.RawMessage
	if json.Unmarshal(text, &document) != nil {
		return nil, ""
	}
	value, there := document[f.Field]
	if !there {
		return nil, ""
	}
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
		return nil, ""
	}
	return changed, evidence
}

// forget takes off what the headers say of a body that is no longer this one: a
// caller that checks it would see a fault that nobody asked for.
func (a *answer) forget() {
	a.trailer = nil
	a.header = a.header.Clone()
	for _, name := range []string{"Etag", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
		a.header.Del(name)
	}
}

// tellDrift compares the answer with what the caller reads from it.
func (x *exchange) tellDrift(a *answer) {
	wanted := x.readsOf()
	if len(wanted) == 0 || a.status/100 != 2 {
		return
	}
	if a.comes() != "" {
		e := x.eventsOf(a)
		e.through(legible(a.header, a.body))
		e.rest()
		return
	}
	missing := lacks(legible(a.header, a.body), wanted)
	if len(missing) == 0 {
		return
	}
	m := answerMessage(x.seen, a)
	m.Missing = missing
	x.See(harness.Event{Actor: string(x.Hop), Kind: observe.Drift, Message: &m})
}

// answerMessage is the sighting of an answer, with a body that can be read.
func answerMessage(m observe.Message, a *answer) observe.Message {
	return observe.AnswerMessage(m, a.status, a.header, legible(a.header, a.body))
}

func (x *exchange) readsOf() []string {
	for _, r := range x.caller.Load().reads {
		if r.method == x.r.Method && observe.MatchPath(r.template, x.point.Path) {
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
