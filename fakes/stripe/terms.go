package stripe

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Document is Stripe's own OpenAPI document, trimmed to what the fake plays: see
// internal/trim. Every request is read by it, and the tests hold every answer to it.
//
//go:embed openapi.json
var Document []byte

// object is a JSON object, or a form that was read.
type object = map[string]any

// schema is what the document says of a parameter.
type schema struct {
	Type       string             `json:"type"`
	Enum       []string           `json:"enum"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	AnyOf      []*schema          `json:"anyOf"`
	MaxLength  int                `json:"maxLength"`
	Additional additional         `json:"additionalProperties"`
}

// additional is the schema of keys that have no name in the document; nil: there are none.
type additional struct{ *schema }

// UnmarshalJSON takes true and false, too.
func (a *additional) UnmarshalJSON(text []byte) error {
	if string(text) == "true" || string(text) == "false" {
		return nil
	}
	return json.Unmarshal(text, &a.schema)
}

// document is what the fake reads of Document while it runs.
type document struct {
	terms  map[string]*schema // of an operation such as "POST /v1/refunds": its parameters
	others []string           // operations of Stripe's that are not played, sorted
}

var loadDocument = sync.OnceValues(func() (*document, error) {
	var read struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Required bool
				Schema   *schema
			}
			RequestBody struct {
				Content map[string]struct{ Schema *schema }
			}
		}
		Others []string `json:"x-others"`
	}
	if err := json.Unmarshal(Document, &read); err != nil {
		return nil, err
	}
	doc := &document{terms: map[string]*schema{}, others: read.Others}
	for path, item := range read.Paths {
		for method, op := range item {
			terms := op.RequestBody.Content["application/x-www-form-urlencoded"].Schema
			if terms == nil || method == "get" {
				terms = &schema{}
			}
			if terms.Properties == nil {
				terms.Properties = map[string]*schema{}
			}
			for _, q := range op.Parameters {
				if q.In == "query" {
					terms.Properties[q.Name] = q.Schema
				}
			}
			if data := terms.Properties["payment_method_data"]; data != nil {
				data.Properties["card"] = cardOfForms // as Stripe's script sends it; the document lacks it
				if kind := data.Properties["type"]; kind != nil && !slices.Contains(kind.Enum, "card") {
					kind.Enum = append(kind.Enum, "card")
				}
			}
			if path == "/v1/payment_methods" && method == "post" {
				terms.Properties["card"] = cardOfForms
			}
			terms.Type = "object"
			doc.terms[strings.ToUpper(method)+" "+path] = terms
		}
	}
	return doc, nil
})

// cardOfForms is a card as a browser's form has it.
var cardOfForms = &schema{Type: "object", Properties: map[string]*schema{
	"number": {Type: "string"}, "cvc": {Type: "string"}, "token": {Type: "string"},
	"exp_month": {Type: "integer"}, "exp_year": {Type: "integer"},
}}

// isOther says whether Stripe has an operation that the fake does not play.
func (d *document) isOther(method, path string) bool {
	asked := strings.Split(path, "/")
	return slices.ContainsFunc(d.others, func(other string) bool {
		m, template, _ := strings.Cut(other, " ")
		if m != method {
			return false
		}
		_, ok := match(template, asked)
		return ok
	})
}

// read is a value as the schema has it: an int64, a bool, a string, a list or an
// object. name is where it stands, such as "metadata[order]".
func (s *schema) read(v any, name string) (any, *refusal) {
	switch {
	case len(s.AnyOf) > 0:
		return s.readAny(v, name)
	case s.Type == "object":
		return s.readObject(v, name)
	case s.Type == "array":
		return s.readList(v, name)
	}
	text, is := v.(string)
	if !is {
		return nil, invalid("", name, "Invalid string: {...}")
	}
	if text == "" && !slices.Contains(s.Enum, "") {
		return nil, invalid("parameter_invalid_empty", name, "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; "+
			"however '%[1]s' cannot be unset. You should remove '%[1]s' from your request or supply a non-empty value.", name)
	}
	return s.readText(text, name)
}

func (s *schema) readText(text, name string) (any, *refusal) {
	switch s.Type {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalid("parameter_invalid_integer", name, "Invalid integer: %s", text)
		}
		return n, nil
	case "number":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, invalid("", name, "Invalid decimal: %s", text)
		}
		return n, nil
	case "boolean":
		if text != "true" && text != "false" {
			return nil, invalid("", name, "Invalid boolean: %s", text)
		}
		return text == "true", nil
	}
	switch {
	case s.MaxLength > 0 && utf8.RuneCountInString(text) > s.MaxLength:
		return nil, invalid("parameter_invalid_string", name, "Invalid string: must be at most %d characters", s.MaxLength)
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return nil, invalid("", name, "Invalid %s: must be %s", name, oneOf(s.Enum))
	}
	return text, nil
}

func oneOf(words []string) string {
	words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return "one of " + strings.Join(words[:last], ", ") + ", or " + words[last]
}

// readAny is the value as the first of the schemas has it that fits.
func (s *schema) readAny(v any, name string) (any, *refusal) {
	var first *refusal
	for _, one := range s.AnyOf {
		value, refused := one.read(v, name)
		if refused == nil {
			return value, nil
		}
		if _, deep := v.(object); first == nil || deep && one.Type == "object" {
			first = refused
		}
	}
	return nil, first
}

func (s *schema) readObject(v any, name string) (any, *refusal) {
	given, is := v.(object)
	if !is {
		return nil, invalid("", name, "Invalid object")
	}
	read := object{}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		inner := s.Properties[key]
		if inner == nil && s.Additional.schema != nil {
			text, is := given[key].(string)
			if is && text == "" {
				read[key] = "" // unset
				continue
			}
			inner = s.Additional.schema
		}
		if inner == nil {
			return nil, invalid("parameter_unknown", within(name, key), "Received unknown parameter: %s", within(name, key))
		}
		value, refused := inner.read(given[key], within(name, key))
		if refused != nil {
			return nil, refused
		}
		read[key] = value
	}
	for _, key := range s.Required {
		if _, is := read[key]; !is {
			return nil, invalid("parameter_missing", within(name, key), "Missing required param: %s.", within(name, key))
		}
	}
	return read, nil
}

func (s *schema) readList(v any, name string) (any, *refusal) {
	given, is := v.(object)
	list := make([]any, 0, len(given))
	for i := range len(given) {
		one, there := given[strconv.Itoa(i)]
		if is = is && there; !is {
			break
		}
		value, refused := s.Items.read(one, fmt.Sprintf("%s[%d]", name, i))
		if refused != nil {
			return nil, refused
		}
		list = append(list, value)
	}
	if !is {
		return nil, invalid("", name, "Invalid array")
	}
	return list, nil
}

func within(name, key string) string {
	if name == "" {
		return key
	}
	return name + "[" + key + "]"
}

// unplayed is the first parameter of a request that is none of those that are played,
// such as "payment_method_data[link]", or "". One that is played is so with all in it.
func unplayed(params object, name string, played []string) string {
	for _, key := range slices.Sorted(maps.Keys(params)) {
		at := within(name, key)
		if slices.Contains(played, at) {
			continue
		}
		inner, is := params[key].(object)
		if is && slices.ContainsFunc(played, func(p string) bool { return strings.HasPrefix(p, at+"[") }) {
			if found := unplayed(inner, at, played); found != "" {
				return found
			}
			continue
		}
		return at
	}
	return ""
}
