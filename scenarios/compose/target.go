package compose

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/authority"
	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// loadWithin is how long a page may take to come.
const loadWithin = 30 * time.Second

// Target returns how a wire world is built with somebody's own shop in it.
func Target(t *target.Target, hands Resources) environment.Build {
	hands.Ports = hands.ports()
	for _, fixed := range t.FixedPorts() {
		hands.Ports.Reserve(fixed)
	}
	return func(ctx context.Context, b environment.Brief, r *environment.Recorder) (environment.Environment, error) {
		at, err := hands.Sites.take()
		if err != nil {
			return nil, err
		}
		compose := func(ctx context.Context, s environment.Setup) (wire.Parts, error) {
			g := &targetShop{
				Setup: s, target: t, hands: hands, site: at, people: &people{browser: hands.Browser}, page: t.FrontEnd(s.Clock),
				owners: t.Owners(), profiles: map[string]*described.Profile{}, sent: map[string]bool{}, name: strconv.FormatInt(time.Now().UnixNano(), 36),
			}
			parts, err := g.gather(ctx)
			if err != nil {
				return parts, errors.Join(err, g.close())
			}
			return parts, nil
		}
		if at == nil {
			return wire.Build(compose, hands.Ports)(ctx, b, r)
		}
		return wire.BuildAt(at.wire, compose, func() error { return hands.Sites.put(at) })(ctx, b, r)
	}
}

// targetShop is what is composed for one enactment in somebody's own shop.
type targetShop struct {
	environment.Setup
	target   *target.Target
	hands    Resources
	site     *site // nil: the shop lives for this enactment only
	partners *Partners
	people   *people
	page     described.FrontEnd
	owners   *target.Owners
	trust    *trust // nil: the provider speaks plain HTTP
	facts    target.Facts
	name     string // tells this enactment from all others
	ports    []int  // of those that serve
	data     string // a folder of the shop's own
	database string
	forgets  sync.Once

	mu       sync.Mutex
	profiles map[string]*described.Profile // by customer
	sent     map[string]bool               // orders of which the shop told that the goods were sent
}

func (g *targetShop) gather(ctx context.Context) (t wire.Parts, err error) {
	setup := g.Setup
	setup.See = g.owners.Sign(g.See)
	asked := provider.Config{Account: g.target.Account(), Authenticates: g.target.Payments.ThreeDSecure}
	if g.target.Webhooks != "" {
		asked.WebhookURL = g.WebhookURL + g.target.Webhooks
	}
	if g.runs() {
		asked.WebhookSecret = g.target.Payments.WebhookSecret // it cannot be told a new one
		asked.Lasts = true                                    // and keeps the access token that it has
	}
	kind := g.target.Provider()
	if g.site != nil {
		kind, asked.Lasts, asked.WebhookSecret = g.site.kind, true, g.site.secret
	}
	if g.partners, err = Partner(setup, kind, asked); err != nil {
		return t, err
	}
	if err := errors.Join(g.trusts(kind), g.loads(kind)); err != nil {
		return t, err
	}
	t.Parts = environment.Parts{
		Callees: g.partners.Callees, Pages: g.partners.Pages, Tab: g.tab, Reads: g.target.Reads(),
		Told: g.told,
		Due:  g.partners.Provider.NextDue, ForgetTokens: g.partners.ForgetTokens, Quiet: g.target.QuietFor(), Close: g.close, IsLook: g.target.IsLook,
	}
	t.Callees = append(t.Callees, g.target.Services(g.owners, g.See)...)
	t.Opened, t.Starts = g.opened, g.hands.Starts
	g.fix(t.Callees)
	if g.runs() {
		t.Running, err = g.target.Address()
		return t, err
	}
	return g.settle(ctx, t)
}

// fix gives the provider and the carrier the ports that the description fixes.
func (g *targetShop) fix(callees []environment.Callee) {
	ports := map[observe.Hop]struct {
		port int
		by   string
	}{
		observe.ProviderHop: {g.target.Payments.Port, "payments.port"},
		observe.ShippingHop: {g.target.Shipping.Port, "shipping.port"},
	}
	for i := range callees {
		if fixed, is := ports[callees[i].Hop]; is {
			callees[i].Port, callees[i].PortBy = fixed.port, fixed.by
		}
	}
}

