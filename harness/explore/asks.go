package explore

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// ask is a field of a request that an exploration gives another value.
type ask struct {
	Name  string `json:"name"` // a JSON Pointer, or the name of a form's field
	Value string `json:"value"`
}

func (a ask) spot(of fault.Place) fault.Spot {
	return fault.Spot{Of: of, Phase: fault.Arrives, Name: a.Name, Value: a.Value}
}

// asksOf are the fields of a request that writes for which there is another value to
// try, in the order of their names. The shop must not trust what customers and callbacks
// say of money. What the shop itself asks for goes over TLS: if that were changed, its
// callee would have done what nobody asked for, and no shop can make that good.
func asksOf(m *observe.Message) (list []ask) {
	toShop := m.Hop.Callee() == observe.CustomerHop.Callee()
	if !toShop || !(Message{Operation: m.Operation, Method: m.Method}).writes() {
		return nil
	}
	replace, _ := fault.Of(fault.Replace)
	differ, _ := fault.Of(fault.DuplicateChanged)
	add := func(name, value string) {
		a := ask{name, value}
		if len(replace.Tries(a.spot(fault.AValue))) > 0 || m.Operation == observe.Submit && len(differ.Tries(a.spot(fault.ACopy))) > 0 {
			list = append(list, a)
		}
	}
	if form, err := url.ParseQuery(m.Body); err == nil && strings.HasPrefix(m.Header["Content-Type"], "application/x-www-form-urlencoded") {
		for _, name := range slices.Sorted(maps.Keys(form)) {
			add(name, form.Get(name))
		}
		return list
	}
	decoder := json.NewDecoder(strings.NewReader(m.Body))
	decoder.UseNumber()
	var document any
	if decoder.Decode(&document) == nil {
		eachLeaf("", document, add)
	}
	return list
}

// eachLeaf tells of every text and number below a place of a JSON document.
func eachLeaf(at string, value any, tell func(pointer, value string)) {
	switch v := value.(type) {
	case string:
		tell(at, v)
	case json.Number:
		tell(at, v.String())
	case []any:
		for i, one := range v {
			eachLeaf(at+"/"+strconv.Itoa(i), one, tell)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			eachLeaf(at+"/"+inPointer.Replace(name), v[name], tell)
		}
	}
}

// inPointer writes a name into a JSON Pointer (RFC 6901).
var inPointer = strings.NewReplacer("~", "~0", "/", "~1")
