package target

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/callee"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
)

// Callee is another service that the shop calls, and what it answers.
type Callee struct {
	Port      int      `yaml:"port"`
	Answers   []answer `yaml:"answers"`
	Otherwise *reply   `yaml:"otherwise"`
}

// answer is what a callee says to some requests.
type answer struct {
	called    `yaml:",inline"`
	Operation observe.Operation `yaml:"operation"`
	reply     `yaml:",inline"`
}

// called is which requests of a callee are meant.
type called struct {
	Get    string `yaml:"get"`
	Post   string `yaml:"post"`
	Put    string `yaml:"put"`
	Patch  string `yaml:"patch"`
	Delete string `yaml:"delete"`
	Where  *where `yaml:"where"`
}

// reply is an answer's status, headers and body.
type reply struct {
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
	JSON    any               `yaml:"json"`
	Text    string            `yaml:"text"`
	HTML    string            `yaml:"html"`
}

func calleeHop(name string) observe.Hop { return observe.Hop("checkout>" + name) }

// route is how the callee of that name spells the requests.
func (c called) route(name string) observe.Route {
	r := observe.Route{Hop: calleeHop(name)}
	switch {
	case c.Get != "":
		r.Method, r.Path = http.MethodGet, c.Get
	case c.Post != "":
		r.Method, r.Path = http.MethodPost, c.Post
	case c.Put != "":
		r.Method, r.Path = http.MethodPut, c.Put
	case c.Patch != "":
		r.Method, r.Path = http.MethodPatch, c.Patch
	default:
		r.Method, r.Path = http.MethodDelete, c.Delete
	}
	return c.Where.into(r)
}

// route is how the callee spells what the answer is to. An operation without a name of
// its own is called after the callee, the method and the path: StockPostReservations.
func (a answer) route(name string) observe.Route {
	r := a.called.route(name)
	r.Operation = cmp.Or(a.Operation, derived(name, r))
	return r
}

func derived(name string, r observe.Route) observe.Operation {
	words := camel(name) + camel(strings.ToLower(r.Method))
	for segment := range strings.SplitSeq(r.Path, "/") {
		if openSegment(segment) {
			words += "By"
		}
		words += camel(segment)
	}
	return observe.Operation(words + camel(r.Where.Value))
}

// camel is a text as a part of an operation's name.
func camel(text string) (words string) {
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c > unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		words += strings.ToUpper(word[:1]) + word[1:]
	}
	return words
}

// calleeRoutes are how all callees spell what the shop asks of them.
func (t *Target) calleeRoutes() (list observe.Routes) {
	for _, name := range slices.Sorted(maps.Keys(t.Callees)) {
		for _, a := range t.Callees[name].Answers {
			list = append(list, t.routeOf(name, a))
		}
		if t.Fulfilment.isCall(name) && !slices.ContainsFunc(list, func(r observe.Route) bool { return sameMessages(r, t.sentBy()) }) {
			list = append(list, t.sentBy())
		}
	}
	return list
}

// routeOf is how the callee spells what the answer is to: the call that sends the goods
// books a parcel.
func (t *Target) routeOf(name string, a answer) observe.Route {
	r := a.route(name)
	if a.Operation == "" && t.books(name, a) {
		r.Operation = observe.BookParcel
	}
	return r
}

// books says whether an answer is to no other call than the one that sends the goods.
func (t *Target) books(name string, a answer) bool {
	return t.sends(name, a) && (a.route(name).Where == t.sentBy().Where || !t.sentBy().Where.Is())
}

// FixedPorts are the ports that the description sets.
func (t *Target) FixedPorts() (list []int) {
	list = []int{t.Payments.Port, t.Shipping.Port}
	for _, c := range t.Callees {
		list = append(list, c.Port)
	}
	return slices.DeleteFunc(list, func(port int) bool { return port == 0 })
}

// Services are the described callees of one enactment, in the order of their names.
func (t *Target) Services(o *Owners, see observe.Observer) (list []environment.Callee) {
	for _, name := range slices.Sorted(maps.Keys(t.Callees)) {
		described := t.Callees[name]
		c := callee.Config{Name: name, Hop: calleeHop(name), Work: t.work(name, o), See: see}
		for _, a := range described.Answers {
			said := a.answer()
			said.Route = t.routeOf(name, a)
			c.Answers = append(c.Answers, said)
		}
		if described.Otherwise != nil {
			said := described.Otherwise.answer()
			c.Otherwise = &said
		}
		list = append(list, environment.Callee{Hop: c.Hop, Handler: callee.New(c), Port: described.Port, PortBy: "callees." + name + ".port"})
	}
	return list
}

