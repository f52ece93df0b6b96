// Package contract holds an HTTP server to its OpenAPI document: it tells how a
// request breaks the document, and lets no answer out that does.
//
// Of a document it reads what the fakes need, laid out for a check per message
// without a router: for each operationId its parameters in header, query and
// path, which must be strings; its JSON body; and its answers by status and
// media type. The schema Problem is that of answers to requests that no
// operation takes.
package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Contract is a document. It is safe for concurrent use.
type Contract struct {
	operations map[string]*Terms // by operationId
	problem    *openapi3.Schema
}

// Terms are what a document says of one operation.
type Terms struct {
	parameters   []*openapi3.Parameter
	body         *openapi3.Schema // nil: takes none
	bodyRequired bool
	answers      map[int]map[string]*openapi3.Schema // by status and media type; no media type: no body
}

// Breach is one way in which a request breaks the terms.
type Breach struct {
	Name   string // of a parameter, or of a field of the body with dots; or "body"
	Reason string
}

const missing = "is missing"

// String is the breach in words.
func (b Breach) String() string {
	if b.Reason == missing {
		return b.Name + " " + b.Reason
	}
	return b.Name + ": " + b.Reason
}

// Load compiles a document.
func Load(document []byte) (*Contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, err
	}
	if doc.Components == nil || doc.Components.Schemas["Problem"] == nil {
		return nil, errors.New("there is no schema Problem")
	}
	c := &Contract{operations: make(map[string]*Terms), problem: doc.Components.Schemas["Problem"].Value}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			c.operations[op.OperationID] = termsOf(op)
		}
	}
	return c, nil
}

func termsOf(op *openapi3.Operation) *Terms {
	t := &Terms{answers: make(map[int]map[string]*openapi3.Schema)}
	for _, p := range op.Parameters {
		t.parameters = append(t.parameters, p.Value)
	}
	if op.RequestBody != nil {
		t.body = op.RequestBody.Value.Content[PlainJSON].Schema.Value
		t.bodyRequired = op.RequestBody.Value.Required
	}
	for status, response := range op.Responses.Map() {
		media := make(map[string]*openapi3.Schema)
		for name, m := range response.Value.Content {
			media[name] = m.Schema.Value
		}
		code, _ := strconv.Atoi(status)
		t.answers[code] = media
	}
	return t
}

// Terms are those of an operation, which the document must have.
func (c *Contract) Terms(operation string) *Terms { return c.operations[operation] }

// Parameters tells which headers, query parameters and variables of the path
// break the terms, in the document's order.
func (t *Terms) Parameters(header http.Header, query url.Values, path map[string]string) []Breach {
	var wrong []Breach
	for _, p := range t.parameters {
		values := []string{path[p.Name]}
		switch p.In {
		case openapi3.ParameterInHeader:
			values = header.Values(p.Name)
		case openapi3.ParameterInQuery:
			values = query[p.Name]
		}
		if len(values) == 0 {
			if p.Required {
				wrong = append(wrong, Breach{p.Name, missing})
			}
			continue
		}
		if err := p.Schema.Value.VisitJSON(values[0]); err != nil {
			wrong = append(wrong, Breach{p.Name, reason(err)})
		}
	}
	return wrong
}

// TakesBody says whether the operation reads a body at all.
func (t *Terms) TakesBody() bool { return t.body != nil }

// Body decodes a body, which must be exactly one JSON value, and tells how it
// breaks the terms. The value is nil where there is none to read.
func (t *Terms) Body(body []byte) (value any, wrong []Breach) {
	switch {
	case t.body == nil, len(body) == 0 && !t.bodyRequired:
		return nil, nil
	case len(body) == 0:
		return nil, []Breach{{"body", missing}}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&value); err != nil {
		return nil, []Breach{{"body", err.Error()}}
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, []Breach{{"body", "something follows the JSON value"}}
	}
	err := t.body.VisitJSON(value, openapi3.VisitAsRequest(), openapi3.MultiErrors())
	for _, err := range flatten(err) {
		wrong = append(wrong, Breach{field(err), reason(err)})
	}
	return value, wrong
}

// Check says how an answer breaks the terms of the operation that took the
// request; "" is none.
func (c *Contract) Check(operation string, a Answer) error {
	schema := c.problem
	if operation != "" {
		media, declared := c.operations[operation].answers[a.Status]
		if !declared {
			return fmt.Errorf("status %d is not declared", a.Status)
		}
		if len(media) == 0 {
			if len(a.Body) > 0 {
				return fmt.Errorf("status %d has a body and declares none", a.Status)
			}
			return nil
		}
		if schema = media[a.MediaType]; schema == nil {
			return fmt.Errorf("status %d declares no %q", a.Status, a.MediaType)
		}
	}
	var value any
	if err := json.Unmarshal(a.Body, &value); err != nil {
		return fmt.Errorf("status %d: %w", a.Status, err)
	}
	return schema.VisitJSON(value, openapi3.VisitAsResponse())
}

// flatten lists the single errors within a kin-openapi error, which may be nil.
func flatten(err error) []error {
	many, ok := err.(openapi3.MultiError)
	switch {
	case err == nil:
		return nil
	case !ok:
		return []error{err}
	}
	var all []error
	for _, one := range many {
		all = append(all, flatten(one)...)
	}
	return all
}

// field is the dotted name of the field that err speaks of.
func field(err error) string {
	if one, ok := err.(*openapi3.SchemaError); ok && len(one.JSONPointer()) > 0 {
		return strings.Join(one.JSONPointer(), ".")
	}
	return "body"
}

// reason is the cause of err without the value and the schema, which kin-openapi
// prints over many lines.
func reason(err error) string {
	if one, ok := err.(*openapi3.SchemaError); ok {
		return one.Reason
	}
	return err.Error()
}
