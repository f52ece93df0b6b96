// Command fake-adyen serves the fake Adyen Checkout on a loopback address, for a checkout
// that runs on this machine.
package main

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/standalone"
)

const teaching = `fake-adyen is a fake Adyen Checkout, version 71, for a checkout on this machine.

Point the checkout's Adyen client at the address it prints, with /v71 where the client adds
none, and give it the same API key and merchant account. It takes API keys only that no real
account has: test_ and 8 or more letters, digits or _.

A card (scheme) is decided at once. Other methods send the customer to a page: its path is
in the answer, and is served here too. She approves by herself after -approve-after; a
negative one means never. A capture or refund is answered "received", and what it comes to
only a webhook tells, 2 s later: -webhook says where. Its key is printed.

An amount with a fate, in minor units: 20100 nobody knows for an hour. With -fail-captures 2
the first two captures are rejected after they were received, by CAPTURE_FAILED;
-fail-refunds does the same to refunds.

With -tls it speaks TLS, for a client that calls HTTPS only. The certificate to trust is in
a file whose name is printed: give it to NODE_EXTRA_CA_CERTS, SSL_CERT_FILE,
REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or PHP's curl.cainfo. It stands for
checkout-test.adyen.com and loopback alone, and is worth nothing after a day; its key is in
memory only.

What it does not play it answers with 501, and says so.

Each change of money is printed to stdout as a line of JSON, and shown by the page /ledger.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-adyen
  fake-adyen -listen 127.0.0.1:8082 -approve-after 1m -speed 60
  fake-adyen -webhook http://127.0.0.1:8080/webhooks/adyen -fail-captures 1
  fake-adyen -tls

Flags:
`

var command = standalone.Command{
	Name: "fake-adyen", Teaching: teaching, Hosts: []string{"checkout-test.adyen.com"}, Books: observe.Money, Define: define,
	Warning: "this is no place for real payments",
}

func main() { command.Main() }

func define(flags *flag.FlagSet, see observe.Observer) func(io.Writer) (standalone.Fake, error) {
	cfg := adyen.Config{Rand: rand.Reader, See: see}
	flags.StringVar(&cfg.WebhookURL, "webhook", "", "`URL` that is told of all events")
	flags.StringVar(&cfg.HMACKey, "webhook-secret", "", "the HMAC key of webhooks, 64 hexadecimal digits; empty: a new one, which is printed")
	flags.StringVar(&cfg.APIKey, "api-key", "test_fake0api0key", "the shop's API key; never a real one")
	flags.StringVar(&cfg.MerchantAccount, "merchant-account", "UnhappyPathECOM", "the shop's merchant account")
	flags.DurationVar(&cfg.ApproveAfter, "approve-after", 3*time.Second, "how long customers take to approve; 0: no time, negative: for ever")
	flags.IntVar(&cfg.Declines, "declines", 0, "how many payments, from the first on, are declined")
	flags.IntVar(&cfg.FailCaptures, "fail-captures", 0, "how many captures, from the first on, fail after they were received")
	flags.IntVar(&cfg.FailRefunds, "fail-refunds", 0, "how many refunds, from the first on, fail after they were received")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide all of the provider's own times by this")
	return func(stdout io.Writer) (standalone.Fake, error) {
		if cfg.WebhookURL != "" {
			key := make([]byte, 32)
			if _, err := rand.Read(key); err != nil {
				return nil, err
			}
			cfg.HMACKey = cmp.Or(cfg.HMACKey, hex.EncodeToString(key))
		}
		p, err := adyen.New(cfg)
		if err != nil {
			return nil, err
		}
		if cfg.WebhookURL != "" {
			fmt.Fprintln(stdout, "webhook secret", cfg.HMACKey)
		}
		return withPages{p, p.Pages()}, nil
	}
}

// withPages is a provider at whose address its customers' page is as well.
type withPages struct {
	*adyen.Provider
	pages http.Handler
}

func (p withPages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if adyen.IsPage(r.URL.Path) {
		p.pages.ServeHTTP(w, r)
		return
	}
	p.Provider.ServeHTTP(w, r)
}
