package target

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/scenarios/cast"
)

// Times of a customer, as the story has them.
const (
	betweenClicks = 150 * time.Millisecond
	tryAgain      = 5 * time.Second
	loadWithin    = 30 * time.Second
	defaultQuiet  = 60 * time.Second
)

// Hands are what worlds of a target share.
type Hands struct {
	Postgres *postgres.Server // where the description asks for a database
	Ports    *Ports
}

// Wire returns how a wire world with the target in it is built.
func (t *Target) Wire(hands Hands) harness.Build {
	return wire.Build(func(ctx context.Context, s harness.Scene) (wire.Troupe, error) {
		c := &company{
			Scene: s, target: t, hands: hands, page: t.frontEnd(s.Options.Pace),
			number: strconv.FormatInt(time.Now().UnixNano(), 36), owners: newOwners(t.Payments.Reference), cookies: map[string]*cookiejar.Jar{},
		}
		return c.gather(ctx)
	})
}

// company is the cast of one enactment.
type company struct {
	harness.Scene
	target   *Target
	hands    Hands
	page     described.FrontEnd
	partners *cast.Partners
	owners   *owners
	facts    facts
	number   string // tells this enactment from all others
	port     int
	data     string
	reset    sync.Once

	mu      sync.Mutex
	cookies map[string]*cookiejar.Jar // by customer
}

func (c *company) gather(ctx context.Context) (t wire.Troupe, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	scene := c.Scene
	scene.See = c.owners.sign(c.See)
	if c.partners, err = cast.Partner(scene, c.target.Webhooks, c.webhookSecret()); err != nil {
		return t, err
	}
	t.Troupe = harness.Troupe{
		Provider: c.partners.Provider, Carrier: c.partners.Carrier, Tab: c.tab, Reads: c.reads(), Told: c.told,
		Due: c.partners.Provider.NextDue, Quiet: c.target.Quiet.or(defaultQuiet), Close: c.close,
	}
	t.Opened = c.opened
	if running := c.target.Service.URL; running != "" {
		at, err := url.Parse(running)
		if err != nil {
			return t, err
		}
		c.port, _ = strconv.Atoi(cmp.Or(at.Port(), "80"))
		t.Running = net.JoinHostPort(at.Hostname(), strconv.Itoa(c.port))
		t.ProviderPort, t.CarrierPort = c.target.Payments.Port, c.target.Shipping.Port
		return t, nil
	}
	if c.port, err = c.hands.Ports.Free(); err != nil {
		return t, err
	}
	if c.data, err = os.MkdirTemp("", "unhappy-path-"); err != nil {
		return t, err
	}
	c.facts = facts{
		"service.port": strconv.Itoa(c.port), "service.url": c.ShopURL, "service.data": c.data,
		"payments.merchant": cast.Merchant, "payments.client_id": cast.ClientID,
		"payments.client_secret": cast.ClientSecret, "payments.subscription_key": cast.SubscriptionKey,
		"webhooks.url": c.WebhookURL + c.target.Webhooks, "webhooks.secret": c.partners.WebhookSecret,
		"seed": strconv.FormatUint(c.Options.Seed, 10),
	}
	t.Within = time.Duration(c.target.Service.Within)
	t.Command = func(at wire.Addresses) (process.Command, error) { return c.command(ctx, at) }
	if line := c.target.Service.Ready.Line; line != "" {
		t.Ready = func(said []byte) (string, bool) { return c.address(), bytes.Contains(said, []byte(line)) }
	} else {
		t.Await = c.await
	}
	return t, c.findDatabase(ctx, &t)
}

// webhookSecret is a fixed one where the shop cannot be told a new one each time.
func (c *company) webhookSecret() string {
	if c.target.Service.URL != "" {
		return c.target.Payments.WebhookSecret
	}
	return ""
}

func (c *company) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)) }

func (c *company) findDatabase(ctx context.Context, t *wire.Troupe) error {
	if c.target.Database != "postgres" {
		return nil
	}
	if c.hands.Postgres == nil {
		return errors.New("the description asks for a PostgreSQL database, and there is no server")
	}
	name, err := c.hands.Postgres.NewDatabase(ctx)
	c.facts["database.name"] = name
	t.DatabaseAddr = c.hands.Postgres.Addr()
	return err
}

// command is how the service is started. Before the first time, the shop is
// made to forget.
func (c *company) command(ctx context.Context, at wire.Addresses) (command process.Command, err error) {
	c.facts["payments.url"], c.facts["shipping.url"] = at.ProviderURL, at.CarrierURL
	if name := c.facts["database.name"]; name != "" {
		c.facts["database.url"] = c.hands.Postgres.URL(name, at.Database)
	}
	c.reset.Do(func() {
		if words := c.target.Reset.Command; len(words) > 0 {
			err = c.run(ctx, words)
		}
	})
	if err != nil {
		return command, err
	}
	return c.process(c.target.Service.Command)
}