// trusts lets the provider speak TLS where the description says so. What the shop trusts
// stays the same at a site.
func (g *targetShop) trusts(kind provider.Kind) (err error) {
	switch {
	case !g.target.Payments.TLS:
		return nil
	case g.site != nil && g.site.trust != nil:
		g.trust = g.site.trust
	default:
		if g.trust, err = newTrust(kind); err != nil {
			return err
		}
		if g.site != nil {
			g.site.trust = g.trust
		}
	}
	g.trust.protect(g.partners.Callees)
	return nil
}

// loads starts a browser that finds the provider's script at the fake, where the shop's page
// loads it. Another enactment has another address, so it cannot have this browser.
func (g *targetShop) loads(kind provider.Kind) error {
	if !g.target.Payments.Script {
		return nil
	}
	by, err := authority.New(kind.ScriptHosts...)
	if err != nil {
		return err
	}
	at, err := g.SafePages(by.Config())
	if err != nil {
		return err
	}
	g.people.browser, err = browser.StartWith(browser.Reach{Hosts: kind.ScriptHosts, At: at, Pin: by.Pin()})
	g.people.own = err == nil
	return err
}

// told finds what the shop tells of an order. Where that means that the goods were sent,
// it is written down once for an order.
func (g *targetShop) told(e observe.Event) (observe.Entry, bool) {
	entry, told := g.target.Told(g.owners, e)
	if sent, is := g.target.Sent(entry); told && is {
		g.mu.Lock()
		again := g.sent[sent.Reference]
		g.sent[sent.Reference] = true
		g.mu.Unlock()
		if !again {
			g.See(observe.Event{Actor: "checkout", Kind: observe.Parcel, Entry: &sent})
		}
	}
	return entry, told
}

// runs says whether the service runs already, and is nobody's to start or kill.
func (g *targetShop) runs() bool { return g.target.Service.URL != "" }

// settle gives the service a port, a folder and a database, and says how it is
// started.
func (g *targetShop) settle(ctx context.Context, t wire.Parts) (wire.Parts, error) {
	var err error
	if g.site != nil {
		g.data, g.site.secret = g.site.data, g.partners.Facts[provider.WebhookSecret]
	} else if g.data, err = os.MkdirTemp("", "unhappy-path-"); err != nil {
		return t, err
	}
	g.facts = target.Facts{
		"service.url": g.ShopURL, "service.data": g.data,
		"webhooks.url": g.WebhookURL + g.target.Webhooks, "webhooks.secret": g.partners.Facts[provider.WebhookSecret],
		"seed": strconv.FormatUint(g.Seed, 10),
	}
	for name, value := range g.partners.Facts {
		g.facts["payments."+name] = value
	}
	if g.trust != nil {
		g.facts[target.CAFact] = g.trust.file()
	}
	for _, p := range g.target.Shop() {
		for i := range p.Names() {
			one, err := g.process(ctx, p, i)
			if err != nil {
				return t, err
			}
			t.Shop = append(t.Shop, one)
		}
	}
	if g.target.Database != "postgres" {
		return t, nil
	}
	if g.hands.Postgres == nil {
		return t, errors.New("the description asks for a PostgreSQL database, and there is no server")
	}
	t.DatabaseAddr = g.hands.Postgres.Addr()
	g.database, err = g.hands.Postgres.NewDatabase(ctx)
	return t, err
}

// process is the i-th replica of a process. One that serves has a port of its own, which
// all processes know of the first of them.
func (g *targetShop) process(ctx context.Context, p target.Process, i int) (one wire.Process, err error) {
	own := target.Facts{"service.replica": strconv.Itoa(i + 1)}
	address, port := "", 0
	if p.Serves {
		if port, err = g.port(p.Names()[i]); err != nil {
			return one, err
		}
		g.ports = append(g.ports, port)
		own["service.port"] = strconv.Itoa(port)
		address = onLoopback(port)
	}
	one = wire.Process{Name: p.Names()[i], Serves: p.Serves, Within: g.target.ReadyWithin()}
	one.Command = func(at wire.Addresses) (process.Command, error) { return g.start(ctx, p, own, at) }
	switch {
	case p.Ready.Line != "":
		one.Ready = func(said []byte) (string, bool) { return address, bytes.Contains(said, []byte(p.Ready.Line)) }
		one.Unready = func() string { return fmt.Sprintf("it printed no line with %q", p.Ready.Line) }
	case p.Serves:
		one.Await = func(ctx context.Context) (string, error) { return await(ctx, address, p.Ready.Get) }
		one.Unready = func() string { return g.unready(p, address, port) }
	}
	return one, nil
}

