package checkout

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Config is how the checkout behaves; see the settings table for what each
// field means. Durations have no lower bound but zero: a test may divide all
// of them by the same number.
type Config struct {
	Listen, Database, DatabaseURL                string
	PaymentsURL                                  string
	Payments                                     string // the provider: one of Providers
	Account                                      Account
	ShippingURL, PublicURL, WebhookSecret        string
	Price                                        int64 // of one parcel, in minor units
	Currency                                     string
	ProviderTimeout, AnswerWithin                time.Duration
	DatabaseTimeout                              time.Duration
	Lease, BackoffFirst, BackoffMax              time.Duration
	ApprovalFirst, ApprovalEvery, ApprovalWindow time.Duration
	KeyLifetime, GiveUpAfter, ReconcileAfter     time.Duration
	RateWindow, WebhookTolerance                 time.Duration
	Workers                                      int
	PageTimeout, PageLookAfter, PageLookEvery    time.Duration
	PageResends                                  int
	PayOnPage                                    bool
	Without                                      []string
	StopOnEOF                                    bool
	Seed                                         string
}

// Has says whether a safeguard is switched on.
func (c Config) Has(safeguard string) bool { return !slices.Contains(c.Without, safeguard) }

// setting is one variable of the environment.
type setting struct {
	name, preset, help string
	required           bool
	set                func(*Config, string) error
}