// process is a command of the description, with all that it names.
func (c *company) process(words []string) (process.Command, error) {
	program, err := c.target.program(words[0])
	if err != nil {
		return process.Command{}, err
	}
	folder, err := c.target.workFolder()
	if err != nil {
		return process.Command{}, err
	}
	command := process.Command{Path: program, Dir: folder, Env: []string{"PATH=" + os.Getenv("PATH")}, Everybody: true}
	for _, word := range words[1:] {
		command.Args = append(command.Args, c.facts.fill(word, c.Options.Pace))
	}
	for _, name := range c.target.Service.Inherit {
		if value, set := os.LookupEnv(name); set {
			command.Env = append(command.Env, name+"="+value)
		}
	}
	for name, text := range c.target.Service.Environment {
		command.Env = append(command.Env, name+"="+c.facts.fill(text, c.Options.Pace))
	}
	slices.Sort(command.Env)
	return command, nil
}

// run runs a command of the description to its end.
func (c *company) run(ctx context.Context, words []string) error {
	command, err := c.process(words)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	var said []string
	heard := func(line []byte) { said = append(said[max(0, len(said)-11):], string(line)) }
	command.Stdout, command.Stderr = heard, heard
	p, err := process.Start(command)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.target.Service.Within.or(resetWithin))
	defer cancel()
	select {
	case <-p.Done():
		err = p.ExitError()
	case <-ctx.Done():
		err = errors.Join(fmt.Errorf("it did not end within %s", c.target.Service.Within.or(resetWithin)), p.Kill())
	}
	if err != nil {
		return fmt.Errorf("reset: %s: %w; it last said:\n%s", strings.Join(words, " "), err, strings.Join(said, "\n"))
	}
	return nil
}

const (
	resetWithin = 20 * time.Second
	askEvery    = 10 * time.Millisecond // whether the service is ready
)

// await returns when the service listens, or answers where it is to be asked.
func (c *company) await(ctx context.Context) (string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	every := time.NewTicker(askEvery)
	defer every.Stop()
	for {
		if c.listens(ctx, client) {
			return c.address(), nil
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func (c *company) listens(ctx context.Context, client *http.Client) bool {
	path := c.target.Service.Ready.Get
	if path == "" {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", c.address())
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address()+path, nil)
	if err != nil {
		return false
	}
	resp, err := client.Do(r)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode < http.StatusInternalServerError
}

// opened lets a service that listens forget what it knew, where it is asked to
// over HTTP.
func (c *company) opened(ctx context.Context) error {
	running := c.target.Service.URL != ""
	if words := c.target.Reset.Command; running && len(words) > 0 {
		if err := c.run(ctx, words); err != nil {
			return err
		}
	}
	if c.target.Reset.Post == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resetWithin)
	defer cancel()
	host := c.address()
	if running {
		host = strings.TrimPrefix(c.target.Service.URL, "http://")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+host+c.target.Reset.Post, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("reset: POST %s was answered with status %d", c.target.Reset.Post, resp.StatusCode)
	}
	return nil
}

func (c *company) tab(name, tab string) (harness.Tab, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	jar := c.cookies[name]
	if jar == nil {
		var err error
		if jar, err = cookiejar.New(nil); err != nil {
			return nil, err
		}
		c.cookies[name] = jar
	}
	return described.New(described.Config{
		Customer: name, Tab: tab, Run: c.number, URL: c.ShopURL, FrontEnd: c.page, See: c.owners.learn(c.See), Cookies: jar,
		Dial: c.Dialer(name + "/" + tab), BetweenClicks: c.Options.Pace.Real(betweenClicks),
		TryAgain: c.Options.Pace.Real(tryAgain), LoadWithin: max(time.Second, c.Options.Pace.Real(loadWithin)),
	}), nil
}

// reads are the fields that the page reads from which answer.
func (c *company) reads() map[string][]string {
	fields := c.page.Reads()
	m := map[string][]string{}
	for _, r := range []*request{&c.target.Customer.Submit, c.target.Customer.Look} {
		if r != nil {
			m[r.method()+" "+r.template()] = fields
		}
	}
	return m
}

// told reads what the shop tells of an order in an answer to its page.
func (c *company) told(e observe.Event) (observe.Entry, bool) {
	m := e.Message
	if m == nil || e.Kind != observe.Answered || m.Hop != string(harness.CustomerHop) || m.Status/100 != 2 {
		return observe.Entry{}, false
	}
	basket := basketOfCall(m.Call)
	for _, r := range []*request{&c.target.Customer.Submit, c.target.Customer.Look} {
		if r == nil || basket == "" || m.Method != r.method() || !harness.MatchPath(r.template(), m.Path) {
			continue
		}
		view, has := c.page.View(m.Status, m.Body)
		if !has {
			return observe.Entry{}, false
		}
		order := cmp.Or(r.described().Captured("order", m.Body), c.owners.orderOf(basket), basket)
		c.owners.note(basket, order)
		return observe.Entry{Op: "told", Key: strconv.Itoa(m.N), Reference: order, Basket: basket, State: view.Says}, true
	}
	return observe.Entry{}, false
}

func (c *company) close() error {
	if c.partners != nil {
		c.partners.Close()
	}
	if c.data != "" {
		return os.RemoveAll(c.data)
	}
	return nil
}
