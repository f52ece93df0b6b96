// Command trim makes fakes/stripe/openapi.json of Stripe's own OpenAPI document: it
// keeps the operations that the fake plays, the schemas that they need, and the names
// of all others. It reads the document from stdin and writes to stdout:
//
//	go run ./fakes/stripe/internal/trim < spec3.json > fakes/stripe/openapi.json
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/stripe"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		text, err = trim(text, stripe.Played())
	}
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "trim:", err)
		os.Exit(1)
	}
}

type object = map[string]any

const schemaPrefix = "#/components/schemas/"

// objects are the schemas of which a field that can be expanded is kept whole; of any
// other it is an id.
var objects = []string{
	"payment_intent", "charge", "refund", "customer", "deleted_customer", "payment_method", "setup_intent", "dispute",
	"checkout.session", "event", "webhook_endpoint", "deleted_webhook_endpoint", "error",
}

// unread are the keys of a schema that say nothing about a value.
var unread = []string{"description", "title", "x-expansionResources", "x-expandableFields", "x-resourceId", "x-stripeOperations", "x-stripeMostCommon", "x-stripeBypassValidation", "x-stripeEvent", "x-stripeResource", "x-stripeParam"}

// trim keeps the operations that are listed as "POST /v1/refunds".
func trim(text []byte, played []string) ([]byte, error) {
	var doc struct {
		Info       struct{ Version string }
		Paths      map[string]map[string]object
		Components struct{ Schemas map[string]object }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	var others []string
	paths := map[string]object{}
	needed := map[string]bool{}
	for path, item := range doc.Paths {
		for method, op := range item {
			name := strings.ToUpper(method) + " " + path
			if !slices.Contains(played, name) {
				others = append(others, name)
				continue
			}
			if paths[path] == nil {
				paths[path] = object{}
			}
			paths[path][method] = object{
				"operationId": op["operationId"], "parameters": cut(op["parameters"], false),
				"requestBody": cut(op["requestBody"], false), "responses": cut(op["responses"], false),
			}
			need(paths[path][method], needed)
		}
	}
	schemas := map[string]any{}
	foreign := func(name string) bool {
		fields, _ := doc.Components.Schemas[name]["properties"].(object)
		return fields["id"] != nil && fields["object"] != nil && !slices.Contains(objects, name)
	}
	for grew := true; grew; {
		grew = false
		for _, name := range slices.Sorted(maps.Keys(needed)) {
			if schemas[name] == nil && foreign(name) {
				schemas[name] = object{"type": "object"}
			}
			if schemas[name] == nil {
				schemas[name] = cut(doc.Components.Schemas[name], false)
				need(schemas[name], needed)
				grew = true
			}
		}
	}
	slices.Sort(others)
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\"openapi\":\"3.0.0\",\n\"info\":{\"title\":\"Stripe API, trimmed\",\"version\":%q,\"description\":%q,\"license\":{\"name\":\"MIT\",\"url\":%q}},\n",
		doc.Info.Version, "Of github.com/stripe/stripe-mock v0.203.0. Copyright (c) 2014- Stripe, Inc. (https://stripe.com), under the MIT licence.",
		"https://github.com/stripe/stripe-mock/blob/v0.203.0/LICENSE")
	fmt.Fprint(&b, "\"paths\":")
	lines(&b, paths)
	fmt.Fprint(&b, ",\n\"components\":{\"schemas\":")
	lines(&b, schemas)
	fmt.Fprint(&b, "},\n\"x-others\":[\n")
	for i, name := range others {
		fmt.Fprintf(&b, "%q%s\n", name, strings.Repeat(",", min(1, len(others)-1-i)))
	}
	fmt.Fprint(&b, "]}\n")
	return b.Bytes(), nil
}

// lines writes an object with a line for each member.
func lines[V any](b *bytes.Buffer, o map[string]V) {
	b.WriteString("{\n")
	for i, name := range slices.Sorted(maps.Keys(o)) {
		value, _ := json.Marshal(o[name])
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(b, "%q:%s", name, value)
	}
	b.WriteString("}")
}

// need notes the schemas that a value refers to.
func need(v any, needed map[string]bool) {
	switch v := v.(type) {
	case object:
		if ref, is := v["$ref"].(string); is {
			needed[strings.TrimPrefix(ref, schemaPrefix)] = true
		}
		for _, inner := range v {
			need(inner, needed)
		}
	case []any:
		for _, inner := range v {
			need(inner, needed)
		}
	}
}

// cut leaves out what says nothing, and the objects that the fake never expands. The
// keys of named are names of fields.
func cut(v any, named bool) any {
	switch v := v.(type) {
	case object:
		own := object{}
		for key, inner := range v {
			if !named && slices.Contains(unread, key) && !isSchema(inner) {
				continue
			}
			own[key] = cut(inner, !named && (key == "properties" || key == "responses"))
		}
		if list, is := own["anyOf"].([]any); is && slices.ContainsFunc(list, isText) {
			own["anyOf"] = slices.DeleteFunc(list, isForeign)
		}
		return own
	case []any:
		own := make([]any, len(v))
		for i, inner := range v {
			own[i] = cut(inner, false)
		}
		return own
	}
	return v
}

func isSchema(v any) bool { _, is := v.(object); return is }

func isText(v any) bool { o, _ := v.(object); return o["type"] == "string" }

func isForeign(v any) bool {
	o, _ := v.(object)
	ref, is := o["$ref"].(string)
	return is && !slices.Contains(objects, strings.TrimPrefix(ref, schemaPrefix))
}
