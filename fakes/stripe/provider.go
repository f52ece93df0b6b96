package stripe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/books"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Config is what a Provider is made of. The keys, Rand and See must be given.
type Config struct {
	SecretKey      string // sk_test_…; a key of the live mode is a *LiveKeyError
	PublishableKey string // pk_test_…

	// WebhookSecret is what webhooks to the first endpoint are signed with, where a shop
	// cannot be told a new one; empty: each endpoint gets one of its own.
	WebhookSecret string

	// ApproveAfter is how long after its creation the customer pays a payment that waits
	// for her, and how long she takes to authenticate one, in story time. Zero: at once,
	// before the answer goes out. Negative: never; see Approve and Refuse.
	ApproveAfter time.Duration

	// Declines is how many attempts to pay, from the first on, the bank or the customer
	// declines.
	Declines int

	// Authenticates says that the card which the customer pays with by herself is one whose
	// bank wants her to authenticate each payment (3-D Secure).
	Authenticates bool

	// Decides says what the customer does about a payment that waits for her, in place of
	// paying it after ApproveAfter. It is asked once, with a lock held. Nil: nothing else.
	Decides func(id string) provider.Decision

	// Speed divides every duration of the provider's own rules: ApproveAfter, the lapse
	// of an authorization, the life of an idempotency key, webhooks' time-outs and
	// retries. 0 and 1 are true time.
	Speed int

	// Transport delivers webhooks. Nil is a transport of the Provider's own, which Close
	// closes.
	Transport http.RoundTripper

	// Rand is read once, by New. All ids, secrets and small delays derive from what it
	// gave and from the names of things.
	Rand io.Reader

	// See is told of every message, and of every change of money at the moment of its
	// commit: before the answer goes out, in the ledger's order. It may block; it must
	// not call the Provider's own changes of money.
	See observe.Observer
}

// Provider is a fake Stripe. It is safe for concurrent use.
type Provider struct {
	cfg      Config
	seed     books.Seed
	doc      *document
	handler  http.Handler
	webhooks http.RoundTripper
	own      *http.Transport // where Config gave no Transport

	life context.Context // ends with Close
	end  context.CancelFunc

	mu       sync.Mutex // guards what follows; never held across I/O, waiting or See
	agenda   agenda.Agenda
	books    *books.Books
	keys     map[string]*kept
	minted   map[string]int // ids, of each kind and cause
	declined int            // attempts, of Config.Declines
	failing  int            // requests to come that fail
	failure  Failure        // how

	intents   shelf[*intent]
	charges   shelf[*charge]
	refunds   shelf[*refund]
	methods   shelf[*method]
	tokens    shelf[*token]
	events    shelf[*event]
	sessions  shelf[*session]
	customers shelf[*customer]
	setups    shelf[*setup]
	disputes  shelf[*dispute]
	endpoints shelf[*endpoint]
	news      []*event // not yet announced to webhooks
}

// shelf keeps objects of one kind, by id and in the order of their creation.
type shelf[T any] struct {
	byID map[string]T
	list []T
}

func (s *shelf[T]) put(id string, it T) T {
	if s.byID == nil {
		s.byID = map[string]T{}
	}
	s.byID[id] = it
	s.list = append(s.list, it)
	return it
}

// New makes a Provider. It starts nothing before the first request.
func New(cfg Config) (*Provider, error) {
	err := CheckSecretKey(cfg.SecretKey)
	if err == nil {
		err = checkPublishableKey(cfg.PublishableKey)
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("stripe: %w", err)
	case cfg.Rand == nil || cfg.See == nil:
		return nil, errors.New("stripe: Rand and See must be given")
	case cfg.Speed < 0:
		return nil, fmt.Errorf("stripe: Speed %d is negative", cfg.Speed)
	}
	doc, err := loadDocument()
	if err != nil {
		return nil, fmt.Errorf("stripe: openapi.json: %w", err)
	}
	seed, err := books.ReadSeed(cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("stripe: %w", err)
	}
	cfg.Speed = max(cfg.Speed, 1)

	p := &Provider{
		cfg: cfg, seed: seed, doc: doc,
		keys: map[string]*kept{}, minted: map[string]int{},
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.agenda.Lock = &p.mu
	p.books = books.Open(books.Books{Actor: "provider", Kind: observe.Money, See: cfg.See, Lock: &p.mu, Then: p.announce})
	base := cfg.Transport
	if base == nil {
		p.own = &http.Transport{DialContext: (&net.Dialer{Control: onThisMachine}).DialContext}
		base = p.own
	}
	p.webhooks = &observe.Client{Actor: "provider", Hop: observe.WebhookHop, See: cfg.See, Base: base}
	p.handler = provider.Server(cfg.See, cutBytes, p.serve)
	return p, nil
}

// onThisMachine lets a connection to a loopback address through, and no other: a shop may
// register any address for its webhooks.
func onThisMachine(_, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || !ip.IsLoopback() {
		return fmt.Errorf("stripe: a webhook goes to this machine only, and %s is another one", address)
	}
	return nil
}

// Close stops everything that the Provider would do by itself, breaks off webhooks on
// their way, and waits until nothing of it runs any more. Requests are still answered:
// their server is the caller's.
func (p *Provider) Close() {
	p.agenda.Close()
	p.end()
	p.agenda.Wait()
	if p.own != nil {
		p.own.CloseIdleConnections()
	}
}

// Ledger is a copy of the books: every change of money, in order.
func (p *Provider) Ledger() []observe.Entry { return p.books.Ledger() }

// NextDue is when the Provider will next do something by itself: a customer's payment, a
// bank's late answer, a webhook. The lapse of what nobody captured is not told: nobody
// waits a week for it. While something is under way it is the time when that began,
// which is not in the future.
func (p *Provider) NextDue() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agenda.Next()
}

// record writes a change of m's money into the ledger. The lock is held.
func (p *Provider) record(m *intent, op observe.EntryOp, amount int64) {
	p.books.Record(observe.Entry{
		Op: op, Reference: m.id, Key: m.key, Amount: amount, Currency: strings.ToUpper(m.currency), Names: m.names(),
	})
}

// scaled is a duration of the provider's rules at the story's speed.
func (p *Provider) scaled(d time.Duration) time.Duration { return d / time.Duration(p.cfg.Speed) }

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id is an id as Stripe has them: a prefix, and so many letters and digits that depend
// on the seed and the parts alone.
func (p *Provider) id(prefix string, length int, parts ...string) string {
	b := []byte(prefix)
	for block := 0; len(b) < len(prefix)+length; block++ {
		for _, c := range p.seed.Digest(append(parts, prefix, strconv.Itoa(block))...) {
			b = append(b, alphanumeric[int(c)%len(alphanumeric)])
		}
	}
	return string(b[:len(prefix)+length])
}

// mint is the id of something new that c asks for. It depends on the request and on how
// many like it came before, not on what else was asked. The lock is held.
func (p *Provider) mint(prefix string, length int, c *call) string {
	cause := prefix + c.key + "\n" + c.print
	p.minted[cause]++
	return p.id(prefix, length, cause, strconv.Itoa(p.minted[cause]))
}
