package adyen

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
	"github.com/unhappypath/unhappypath/fakes/books"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Config is what a Provider is made of. APIKey, MerchantAccount, Rand and See must be
// given.
type Config struct {
	APIKey          string // see CheckAPIKey
	MerchantAccount string

	WebhookURL string // where the shop takes webhooks; empty: it takes none
	HMACKey    string // what webhooks are signed with, 64 hexadecimal digits; empty: a new one

	// ApproveAfter is how long after its creation the customer says yes to a payment that
	// waits for her, in story time. Zero: at once, before the answer goes out. Negative:
	// never; see Approve and Refuse.
	ApproveAfter time.Duration

	// Declines is how many payments, from the first on, customers decline.
	Declines int

	// FailCaptures is how many captures, from the first on, the card's scheme rejects
	// after they were received; FailRefunds the same of refunds.
	FailCaptures, FailRefunds int

	// Decides says what the customer does about a payment, by its pspReference, in place
	// of approving it after ApproveAfter. It is asked once, with a lock held. Nil: nothing
	// else.
	Decides func(pspReference string) provider.Decision

	Speed     int               // divides every duration of the provider's own rules; 0 and 1 are true time
	Transport http.RoundTripper // delivers webhooks; nil is one of the Provider's own, which Close closes
	Rand      io.Reader         // is read once, by New: ids derive from it and from the names of things

	// See is told of every message, and of every change of money at the moment of its
	// commit: before the answer goes out, in the ledger's order. It may block; it must not
	// call the Provider's own changes of money.
	See observe.Observer
}

// Provider is a fake Adyen Checkout. It is safe for concurrent use.
type Provider struct {
	cfg      Config
	seed     books.Seed
	handler  http.Handler
	hook     *url.URL // where webhooks go; nil: nowhere
	webhooks http.RoundTripper
	own      *http.Transport // where Config gave no Transport

	life context.Context // ends with Close
	end  context.CancelFunc

	mu       sync.Mutex // guards what follows; never held across I/O, waiting or See
	agenda   agenda.Agenda
	books    *books.Books
	payments []*payment // in the order of their creation
	keys     map[string]*kept
	minted   map[string]int // ids, of each cause
	declined int            // payments, of Config.Declines
	failed   struct{ captures, refunds int }
	news     []notice // not yet on its way to the shop
}

// New makes a Provider. It starts nothing before the first request.
func New(cfg Config) (*Provider, error) {
	err := errors.Join(CheckAPIKey(cfg.APIKey), checkMerchant(cfg.MerchantAccount))
	switch {
	case err != nil:
		return nil, fmt.Errorf("adyen: %w", err)
	case cfg.Rand == nil || cfg.See == nil:
		return nil, errors.New("adyen: Rand and See must be given")
	case cfg.Speed < 0:
		return nil, fmt.Errorf("adyen: Speed %d is negative", cfg.Speed)
	}
	p := &Provider{cfg: cfg, keys: map[string]*kept{}, minted: map[string]int{}}
	if p.seed, err = books.ReadSeed(cfg.Rand); err != nil {
		return nil, fmt.Errorf("adyen: %w", err)
	}
	p.cfg.Speed = max(cfg.Speed, 1)
	p.cfg.HMACKey = cmp.Or(cfg.HMACKey, hex.EncodeToString(p.seed.Digest("webhooks")))
	if err := checkHMACKey(p.cfg.HMACKey); err != nil {
		return nil, fmt.Errorf("adyen: %w", err)
	}
	if cfg.WebhookURL != "" {
		p.hook, err = url.Parse(cfg.WebhookURL)
		if err != nil || p.hook.Host == "" || p.hook.Scheme != "http" && p.hook.Scheme != "https" {
			return nil, fmt.Errorf("adyen: invalid webhook URL %q: want http://… or https://…", cfg.WebhookURL)
		}
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
	p.handler = provider.Server(cfg.See, cutBytes, p.serve)
	return p, nil
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

// NextDue is when the Provider will next do something by itself: a customer's answer, the
// outcome of a capture, a webhook. While something is under way it is the time when that
// began, which is not in the future.
func (p *Provider) NextDue() (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.agenda.Next()
}

// scaled is a duration of the provider's rules at the story's speed.
func (p *Provider) scaled(d time.Duration) time.Duration { return d / time.Duration(p.cfg.Speed) }

const letters = "0123456789BCDFGHJKLMNPQRSTVWXZ"

// mint is a pspReference, 16 letters and digits, for something new that c asks for. It
// depends on the request and on how many like it came before, not on what else was asked.
// The lock is held.
func (p *Provider) mint(what string, c *call) string {
	cause := what + "\n" + c.key + "\n" + c.print
	p.minted[cause]++
	return p.id(cause, strconv.Itoa(p.minted[cause]))
}

func (p *Provider) id(parts ...string) string {
	b := make([]byte, 16)
	for i, c := range p.seed.Digest(parts...)[:len(b)] {
		b[i] = letters[int(c)%len(letters)]
	}
	return string(b)
}
