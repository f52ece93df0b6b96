package checkout

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Parts is what the checkout is given to work with, and everything that it
// touches. The caller closes the database after Run has returned.
type Parts struct {
	DB        *sql.DB
	Dialect   Dialect
	Transport http.RoundTripper // to the provider and the carrier
	Rand      io.Reader         // 32 bytes of it are read, once, in New
	Log       *slog.Logger      // nil: nothing is logged
}

// Service is one checkout. Several may work on one database.
type Service struct {
	cfg      Config
	db       *sql.DB
	dialect  Dialect
	payments payments
	inbox    inbox
	later    bool // the provider tells later what came of a change; see providerKind.tellsLater
	carrier  *carrier
	log      *slog.Logger
	seed     []byte
	started  time.Time
	nudges   chan struct{} // holds one item while the workers have news
	bells    *bells
	landings sync.Map // order id → where she pays, as the provider last said: it says so again
	left     sync.Map // order id → true: she left the provider's page without paying
}

// New makes a checkout and, where it is missing, its schema. It neither serves
// nor works before Handler and Run are used.
func New(cfg Config, parts Parts) (*Service, error) {
	if parts.DB == nil || parts.Transport == nil || parts.Rand == nil {
		return nil, errors.New("a checkout needs a DB, a Transport and a Rand")
	}
	if parts.Dialect != SQLite && parts.Dialect != PostgreSQL {
		return nil, fmt.Errorf("dialect %q is neither %q nor %q", parts.Dialect, SQLite, PostgreSQL)
	}
	kind, known := providers()[cfg.Payments]
	if !known {
		return nil, fmt.Errorf("there is no payment provider %q: there are %s", cfg.Payments, strings.Join(Providers(), ", "))
	}
	if parts.Log == nil {
		parts.Log = slog.New(slog.DiscardHandler)
	}
	started := time.Now() // before the schema: making it takes time, and it is made once
	seed := make([]byte, 32)
	if _, err := io.ReadFull(parts.Rand, seed); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), cfg.DatabaseTimeout)
	defer cancel()
	if err := createSchema(ctx, parts.DB, parts.Dialect, cfg); err != nil {
		return nil, err
	}
	caller := &caller{client: &http.Client{
		Transport:     parts.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, timeout: cfg.ProviderTimeout}
	said := inbox{parts.DB, cfg.Payments}
	return &Service{
		cfg: cfg, db: parts.DB, dialect: parts.Dialect, log: parts.Log,
		payments: kind.new(cfg, caller, said),
		inbox:    said,
		later:    kind.tellsLater,
		carrier:  &carrier{url: cfg.ShippingURL, caller: caller},
		seed:     seed,
		started:  started,
		nudges:   make(chan struct{}, 1),
		bells:    newBells(),
	}, nil
}

// orderID is the n-th order id of a basket. It cannot be guessed. It depends
// on nothing but the seed, the basket and n, so that customers who come at the
// same instant get the same ids, in whatever order they are served.
func (s *Service) orderID(basket string, n int64) string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	return basket + "-" + base32.NewEncoding(letters).EncodeToString(s.draw("order", basket, n))[:8]
}

// jitter is a number in [0, 1) that only depends on the seed and its names.
func (s *Service) jitter(name string, n int64) float64 {
	return float64(binary.BigEndian.Uint64(s.draw("jitter", name, n))>>11) / (1 << 53)
}

func (s *Service) draw(purpose, name string, n int64) []byte {
	mac := hmac.New(sha256.New, s.seed)
	fmt.Fprintf(mac, "%s\n%s\n%d", purpose, name, n)
	return mac.Sum(nil)
}

// nudge tells the workers that something may be due. It never blocks, and one
// nudge that nobody has taken yet stands for many.
func (s *Service) nudge() {
	select {
	case s.nudges <- struct{}{}:
	default:
	}
}

// has is the switch of a safeguard.
func (s *Service) has(safeguard string) bool { return s.cfg.Has(safeguard) }

// trimmed keeps what others wrote from flooding the books.
func trimmed(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")
	if len(text) > 300 {
		return strings.ToValidUTF8(text[:300], "")
	}
	return text
}
