package stripe

import (
	"bytes"
	_ "embed"
	"net/http"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// What a page of the shop asks of Stripe's script, on observe.PayingHop.
const (
	LoadScript    observe.Operation = "LoadScript"
	LookAtPayment observe.Operation = "LookAtPayment"
)

// script stands for Stripe.js; see there.
//
//go:embed script.js
var script []byte

// releases are the paths of Stripe.js: the version that never changes, and those by name.
var releases = []string{"/v3", "/v3/", "/basil/stripe.js", "/clover/stripe.js", "/dahlia/stripe.js"}

// tokenPath is where Stripe.js asks for a confirmation token.
const tokenPath = "/v1/confirmation_tokens"

// longestName is how much of what is not played is told.
const longestName = 120

// scriptRoutes are how a browser spells what Stripe.js does. She approves the payment by a
// confirmation from the shop's page.
func scriptRoutes() (list observe.Routes) {
	for _, path := range releases {
		list = append(list, observe.Route{Operation: LoadScript, Hop: observe.PayingHop, Method: "GET", Path: path})
	}
	return append(list,
		observe.Route{Operation: observe.ApproveAtProvider, Hop: observe.PayingHop, Method: "POST", Path: "/v1/payment_intents/{intent}/confirm"},
		observe.Route{Operation: LookAtPayment, Hop: observe.PayingHop, Method: "GET", Path: "/v1/payment_intents/{intent}"},
		observe.Route{Operation: KeepToken, Hop: observe.PayingHop, Method: "POST", Path: tokenPath})
}

// scripted serves Stripe.js, and the API to it. Only what a publishable key opens is
// answered there.
func (p *Provider) scripted(mux *http.ServeMux) {
	for _, path := range releases {
		if path, folder := strings.CutSuffix(path, "/"); folder {
			mux.HandleFunc("GET "+path+"/{$}", p.tellScript)
		} else {
			mux.HandleFunc("GET "+path, p.tellScript)
		}
	}
	mux.HandleFunc("/v1/", p.serve)
	// Its document knows what makes a token by another path only.
	mux.HandleFunc("POST "+tokenPath, func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/v1/test_helpers/confirmation_tokens"
		p.serve(w, r)
	})
	mux.HandleFunc("POST /key", func(http.ResponseWriter, *http.Request) {}) // the recorder reads it
	mux.HandleFunc("POST /unplayed", func(w http.ResponseWriter, r *http.Request) {
		what := strings.ToValidUTF8(strings.ReplaceAll(r.FormValue("what"), "\n", " "), "?")
		w.Header().Set(provider.UnplayedHeader, what[:min(len(what), longestName)]+" of Stripe.js")
		w.WriteHeader(http.StatusNotImplemented)
	})
}

// tellScript serves the script, with the number of the card that she types.
func (p *Provider) tellScript(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Access-Control-Allow-Origin", "*") // for a script element with crossorigin
	_, _ = w.Write(bytes.Replace(script, []byte(testMethods[plainCard].number), []byte(testMethods[p.herCard()].number), 1))
}
