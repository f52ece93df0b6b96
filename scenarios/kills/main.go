// Command kills kills the shop, for real, at every message of a clean purchase:
// before it is forwarded and after it was answered, on every hop, each time in a
// world of its own. However the shop comes back, the customer must be charged
// once and told the truth, and every kill must be seen to have happened.
//
// It goes by UNHAPPY_DB, UNHAPPY_CLOCK, UNHAPPY_SEED and UNHAPPY_WITHOUT, prints
// a line a kill, and ends with 0 where nobody became unhappy, 1 where somebody
// did or a kill missed, and 2 where it was called wrongly.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/wire/postgres"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func main() {
	compose.Reenter()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args, environ []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("kills", flag.ContinueOnError)
	flags.SetOutput(errs)
	// Worlds sleep, most of the time.
	atOnce := flags.Int("at-once", 3*runtime.NumCPU(), "worlds at a time")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	settings, err := settings.Parse(environ)
	if err == nil {
		err = checkout.CheckSafeguards(settings.Without)
	}
	if err == nil && (flags.NArg() > 0 || *atOnce < 1) {
		err = errors.New("there is one flag, -at-once, which is at least 1")
	}
	if err != nil {
		fmt.Fprintln(errs, err)
		return 2
	}
	s, end, err := prepare(ctx, settings, *atOnce, out)
	if err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	good, err := s.besiege(ctx)
	if err := errors.Join(err, end()); err != nil {
		fmt.Fprintln(errs, err)
		return 1
	}
	if !good {
		return 1
	}
	return 0
}

func prepare(ctx context.Context, settings settings.Settings, atOnce int, out io.Writer) (s *siege, end func() error, err error) {
	var hands compose.Resources
	end = func() error { return nil }
	if settings.Database == "postgres" {
		if hands.Postgres, err = postgres.Start(ctx); err != nil {
			return nil, nil, err
		}
		end = hands.Postgres.Close
	}
	return &siege{
		options: enact.Options{
			World: "wire", Database: settings.Database, Clock: settings.Clock, Seed: settings.Seed,
			Without: settings.Without, Expects: "kept", Routes: compose.Routes(),
		},
		build: compose.Wire(hands), atOnce: atOnce, out: out,
	}, end, nil
}

// besiege kills at every message and says whether everybody was as well off.
func (s *siege) besiege(ctx context.Context) (good bool, err error) {
	began := time.Now()
	list, err := s.targets(ctx)
	if err != nil {
		return false, err
	}
	text, good := s.sum(s.kills(ctx, list), time.Since(began))
	fmt.Fprintln(s.out, text)
	return good, nil
}
