package tap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/harness/fault"
)

// isForm says whether a body is a form, such as "amount=49900&currency=nok".
func isForm(h http.Header) bool {
	kind, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && kind == "application/x-www-form-urlencoded"
}

// changed is a body with the fault's field renamed, dropped, retyped or replaced, and
// what was done to it, such as “was dropped”; or nothing, where it has no such field.
func changed(form bool, text []byte, f fault.Fault) (out []byte, what string) {
	path := pathOf(f.Field)
	there := false
	if form {
		out, there = changedForm(string(text), path, f)
	} else {
		out, there = changedJSON(text, path, f)
	}
	switch {
	case !there:
		return nil, ""
	case f.Kind == fault.Rename:
		return out, fmt.Sprintf("was called %q", f.As)
	case f.Kind == fault.Retype:
		return out, "became a list"
	case f.Kind == fault.Replace:
		return out, fmt.Sprintf("became %q", f.Value)
	}
	return out, "was dropped"
}

// pathOf are the names that lead to a field: of a JSON Pointer (RFC 6901), which begins
// with a slash, or else of a field at the top.
func pathOf(field string) []string {
	if !strings.HasPrefix(field, "/") {
		return []string{field}
	}
	pointer, err := jsonpointer.New(field)
	if err != nil {
		return []string{field}
	}
	return pointer.DecodedTokens()
}

// changedJSON changes the field to which the path leads, and leaves the text of all
// other values as it is.
func changedJSON(text []byte, path []string, f fault.Fault) ([]byte, bool) {
	if list, err := elements(text); err == nil {
		return changedList(list, path, f)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return nil, false
	}
	name := path[0]
	value, there := object[name]
	switch {
	case !there:
		return nil, false
	case len(path) > 1:
		if object[name], there = changedJSON(value, path[1:], f); !there {
			return nil, false
		}
	case f.Kind == fault.Rename:
		delete(object, name)
		object[f.As] = value
	case f.Kind == fault.Drop:
		delete(object, name)
	case f.Kind == fault.Retype:
		object[name] = inList(value)
	case f.Kind == fault.Replace:
		if object[name] = replaced(value, f.Value); bytes.Equal(object[name], value) {
			return nil, false
		}
	}
	out, err := json.Marshal(object)
	return out, err == nil
}

// changedList changes what is at or below a place of a list. A place has no name that
// could be another.
func changedList(list []json.RawMessage, path []string, f fault.Fault) ([]byte, bool) {
	at, err := strconv.Atoi(path[0])
	if err != nil || at < 0 || at >= len(list) || strconv.Itoa(at) != path[0] {
		return nil, false
	}
	switch {
	case len(path) > 1:
		there := false
		if list[at], there = changedJSON(list[at], path[1:], f); !there {
			return nil, false
		}
	case f.Kind == fault.Drop:
		list = slices.Delete(list, at, at+1)
	case f.Kind == fault.Retype:
		list[at] = inList(list[at])
	case f.Kind == fault.Replace:
		old := list[at]
		if list[at] = replaced(old, f.Value); bytes.Equal(list[at], old) {
			return nil, false
		}
	default:
		return nil, false
	}
	out, err := json.Marshal(list)
	return out, err == nil
}

// elements are those of a JSON list; an error, where the text is something else.
func elements(text []byte) (list []json.RawMessage, err error) {
	if !bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("[")) {
		return nil, fmt.Errorf("no list")
	}
	return list, json.Unmarshal(text, &list)
}

func inList(value json.RawMessage) json.RawMessage {
	return slices.Concat(json.RawMessage("["), value, json.RawMessage("]"))
}

// replaced is a value in the place of another: a text where that was one, or where it
// is no JSON.
func replaced(old json.RawMessage, value string) json.RawMessage {
	if !bytes.HasPrefix(old, []byte(`"`)) && json.Valid([]byte(value)) {
		return json.RawMessage(value)
	}
	text, _ := json.Marshal(value) // of a string: it cannot fail
	return text
}

// changedForm changes every value of that name and leaves the rest as it was spelled.
// A form knows no nesting, so that only a path of one name leads anywhere; a list's
// name ends in [], as PHP, Rails and the payment providers read it.
func changedForm(text string, path []string, f fault.Fault) ([]byte, bool) {
	if len(path) != 1 {
		return nil, false
	}
	var pairs []string
	there := false
	for pair := range strings.SplitSeq(text, "&") {
		key, value, assigned := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err != nil || name != path[0] || pair == "" {
			pairs = append(pairs, pair)
			continue
		}
		there = there || f.Kind != fault.Replace || value != url.QueryEscape(f.Value)
		switch f.Kind {
		case fault.Drop:
			continue
		case fault.Rename:
			key = url.QueryEscape(f.As)
		case fault.Retype:
			key += "[]"
		case fault.Replace:
			assigned, value = true, url.QueryEscape(f.Value)
		}
		if assigned {
			key += "=" + value
		}
		pairs = append(pairs, key)
	}
	return []byte(strings.Join(pairs, "&")), there
}
