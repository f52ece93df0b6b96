package stripe

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// Bounds on a form, within which every one is read in time that is proportional to its
// length. They are the fake's own.
const (
	mostParameters = 2000
	deepestName    = 12
)

var (
	errMalformed = errors.New("the body is not a well-formed form")
	errTooMany   = errors.New("the body has too many parameters, or names of too many brackets")
	errTwoKinds  = errors.New("a parameter is both a value and a list or a hash")
)

// decodeForm reads a form, or a query, whose names have brackets, as Stripe's API and
// Rack do: "metadata[order]=7" is {"metadata": {"order": "7"}}, and "expand[]=a" and
// "expand[0]=a" are {"expand": {"0": "a"}}. Of a name that comes twice, the last value
// counts. Values are texts: what they mean, a schema says.
func decodeForm(text string) (object, error) {
	form := object{}
	count := 0
	for pair := range strings.SplitSeq(text, "&") {
		if pair == "" {
			continue
		}
		if count++; count > mostParameters {
			return nil, errTooMany
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		value, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil {
			return nil, errMalformed
		}
		if err := put(form, name, value); err != nil {
			return nil, err
		}
	}
	return form, nil
}

// put puts a value where its name says.
func put(form object, name, value string) error {
	at := form
	parts, err := splitName(name)
	if err != nil {
		return err
	}
	for _, part := range parts[:len(parts)-1] {
		part = place(at, part)
		if at[part] == nil {
			at[part] = object{}
		}
		inner, is := at[part].(object)
		if !is {
			return errTwoKinds
		}
		at = inner
	}
	last := place(at, parts[len(parts)-1])
	if _, is := at[last].(object); is {
		return errTwoKinds
	}
	at[last] = value
	return nil
}

// place is the key of a part of a name: "[]" is the next of a list.
func place(at object, part string) string {
	if part == "" {
		return strconv.Itoa(len(at))
	}
	return part
}

// splitName is a name's parts: "a[b][]" is a, b and "".
func splitName(name string) ([]string, error) {
	first, rest, bracketed := strings.Cut(name, "[")
	if first == "" {
		return nil, errMalformed
	}
	parts := []string{first}
	for bracketed {
		part, after, closed := strings.Cut(rest, "]")
		if !closed || strings.Contains(part, "[") || after != "" && after[0] != '[' {
			return nil, errMalformed
		}
		if parts = append(parts, part); len(parts) > deepestName {
			return nil, errTooMany
		}
		bracketed, rest = after != "", strings.TrimPrefix(after, "[")
	}
	return parts, nil
}
