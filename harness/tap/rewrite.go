package tap

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/packed"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// rewrite changes a field of the answer's body; see rewritten.
func (a *answer) rewrite(f fault.Fault) (evidence, why string) {
	header, body, evidence, why := rewritten(a.header, a.body, f, "the answer")
	if evidence != "" {
		a.header, a.body, a.trailer = header, body, nil
	}
	return evidence, why
}

// rewritten is a message with one field of its body changed, and what was done, or
// else, where the tap cannot read the body, why. Both are empty where the body has no
// such field. What was packed is packed again.
func rewritten(h http.Header, body []byte, f fault.Fault, message string) (_ http.Header, _ []byte, evidence, why string) {
	if len(body) == 0 {
		return h, body, "", ""
	}
	text, err := packed.Unpack(h, body, maxMessage)
	if err != nil {
		return h, body, "", err.Error()
	}
	text, what := changed(isForm(h), text, f)
	if what == "" {
		return h, body, "", ""
	}
	again, err := packed.Again(h, text)
	if err != nil {
		return h, body, "", err.Error()
	}
	return withoutDigests(h), again, fieldOf(f, message) + what, ""
}

// fieldOf begins the evidence of a change: “the field "status" of the answer ”.
func fieldOf(f fault.Fault, message string) string {
	return fmt.Sprintf("the field %q of %s ", f.Field, message)
}

// forget takes off what the answer says of a body that is no longer this one.
func (a *answer) forget() {
	a.trailer = nil
	a.header = withoutDigests(a.header)
}

// withoutDigests leaves out what headers say of a body that is another now: who
// checks it would see a fault that nobody asked for.
func withoutDigests(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Etag", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
		h.Del(name)
	}
	return h
}

// rewriteRequest changes a field of the request before the callee gets it. It was told
// as its caller sent it.
func (x *exchange) rewriteRequest(b injection.Hit) {
	header, body, evidence, why := rewritten(x.r.Header, x.body, b.Fault, "the request")
	x.r.Header, x.body = header, body
	if evidence != "" {
		x.fired(b, evidence)
	}
	if why != "" {
		x.missed(b, why)
	}
}

// differs changes a field of a copy of the request. The first one and what is recorded of
// it stay as they are.
func (x *exchange) differs(b injection.Hit) (evidence string) {
	as := b.Fault
	as.Kind = fault.Replace
	header, body, evidence, why := rewritten(x.r.Header, x.body, as, "the request")
	if why != "" {
		x.missed(b, why)
	}
	x.r = x.r.Clone(x.r.Context())
	x.r.Header, x.body = header, body
	x.seen.Body = observe.RequestMessage(x.Hop, x.r, legible(header, body)).Body
	return evidence
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
	x.See(observe.Event{Actor: string(x.Hop), Kind: observe.Drift, Message: &m})
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

// legible is a body as a history shows it.
func legible(h http.Header, body []byte) []byte { return packed.Legible(h, body, maxMessage) }
