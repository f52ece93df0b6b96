package compose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/customer/script"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/reference-service/page"
)

// Times of the shop, as the story has them; a world divides them all alike.
const (
	reconcileAfter = 40 * time.Second
	// quiet is longer than the shop's lease, back-off and reconciliation.
	quiet         = 60 * time.Second
	betweenClicks = 150 * time.Millisecond // of a double click
	tryAgain      = 5 * time.Second        // a page that did not come is reloaded
)

// PageSilence is for how long the page waits for an answer before it tells her so.
const PageSilence = 5 * time.Second

// giveUp is after how long she gives up on a page, for as long as a shop that
// dies for a minute five times; a machine needs some time of its own to load one.
func giveUp(clock units.Clock) time.Duration {
	return max(2*time.Second, clock.Real(400*time.Second))
}

// behaviour is the page's script, compiled once for all customers.
var behaviour = sync.OnceValues(func() (*script.Script, error) { return script.Compile(page.Behaviour()) })

// referenceShop is what is composed for one enactment, in any world.
type referenceShop struct {
	environment.Setup
	payer    payer
	script   *script.Script
	partners *Partners
	people   *people  // at a browser
	page     frontEnd // that all of the story's customers have
	price    int64    // 0: the shop's own
}

// payer is a provider by whom the reference shop is paid.
type payer struct {
	name string
	kind provider.Kind
}

// paidBy finds it by its name, one of checkout.Providers; "" is the usual one.
func paidBy(name string) payer {
	name = cmp.Or(name, checkout.DefaultProvider)
	return payer{name, fakes.Providers().Kinds[name]}
}

// Lacks says what a story's shop needs of its provider and that one has not, or "".
func Lacks(provider string, shop environment.Shop) string {
	kind := paidBy(provider).kind
	switch {
	case shop.PaysAtProvider && kind.Pages == nil:
		return "it needs a provider that has a page on which customers pay"
	case shop.AnotherCard && len(kind.CardCodes) == 0:
		return "it needs a provider at which a customer whose card is declined may pay with another one"
	case shop.AsksProvider && len(kind.Routes.Of(observe.GetPayment)) == 0:
		return "it needs a provider that can be asked how a payment stands"
	case shop.Bank != "" && !slices.Contains(kind.Banks, shop.Bank) && kind.Prices[shop.Bank] == 0:
		return fmt.Sprintf("it needs a provider that plays a bank which is %s", shop.Bank)
	}
	return ""
}

// gather makes the shop and the parts that all worlds need.
func gather(s environment.Setup, by payer, b *browser.Browser) (c *referenceShop, t environment.Parts, err error) {
	c = &referenceShop{Setup: s, payer: by, people: &people{browser: b}}
	if c.script, err = behaviour(); err != nil {
		return nil, t, err
	}
	c.page = c.atScript
	if s.Browser {
		c.page = c.people.at(c.ShopURL, ReferencePage())
	}
	if bank := s.Shop.Bank; bank != "" && !slices.Contains(by.kind.Banks, bank) {
		if c.price = by.kind.Prices[bank]; c.price == 0 {
			return nil, t, fmt.Errorf("the provider %s plays no bank that is %s", by.name, bank)
		}
	}
	s.See = ownedByName(s.See)
	if c.partners, err = Partner(s, by.kind, provider.Config{WebhookURL: s.WebhookURL + checkout.WebhookPath(by.name)}); err != nil {
		return nil, t, err
	}
	return c, environment.Parts{
		Callees: c.partners.Callees, Pages: c.partners.Pages, Tab: c.tab, Reads: page.Reads(), Told: Told,
		Due: c.partners.Provider.NextDue, ForgetTokens: c.partners.ForgetTokens, Quiet: quiet, Close: c.close,
	}, nil
}

// orderShape is an order's id: its basket's name, a hyphen, and eight letters.
var orderShape = regexp.MustCompile(`^(.+)-[a-z2-7]{8}$`)

// ownedByName says whose a payment is that has a reference of the provider's: the shop
// writes the order's id into it.
func ownedByName(see observe.Observer) observe.Observer {
	return func(e observe.Event) {
		if e.Entry != nil {
			for _, name := range e.Entry.Names {
				if of := orderShape.FindStringSubmatch(name); of != nil {
					entry := *e.Entry
					entry.Owner = of[1]
					e.Entry = &entry
					break
				}
			}
		}
		see(e)
	}
}