// dialWithin is how long a connection on this machine may take.
const dialWithin = time.Second

// unready says what did not come of a process that was to listen at the address.
func (g *targetShop) unready(p target.Process, address string, port int) string {
	other := net.JoinHostPort("::1", strconv.Itoa(port))
	ctx, stop := context.WithTimeout(context.Background(), dialWithin)
	defer stop()
	if listens(ctx, other, "") && !listens(ctx, address, "") { // as a server does that binds “localhost”
		return fmt.Sprintf("it listens at %s, and is to listen at 127.0.0.1", other)
	}
	says := "nothing listened at " + address
	if p.Ready.Get != "" {
		says = fmt.Sprintf("GET http://%s%s had no answer below 500", address, p.Ready.Get)
	}
	if !g.target.KnowsPort(p) {
		says += ", and " + target.NoPort
	}
	return says
}

// port is where a process listens.
func (g *targetShop) port(name string) (int, error) {
	if g.site != nil {
		return g.site.wire.Port("process " + name)
	}
	return g.hands.Ports.Free()
}

func onLoopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// start is how a process is started. Before the first time, the shop is made to forget.
func (g *targetShop) start(ctx context.Context, p target.Process, own target.Facts, at wire.Addresses) (c process.Command, err error) {
	facts := maps.Clone(g.facts)
	facts["service.port"] = strconv.Itoa(g.ports[0])
	maps.Copy(facts, own)
	for hop, url := range at.URLs {
		facts[g.target.URLFact(hop)] = url
	}
	if g.database != "" {
		database, err := target.OfDatabase(g.hands.Postgres.URL(g.database, at.Database))
		if err != nil {
			return c, err
		}
		maps.Copy(facts, database)
		g.AddSecrets(facts["database.url"], facts["database.password"])
	}
	g.AddSecrets(g.target.Secrets(facts, g.Clock)...)
	g.forgets.Do(func() { err = g.forget(ctx, facts) })
	if err != nil {
		return c, err
	}
	return g.target.Start(p, facts, g.Clock)
}

func (g *targetShop) tab(name, tab string) (environment.Tab, error) {
	page := g.atDescribed
	if g.target.AtBrowser() {
		page = g.people.at(g.ShopURL, targetPage(g.target))
	}
	return sit(g.Setup, name, tab, g.owners.Learn(g.See), page)
}

// atDescribed is the front end that the description has the requests of.
func (g *targetShop) atDescribed(p customer.Person) (customer.FrontEnd, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	whose := p.Customer
	if p.Tab == environment.OtherBrowser {
		whose += "/" + p.Tab
	}
	if g.profiles[whose] == nil {
		g.profiles[whose] = described.NewProfile()
	}
	return described.New(described.Config{
		Person: p, Run: g.name, URL: g.ShopURL, Also: g.target.Service.URL, FrontEnd: g.page, Profile: g.profiles[whose],
		Dial: g.Dialer(p.Customer + "/" + p.Tab), LoadWithin: max(time.Second, g.Clock.Real(loadWithin)), Undisturbed: len(g.Injections) == 0,
	}), nil
}

// targetPage is how a browser's customer uses and reads the page of somebody's own
// shop.
func targetPage(t *target.Target) browser.Page {
	b := t.Customer.Browser
	return browser.Page{
		Path: b.Open, Submit: b.Submit, Basket: b.Basket, Words: b.Words, Minor: b.Minor,
		Money: t.Money.Currency, Shows: t.Money.Amount, Due: t.Money.Due,
		Says: browser.Reading(b.Says), Text: browser.Reading(b.Text), Amount: browser.Reading(b.Amount),
		Currency: browser.Reading(b.Currency), Order: browser.Reading(b.Order),
	}
}

func (g *targetShop) close() (err error) {
	err = g.people.close()
	if g.partners != nil {
		g.partners.Close()
	}
	if g.site != nil {
		return err
	}
	for _, port := range g.ports {
		g.hands.Ports.GiveBack(port) // its process has ended
	}
	if g.data != "" {
		err = errors.Join(err, os.RemoveAll(g.data))
	}
	return errors.Join(err, g.trust.close())
}
