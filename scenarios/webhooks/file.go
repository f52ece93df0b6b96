package webhooks

import (
	_ "embed" // the schema
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Schema is the JSON Schema of a description, for editors.
//
//go:embed schema.json
var Schema string

// Description is a handler as its file describes it.
type Description struct {
	Version  int               `yaml:"version"`
	Name     string            `yaml:"name"`
	Provider string            `yaml:"provider"`
	URL      string            `yaml:"url"`
	Secret   string            `yaml:"secret"`
	Events   []string          `yaml:"events"`
	Amount   int64             `yaml:"amount"`
	Currency string            `yaml:"currency"`
	Metadata map[string]string `yaml:"metadata"`
	Service  *target.Service   `yaml:"service"`
	Before   *Request          `yaml:"before"`
	Count    map[string]Count  `yaml:"count"` // by effect
	Settles  string            `yaml:"settles"`

	folder string
	hooks  provider.Webhooks
}

// Request is one that the handler's host is sent.
type Request struct {
	Post    string            `yaml:"post"`
	Headers map[string]string `yaml:"headers"`
	JSON    any               `yaml:"json"`
}

// Count is how the effects of one kind are counted.
type Count struct {
	Get     string            `yaml:"get"`
	Headers map[string]string `yaml:"headers"`
	JSON    string            `yaml:"json"` // a JSON Pointer; "": the answer is the number

	SQLite   string `yaml:"sqlite"`   // a file
	Postgres string `yaml:"postgres"` // an address
	Query    string `yaml:"query"`    // one statement that reads
}

const (
	defaultAmount   = 49900
	defaultCurrency = "NOK"
	defaultSettles  = 5 * time.Second
)

// Load reads the file of that name, of a handler of webhooks of one of the providers. Its
// error is a target.Problems where the text can be read and says what it must not.
func Load(path string, providers map[string]provider.Webhooks) (*Description, error) {
	d := &Description{Amount: defaultAmount, Currency: defaultCurrency}
	document, wrong, err := target.ReadDocument(path, Schema, d)
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	d.folder = document.Folder
	tell := func(says string, place ...string) {
		if says != "" {
			wrong = append(wrong, document.Problem(says, place...))
		}
	}
	document.Each(func(text string, place ...string) { tell(target.LiveKey(text), place...) })
	d.check(tell, providers)
	if len(wrong) > 0 {
		return nil, wrong
	}
	if d.Name == "" {
		d.Name = strings.TrimSuffix(path, ".yaml")
	}
	return d, nil
}

func (d *Description) check(tell func(string, ...string), providers map[string]provider.Webhooks) {
	known := false
	if d.hooks, known = providers[d.Provider]; !known {
		tell(fmt.Sprintf("unknown provider %q: want %s", d.Provider, strings.Join(slices.Sorted(maps.Keys(providers)), " or ")), "provider")
		return
	}
	d.choose(tell)
	facts := d.facts(d.wish("reference"))
	look := func(text string, place ...string) { tell(unknown(text, facts), place...) }
	for name, text := range d.Metadata {
		look(text, "metadata", name)
	}
	if d.Before != nil {
		look(d.Before.Post, "before", "post")
		if text, err := json.Marshal(d.Before.JSON); err == nil {
			look(string(text), "before", "json")
		}
	}
	for effect, c := range d.Count {
		if c.Query == "" {
			look(c.Get, "count", effect, "get")
			continue
		}
		look(c.Query, "count", effect, "query")
		says, key := c.checkSQL()
		tell(says, "count", effect, key)
		places := map[string]string{}
		if d.Service != nil {
			places = serviceFacts("", "", "")
		}
		tell(unknown(c.SQLite, places), "count", effect, "sqlite")
	}
	if d.Service == nil {
		return
	}
	service := serviceFacts("", "", "")
	for name, text := range d.Service.Environment {
		tell(unknown(text, service), "service", "environment", name)
	}
	for i, word := range d.Service.Command {
		tell(unknown(word, service), "service", "command", fmt.Sprint(i))
	}
	for i, name := range d.Service.Inherit {
		tell(target.LiveKey(os.Getenv(name)), "service", "inherit", fmt.Sprint(i))
	}
	target.Alone(*d.Service, d.folder).CheckAlone(func(says string, place ...string) {
		tell(says, append([]string{"service"}, place...)...)
	})
}

// choose leaves those notices that are sent to the handler, and the purchases of which
// some are left.
func (d *Description) choose(tell func(string, ...string)) {
	if d.Events == nil {
		return
	}
	all := map[string]bool{}
	var kept []provider.Purchase
	for _, p := range d.hooks.Purchases {
		chosen := p
		chosen.Notices = func(w provider.Wish) []provider.Notice {
			return slices.DeleteFunc(p.Notices(w), func(n provider.Notice) bool { return !slices.Contains(d.Events, n.Event()) })
		}
		left := chosen.Notices(d.wish("reference"))
		for _, n := range p.Notices(d.wish("reference")) {
			all[n.Event()] = true
		}
		missing := slices.ContainsFunc(p.Effects, func(effect string) bool {
			return !slices.ContainsFunc(left, func(n provider.Notice) bool { return n.Of == effect })
		})
		if len(left) > 0 && !missing {
			kept = append(kept, chosen)
		}
	}
	for i, name := range d.Events {
		if !all[name] {
			tell(fmt.Sprintf("unknown event %q of %s: want %s", name, d.Provider, strings.Join(slices.Sorted(maps.Keys(all)), ", ")), "events", fmt.Sprint(i))
		}
	}
	d.hooks.Purchases = kept
	if _, err := d.hooks.Find(provider.Paid); err != nil {
		tell("none of these events says that a purchase is paid, so nothing can be counted: add one", "events")
	}
}

// wish is a purchase of that reference, as it is now.
func (d *Description) wish(reference string) provider.Wish {
	w := provider.Wish{Reference: reference, Amount: d.Amount, Currency: d.Currency, At: time.Now()}
	if d.Metadata != nil {
		w.Metadata = map[string]string{}
		for name, text := range d.Metadata {
			w.Metadata[name] = fill(text, d.facts(w), plain)
		}
	}
	return w
}

// The facts that purchases have in common.
const (
	factAmount   = "amount"
	factCurrency = "currency"
)

// facts are what the requests of a purchase may name.
func (d *Description) facts(w provider.Wish) map[string]string {
	facts := map[string]string{"reference": w.Reference, factAmount: fmt.Sprint(w.Amount), factCurrency: w.Currency}
	maps.Copy(facts, d.hooks.IDs(w))
	return facts
}

// serviceFacts are what the service's command and environment may name.
func serviceFacts(port, data, secret string) map[string]string {
	return map[string]string{"service.port": port, "service.data": data, "webhooks.secret": secret}
}

func unknown(text string, facts map[string]string) string {
	for _, m := range described.Placeholder.FindAllStringSubmatch(text, -1) {
		if _, known := facts[m[1]]; !known {
			return fmt.Sprintf("nothing is known as ${%s} here; there are %s", m[1], strings.Join(slices.Sorted(maps.Keys(facts)), ", "))
		}
	}
	return ""
}

func plain(value string) string { return value }

// fill puts facts into a text that was checked; escape makes a value harmless there.
func fill(text string, facts map[string]string, escape func(string) string) string {
	return described.Placeholder.ReplaceAllStringFunc(text, func(found string) string { return escape(facts[found[2:len(found)-1]]) })
}

// filled is a JSON value with facts in its texts.
func filled(value any, facts map[string]string) any {
	switch v := value.(type) {
	case string:
		return fill(v, facts, plain)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = filled(v[i], facts)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name := range v {
			object[name] = filled(v[name], facts)
		}
		return object
	}
	return value
}

// at is an address at the handler's host.
func (d *Description) at(path string, facts map[string]string) string {
	address, err := url.Parse(d.URL)
	if err != nil {
		return "" // the schema has looked
	}
	return address.Scheme + "://" + address.Host + fill(path, facts, url.PathEscape)
}

// total says whether a count is of all purchases together: then one runs at a time. What
// a purchase costs tells none from another.
func (d *Description) total() bool {
	for _, c := range d.Count {
		if !slices.ContainsFunc(described.Placeholder.FindAllStringSubmatch(c.Get+c.Query, -1), func(m []string) bool {
			return m[1] != factAmount && m[1] != factCurrency
		}) {
			return true
		}
	}
	return false
}

func (d *Description) settles() time.Duration {
	if limit, err := time.ParseDuration(d.Settles); err == nil && limit > 0 {
		return limit
	}
	return defaultSettles
}

// Parse reads the text of a sequence of the handler's notices.
func (d *Description) Parse(text string) (Sequence, error) { return ParseSequence(text, d.hooks) }
