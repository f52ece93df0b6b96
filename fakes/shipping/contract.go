package shipping

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
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
}

// terms are what the document says of one operation.
type terms struct {
	parameters []*openapi3.Parameter
	body       *openapi3.Schema // nil: takes none
	answers    map[int]map[string]*openapi3.Schema
}

// loadContract compiles the document, once for all carriers of the process.
var loadContract = sync.OnceValues(func() (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData(Document)
	if err != nil {
		return nil, fmt.Errorf("shipping: openapi.yaml: %w", err)
	}
	c := &contract{
		operations: make(map[string]*terms),
		problem:    doc.Components.Schemas["Problem"].Value,
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

// checkParameters says how headers, query and path break the terms.
func (t *terms) checkParameters(header http.Header, query url.Values, id string) error {
	for _, p := range t.parameters {
		values := []string{id}
		switch p.In {
		case openapi3.ParameterInHeader:
			values = header.Values(p.Name)
		case openapi3.ParameterInQuery:
			values = query[p.Name]
		}
		if len(values) == 0 {
			return fmt.Errorf("%s is missing", p.Name)
		}
		if err := p.Schema.Value.VisitJSONString(values[0]); err != nil {
			return fmt.Errorf("%s: %s", p.Name, reason(err))
		}
	}
	return nil
}

// checkBody says how a decoded request body breaks the terms.
func (t *terms) checkBody(body any) error {
	err := t.body.VisitJSON(body, openapi3.VisitAsRequest())
	if err == nil {
		return nil
	}
	name := "body"
	if one, ok := err.(*openapi3.SchemaError); ok && len(one.JSONPointer()) > 0 {
		name = strings.Join(one.JSONPointer(), ".")
	}
	return fmt.Errorf("%s: %s", name, reason(err))
}

// checkAnswer says how an answer breaks the terms; t is nil where no operation
// took the request.
func (c *contract) checkAnswer(t *terms, a answer) error {
	schema := c.problem
	if t != nil {
		if schema = t.answers[a.status][a.mediaType]; schema == nil {
			return fmt.Errorf("status %d with %q is not declared", a.status, a.mediaType)
		}
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		return fmt.Errorf("status %d: %w", a.status, err)
	}
	return schema.VisitJSON(value, openapi3.VisitAsResponse())
}

// reason is the cause of err without the value and the schema, which kin-openapi
// prints over many lines.
func reason(err error) string {
	if one, ok := err.(*openapi3.SchemaError); ok {
		return one.Reason
	}
	return err.Error()
}
