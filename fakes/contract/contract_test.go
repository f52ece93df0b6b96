package contract

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const document = `
openapi: 3.0.3
info: {title: Letters, version: "1"}
paths:
  /boxes/{box}:
    post:
      operationId: put
      parameters:
        - {name: Stamp, in: header, required: true, schema: {type: string, minLength: 1}}
        - {name: copies, in: query, schema: {type: string, enum: [one, two]}}
        - {name: box, in: path, required: true, schema: {type: string, maxLength: 3}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Letter"}}}
      responses:
        "200": {description: Taken, content: {application/json: {schema: {$ref: "#/components/schemas/Letter"}}}}
        "204": {description: Taken}
        "500": {description: Why not, content: {application/problem+json: {schema: {$ref: "#/components/schemas/Problem"}}}}
    get:
      operationId: look
      responses: {"204": {description: It is there}}
components:
  schemas:
    Letter:
      type: object
      additionalProperties: false
      required: [to]
      properties: {to: {type: object, required: [name], properties: {name: {type: string}}}}
    Problem: {type: object, required: [title], properties: {title: {type: string}}}
`

func load(t *testing.T) *Contract {
	c, err := Load([]byte(document))
	require.NoError(t, err)
	return c
}

func TestADocumentMustBeOneAndHaveProblems(t *testing.T) {
	_, err := Load([]byte(`{`))
	require.Error(t, err)
	_, err = Load([]byte(strings.ReplaceAll(document, "Problem", "Trouble")))
	require.EqualError(t, err, "there is no schema Problem")
}

func TestEachParameterThatBreaksTheTermsIsNamed(t *testing.T) {
	put := load(t).Terms("put")
	stamp, box := http.Header{"Stamp": {"penny"}}, map[string]string{"box": "7"}
	require.Empty(t, put.Parameters(stamp, nil, box))
	require.Empty(t, put.Parameters(stamp, url.Values{"copies": {"two"}}, box))

	wrong := put.Parameters(http.Header{}, url.Values{"copies": {"many"}}, map[string]string{"box": "7777"})
	require.Len(t, wrong, 3)
	require.Equal(t, "Stamp is missing", wrong[0].String())
	require.Equal(t, `copies: value is not one of the allowed values ["one","two"]`, wrong[1].String())
	require.Equal(t, "box: maximum string length is 3", wrong[2].String())
}

func TestABodyIsOneValueThatTheTermsAllow(t *testing.T) {
	c := load(t)
	require.False(t, c.Terms("look").TakesBody())
	require.True(t, c.Terms("put").TakesBody())
	value, wrong := c.Terms("put").Body([]byte(`{"to":{"name":"Ana"}}`))
	require.Empty(t, wrong)
	require.Equal(t, map[string]any{"to": map[string]any{"name": "Ana"}}, value)
	for body, want := range map[string]string{
		``:                        "body is missing",
		`{`:                       "body: unexpected EOF",
		`{"to":{"name":""}} {}`:   "body: something follows the JSON value",
		`[]`:                      "body: value must be an object",
		`{"to":{}}`:               `to.name: property "name" is missing`,
		`{"to":{"name":1}}`:       "to.name: value must be a string",
		`{"To":{"name":"Ana"}}`:   `body: property "To" is unsupported; to: property "to" is missing`,
		`{"to":{"name":1},"x":1}`: `body: property "x" is unsupported; to.name: value must be a string`,
	} {
		_, wrong := c.Terms("put").Body([]byte(body))
		var words []string
		for _, b := range wrong {
			words = append(words, b.String())
		}
		require.ElementsMatch(t, strings.Split(want, "; "), words, body)
	}
	value, wrong = c.Terms("look").Body([]byte(`{`))
	require.Nil(t, value)
	require.Empty(t, wrong)
}

// The alarm rings: an answer that breaks the document does not go out.
func TestWhatTheDocumentDoesNotAllowIsALoud500(t *testing.T) {
	letter := map[string]any{"to": map[string]string{"name": "Ana"}}
	no := Problem(404, map[string]string{"title": "no"})
	for name, row := range map[string]struct {
		operation string
		answer    Answer
		broken    string
	}{
		"a letter":                     {"put", JSON(200, letter), ""},
		"no body":                      {"put", Answer{Status: 204}, ""},
		"no operation":                 {"", no, ""},
		"an undeclared status":         {"put", no, "status 404 is not declared"},
		"a body where there is none":   {"put", JSON(204, letter), "status 204 has a body and declares none"},
		"another media type":           {"put", Problem(200, letter), `status 200 declares no "application/problem+json"`},
		"no JSON":                      {"put", Answer{200, PlainJSON, []byte(`{`)}, "status 200: unexpected end of JSON input"},
		"a field too few":              {"put", JSON(200, struct{}{}), `property "to" is missing`},
		"no operation, and no problem": {"", Problem(404, struct{}{}), `property "title" is missing`},
	} {
		t.Run(name, func(t *testing.T) {
			var notes []string
			w := httptest.NewRecorder()
			load(t).Hold(Server{
				Actor: "postman", Hop: "home>post",
				See: func(e observe.Event) {
					if e.Kind == observe.Note {
						notes = append(notes, e.Actor+": "+e.Text)
					}
				},
				Answer: func(_ *http.Request, body []byte) (string, Answer) {
					require.Equal(t, "{}", string(body))
					return row.operation, row.answer
				},
				Broken: func(_ *http.Request, text string) Answer { return Problem(500, map[string]string{"title": text}) },
			}).ServeHTTP(w, httptest.NewRequest("POST", "/boxes/7", strings.NewReader("{}")))
			if row.broken == "" {
				require.Equal(t, row.answer.Status, w.Code)
				require.Equal(t, row.answer.MediaType, w.Header().Get("Content-Type"))
				require.Equal(t, string(row.answer.Body), w.Body.String())
				require.Empty(t, notes)
				return
			}
			require.Equal(t, 500, w.Code)
			require.Len(t, notes, 1)
			require.Contains(t, notes[0], "postman: the fake postman broke its own contract: POST /boxes/7: ")
			require.Contains(t, notes[0], row.broken)
		})
	}
}
