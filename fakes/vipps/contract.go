package vipps

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
)

// Document is the OpenAPI document that every accepted request and every
// answer of the fake is checked against.
//
//go:embed openapi.yaml
var Document []byte

// contract is Document, laid out for a check per message without a router.
type contract struct {
	operations map[string]*terms // by operationId
	problem    *openapi3.Schema  // also of answers to requests that no operation takes
	notice     *openapi3.Schema  // the body of a webhook
}

// terms are what the document says of one operation.
type terms struct {
	parameters   []*openapi3.Parameter
	body         *openapi3.Schema // nil: takes none
	bodyRequired bool
	answers      map[int]map[string]*openapi3.Schema // by status and media type; no media type: no body
}

// loadContract compiles the document, once for all providers of the process.
var loadContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	if err != nil {
		return nil, fmt.Errorf("vipps: openapi.yaml: %w", err)
	}
	c := &contract{
		operations: make(map[string]*terms),
		problem:    doc.Components.Schemas["Problem"].Value,
		notice:     doc.Components.Schemas["Notice"].Value,
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			c.operations[op.OperationID] = termsOf(op)
		}
	}
	return c, nil
})

func termsOf(op *openapi3.Operation) *terms {
	t := &terms{answers: make(map[int]map[string]*openapi3.Schema)}
	for _, p := range op.Parameters {
		t.parameters = append(t.parameters, p.Value)
	}
	if op.RequestBody != nil {
		t.body = op.RequestBody.Value.Content["application/json"].Schema.Value
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

// checkParameters tells which headers and path variables break the terms.
func (t *terms) checkParameters(header http.Header, vars map[string]string) []detail {
	var wrong []detail
	for _, p := range t.parameters {
		value, given := vars[p.Name], true
		if p.In == openapi3.ParameterInHeader {
			value, given = header.Get(p.Name), len(header.Values(p.Name)) > 0
		}
		if !given {
			if p.Required {
				wrong = append(wrong, detail{p.Name, "is missing"})
			}
			continue
		}
		if err := p.Schema.Value.VisitJSONString(value); err != nil {
			wrong = append(wrong, detail{p.Name, reason(err)})
		}
	}
	return wrong
}

// checkBody tells how a decoded request body breaks the terms.
func (t *terms) checkBody(body any) []detail {
	err := t.body.VisitJSON(body, openapi3.VisitAsRequest(), openapi3.MultiErrors())
	if err == nil {
		return nil
	}
	var wrong []detail
	for _, err := range flatten(err) {
		wrong = append(wrong, detail{field(err), reason(err)})
	}
	return wrong
}

// checkAnswer says how an answer breaks the terms; t is nil where no operation
// took the request.
func (c *contract) checkAnswer(t *terms, a answer) error {
	schema := c.problem
	if t != nil {
		media, declared := t.answers[a.status]
		if !declared {
			return fmt.Errorf("status %d is not declared", a.status)
		}
		if len(media) == 0 {
			if len(a.body) > 0 {
				return fmt.Errorf("status %d has a body and declares none", a.status)
			}
			return nil
		}
		if schema = media[a.mediaType]; schema == nil {
			return fmt.Errorf("status %d declares no %q", a.status, a.mediaType)
		}
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		return fmt.Errorf("status %d: %w", a.status, err)
	}
	return schema.VisitJSON(value, openapi3.VisitAsResponse())
}

// flatten lists the single errors within a kin-openapi error.
func flatten(err error) []error {
	many, ok := err.(openapi3.MultiError)
	if !ok {
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
	one, ok := err.(*openapi3.SchemaError)
	if !ok {
		return "body"
	}
	name := "body"
	for i, part := range one.JSONPointer() {
		if i == 0 {
			name = part
		} else {
			name += "." + part
		}
	}
	return name
}

// reason is the cause of err without the value and the schema, which kin-openapi
// prints over many lines.
func reason(err error) string {
	if one, ok := err.(*openapi3.SchemaError); ok {
		return one.Reason
	}
	return err.Error()
}