func settings(payments []setting) []setting {
	return slices.Concat([]setting{
		{"CHECKOUT_LISTEN", "127.0.0.1:0", "host:port to listen on; port 0 takes a free one", true,
			text(func(c *Config) *string { return &c.Listen })},
		{"CHECKOUT_DATABASE", "", "file path of the SQLite database; required unless DATABASE_URL is set", false,
			text(func(c *Config) *string { return &c.Database })},
		{"DATABASE_URL", "", "postgres:// URL; takes the place of CHECKOUT_DATABASE", false,
			text(func(c *Config) *string { return &c.DatabaseURL })},
	}, payments, []setting{
		{"CHECKOUT_SHIPPING_URL", "", "URL of the carrier", true,
			address(func(c *Config) *string { return &c.ShippingURL })},
		{"CHECKOUT_PUBLIC_URL", "", "URL under which customers reach this shop", true,
			address(func(c *Config) *string { return &c.PublicURL })},
		{"CHECKOUT_WEBHOOK_SECRET", "", "secret that the provider signs webhooks with", true,
			text(func(c *Config) *string { return &c.WebhookSecret })},
		{"CHECKOUT_PRICE", "49900", "price of one parcel, in minor units (49900 is 499.00)", true,
			amount(func(c *Config) *int64 { return &c.Price })},
		{"CHECKOUT_PROVIDER_TIMEOUT", "10s", "duration: wait for one answer of the provider or the carrier", true,
			duration(func(c *Config) *time.Duration { return &c.ProviderTimeout })},
		{"CHECKOUT_DATABASE_TIMEOUT", "10s", "duration: wait for the database; it keeps real time, so a test that divides the other times leaves it", true,
			duration(func(c *Config) *time.Duration { return &c.DatabaseTimeout })},
		{"CHECKOUT_ANSWER_WITHIN", "20s", "duration: answer every customer by then", true,
			duration(func(c *Config) *time.Duration { return &c.AnswerWithin })},
		{"CHECKOUT_LEASE", "30s", "duration: a crashed worker's effect is taken over after this", true,
			duration(func(c *Config) *time.Duration { return &c.Lease })},
		{"CHECKOUT_BACKOFF_FIRST", "1s", "duration: first pause before trying again; doubles", true,
			duration(func(c *Config) *time.Duration { return &c.BackoffFirst })},
		{"CHECKOUT_BACKOFF_MAX", "30s", "duration: longest such pause", true,
			duration(func(c *Config) *time.Duration { return &c.BackoffMax })},
		{"CHECKOUT_APPROVAL_FIRST", "5s", "duration: first look whether the customer approved the payment", true,
			duration(func(c *Config) *time.Duration { return &c.ApprovalFirst })},
		{"CHECKOUT_APPROVAL_EVERY", "2s", "duration: between the looks after it", true,
			duration(func(c *Config) *time.Duration { return &c.ApprovalEvery })},
		{"CHECKOUT_APPROVAL_WINDOW", "10m", "duration: the customer has this long to approve; looks are rare after it", true,
			duration(func(c *Config) *time.Duration { return &c.ApprovalWindow })},
		{"CHECKOUT_KEY_LIFETIME", "24h", "duration: the provider remembers an idempotency key for this long", true,
			duration(func(c *Config) *time.Duration { return &c.KeyLifetime })},
		{"CHECKOUT_GIVE_UP_AFTER", "15m", "duration: an unapproved payment is cancelled at the provider after this", true,
			duration(func(c *Config) *time.Duration { return &c.GiveUpAfter })},
		{"CHECKOUT_RECONCILE_AFTER", "5m", "duration: books are compared, and open orders listed, after this", true,
			duration(func(c *Config) *time.Duration { return &c.ReconcileAfter })},
		{"CHECKOUT_RATE_WINDOW", "1m", "duration: the provider takes 5 writes of a kind for one payment in this time", true,
			duration(func(c *Config) *time.Duration { return &c.RateWindow })},
		{"CHECKOUT_WEBHOOK_TOLERANCE", "5m", "duration: a webhook signed longer ago or ahead is refused", true,
			duration(func(c *Config) *time.Duration { return &c.WebhookTolerance })},
		{"CHECKOUT_WORKERS", "2", "count: effects worked on at the same time", true,
			count(1, func(c *Config) *int { return &c.Workers })},
		{"CHECKOUT_PAGE_TIMEOUT", "45s", "duration: the page waits this long for an answer", true,
			duration(func(c *Config) *time.Duration { return &c.PageTimeout })},
		{"CHECKOUT_PAGE_RESENDS", "1", "count: the page sends a submit again this often", true,
			count(0, func(c *Config) *int { return &c.PageResends })},
		{"CHECKOUT_PAGE_LOOK_AFTER", "5s", "duration: the page says \"checking\" and looks after this silence", true,
			duration(func(c *Config) *time.Duration { return &c.PageLookAfter })},
		{"CHECKOUT_PAGE_LOOK_EVERY", "2s", "duration: between the page's looks", true,
			duration(func(c *Config) *time.Duration { return &c.PageLookEvery })},
		{"CHECKOUT_PAY_ON_PAGE", "false", "true or false: send the customer to the provider's page, which sends her back", true,
			truth(func(c *Config) *bool { return &c.PayOnPage })},
		{"CHECKOUT_WITHOUT", "", "comma list of safeguards to switch off: " + strings.Join(safeguardNames(), ", "), false,
			without},
		{"CHECKOUT_STOP_ON_EOF", "false", "true or false: stop when standard input ends", true,
			truth(func(c *Config) *bool { return &c.StopOnEOF })},
		{"CHECKOUT_SEED", "", "text of 1 to 64 characters that ids and jitter are derived from, random without it; for tests only, since ids become guessable", false,
			seed},
	})
}

// ParseConfig reads the settings from an environment such as os.Environ gives.
// Its error is one line that names the setting and says what is valid.
func ParseConfig(environ []string) (Config, error) {
	given := make(map[string]string)
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = value
	}
	payments, err := providerSettings(cmp.Or(given["CHECKOUT_PAYMENTS"], DefaultProvider))
	if err != nil {
		return Config{}, err
	}
	var c Config
	known := make(map[string]bool)
	for _, s := range settings(payments) {
		known[s.name] = true
		value := given[s.name]
		if value == "" {
			value = s.preset
		}
		if value == "" && s.required {
			return Config{}, fmt.Errorf("%s is missing: set it to the %s", s.name, s.help)
		}
		if value == "" {
			continue
		}
		if err := s.set(&c, value); err != nil {
			return Config{}, fmt.Errorf("%s is %w", s.name, err)
		}
	}
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "CHECKOUT_") && !known[name] {
			return Config{}, fmt.Errorf("unknown setting %s; valid are %s", name, settingNames(settings(payments)))
		}
	}
	return c, c.check()
}

