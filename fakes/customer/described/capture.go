package described

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"
)

// answer is what came back, read.
type answer struct {
	status int
	header http.Header
	body   string
	json   any      // nil where it is no JSON
	asked  *url.URL // what was asked for
	before []answer // the redirects that were followed to it
}

func read(status int, header http.Header, body []byte) answer {
	a := answer{status: status, header: header, body: string(body)}
	decoder := json.NewDecoder(strings.NewReader(a.body))
	decoder.UseNumber() // an amount is no floating-point number
	if decoder.Decode(&a.json) != nil {
		a.json = nil
	}
	return a
}

// at finds what is at a place of the body.
func (a answer) at(pointer string) (any, bool) {
	p, err := jsonpointer.New(pointer)
	if err != nil || a.json == nil {
		return nil, false
	}
	value, _, err := p.Get(a.json)
	return value, err == nil
}

// capture takes out of the answer what is asked for, or out of the latest redirect before
// it that has it. An address is taken as the path of the shop that it leads to. A null is
// taken only where no answer has anything else: a condition on it does not hold, a JSON
// value that is nothing but it is sent as null, and a text has no place for it.
func (v variables) capture(a answer, sources map[string]Source, shop shop) error {
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		from := sources[name]
		value, found, err := from.of(a, shop)
		for i := len(a.before) - 1; i >= 0 && value == nil && err == nil; i-- {
			var there bool
			value, there, err = from.of(a.before[i], shop)
			found = found || there
		}
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("has no %s, which is the page's %q", from, name)
		}
		v[name] = value
	}
	return nil
}

// of finds it in one answer.
func (s Source) of(a answer, shop shop) (value any, found bool, err error) {
	switch {
	case IsAddress(s.Header):
		text := a.header.Get(s.Header)
		if text == "" {
			return nil, false, nil
		}
		value, err = shop.path(a.asked, text)
		return value, err == nil, err
	case s.JSON != "" || s.Selector != "":
		value, found = s.in(a)
	case s.Header != "":
		value, found = a.header.Get(s.Header), a.header.Get(s.Header) != ""
	default:
		for _, c := range (&http.Response{Header: a.header}).Cookies() {
			if c.Name == s.Cookie {
				value, found = c.Value, true
			}
		}
	}
	return value, found, nil
}

// Captured is what the request captures under the name, from the body of an answer; "":
// nothing, or null.
func (d Request) Captured(name, body string) string {
	from, does := d.Capture[name]
	if !does {
		return ""
	}
	value, found := from.in(read(0, nil, []byte(body)))
	if !found || value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// in finds it in the body of an answer.
func (s Source) in(a answer) (value any, found bool) {
	switch {
	case s.JSON != "":
		return a.at(s.JSON)
	case s.Selector != "":
		return element(a.body, s.Selector, s.Attribute)
	}
	return nil, false
}

func (s Source) String() string {
	switch {
	case s.JSON != "":
		return "JSON value at " + s.JSON
	case s.Selector != "" && s.Attribute != "":
		return fmt.Sprintf("element %s with an attribute %s", s.Selector, s.Attribute)
	case s.Selector != "":
		return "element " + s.Selector
	case s.Header != "":
		return "header " + s.Header
	}
	return "cookie " + s.Cookie
}
