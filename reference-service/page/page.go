// Package page is the checkout's web page: one form, one button, one line that
// says how things stand.
//
// Its behaviour is behaviour.js, which knows no DOM, so that anyone who tests the
// page can run the very script that customers run; drawing.js binds it to a
// browser. Without JavaScript the form is posted and the server renders the
// outcome. The words on the screen are words.json, for script and server alike.
package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/http"
	"net/url"
	"sync"
)

//go:embed behaviour.js drawing.js page.css page.html words.json reads.json
var files embed.FS

// Config is how the page behaves. Times are in milliseconds.
type Config struct {
	TimeOutMS   float64  `json:"timeOutMS"`   // how long it waits for an answer to a submit
	Resends     int      `json:"resends"`     // how often it sends a submit again when none came
	LookAfterMS float64  `json:"lookAfterMS"` // how long it is silent before it says "checking" and looks
	LookEveryMS float64  `json:"lookEveryMS"` // how often it looks, at first
	Without     []string `json:"without"`     // safeguards switched off
}

// Data is what one page shows.
type Data struct {
	Basket, Order string
	Amount        int64  // minor units
	Currency      string // ISO 4217
	Quantity      int
	Status        string // a key of words.json
	Config        Config
}

// Script is the JSON that the page carries for its script.
type Script struct {
	Order  ScriptOrder  `json:"order"`
	Config ScriptConfig `json:"config"`
}

// ScriptOrder is the order that the page would submit.
type ScriptOrder struct {
	ID       string `json:"id"`
	Basket   string `json:"basket"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// ScriptConfig is Config and the words to show.
type ScriptConfig struct {
	Config
	Words json.RawMessage `json:"words"`
}

// Render writes the page. An unknown status is an error: the page must never
// be silent about an order.
func Render(w io.Writer, d Data) error {
	says, known := words()[d.Status]
	if !known {
		return fmt.Errorf("page: status %q has no words in words.json", d.Status)
	}
	if d.Config.Without == nil {
		d.Config.Without = []string{}
	}
	script := Script{
		Order:  ScriptOrder{ID: d.Order, Basket: d.Basket, Amount: d.Amount, Currency: d.Currency},
		Config: ScriptConfig{Config: d.Config, Words: wordsForScript()},
	}
	return parsed.Execute(w, struct {
		Data
		Says, Price, Action string
		Script              Script
	}{d, says, Price(d.Amount, d.Currency), "/checkout/" + url.PathEscape(d.Basket), script})
}

// Price writes an amount of minor units as a customer reads it: "NOK 499.00".
func Price(amount int64, currency string) string {
	return fmt.Sprintf("%s %d.%02d", currency, amount/100, amount%100)
}

var parsed = template.Must(template.ParseFS(files, "page.html"))

// Assets serves the scripts and the style sheet; mount it at /assets/.
func Assets() http.Handler {
	return http.StripPrefix("/assets/", http.FileServerFS(files))
}

// Behaviour is the text of the page's script.
func Behaviour() string { return read("behaviour.js") }

var words = sync.OnceValue(func() map[string]string { return decode[map[string]string]("words.json") })

var wordsForScript = sync.OnceValue(func() json.RawMessage {
	text, err := json.Marshal(words())
	if err != nil {
		panic(err) // strings only: cannot fail
	}
	return text
})

// Words maps each status to what the screen says.
func Words() map[string]string { return maps.Clone(words()) }

// Reads says which top-level fields the page reads from which answer:
// "PUT /orders/{id}" → ["id", "status"].
func Reads() map[string][]string { return maps.Clone(reads()) }

var reads = sync.OnceValue(func() map[string][]string { return decode[map[string][]string]("reads.json") })

func read(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // embedded: cannot fail
	}
	return string(text)
}

func decode[T any](name string) T {
	var v T
	if err := json.Unmarshal([]byte(read(name)), &v); err != nil {
		panic(err) // embedded and covered by a test
	}
	return v
}
