package callee

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// fits says whether a request is one of the route's.
func fits(route observe.Route, r *http.Request, body []byte) bool {
	if route.Method != r.Method || !observe.MatchPath(route.Path, r.URL.Path) {
		return false
	}
	if !route.Where.Is() {
		return true
	}
	value, has := at(route.Where, r, body)
	return has && value == route.Where.Value
}

// at is the text that the request has at a place.
func at(place observe.Where, r *http.Request, body []byte) (value string, has bool) {
	switch {
	case place.Header != "":
		value = r.Header.Get(place.Header)
		return value, value != ""
	case place.Query != "":
		query := r.URL.Query()
		return query.Get(place.Query), query.Has(place.Query)
	case place.JSON == "":
		return "", false
	}
	pointer, err := jsonpointer.New(place.JSON)
	if err != nil {
		return "", false
	}
	said := document(body)
	if said == nil {
		return "", false
	}
	found, _, err := pointer.Get(said)
	if err != nil || found == nil {
		return "", false
	}
	return fmt.Sprint(found), true
}

func document(body []byte) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return nil
	}
	return value
}

// texts are what a request says: the segments of its path, the values of its query, and
// those of its body.
func texts(r *http.Request, body []byte) (list []string) {
	list = strings.FieldsFunc(r.URL.Path, func(c rune) bool { return c == '/' })
	add := func(values url.Values) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			list = append(list, values[name]...)
		}
	}
	add(r.URL.Query())
	var walk func(any)
	walk = func(value any) {
		switch it := value.(type) {
		case string:
			list = append(list, it)
		case json.Number:
			list = append(list, it.String())
		case []any:
			for _, v := range it {
				walk(v)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(it)) {
				walk(it[name])
			}
		}
	}
	walk(document(body))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			add(form)
		}
	}
	return list
}
