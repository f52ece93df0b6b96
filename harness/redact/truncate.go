package redact

import (
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// maxSaid is how much of a text a record has that is no body of a message, in
// bytes: a person is to read it, and no line may be longer than its readers take.
const LongestText = 8 << 10

// longestShot is the longest picture that a record takes, in base64: a line of
// it has room for more.
const LongestShot = 256 << 10

// Truncate cuts a text that is longer than so many bytes, and says so with “ …”. It
// cuts between words where there are any: half a secret would not be known as one.
func Truncate(text string, most int) string {
	if len(text) <= most {
		return text
	}
	cut := strings.LastIndexAny(text[:most], " \t\r\n\"',;&")
	if cut < most/2 {
		cut = most
	}
	return strings.ToValidUTF8(text[:cut], "") + " …"
}

// clipIn clips what e, which is the caller's own, tells, but for bodies, which
// have a limit of their own.
func Clip(e *observe.Event) {
	truncate := func(texts ...*string) {
		for _, t := range texts {
			*t = Truncate(*t, LongestText)
		}
	}
	if m := e.Message; m != nil {
		truncate(&m.Path)
		for name, value := range m.Header {
			m.Header[name] = Truncate(value, LongestText)
		}
	}
	if a := e.Act; a != nil {
		truncate((*string)(&a.Does), &a.Tab)
	}
	if v := e.View; v != nil {
		truncate((*string)(&v.Says), &v.Text)
		if len(v.Shot) > LongestShot {
			v.Shot = ""
		}
	}
	if n := e.Entry; n != nil {
		truncate((*string)(&n.State))
	}
	if b := e.Effect; b != nil {
		truncate(&b.Text)
	}
	if l := e.Life; l != nil {
		truncate((*string)(&l.What), &l.Text)
	}
	truncate(&e.Text)
}