// check looks at what no setting can see alone.
func (c Config) check() error {
	if c.Database == "" && c.DatabaseURL == "" {
		return errors.New("CHECKOUT_DATABASE is missing: set it to a SQLite file, or DATABASE_URL to a postgres:// URL")
	}
	if c.Database != "" && c.DatabaseURL != "" {
		return errors.New("CHECKOUT_DATABASE and DATABASE_URL are both set: set only one of them")
	}
	if c.BackoffMax < c.BackoffFirst {
		return fmt.Errorf("CHECKOUT_BACKOFF_MAX is %v, shorter than CHECKOUT_BACKOFF_FIRST, %v", c.BackoffMax, c.BackoffFirst)
	}
	if !c.Has(nestedTimeouts) {
		return nil
	}
	if c.ProviderTimeout >= c.AnswerWithin {
		return fmt.Errorf("CHECKOUT_PROVIDER_TIMEOUT is %v: it must be shorter than CHECKOUT_ANSWER_WITHIN, %v",
			c.ProviderTimeout, c.AnswerWithin)
	}
	if c.AnswerWithin >= c.PageTimeout {
		return fmt.Errorf("CHECKOUT_ANSWER_WITHIN is %v: it must be shorter than CHECKOUT_PAGE_TIMEOUT, %v",
			c.AnswerWithin, c.PageTimeout)
	}
	return nil
}

func writeHelp(w io.Writer) {
	usual, _ := providerSettings(DefaultProvider)
	fmt.Fprint(w, "A checkout. Its settings are variables of the environment:\n\n")
	writeSettings(w, settings(usual))
	for _, name := range Providers() {
		if name != DefaultProvider {
			fmt.Fprintf(w, "\nWith CHECKOUT_PAYMENTS=%s, the settings of the provider are these:\n\n", name)
			payments, _ := providerSettings(name)
			writeSettings(w, payments)
		}
	}
}

func writeSettings(w io.Writer, list []setting) {
	for _, s := range list {
		preset := "no default"
		if s.preset != "" {
			preset = "default " + s.preset
		}
		fmt.Fprintf(w, "  %s (%s)\n        %s\n", s.name, preset, s.help)
	}
}

func settingNames(list []setting) string {
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	return strings.Join(names, ", ")
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error { *field(c) = value; return nil }
}

func oneOf(field func(*Config) *string, valid ...string) func(*Config, string) error {
	return func(c *Config, value string) error {
		if !slices.Contains(valid, value) {
			return fmt.Errorf("%q: valid are %s", value, strings.Join(valid, ", "))
		}
		*field(c) = value
		return nil
	}
}

func address(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, value string) error {
		u, err := url.Parse(value)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("%q: valid is a URL that starts with http:// or https:// and has a host", value)
		}
		*field(c) = strings.TrimRight(value, "/")
		return nil
	}
}

func duration(field func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, value string) error {
		d, err := time.ParseDuration(value)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q: valid is a positive duration such as 10s, 250ms or 1h30m", value)
		}
		*field(c) = d
		return nil
	}
}

func amount(field func(*Config) *int64) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n <= 0 || n > maxAmount {
			return fmt.Errorf("%q: valid is a whole number of minor units from 1 to %d", value, maxAmount)
		}
		*field(c) = n
		return nil
	}
}

func count(least int, field func(*Config) *int) func(*Config, string) error {
	return func(c *Config, value string) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < least || n > 1000 {
			return fmt.Errorf("%q: valid is a whole number from %d to 1000", value, least)
		}
		*field(c) = n
		return nil
	}
}

func truth(field func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, value string) error {
		if value != "true" && value != "false" {
			return fmt.Errorf("%q: valid are true and false", value)
		}
		*field(c) = value == "true"
		return nil
	}
}

func without(c *Config, value string) error {
	for name := range strings.SplitSeq(value, ",") {
		c.Without = append(c.Without, strings.TrimSpace(name))
	}
	if err := CheckSafeguards(c.Without); err != nil {
		return fmt.Errorf("%q: %w", value, err)
	}
	return nil
}

func seed(c *Config, value string) error {
	if n := utf8.RuneCountInString(value); n > 64 {
		return fmt.Errorf("%d characters long: valid is a text of 1 to 64", n)
	}
	c.Seed = value
	return nil
}
