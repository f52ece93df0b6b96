// Command fake-vipps serves the fake payment provider on a loopback address,
// for a checkout that runs on this machine.
package main

import (
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/standalone"
	"github.com/unhappypath/unhappypath/fakes/vipps"
)

const teaching = `fake-vipps is a fake Vipps MobilePay for a checkout on this machine.

Point the checkout's provider URL at the address it prints, and give it the same
merchant serial number and keys. Customers approve by themselves after
-approve-after; a negative one means never, and then
POST /epayment/v1/test/payments/{reference}/approve approves.

Amounts with a fate, in minor units: 151 no funds, 186 card expired,
201 nobody knows for an hour.

Each change of money is printed to stdout as a line of JSON, and shown by the page /ledger.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-vipps
  fake-vipps -listen 127.0.0.1:8081 -approve-after 1m -speed 60
  fake-vipps -webhook http://127.0.0.1:8080/webhooks/vipps

Flags:
`

var command = standalone.Command{
	Name: "fake-vipps", Teaching: teaching, Hosts: vipps.Hosts(), Books: observe.Money, Define: define,
	Warning: "this is no place for real payments",
}

func main() { command.Main() }

func define(flags *flag.FlagSet, see observe.Observer) func(io.Writer) (standalone.Fake, error) {
	cfg := vipps.Config{Rand: rand.Reader, See: see}
	webhook := flags.String("webhook", "", "`URL` to register for all payment events at the start")
	flags.StringVar(&cfg.MSN, "msn", "123456", "merchant serial number, 4 to 6 digits")
	flags.StringVar(&cfg.ClientID, "client-id", "fake-client-id", "the merchant's client_id")
	flags.StringVar(&cfg.ClientSecret, "client-secret", "fake-client-secret", "the merchant's client_secret; never a real one")
	flags.StringVar(&cfg.SubscriptionKey, "subscription-key", "fake-subscription-key", "the merchant's subscription key; never a real one")
	flags.DurationVar(&cfg.ApproveAfter, "approve-after", 3*time.Second, "how long customers take to approve; 0: no time, negative: for ever")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide all of the provider's own times by this")
	return func(stdout io.Writer) (standalone.Fake, error) {
		provider, err := vipps.New(cfg)
		if err != nil || *webhook == "" {
			return provider, err
		}
		_, secret, err := provider.RegisterWebhook(*webhook)
		if err != nil {
			provider.Close()
			return nil, err
		}
		fmt.Fprintln(stdout, "webhook secret", secret)
		return provider, nil
	}
}
