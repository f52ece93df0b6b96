package tap

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/harness"
)

// TellApart lets the tap mark the messages that fit one of the list: the first
// one that fits. Call it before the first message.
func (t *Tap) TellApart(list []harness.Apart) { t.apart.Store(&list) }

// tellApart is the route of the message as injections and records know it, and
// writes it into what is recorded. What goes over the wire stays as it is.
func (x *exchange) tellApart() (route string) {
	route = x.r.URL.Path
	list := x.apart.Load()
	if list == nil || len(*list) == 0 {
		return route
	}
	// A path that only looks marked is a caller's, and none of ours.
	plain := strings.NewReplacer("[", "%5B", "]", "%5D")
	route = plain.Replace(route)
	recorded, query, asked := strings.Cut(x.seen.Path, "?")
	recorded = plain.Replace(recorded)
	for _, a := range *list {
		if a.Method == x.r.Method && harness.MatchPath(a.Path, route) && x.fits(a) {
			route, recorded = route+a.Mark(), recorded+a.Mark()
			break
		}
	}
	if asked {
		recorded += "?" + query
	}
	x.seen.Path = recorded
	return route
}

// fits says whether the message has the value where it tells it apart.
func (x *exchange) fits(a harness.Apart) bool {
	switch {
	case a.Header != "":
		return x.r.Header.Get(a.Header) == a.Value
	case a.Query != "":
		return x.r.URL.Query().Get(a.Query) == a.Value
	}
	var document any
	decoder := json.NewDecoder(strings.NewReader(string(x.body)))
	decoder.UseNumber()
	if decoder.Decode(&document) != nil {
		return false
	}
	pointer, err := jsonpointer.New(a.JSON)
	if err != nil {
		return false
	}
	value, _, err := pointer.Get(document)
	return err == nil && fmt.Sprint(value) == a.Value
}
