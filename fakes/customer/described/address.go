package described

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// IsAddress says whether a header's value leads somewhere.
func IsAddress(header string) bool {
	return strings.EqualFold(header, "Location") || strings.EqualFold(header, "Content-Location")
}

// address is a path of the shop that it told itself, with its query. In a path it
// stands as it is; anything else that is known stands there as one segment.
type address string

// elsewhere is an error of where an answer leads.
type elsewhere struct{ error }

// shop is where the shop is: "http://127.0.0.1:1234", and other names of it.
type shop []string

// path is the path that an address of the shop leads to, seen from the request
// that was answered with it.
func (s shop) path(asked *url.URL, text string) (address, error) {
	to, err := url.Parse(text)
	if err != nil {
		return "", elsewhere{fmt.Errorf("leads to %s, which is no address", spelled(text))}
	}
	if asked == nil {
		asked = &url.URL{Path: "/"}
	}
	if to.Opaque != "" || to.User != nil || to.Host != "" && !slices.ContainsFunc(s, func(base string) bool {
		own, err := url.Parse(base)
		return err == nil && strings.EqualFold(own.Host, to.Host)
	}) {
		return "", elsewhere{fmt.Errorf("leads to %s, which is elsewhere: a customer stays at %s", spelled(text), strings.Join(s, " or "))}
	}
	there := (&url.URL{Path: asked.Path, RawPath: asked.RawPath}).ResolveReference(&url.URL{Path: to.Path, RawPath: to.RawPath, RawQuery: to.RawQuery})
	path := "/" + strings.TrimLeft(there.EscapedPath(), "/")
	if there.RawQuery != "" {
		path += "?" + there.RawQuery
	}
	return address(path), nil
}

// path fills a path with what is known: a value is one segment of it, or one
// value of its query, whatever is in it.
func (v variables) path(template string) (string, error) {
	path, query, asks := strings.Cut(template, "?")
	for name, value := range v {
		if where, is := value.(address); is {
			path = strings.ReplaceAll(path, "/${"+name+"}", strings.ReplaceAll(string(where), "$", "%24"))
		}
	}
	path, err := v.fill(path, url.PathEscape)
	if err != nil || !asks {
		return path, err
	}
	if query, err = v.fill(query, url.QueryEscape); err != nil {
		return "", err
	}
	between := "?"
	if strings.Contains(path, "?") { // the address has a query of its own
		between = "&"
	}
	return path + between + query, nil
}
