// Command fake-stripe serves the fake Stripe on a loopback address, for a checkout that
// runs on this machine.
package main

import (
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/standalone"
	"github.com/unhappypath/unhappypath/fakes/stripe"
)

const teaching = `fake-stripe is a fake Stripe for a checkout on this machine.

Point the checkout's Stripe client at the address it prints (stripe-go: BackendConfig.URL;
Node: {protocol, host, port}; Python: stripe.api_base; PHP: api_base), and give it the
same keys. It takes keys of the test mode only: sk_test_…, pk_test_….

Customers pay what waits for them by themselves after -approve-after, with a card that is
accepted; a negative one means never. With -three-d-secure the bank of that card wants them
to authenticate, which takes them as long again. With confirm=true the payment method decides:
pm_card_visa, pm_card_chargeDeclined, pm_card_chargeDeclinedInsufficientFunds,
pm_card_authenticationRequired, pm_card_pendingRefund, pm_card_refundFail, and others of
Stripe's test cards. The bank says nothing of the amount 20100 for an hour.

With -fail-first 3 the first three requests that would change something fail, as -fail-as
says. With -rotate-secret-after the secret of -webhook is replaced: for 24 hours both sign.

With -tls it speaks TLS, for a client that calls HTTPS only. The certificate to trust is in
a file whose name is printed: give it to NODE_EXTRA_CA_CERTS, SSL_CERT_FILE,
REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, or PHP's curl.cainfo. It stands for api.stripe.com,
js.stripe.com and loopback alone, and is worth nothing after a day; its key is in memory only.

What it does not play it answers with 501, and says so.

Each change of money is printed to stdout as a line of JSON, and shown by the page /ledger.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-stripe
  fake-stripe -listen 127.0.0.1:12111 -approve-after 1m -speed 60
  fake-stripe -webhook http://127.0.0.1:8080/webhooks/stripe -rotate-secret-after 1m
  fake-stripe -fail-first 2 -fail-as rate-limit
  fake-stripe -tls

Flags:
`

var command = standalone.Command{
	Name: "fake-stripe", Teaching: teaching, Hosts: stripe.Hosts(), Books: observe.Money, Define: define,
	Warning: "this is no place for real payments",
}

func main() { command.Main() }

func define(flags *flag.FlagSet, see observe.Observer) func(io.Writer) (standalone.Fake, error) {
	cfg := stripe.Config{Rand: rand.Reader, See: see}
	webhook := flags.String("webhook", "", "`URL` to register for all events at the start")
	flags.StringVar(&cfg.SecretKey, "secret-key", "sk_test_fake0secret0key", "the shop's secret key; never a real one")
	flags.StringVar(&cfg.PublishableKey, "publishable-key", "pk_test_fake0page", "the key that the shop's page has")
	flags.StringVar(&cfg.WebhookSecret, "webhook-secret", "", "what webhooks are signed with; empty: a new one, which is printed")
	flags.DurationVar(&cfg.ApproveAfter, "approve-after", 3*time.Second, "how long customers take to pay; 0: no time, negative: for ever")
	flags.IntVar(&cfg.Declines, "declines", 0, "how many attempts to pay, from the first on, are declined")
	flags.BoolVar(&cfg.Authenticates, "three-d-secure", false, "let customers pay by a card whose bank wants them to authenticate each payment")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide all of the provider's own times by this")
	failing := flags.Int("fail-first", 0, "how many requests that would change something fail, from the first on")
	failure := flags.String("fail-as", string(stripe.Broken), "how they do: "+strings.Join(stripe.Failures(), ", "))
	rotate := flags.Duration("rotate-secret-after", 0, "when the secret of -webhook is replaced by a new one, which is printed; 0: never")
	return func(stdout io.Writer) (standalone.Fake, error) {
		err := stripe.CheckFailure(*failure)
		if *rotate < 0 || *rotate > 0 && *webhook == "" {
			err = fmt.Errorf("-rotate-secret-after %s: want 0 or more, and a -webhook", *rotate)
		}
		if err != nil {
			return nil, err
		}
		p, err := stripe.New(cfg)
		if err != nil {
			return nil, err
		}
		p.Fail(*failing, stripe.Failure(*failure))
		if *webhook == "" {
			return p, nil
		}
		id, secret, err := p.RegisterWebhook(*webhook)
		if err != nil {
			p.Close()
			return nil, err
		}
		fmt.Fprintln(stdout, "webhook secret", secret)
		if *rotate == 0 {
			return p, nil
		}
		return rotating{p, time.AfterFunc(*rotate, func() {
			if secret, err := p.RotateSecret(id, 24*time.Hour); err == nil { // else the shop has deleted it
				fmt.Fprintln(stdout, "new webhook secret", secret)
			}
		})}, nil
	}
}

// rotating is a provider whose secret will be replaced.
type rotating struct {
	*stripe.Provider
	at *time.Timer
}

func (r rotating) Close() {
	r.at.Stop()
	r.Provider.Close()
}