func (r reply) answer() callee.Answer {
	a := callee.Answer{Status: cmp.Or(r.Status, http.StatusOK), Header: map[string]string{}}
	switch {
	case r.JSON != nil:
		a.Body, _ = json.Marshal(r.JSON) // it was JSON when the schema read it
		a.Header["Content-Type"] = "application/json"
	case r.Text != "":
		a.Body, a.Header["Content-Type"] = []byte(r.Text), "text/plain; charset=utf-8"
	case r.HTML != "":
		a.Body, a.Header["Content-Type"] = []byte(r.HTML), "text/html; charset=utf-8"
	}
	for name, value := range r.Headers {
		a.Header[http.CanonicalHeaderKey(name)] = value
	}
	return a
}

// ours are the names at the ends of other hops, and of those who keep books.
var ours = []string{"checkout", "customer", "provider", "payments", "shipping", "carrier", "database", "webhooks", "service", "machine"}

// checkCallees looks whether each callee has a hop and each of its requests an operation
// of its own.
func (t *Target) checkCallees(tell func(string, ...string)) {
	taken := map[observe.Operation]observe.Route{}
	for _, r := range t.Routes() {
		if _, own := t.Callees[r.Hop.Callee()]; !own {
			taken[r.Operation] = r
		}
	}
	for _, o := range observe.Operations() {
		if _, has := taken[o]; !has {
			taken[o] = observe.Route{Operation: o}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Callees)) {
		_, brought := t.provider.Hops[calleeHop(name)]
		if brought || slices.Contains(ours, name) {
			tell(fmt.Sprintf("%s is a name of the harness's own: call it my-%[1]s, say", name), "callees", name)
			continue
		}
		t.checkAnswers(tell, name, taken)
	}
}

func (t *Target) checkAnswers(tell func(string, ...string), name string, taken map[observe.Operation]observe.Route) {
	var before observe.Routes
	for i, a := range t.Callees[name].Answers {
		place := []string{"callees", name, "answers", strconv.Itoa(i)}
		r := t.routeOf(name, a)
		if r.Operation == observe.BookParcel && t.sends(name, a) {
			delete(taken, r.Operation)
		}
		other, is := taken[r.Operation]
		switch {
		case r.Operation != observe.BookParcel && t.books(name, a):
			tell(fmt.Sprintf("this call sends the goods, as fulfilment says, so it is the operation %s: leave operation out", observe.BookParcel), append(place, "operation")...)
		case r.Operation.Check() != nil || strings.Contains(string(r.Operation), "|"):
			tell(fmt.Sprintf("invalid operation %q: want letters and digits, the first a capital, such as ReserveStock", r.Operation), append(place, "operation")...)
		case slices.ContainsFunc(before, func(b observe.Route) bool { return sameMessages(b, r) }):
			tell(fmt.Sprintf("%s %s is answered above already: say where it is another request, such as where: {json: {/type: refund}}", r.Method, r.Spelling()), place...)
		case is && other.Hop != r.Hop:
			tell(fmt.Sprintf("%s is an operation of %s already: give this one a name of its own", r.Operation, cmp.Or(string(other.Hop), "every shop")), append(place, "operation")...)
		case is && (a.Operation == "" || t.derivedAs(name, r)):
			tell(fmt.Sprintf("%s is the name of two requests: say operation: with another name", r.Operation), place...)
		}
		before = append(before, r)
		taken[r.Operation] = r
	}
}

// derivedAs says whether another answer of the callee got this operation's name without
// saying it.
func (t *Target) derivedAs(name string, r observe.Route) bool {
	return slices.ContainsFunc(t.Callees[name].Answers, func(a answer) bool {
		return a.Operation == "" && a.route(name).Operation == r.Operation
	})
}

// sameMessages says whether two routes spell the same messages.
func sameMessages(a, b observe.Route) bool {
	return a.Hop == b.Hop && a.Method == b.Method && a.Where == b.Where && observe.SameTemplate(a.Path, b.Path)
}
