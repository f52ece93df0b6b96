package callee

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/observe/place"
)

// fits says whether a request is one of the route's.
func fits(route observe.Route, r *http.Request, body []byte) bool {
	return route.Method == r.Method && observe.MatchPath(route.Path, r.URL.Path) && place.Fits(route.Where, r, body)
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
	walk(place.JSON(body))
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			add(form)
		}
	}
	return list
}
