// Package place reads the value at a place of an HTTP request: what tells messages of one
// method and path apart, or what names the work that a request asks for. It stands beside
// package observe, which has the standard library alone.
package place

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/go-openapi/jsonpointer"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// At is the text that the request has where w says, whatever text w asks for. Of a
// JSON body, which must be unpacked, a number is as it was written, and null is nothing.
func At(w observe.Where, r *http.Request, body []byte) (text string, has bool) {
	switch {
	case w.Header != "":
		text = r.Header.Get(w.Header)
		return text, text != ""
	case w.Query != "":
		query := r.URL.Query()
		return query.Get(w.Query), query.Has(w.Query)
	case w.JSON == "":
		return "", false
	}
	pointer, err := jsonpointer.New(w.JSON)
	if err != nil {
		return "", false
	}
	document := JSON(body)
	if document == nil {
		return "", false
	}
	found, _, err := pointer.Get(document)
	if err != nil || found == nil {
		return "", false
	}
	return fmt.Sprint(found), true
}

// Fits says whether the request has the text that w asks for. The zero w asks for none.
func Fits(w observe.Where, r *http.Request, body []byte) bool {
	if !w.Is() {
		return true
	}
	text, has := At(w, r, body)
	return has && text == w.Value
}

// JSON is the body's document, with numbers as they were written; nil: it is none.
func JSON(body []byte) (document any) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&document) != nil {
		return nil
	}
	return document
}
