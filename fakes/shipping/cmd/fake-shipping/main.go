// Command fake-shipping serves the fake carrier on a loopback address, for a
// checkout that runs on this machine.
package main

import (
	"crypto/rand"
	"flag"
	"io"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/shipping"
	"github.com/unhappypath/unhappypath/fakes/standalone"
)

const teaching = `fake-shipping is a fake carrier for a checkout on this machine.

  POST /shipments              {"reference":"R","basket":"B"} and an Idempotency-Key
  GET  /shipments?reference=R
  POST /shipments/{id}/cancel

Each change of a parcel is printed to stdout as a line of JSON, and shown by the page
/ledger.
Stop it with Ctrl-C. It forgets everything then.

Examples:
  fake-shipping
  fake-shipping -listen 127.0.0.1:8082 -hand-over-after 1h -refuse too-big,too-far

Flags:
`

var command = standalone.Command{
	Name: "fake-shipping", Teaching: teaching, Books: observe.Parcel, Define: define,
}

func main() { command.Main() }

func define(flags *flag.FlagSet, see observe.Observer) func(io.Writer) (standalone.Fake, error) {
	cfg := shipping.Config{Rand: rand.Reader, See: see}
	refuse := flags.String("refuse", "", "`baskets` that cannot be shipped, separated by commas")
	flags.DurationVar(&cfg.HandOverAfter, "hand-over-after", 0, "how long a parcel can be called off; 0: for ever")
	flags.IntVar(&cfg.Speed, "speed", 1, "divide -hand-over-after by this")
	return func(io.Writer) (standalone.Fake, error) {
		refused := strings.Split(*refuse, ",")
		cfg.Refuse = func(basket string) bool { return slices.Contains(refused, basket) }
		return shipping.New(cfg)
	}
}
