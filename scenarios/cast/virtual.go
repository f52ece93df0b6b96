package cast

import (
	"context"
	"database/sql/driver"
	"net/http"

	"modernc.org/sqlite"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/virtual"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

// Virtual enacts a story with the reference shop in virtual time; see
// virtual.Enact. The shop keeps its books in SQLite, in memory.
func Virtual(ctx context.Context, s harness.Story, o harness.Options) *harness.Run {
	return virtual.Enact(ctx, s, o, inVirtualTime)
}

func inVirtualTime(_ context.Context, s harness.Scene) (virtual.Troupe, error) {
	c, troupe, err := gather(s, nil)
	if err != nil {
		return virtual.Troupe{}, err
	}
	return virtual.Troupe{Troupe: troupe, Shop: c.open, Database: newBooks}, nil
}

func newBooks() (driver.Conn, error) {
	return new(sqlite.Driver).Open(":memory:?_pragma=foreign_keys(ON)")
}

// open prepares one life of the shop in this process: the code of its main,
// with other parts.
func (c *company) open(at virtual.Premises) (run func(context.Context) error, err error) {
	cfg, err := checkout.ParseConfig(append(c.settings(at.ProviderURL, at.CarrierURL), "CHECKOUT_DATABASE=in memory"))
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{MaxIdleConnsPerHost: cfg.Workers + 1, DialContext: at.Dial}
	service, err := checkout.New(cfg, checkout.Parts{
		DB: at.DB, Dialect: checkout.SQLite, Transport: transport, Rand: checkout.Randomness(cfg.Seed),
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		defer transport.CloseIdleConnections()
		return service.Serve(ctx, at.Listener)
	}, nil
}