// settings are what the shop is told, whichever world it lives in: where to
// find the others, its account, its times, divided like the clock, and what
// the story asks of it.
func (c *referenceShop) settings(urls map[observe.Hop]string) []string {
	shop := c.Shop
	resends := 1
	if shop.PageResends != 0 {
		resends = max(0, shop.PageResends)
	}
	env := []string{
		"CHECKOUT_PAYMENTS_URL=" + urls[observe.ProviderHop],
		"CHECKOUT_SHIPPING_URL=" + urls[observe.ShippingHop],
		"CHECKOUT_PUBLIC_URL=" + c.ShopURL,
		// Ids and jitter derive from the seed; a restarted shop gets the same one.
		fmt.Sprintf("CHECKOUT_SEED=%d/%s", c.Seed, c.Story),
		"CHECKOUT_WITHOUT=" + strings.Join(c.Without, ","),
		"CHECKOUT_PAGE_RESENDS=" + strconv.Itoa(resends),
	}
	env = append(env, checkout.AccountSettings(c.payer.name, c.partners.Facts)...)
	if c.price != 0 {
		env = append(env, "CHECKOUT_PRICE="+strconv.FormatInt(c.price, 10))
	}
	if shop.PaysAtProvider {
		env = append(env, "CHECKOUT_PAY_ON_PAGE=true")
	}
	for name, d := range map[string]time.Duration{
		"PROVIDER_TIMEOUT": 10 * time.Second, "ANSWER_WITHIN": 20 * time.Second, "LEASE": 30 * time.Second,
		"BACKOFF_FIRST": time.Second, "BACKOFF_MAX": 20 * time.Second,
		"APPROVAL_FIRST": 5 * time.Second, "APPROVAL_EVERY": 2 * time.Second, "APPROVAL_WINDOW": 10 * time.Minute,
		"KEY_LIFETIME": 24 * time.Hour, "GIVE_UP_AFTER": orElse(shop.GivesUpAfter, 15*time.Minute), "RECONCILE_AFTER": reconcileAfter,
		"RATE_WINDOW": time.Minute, "WEBHOOK_TOLERANCE": 5 * time.Minute,
		"PAGE_TIMEOUT":    orElse(shop.PageTimeOut, 45*time.Second),
		"PAGE_LOOK_AFTER": orElse(shop.PageSilence, PageSilence), "PAGE_LOOK_EVERY": 2 * time.Second,
	} {
		env = append(env, "CHECKOUT_"+name+"="+c.Clock.Real(d).String())
	}
	return env
}

func (c *referenceShop) tab(name, tab string) (environment.Tab, error) {
	return sit(c.Setup, name, tab, c.See, c.page)
}

// atScript is the reference page without a browser.
func (c *referenceShop) atScript(p customer.Person) (customer.FrontEnd, error) {
	return script.New(script.Config{Person: p, URL: c.ShopURL, Script: c.script, Dial: c.Dialer(p.Customer + "/" + p.Tab)}), nil
}

// ReferencePage is how a browser's customer uses and reads the reference shop's
// page.
func ReferencePage() browser.Page {
	return browser.Page{
		Path: "/checkout/{basket}", Basket: "/baskets/{basket}", Submit: "#submit",
		Says: browser.Reading{Selector: "main", Attribute: "data-status"}, Text: browser.Reading{Selector: "#says"},
		Amount: browser.Reading{Selector: "input[name=amount]", Attribute: "value"}, Minor: true,
		Currency: browser.Reading{Selector: "input[name=currency]", Attribute: "value"},
		Order:    browser.Reading{Selector: "input[name=order]", Attribute: "value"},
	}
}

func (c *referenceShop) close() error {
	err := c.people.close()
	c.partners.Close()
	return err
}

// Told reads what the shop tells of an order in an answer on the customer's
// hop: the shop's own book.
func Told(e observe.Event) (observe.Entry, bool) {
	m := e.Message
	if m == nil || e.Kind != observe.Answered || m.Hop != observe.CustomerHop ||
		m.Status/100 != 2 || !observe.MatchPath("/orders/{id}", m.Path) {
		return observe.Entry{}, false
	}
	var order struct {
		ID, Basket string
		Status     observe.Status
		Amount     struct {
			Value    int64
			Currency string
		}
	}
	if json.Unmarshal([]byte(m.Body), &order) != nil || order.ID == "" {
		return observe.Entry{}, false
	}
	return observe.Entry{
		Op: observe.OrderTold, Key: strconv.Itoa(m.N), Reference: order.ID, Basket: order.Basket, State: order.Status,
		Amount: order.Amount.Value, Currency: order.Amount.Currency,
	}, true
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
