package vipps

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/books"
	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Config is what a Provider is made of. MSN, the three keys, Rand and See must
// be given.
type Config struct {
	MSN             string // the merchant's serial number, 4 to 6 digits
	ClientID        string
	ClientSecret    string
	SubscriptionKey string

	// WebhookSecret is what all webhooks are signed with, where a shop cannot be
	// told a new one for each registration; empty: each gets one of its own.
	WebhookSecret string

	// ApproveAfter is how long after its creation the customer approves each
	// payment, in story time. Zero: at once, before the answer to create goes
	// out. Negative: never; see Approve, Refuse and the test endpoint.
	ApproveAfter time.Duration

	// Declines is how many payments, from the first on, the customer declines
	// when she would approve them: they are aborted.
	Declines int

	// Decides says what the customer does about a payment in place of approving it
	// after ApproveAfter. It is asked once, with a lock held. Nil: nothing else.
	Decides func(reference string) provider.Decision

	// Speed divides every duration of the provider's own rules: ApproveAfter,
	// expiry, webhook time-out and retries, rate windows, the unknown hour and
	// the life of a token. 0 and 1 are true time.
	Speed int

	// Transport delivers webhooks. Nil is a transport of the Provider's own,
	// which Close closes.
	Transport http.RoundTripper

	// Tokens are those that this Provider and others issue and honour. Nil is for
	// tokens of its own.
	Tokens *Tokens

	// Rand is read once, by New. All ids, tokens and small delays are derived
	// from what it gave and from the names of things, so that they do not
	// depend on the order in which requests happen to arrive.
	Rand io.Reader

	// See is told of every message, and of every change of money at the moment
	// of its commit: before the answer goes out, in the ledger's order. It may
	// block; it must not call the Provider's Approve or Refuse, nor wait for
	// another change of money.
	See observe.Observer
}

// Provider is a fake Vipps MobilePay. It is safe for concurrent use.
type Provider struct {
	cfg      Config
	seed     books.Seed
	contract *contract.Contract
	handler  http.Handler
	webhooks http.RoundTripper
	own      *http.Transport // where Config gave no Transport

	life context.Context // ends with Close
	end  context.CancelFunc

	mu       sync.Mutex // guards what follows; never held across I/O, waiting or See
	agenda   agenda.Agenda
	payments map[string]*payment
	books    *books.Books
	news     []happened // not yet announced to webhooks
	keys     map[string]kept
	limits   limits
	tokens   *Tokens
	issued   int // tokens, ever
	hooks    []*hook
	declined int // payments, of Config.Declines
	hooked   int // webhook registrations, ever
}

var msnForm = regexp.MustCompile(`^[0-9]{4,6}$`)

// New makes a Provider. It starts nothing before the first request.
func New(cfg Config) (*Provider, error) {
	switch {
	case !msnForm.MatchString(cfg.MSN):
		return nil, fmt.Errorf("vipps: MSN %q is not 4 to 6 digits", cfg.MSN)
	case cfg.ClientID == "" || cfg.ClientSecret == "" || cfg.SubscriptionKey == "":
		return nil, errors.New("vipps: ClientID, ClientSecret and SubscriptionKey must be given")
	case cfg.Rand == nil || cfg.See == nil:
		return nil, errors.New("vipps: Rand and See must be given")
	case cfg.Speed < 0:
		return nil, fmt.Errorf("vipps: Speed %d is negative", cfg.Speed)
	}
	held, err := loadContract()
	if err != nil {
		return nil, fmt.Errorf("vipps: openapi.yaml: %w", err)
	}
	seed, err := books.ReadSeed(cfg.Rand)
	if err != nil {
		return nil, fmt.Errorf("vipps: %w", err)
	}
	cfg.Speed = max(cfg.Speed, 1)

	p := &Provider{
		cfg:      cfg,
		seed:     seed,
		contract: held,
		payments: make(map[string]*payment),
		keys:     make(map[string]kept),
		limits:   limits{window: time.Minute / time.Duration(cfg.Speed), calls: make(map[limitKey][]time.Time)},
		tokens:   cmp.Or(cfg.Tokens, new(Tokens)),
	}
	p.life, p.end = context.WithCancel(context.Background())
	p.agenda.Lock = &p.mu
	p.books = books.Open(books.Books{Actor: "provider", Kind: observe.Money, See: cfg.See, Lock: &p.mu, Then: p.announce})
	base := cfg.Transport
	if base == nil {
		p.own = &http.Transport{}
		base = p.own
	}
	p.webhooks = &observe.Client{Actor: "provider", Hop: observe.WebhookHop, See: cfg.See, Base: base}
	p.handler = held.Hold(contract.Server{
		Actor: "provider", Hop: observe.ProviderHop, See: cfg.See, Answer: p.serve, Broken: p.broken,
	})
	return p, nil
}

// Close stops everything that the Provider would do by itself, breaks
// off webhooks on their way, and waits until nothing of it runs any more.
// Requests are still answered: their server is the caller's.
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

// NextDue is when the Provider will next do something by itself: an
// approval, an expiry, a bank's late answer, a webhook. While something of that
// kind is under way it is the time when that began, which is not in the future.
func (p *Provider) NextDue() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agenda.Next()
}

// record writes a change of m to its history and to the ledger. The lock is held.
func (p *Provider) record(m *payment, h happening, value int64, key string, now time.Time) {
	e := event{
		Reference:     m.reference,
		PSPReference:  p.id("psp", m.reference, h.name, key, timestamp(now)),
		Name:          h.name,
		PaymentAction: h.action,
		Amount:        amount{m.asked.Currency, value},
		Timestamp:     timestamp(now),
		Success:       true,
	}
	if h == wasCreated {
		e.PSPReference = m.psp
	}
	if key != "" {
		e.IdempotencyKey = &key
	}
	m.events = append(m.events, e)
	p.books.Record(observe.Entry{
		Op: h.op, Reference: m.reference, Key: key, Amount: value, Currency: m.asked.Currency,
	})
	p.news = append(p.news, happened{h, e})
}

// scaled is a duration of the provider's rules at the story's speed.
func (p *Provider) scaled(d time.Duration) time.Duration { return d / time.Duration(p.cfg.Speed) }

// id is a UUID (of no version) that depends on the seed and the parts alone.
func (p *Provider) id(parts ...string) string {
	d := p.seed.Digest(parts...)
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[:4], d[4:6], d[6:8], d[8:10], d[10:16])
}
