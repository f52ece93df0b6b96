package target

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// page is what a description says of the shop's page: as selectors of a page in a
// browser, or as the requests that it sends.
type page interface {
	// lacks says what a story needs that this page has not, in words for a report,
	// or "".
	lacks(harness.Story) string
	// routes are the page's messages, the submit first.
	routes() observe.Routes
	// steps are the same messages, and where the description has them.
	steps() []step
	// reads are the fields that the page reads from answers to submits and looks,
	// and those of them without which no answer has a screen.
	reads() (all, always []string)
	// tells says whether some answer or text means this to a customer.
	tells(observe.Status) bool
	// waits is how long it waits for an answer before a customer can notice.
	waits() time.Duration
	check(t *Target, tell func(string, ...string))
}

func (t *Target) page() page {
	if t.Customer.Browser != nil {
		return t.Customer.Browser
	}
	return requests{&t.Customer}
}

// AtBrowser says whether the shop's customers need a browser.
func (t *Target) AtBrowser() bool { return t.Customer.Browser != nil }

// Waits is the shortest time that the page waits before a customer can notice that
// no answer comes.
func (t *Target) Waits() time.Duration { return t.page().waits() }

func (b *Browser) lacks(s harness.Story) string {
	if s.Shop.ClicksCold {
		return "it needs a click on a connection of its own, and a browser keeps its connections"
	}
	return ""
}

func (b *Browser) routes() (list observe.Routes) {
	visits := func(of observe.Operation, method, path string) observe.Route {
		if path == "" {
			return observe.Route{}
		}
		return observe.Route{Operation: of, Hop: observe.CustomerHop, Method: method, Path: openTemplate(path)}
	}
	for _, r := range []observe.Route{
		b.Sends.route(observe.Submit), b.Looks.route(observe.OrderStatus),
		visits(observe.ChangeBasket, http.MethodPut, b.Basket), visits(observe.OpenPage, http.MethodGet, b.Open),
	} {
		if r.Path != "" {
			list = append(list, r)
		}
	}
	return list
}

func (b *Browser) steps() (list []step) {
	for _, r := range b.routes() {
		switch r.Operation {
		case observe.Submit:
			list = append(list, step{"sends", []string{"customer", "browser", "sends"}, r, nil})
		case observe.OrderStatus:
			list = append(list, step{"looks", []string{"customer", "browser", "looks"}, r, nil})
		case observe.OpenPage:
			list = append(list, step{"open", []string{"customer", "browser", "open"}, r, nil})
		}
	}
	return list
}

func (b *Browser) reads() (all, always []string) { return b.Reads, b.Reads }

// tells goes by the words; a page without them says the statuses themselves.
func (b *Browser) tells(status observe.Status) bool {
	return len(b.Words) == 0 || slices.Contains(slices.Collect(maps.Values(b.Words)), status)
}

// waits is a guess: the page keeps its time-outs to itself.
func (b *Browser) waits() time.Duration { return 15 * time.Second }

func (b *Browser) check(t *Target, tell func(string, ...string)) {
	if b.Amount.Selector != "" {
		return // what it shows may name its currency
	}
	if t.Money.Amount == 0 {
		tell("nobody knows what the page shows: say where, such as amount: {selector: .total}, or money: {amount: 49900, currency: NOK}", "customer", "browser")
	}
	if t.Money.Currency == "" && b.Currency.Selector == "" {
		tell("nobody knows the currency that the page shows: say money: {currency: NOK}, or where it stands, such as currency: {selector: .currency}", "customer", "browser")
	}
}

// requests is a page of which the description has the requests.
type requests struct{ *Customer }

func (c requests) lacks(s harness.Story) string {
	switch {
	case s.Browser:
		return "its customers sit at a browser, and the description has the front end's requests"
	case s.Shop.GoesBack:
		return "it needs a page with a back button, and the description has the front end's requests"
	}
	return ""
}

func (c requests) routes() (list observe.Routes) {
	var loads observe.Routes
	for i := range c.Open {
		loads = append(loads, c.Open[i].route(LoadStep))
	}
	var opens observe.Route
	if last := len(loads) - 1; last >= 0 {
		opens, loads = c.Open[last].route(observe.OpenPage), loads[:last]
	}
	for _, r := range []observe.Route{
		c.Submit.route(observe.Submit), c.Look.route(observe.OrderStatus), c.Change.route(observe.ChangeBasket), opens,
	} {
		if r.Path != "" {
			list = append(list, r)
		}
	}
	list = append(list, loads...)
	for i := range c.Basket {
		list = append(list, c.Basket[i].route(BasketStep))
	}
	for i := range c.Login {
		list = append(list, c.Login[i].route(LoginStep))
	}
	return list
}

func (c requests) steps() (list []step) {
	add := func(name string, is observe.Operation, r *request, place ...string) {
		if r != nil {
			list = append(list, step{name, place, r.route(is), r})
		}
	}
	add("submit", observe.Submit, &c.Submit, "customer", "submit")
	for i := range c.Open {
		add("open", observe.OpenPage, &c.Open[i], "customer", "open", strconv.Itoa(i))
	}
	for i := range c.Basket {
		add("basket", BasketStep, &c.Basket[i], "customer", "basket", strconv.Itoa(i))
	}
	for i := range c.Login {
		add("login", LoginStep, &c.Login[i], "customer", "login", strconv.Itoa(i))
	}
	add("look", observe.OrderStatus, c.Look, "customer", "look")
	add("change", observe.ChangeBasket, c.Change, "customer", "change")
	return list
}

// reads are the first parts of the pointers in the screens. A field is always read
// where every screen that goes by fields reads it.
func (c requests) reads() (all, always []string) {
	for _, s := range c.Screens {
		for _, pointer := range slices.Sorted(maps.Keys(s.JSON)) {
			field, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
			if field != "" && !slices.Contains(all, field) {
				all = append(all, field)
			}
		}
	}
	for _, field := range all {
		if !slices.ContainsFunc(c.Screens, func(s screen) bool { return len(s.JSON) > 0 && !s.reads(field) }) {
			always = append(always, field)
		}
	}
	return all, always
}

func (s screen) reads(field string) bool {
	for pointer := range s.JSON {
		if first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/"); first == field {
			return true
		}
	}
	return false
}

func (c requests) tells(status observe.Status) bool {
	return slices.ContainsFunc(c.Screens, func(s screen) bool { return s.Says == status })
}

func (c requests) waits() time.Duration {
	limit := c.TimeOut.or(defaultTimeOut)
	if c.Silence > 0 {
		limit = min(limit, time.Duration(c.Silence))
	}
	return limit
}

func (c requests) check(t *Target, tell func(string, ...string)) {
	t.checkMoney(tell)
	t.checkNames(tell)
	c.checkWhen(tell)
	for _, s := range c.steps() {
		checkUnits(tell, s)
		for name, from := range s.request.Capture {
			if from.Selector == "" {
				continue
			}
			if err := described.CheckSelector(from.Selector); err != nil {
				tell(err.Error(), append(slices.Clone(s.place), "capture", name, "selector")...)
			}
		}
		if path := s.request.template(); strings.Contains(path, "{id...}/") {
			tell("a path that the shop told, such as a Location, stands at the end: nobody knows how long it is", s.place...)
		}
	}
}
