package cast

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/fakes/vipps"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/reference-service/page"
)

// Times of the shop, as the story has them; a world divides them all alike.
const (
	reconcileAfter = 40 * time.Second
	// quiet is longer than the shop's lease, back-off and reconciliation.
	quiet         = 60 * time.Second
	approveAfter  = 3 * time.Second
	betweenClicks = 150 * time.Millisecond // of a double click
	tryAgain      = 5 * time.Second        // a page that did not come is reloaded
)

// The shop's account with the provider. Nothing here is a real one's.
const (
	merchant        = "123456"
	clientID        = "b7a9f8f0-client"
	clientSecret    = "canary-client-secret"
	subscriptionKey = "canary-subscription-key"
)

// Stagehands are what worlds share because it is dear to start. Each may be
// nil.
type Stagehands struct {
	Postgres *postgres.Server // without it the shop keeps its books in a SQLite file
	Browser  *browser.Browser // without it stories at a browser cannot be staged
	// Direct builds the hops without Toxiproxy, to show that it is needed.
	Direct bool
}

// Wire returns how a wire world with the reference shop in it is built.
func Wire(hands Stagehands) (harness.Build, error) {
	script, err := customer.Compile(page.Behaviour())
	if err != nil {
		return nil, err
	}
	build := wire.Build
	if hands.Direct {
		build = wire.BuildDirect
	}
	return build(func(ctx context.Context, s wire.Scene) (wire.Troupe, error) {
		c := &company{Scene: s, script: script, hands: hands}
		troupe, err := c.gather(ctx)
		if err != nil {
			err = errors.Join(err, c.close())
		}
		return troupe, err
	}), nil
}

// company is the cast of one enactment.
type company struct {
	wire.Scene
	script  *customer.Script
	hands   Stagehands
	folder  string // the SQLite file's
	db      string // the PostgreSQL database's URL
	secret  string // of webhooks
	closers []func()
}

func (c *company) gather(ctx context.Context) (wire.Troupe, error) {
	provider, err := vipps.New(vipps.Config{
		MSN: merchant, ClientID: clientID, ClientSecret: clientSecret, SubscriptionKey: subscriptionKey,
		ApproveAfter: orElse(c.Story.Shop.ApproveAfter, approveAfter), Speed: int(c.Options.Pace),
		Transport: c.Webhooks, Rand: c.random("provider"), See: c.See,
	})
	if err != nil {
		return wire.Troupe{}, err
	}
	c.closers = append(c.closers, provider.Close)
	carrier, err := shipping.New(shipping.Config{
		Speed: int(c.Options.Pace), Rand: c.random("carrier"), See: c.See,
	})
	if err != nil {
		return wire.Troupe{}, err
	}
	c.closers = append(c.closers, carrier.Close)
	if _, c.secret, err = provider.RegisterWebhook(c.WebhookURL+"/webhooks/vipps", webhookEvents...); err != nil {
		return wire.Troupe{}, err
	}
	c.Conceal(clientSecret, subscriptionKey, c.secret)
	troupe := wire.Troupe{
		Provider: provider, Carrier: carrier,
		Command: c.command, Ready: ready, Tab: c.tab, Reads: page.Reads(), Told: Told, Due: provider.NextDue,
		Quiet: quiet, Close: c.close,
	}
	return troupe, c.findDatabase(ctx, &troupe)
}

var webhookEvents = []string{
	"epayments.payment.created.v1", "epayments.payment.authorized.v1", "epayments.payment.aborted.v1",
	"epayments.payment.expired.v1", "epayments.payment.terminated.v1", "epayments.payment.captured.v1",
	"epayments.payment.cancelled.v1", "epayments.payment.refunded.v1",
}

func (c *company) findDatabase(ctx context.Context, t *wire.Troupe) (err error) {
	if c.hands.Postgres != nil {
		t.DatabaseAddr = c.hands.Postgres.Addr()
		c.db, err = c.hands.Postgres.NewDatabase(ctx)
		c.Conceal(c.db)
		return err
	}
	c.folder, err = os.MkdirTemp("", "unhappy-path-")
	return err
}

// random is a source of randomness of its own for each who needs one.
func (c *company) random(who string) *rand.ChaCha8 {
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("%d/%s/%s", c.Options.Seed, who, c.Story.ID))
	return rand.NewChaCha8(seed)
}

