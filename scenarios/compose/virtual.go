package compose

import (
	"context"
	"database/sql/driver"
	"net/http"
	"slices"

	"github.com/unhappypath/unhappypath/harness/enact"

	"modernc.org/sqlite"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/tap"
	"github.com/unhappypath/unhappypath/harness/virtual"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

// Studio enacts stories with the reference shop in virtual time. The shop keeps
// its books in SQLite, in memory. A Studio is safe for concurrent use.
type Studio struct {
	databases virtual.Databases
	payer     payer
	routes    observe.Routes
}

// NewStudio makes a Studio where the reference shop is paid by its usual provider. Close it
// when the last story is over.
func NewStudio() *Studio { return StudioPaidBy("") }

// StudioPaidBy makes one where it is paid by that provider, one of checkout.Providers.
func StudioPaidBy(provider string) *Studio {
	return &Studio{payer: paidBy(provider), routes: slices.Clip(RoutesPaidBy(provider)), databases: virtual.Databases{
		Open: func() (driver.Conn, error) {
			return new(sqlite.Driver).Open(":memory:?_pragma=foreign_keys(ON)")
		},
		Empty: []string{
			"BEGIN", "DELETE FROM inbox", "DELETE FROM effects", "DELETE FROM orders", "DELETE FROM baskets", "COMMIT",
		},
		// But for what is written for people, the reason of an order's failure, and for what
		// the shop no longer reads of an effect that is done.
		Books: []string{
			"SELECT id, quantity, order_id, minted, touched_ns FROM baskets ORDER BY id",
			"SELECT id, basket, req_hash, amount, currency, state, created_ns, updated_ns FROM orders ORDER BY id",
			"SELECT idem_key, order_id, kind, epoch, reference, request, result, state, troubled, created_ns FROM effects ORDER BY idem_key",
			"SELECT idem_key, attempts, writes, misses, next_ns, hint_ns, lease_ns FROM effects WHERE state = 'pending' ORDER BY idem_key",
			"SELECT source, event_id, reference, body, received_ns FROM inbox ORDER BY source, event_id",
		},
	}}
}

// Enact enacts a story; see virtual.Enact.
func (s *Studio) Enact(ctx context.Context, story harness.Story, o enact.Options) *judge.Run {
	o.Routes = s.routes
	return virtual.Enact(ctx, story, o, s.Compose)
}

// Close gives back what the Studio keeps between stories.
func (s *Studio) Close() error { return s.databases.Close() }

// Compose gathers the reference shop and those around it for one setup. Anyone who wants
// to put something in between wraps it, and enacts with virtual.Enact.
func (s *Studio) Compose(_ context.Context, setup environment.Setup) (virtual.Parts, error) {
	c, parts, err := gather(setup, s.payer, nil)
	if err != nil {
		return virtual.Parts{}, err
	}
	return virtual.Parts{Parts: parts, Shop: c.open, Databases: &s.databases}, nil
}

// open prepares one life of the shop in this process: the code of its main,
// with other parts.
func (c *referenceShop) open(at virtual.Premises) (run func(context.Context) error, err error) {
	cfg, err := checkout.ParseConfig(append(c.settings(at.URLs), "CHECKOUT_DATABASE=in memory"))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		MaxIdleConnsPerHost: cfg.Workers + 1, DialContext: at.Dial, ReadBufferSize: tap.Buffer, WriteBufferSize: tap.Buffer,
	}
	service, err := checkout.New(cfg, checkout.Parts{
		DB: at.DB, Dialect: checkout.SQLite, Transport: at.Apart(transport), Rand: checkout.Randomness(cfg.Seed),
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		defer transport.CloseIdleConnections()
		return service.Serve(ctx, at.Listener)
	}, nil
}
