package contract

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// The media types of answers.
const (
	PlainJSON   = "application/json"
	ProblemJSON = "application/problem+json"
)

const (
	// MaxBody is how long a body a Server should take; it sees the rest, and is
	// to refuse it.
	MaxBody = 64 << 10
	cutBody = 1 << 20 // more is not even read: the connection is dropped
)

// Answer is a whole answer, as it is checked, kept for a key and sent.
type Answer struct {
	Status    int
	MediaType string // empty: no body
	Body      []byte
}

// JSON is an answer of plain JSON.
func JSON(status int, v any) Answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("contract: answer of type %T: %v", v, err)) // only plain structs come here
	}
	return Answer{status, PlainJSON, body}
}

// Problem is an answer that says no.
func Problem(status int, v any) Answer {
	a := JSON(status, v)
	a.MediaType = ProblemJSON
	return a
}

// IsJSON says whether a Content-Type is that of plain JSON.
func IsJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == PlainJSON
}

// Server is what a Contract holds. All fields must be given.
type Server struct {
	Actor string // who answers: "provider", "carrier"
	Hop   observe.Hop
	See   observe.Observer

	// Answer answers a request, of which body is the whole body, and names the
	// operation that took it, or none.
	Answer func(r *http.Request, body []byte) (operation string, a Answer)

	// Broken is the 500 that goes out in place of an answer that the document
	// does not allow.
	Broken func(r *http.Request, text string) Answer
}

// Hold serves as s does. An answer that the document does not allow becomes a
// loud 500 and a Note: then s is wrong, and anyone who tests against it must not
// take its word.
func (c *Contract) Hold(s Server) http.Handler {
	watched := observe.Server(s.Actor, s.Hop, s.See, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
		operation, a := s.Answer(r, body)
		if err := c.Check(operation, a); err != nil {
			text := "the fake " + s.Actor + " broke its own contract: " + r.Method + " " + r.URL.Path + ": " + err.Error()
			s.See(observe.Event{Actor: s.Actor, Kind: observe.Note, Text: text})
			a = s.Broken(r, text)
		}
		if a.MediaType != "" {
			w.Header().Set("Content-Type", a.MediaType)
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, cutBody)
		watched.ServeHTTP(w, r)
	})
}
