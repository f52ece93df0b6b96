package target

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// into writes what tells a message apart.
func (w *where) into(a observe.Route) observe.Route {
	if w == nil {
		return a
	}
	for place, value := range w.JSON {
		a.Where.JSON, a.Where.Value = place, value
	}
	for place, value := range w.Header {
		a.Where.Header, a.Where.Value = place, value
	}
	for place, value := range w.Query {
		a.Where.Query, a.Where.Value = place, value
	}
	return a
}

// route is how the request spells an operation.
func (r *request) route(is observe.Operation) observe.Route {
	if r == nil {
		return observe.Route{}
	}
	return r.Where.into(observe.Route{Operation: is, Hop: observe.CustomerHop, Method: r.method(), Path: r.template()})
}

// route reads “POST /buy/{id}”, and what tells it apart.
func (m sent) route(is observe.Operation) observe.Route {
	method, path, _ := strings.Cut(m.Message, " ")
	if path == "" {
		return observe.Route{}
	}
	return m.Where.into(observe.Route{Operation: is, Hop: observe.CustomerHop, Method: method, Path: path})
}

// step is a message of the front end, and where the description has it.
type step struct {
	name    string // "look"
	place   []string
	route   observe.Route
	request *request // nil: a browser sends it
}

// comesFirst says whether it is made before anything is bought: such steps are lists.
func (s step) comesFirst() bool { return slices.Contains([]string{"login", "basket", "open"}, s.name) }

// openTemplate is the path of a browser's page as injections and taps know it.
func openTemplate(path string) string {
	return request{Get: strings.ReplaceAll(path, "{basket}", "${basket}")}.template()
}

// checkApart looks whether an injection on the submit hits the submit and nothing
// else: it is addressed by method and path, and by what a “where” says.
func (t *Target) checkApart(tell func(string, ...string)) {
	steps := t.page().steps()
	for _, s := range steps {
		if s.route.Where.Is() && s.request != nil {
			tell(s.lacks(), append(slices.Clone(s.place), "where")...)
		}
	}
	if len(steps) == 0 || steps[0].route.Operation != observe.Submit || steps[0].route.Path == "" {
		return // it is not described, which is told elsewhere
	}
	submit := steps[0]
	for _, other := range steps[1:] {
		if submit.route.Method != other.route.Method || !overlap(submit.route.Path, other.route.Path) {
			continue
		}
		same := submit.route.Where.Mark() == other.route.Where.Mark()
		if !same && !(submit.route.Where.Is() && other.fits(submit.route)) && !(other.route.Where.Is() && submit.fits(other.route)) {
			continue
		}
		tell(fmt.Sprintf("%s cannot be told from the %s step, %s %s: an injection on the submit would hit that; say what only the submit has, %s",
			submit.spelled(), other.name, other.route.Method, other.spelledPath(), submit.remedy(other)), submit.place...)
		return
	}
}

func (s step) spelled() string { return s.route.Method + " " + s.spelledPath() }

func (s step) spelledPath() string {
	if s.request != nil {
		return s.request.path()
	}
	return s.route.Path
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
	if s.fits(s.route) {
		return ""
	}
	a := s.route
	place := map[bool]string{true: "at " + a.Where.JSON + " of its JSON body"}[a.Where.JSON != ""]
	if a.Where.Header != "" {
		place = "in the header " + a.Where.Header
	} else if a.Where.Query != "" {
		place = "as the query's " + a.Where.Query
	}
	return fmt.Sprintf("the step itself does not say %q %s, as it is written: a where names a text that this step always sends", a.Where.Value, place)
}

// fits says whether the step's own request always has the value.
func (s step) fits(a observe.Route) bool {
	if s.request == nil {
		return s.route == a
	}
	value, has := s.request.at(a)
	return has && value == a.Where.Value
}

// at is the text that the request always has at a place.
func (r *request) at(a observe.Route) (value string, has bool) {
	switch {
	case a.Where.Header != "":
		for name, text := range r.Headers {
			if strings.EqualFold(name, a.Where.Header) {
				value, has = text, true
			}
		}
	case a.Where.Query != "":
		_, query, _ := strings.Cut(r.path(), "?")
		for _, pair := range strings.Split(query, "&") {
			if name, text, _ := strings.Cut(pair, "="); name == a.Where.Query && !has {
				value, has = text, true
			}
		}
	default:
		p, err := jsonpointer.New(a.Where.JSON)
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
		return "such as " + s.place[len(s.place)-1] + ": {message: " + s.route.Method + " " + s.route.Path + ", where: {json: {/operationName: Complete}}}"
	}
	if body, is := s.request.JSON.(map[string]any); is {
		for _, name := range slices.Sorted(maps.Keys(body)) {
			a := observe.Route{Where: observe.Where{JSON: "/" + name}}
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
