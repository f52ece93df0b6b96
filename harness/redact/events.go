package redact

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// safeHeaders keep their values in both directions.
var safeHeaders = map[string]bool{
	"Accept": true, "Connection": true, "Content-Length": true, "Content-Type": true,
	"Date": true, "Host": true, "Idempotency-Key": true, "Prefer": true, "Retry-After": true,
}

// header is a header's value without secrets: only its name is left of most.
func (p pass) header(name, value string) string {
	switch {
	case name == "Location":
		return p.path(value)
	case safeHeaders[name]:
		return value
	case slices.Contains(p.headers, name):
		return p.recognise(value)
	default:
		return Mask
	}
}

// Event is e without secrets. It shares nothing with e that can change.
func (r *Redactor) Event(e observe.Event) observe.Event {
	return pass{r.literals.redact, recognised, r.headers}.event(e)
}

// Events redacts each event of the list in its place. A text that stands in many
// events, such as a body at each of four stations, takes the time of one.
func (r *Redactor) Events(list []observe.Event) {
	p := pass{remembered(r.literals.redact), remembered(recognised), r.headers}
	for i, e := range list {
		list[i] = p.event(e)
	}
}

// remembered is a function that gives for each text what f once gave.
func remembered(f func(string) string) func(string) string {
	known := map[string]string{}
	return func(text string) string {
		given, found := known[text]
		if !found {
			given = f(text)
			known[text] = given
		}
		return given
	}
}

// pass is one pass over events: literal takes out the secrets that were told,
// recognise those that have a secret's name or shape. The values of these headers are
// redacted as texts are.
type pass struct {
	literal, recognise func(string) string
	headers            []string
}

func (p pass) event(e observe.Event) observe.Event {
	e = ownCopy(e)
	p.takeLiterals(&e)
	p.takeRecognised(&e)
	return e
}

// ownCopy copies all that e points to: what was seen must not change.
func ownCopy(e observe.Event) observe.Event {
	if m := e.Message; m != nil {
		own := *m
		own.Header, own.Missing = maps.Clone(m.Header), slices.Clone(m.Missing)
		e.Message = &own
	}
	e.Act, e.View, e.Entry = copied(e.Act), copied(e.View), copied(e.Entry)
	e.Effect, e.Life = copied(e.Effect), copied(e.Life)
	return e
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	own := *p
	return &own
}

// takeLiterals looks at all that e says; what the harness itself calls things
// stays.
func (p pass) takeLiterals(e *observe.Event) {
	redact := func(texts ...*string) {
		for _, t := range texts {
			*t = p.literal(*t)
		}
	}
	if m := e.Message; m != nil {
		redact(&m.Method, &m.Path, &m.Body, &m.Unplayed)
		for name, value := range m.Header {
			m.Header[name] = p.literal(value)
			if clean := p.literal(name); clean != name {
				m.Header[clean] = m.Header[name]
				delete(m.Header, name)
			}
		}
		for i := range m.Missing {
			redact(&m.Missing[i])
		}
	}
	if a := e.Act; a != nil {
		redact((*string)(&a.Does), &a.Basket, &a.Order, &a.Money, &a.Tab)
	}
	if v := e.View; v != nil {
		redact((*string)(&v.Says), &v.Text, &v.Basket, &v.Tab)
	}
	if n := e.Entry; n != nil {
		redact((*string)(&n.Op), &n.Reference, &n.Key, &n.Currency, (*string)(&n.State), &n.Basket)
	}
	if b := e.Effect; b != nil {
		redact((*string)(&b.What), &b.Text, &b.Payment)
	}
	if l := e.Life; l != nil {
		redact((*string)(&l.What), &l.Text)
	}
	redact(&e.Text)
}

// takeRecognised leaves idempotency keys, references, baskets and order ids alone,
// whatever they look like: the judges tell orders apart by them.
func (p pass) takeRecognised(e *observe.Event) {
	redact := func(texts ...*string) {
		for _, t := range texts {
			*t = p.recognise(*t)
		}
	}
	if m := e.Message; m != nil {
		m.Path, m.Body, m.Unplayed = p.path(m.Path), p.recognise(m.Body), p.recognise(m.Unplayed)
		for name, value := range m.Header {
			m.Header[name] = p.header(name, value)
		}
	}
	if a := e.Act; a != nil {
		redact((*string)(&a.Does), &a.Tab)
	}
	if v := e.View; v != nil {
		redact((*string)(&v.Says), &v.Text)
		v.Shot = picture(v.Shot)
	}
	if n := e.Entry; n != nil {
		redact((*string)(&n.State))
	}
	if b := e.Effect; b != nil {
		redact(&b.Text)
	}
	if l := e.Life; l != nil {
		redact((*string)(&l.What), &l.Text)
	}
	redact(&e.Text)
}

// path redacts a request's path and query: any query value whose name is not
// plainly harmless could be a token.
func (p pass) path(path string) string {
	before, query, found := strings.Cut(path, "?")
	if !found {
		return p.recognise(path)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return p.recognise(before) + "?" + Mask
	}
	clean := url.Values{}
	for name, list := range values {
		switch {
		case name == "reference" || name == "wait":
			clean[name] = list
		case slices.Contains(list, ""): // a value without a name looks like a name
			clean.Add(Mask, "")
		default:
			clean[name] = slices.Repeat([]string{Mask}, len(list))
		}
	}
	unescaped, err := url.QueryUnescape(clean.Encode())
	if err != nil {
		unescaped = Mask
	}
	return p.recognise(before) + "?" + p.recognise(unescaped)
}

// picture is shot, if that is a JPEG or a PNG in base64, or else nothing: a mask
// within a picture would spoil it, and no other text belongs in its place.
func picture(shot string) string {
	if shot == "" {
		return ""
	}
	data, err := base64.StdEncoding.Strict().DecodeString(shot)
	if err != nil || strings.ContainsAny(shot, "\r\n") {
		return ""
	}
	for _, start := range []string{"\xff\xd8\xff", "\x89PNG\r\n\x1a\n"} {
		if strings.HasPrefix(string(data), start) {
			return shot
		}
	}
	return ""
}
