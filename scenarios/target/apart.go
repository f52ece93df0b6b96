package target

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/harness"
)

// into writes what tells a message apart.
func (w *where) into(a harness.Apart) harness.Apart {
	if w == nil {
		return a
	}
	for place, value := range w.JSON {
		a.JSON, a.Value = place, value
	}
	for place, value := range w.Header {
		a.Header, a.Value = place, value
	}
	for place, value := range w.Query {
		a.Query, a.Value = place, value
	}
	return a
}

func (r *request) apart() harness.Apart {
	return r.Where.into(harness.Apart{Method: r.method(), Path: r.template()})
}

func (m sent) apart() harness.Apart {
	method, path, _ := strings.Cut(m.Message, " ")
	return m.Where.into(harness.Apart{Method: method, Path: path})
}

// Apart are the messages of the front end that something tells apart.
func (t *Target) Apart() (list []harness.Apart) {
	for _, s := range t.steps() {
		if a := s.apart; a.Is() && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list
}

// step is a message of the front end, and where the description has it.
type step struct {
	name    string // "look"
	place   []string
	apart   harness.Apart
	request *request // nil: a browser sends it
}

// steps are all messages of the front end, the submit first.
func (t *Target) steps() (list []step) {
	c := &t.Customer
	if b := c.Browser; b != nil {
		list = append(list, step{"sends", []string{"customer", "browser", "sends"}, b.Sends.apart(), nil})
		if b.Looks.Message != "" {
			list = append(list, step{"looks", []string{"customer", "browser", "looks"}, b.Looks.apart(), nil})
		}
		return append(list, step{"open", []string{"customer", "browser", "open"}, harness.Apart{Method: "GET", Path: openTemplate(b.Open)}, nil})
	}
	add := func(name string, r *request, place ...string) {
		if r != nil {
			list = append(list, step{name, place, r.apart(), r})
		}
	}
	add("submit", &c.Submit, "customer", "submit")
	for i := range c.Open {
		add("open", &c.Open[i], "customer", "open", strconv.Itoa(i))
	}
	add("look", c.Look, "customer", "look")
	add("change", c.Change, "customer", "change")
	return list
}

// openTemplate is the path of a browser's page as injections and taps know it.
func openTemplate(path string) string {
	return request{Get: strings.ReplaceAll(path, "{basket}", "${basket}")}.template()
}

// checkApart looks whether an injection on the submit hits the submit and nothing
// else: it is addressed by method and path, and by what a “where” says.
func (t *Target) checkApart(tell func(string, ...string)) {
	steps := t.steps()
	for _, s := range steps {
		if s.apart.Is() && s.request != nil {
			tell(s.lacks(), append(slices.Clone(s.place), "where")...)
		}
	}
	submit := steps[0]
	for _, other := range steps[1:] {
		if submit.apart.Method != other.apart.Method || !overlap(submit.apart.Path, other.apart.Path) {
			continue
		}
		same := submit.apart.Mark() == other.apart.Mark()
		if !same && !(submit.apart.Is() && other.fits(submit.apart)) && !(other.apart.Is() && submit.fits(other.apart)) {
			continue
		}
		tell(fmt.Sprintf("%s cannot be told from the %s step, %s %s: an injection on the submit would hit that; say what only the submit has, %s",
			submit.spelled(), other.name, other.apart.Method, other.spelledPath(), submit.remedy(other)), submit.place...)
		return
	}
}

func (s step) spelled() string { return s.apart.Method + " " + s.spelledPath() }

func (s step) spelledPath() string {
	if s.request != nil {
		return s.request.path()
	}
	return s.apart.Path
}

// overlap says whether one path may be meant by both templates.
func overlap(a, b string) bool {
	as, bs := strings.Split(a, "/"), strings.Split(b, "/")
	for i := range min(len(as), len(bs)) {
		if openEnd(as[i]) || openEnd(bs[i]) {
			return true
		}
		if as[i] != bs[i] && !openSegment(as[i]) && !openSegment(bs[i]) {
			return false
		}
	}
	return len(as) == len(bs)
}

func openEnd(segment string) bool { return openSegment(segment) && strings.HasSuffix(segment, "...}") }

func openSegment(segment string) bool {
	return strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}

// lacks says what is wrong with a where that does not fit its own step, or "".
func (s step) lacks() string {
	if s.fits(s.apart) {
		return ""
	}
	a := s.apart
	place := map[bool]string{true: "at " + a.JSON + " of its JSON body"}[a.JSON != ""]
	if a.Header != "" {
		place = "in the header " + a.Header
	} else if a.Query != "" {
		place = "as the query's " + a.Query
	}
	return fmt.Sprintf("the step itself does not say %q %s, as it is written: a where names a text that this step always sends", a.Value, place)
}

// fits says whether the step's own request always has the value.
func (s step) fits(a harness.Apart) bool {
	if s.request == nil {
		return s.apart == a
	}
	value, has := s.request.at(a)
	return has && value == a.Value
}

// at is the text that the request always has at a place.
func (r *request) at(a harness.Apart) (value string, has bool) {
	switch {
	case a.Header != "":
		for name, text := range r.Headers {
			if strings.EqualFold(name, a.Header) {
				value, has = text, true
			}
		}
	case a.Query != "":
		_, query, _ := strings.Cut(r.path(), "?")
		for _, pair := range strings.Split(query, "&") {
			if name, text, _ := strings.Cut(pair, "="); name == a.Query && !has {
				value, has = text, true
			}
		}
	default:
		p, err := jsonpointer.New(a.JSON)
		if err != nil || r.JSON == nil {
			return "", false
		}
		found, _, err := p.Get(r.JSON)
		if err != nil {
			return "", false
		}
		value, has = fmt.Sprint(found), true
	}
	return value, has && !described.Placeholder.MatchString(value)
}

// remedy is what could be written: a literal of the submit's own body in which
// the two differ, or else a header that the description adds.
func (s step) remedy(other step) string {
	if s.request == nil {
		return "such as " + s.place[len(s.place)-1] + ": {message: " + s.apart.Method + " " + s.apart.Path + ", where: {json: {/operationName: Complete}}}"
	}
	if body, is := s.request.JSON.(map[string]any); is {
		for _, name := range slices.Sorted(maps.Keys(body)) {
			a := harness.Apart{JSON: "/" + name}
			mine, has := s.request.at(a)
			if !has || len(mine) > 60 || !scalar(body[name]) {
				continue
			}
			if its, too := other.request.at(a); !too || its != mine {
				return fmt.Sprintf("such as where: {json: {/%s: %s}}", name, mine)
			}
		}
	}
	return "such as headers: {X-Step: submit} with where: {header: {X-Step: submit}}"
}

func scalar(value any) bool {
	switch value.(type) {
	case []any, map[string]any, nil:
		return false
	}
	return true
}