// command starts the shop: this very program, as the shop.
func (c *company) command(at wire.Addresses) (process.Command, error) {
	self, err := os.Executable()
	if err != nil {
		return process.Command{}, fmt.Errorf("this program cannot find itself to start the shop: %w", err)
	}
	env := []string{
		"CHECKOUT_PAYMENTS_URL=" + at.ProviderURL,
		"CHECKOUT_PAYMENTS_MSN=" + merchant,
		"CHECKOUT_PAYMENTS_CLIENT_ID=" + clientID,
		"CHECKOUT_PAYMENTS_CLIENT_SECRET=" + clientSecret,
		"CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY=" + subscriptionKey,
		"CHECKOUT_SHIPPING_URL=" + at.CarrierURL,
		"CHECKOUT_PUBLIC_URL=" + c.ShopURL,
		"CHECKOUT_WEBHOOK_SECRET=" + c.secret,
		// Ids and jitter derive from the seed; a restarted shop gets the same one.
		fmt.Sprintf("CHECKOUT_SEED=%d/%s", c.Options.Seed, c.Story.ID),
		"CHECKOUT_WITHOUT=" + strings.Join(c.Options.Without, ","),
	}
	if c.hands.Postgres != nil {
		env = append(env, "DATABASE_URL="+c.hands.Postgres.URL(c.db, at.Database))
	} else {
		env = append(env, "CHECKOUT_DATABASE="+filepath.Join(c.folder, "checkout.db"))
	}
	if runtime.GOOS != "linux" {
		// Elsewhere no signal tells the shop that its parent died.
		env = append(env, "CHECKOUT_STOP_ON_EOF=true")
	}
	env = append(env, c.settings()...)
	return process.Command{Path: self, Args: []string{role}, Env: env, Dir: c.folder}, nil
}

// settings are the shop's times, divided like the clock, and what the story
// asks of it.
func (c *company) settings() []string {
	shop := c.Story.Shop
	resends := 1
	if shop.PageResends != 0 {
		resends = max(0, shop.PageResends)
	}
	env := []string{"CHECKOUT_PAGE_RESENDS=" + strconv.Itoa(resends)}
	if shop.Price != 0 {
		env = append(env, "CHECKOUT_PRICE="+strconv.FormatInt(shop.Price, 10))
	}
	for name, d := range map[string]time.Duration{
		"PROVIDER_TIMEOUT": 10 * time.Second, "ANSWER_WITHIN": 20 * time.Second, "LEASE": 30 * time.Second,
		"BACKOFF_FIRST": time.Second, "BACKOFF_MAX": 20 * time.Second,
		"APPROVAL_FIRST": 5 * time.Second, "APPROVAL_EVERY": 2 * time.Second, "APPROVAL_WINDOW": 10 * time.Minute,
		"KEY_LIFETIME": 24 * time.Hour, "GIVE_UP_AFTER": 15 * time.Minute, "RECONCILE_AFTER": reconcileAfter,
		"RATE_WINDOW": time.Minute, "WEBHOOK_TOLERANCE": 5 * time.Minute,
		"PAGE_TIMEOUT":    orElse(shop.PageTimeOut, 45*time.Second),
		"PAGE_LOOK_AFTER": orElse(shop.PageSilence, 5*time.Second), "PAGE_LOOK_EVERY": 2 * time.Second,
	} {
		env = append(env, "CHECKOUT_"+name+"="+c.Options.Pace.Real(d).String())
	}
	return env
}

// ready finds the address in the line that the shop prints when it listens.
func ready(line []byte) (string, bool) {
	var said struct{ Msg, Addr string }
	if json.Unmarshal(line, &said) != nil || said.Msg != "listening" {
		return "", false
	}
	return said.Addr, said.Addr != ""
}

func (c *company) tab(name, tab string) (harness.Tab, error) {
	if c.Story.Browser {
		if c.hands.Browser == nil {
			return nil, errors.New("this story needs a browser, and there is none")
		}
		return c.hands.Browser.Tab(browser.Config{
			Customer: name, Tab: tab, URL: c.ShopURL, See: c.See,
			BetweenClicks: c.Options.Pace.Real(betweenClicks),
		})
	}
	return customer.New(customer.Config{
		Customer: name, Tab: tab, URL: c.ShopURL, Script: c.script, See: c.See,
		Dial:          new(net.Dialer).DialContext,
		BetweenClicks: c.Options.Pace.Real(betweenClicks), TryAgain: c.Options.Pace.Real(tryAgain),
	}), nil
}

func (c *company) close() error {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
	if c.folder == "" {
		return nil
	}
	return os.RemoveAll(c.folder)
}

// Told reads what the shop tells of an order in an answer on the customer's
// hop: the shop's own book.
func Told(e harness.Event) (observe.Entry, bool) {
	m := e.Message
	if m == nil || e.Kind != observe.Answered || m.Hop != string(harness.CustomerHop) ||
		m.Status/100 != 2 || !harness.MatchPath("/orders/{id}", m.Path) {
		return observe.Entry{}, false
	}
	var order struct {
		ID, Basket, Status string
		Amount             struct {
			Value    int64
			Currency string
		}
	}
	if json.Unmarshal([]byte(m.Body), &order) != nil || order.ID == "" {
		return observe.Entry{}, false
	}
	return observe.Entry{
		Op: "told", Key: strconv.Itoa(m.N), Reference: order.ID, Basket: order.Basket, State: order.Status,
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
