// Command load buys two thousand baskets, three submits each, through lost
// requests, lost answers and kills of the shop in mid-work, and then audits
// the three books: what the customers saw, what the provider's and the
// carrier's ledgers say. It ends with 0 where the audit finds nothing, 1 where
// it finds something, and 2 where it was called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func main() {
	compose.Reenter()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// options are the command's flags.
type options struct {
	orders, kills, atOnce int
	lost                  float64
	seed                  uint64
	database, without     string
	expectFailure         bool
}

func parse(args []string) (o options, err error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.IntVar(&o.orders, "orders", 2000, "baskets to buy, each with three submits")
	flags.IntVar(&o.kills, "kills", 10, "SIGKILLs of the shop in mid-work")
	flags.IntVar(&o.atOnce, "at-once", 32, "customers at a time")
	flags.Float64Var(&o.lost, "lost", 0.05, "share of requests lost, and of answers lost, on every hop")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of what is lost")
	flags.StringVar(&o.database, "database", "sqlite", "sqlite or postgres")
	flags.StringVar(&o.without, "without", "", "safeguards switched off, with commas between")
	flags.BoolVar(&o.expectFailure, "expect-failure", false, "end with 0 only if the audit does find something")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q: there are flags only; see -help", flags.Arg(0))
	case o.orders < 1 || o.atOnce < 1 || o.kills < 0 || o.lost < 0 || o.lost > 0.5:
		return o, errors.New("-orders and -at-once are at least 1, -kills at least 0, -lost from 0 to 0.5")
	case o.database != "sqlite" && o.database != "postgres":
		return o, fmt.Errorf("-database %q: valid are sqlite and postgres", o.database)
	}
	if err := checkout.CheckSafeguards(o.off()); err != nil {
		return o, fmt.Errorf("-without: %w", err)
	}
	return o, nil
}

func (o options) off() []string {
	return strings.FieldsFunc(o.without, func(r rune) bool { return r == ',' })
}

func run(ctx context.Context, args []string) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	var server *postgres.Server
	if o.database == "postgres" {
		if server, err = postgres.Start(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 3
		}
		defer server.Close()
	}
	result := enact.Run(ctx, story(o), enact.Options{
		World: "wire", Database: o.database, Clock: 100, Seed: o.seed, Without: o.off(), Expects: "kept", Routes: compose.Routes(),
	}, compose.Wire(compose.Resources{Postgres: server}))
	found, finished := audit(os.Stdout, result, o)
	switch {
	case !finished:
		return 3
	case found == o.expectFailure:
		return 0
	}
	return 1
}
