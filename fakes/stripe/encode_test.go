package stripe

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// encodeForm writes a form as a client does.
func encodeForm(form object) string {
	var pairs []string
	var write func(name string, v any)
	write = func(name string, v any) {
		inner, is := v.(object)
		if !is {
			pairs = append(pairs, name+"="+url.QueryEscape(v.(string)))
			return
		}
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			write(name+"["+url.QueryEscape(key)+"]", inner[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		write(url.QueryEscape(key), form[key])
	}
	return strings.Join(pairs, "&")
}
