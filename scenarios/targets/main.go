// Command targets is the harness's examination at shops that nobody here links with:
// the sample shops have defects of real shops behind switches, and each must be found by
// exploring a purchase, while its harmless twin is left alone.
//
// The list is scenarios/testdata/targets/defects.yaml. With -directed nothing is
// explored: each defect is shown by the schedule that it is listed with, which proves
// that it is one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/scenarios/suite"
)

func main() {
	var o options
	flag.StringVar(&o.only, "only", "", "defects whose names contain this; all of them by default")
	flag.BoolVar(&o.directed, "directed", false, "stage the schedules of the list, and explore nothing")
	flag.DurationVar(&o.budget, "budget", 2*time.Minute, "how long each shop is explored")
	flag.BoolVar(&o.defects, "defects", true, "explore the shops with the defects")
	flag.BoolVar(&o.twins, "twins", true, "explore the harmless twins, too")
	flag.IntVar(&o.replays, "replays", 10, "how often what was found is replayed")
	flag.StringVar(&o.suite, "suite", "", "the suite's program; built where none is named")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// options say what is looked for, and how far.
type options struct {
	only, suite    string
	directed       bool
	defects, twins bool
	budget         time.Duration
	replays        int
}

// all is the folder of the sample shops, seen from the module's root.
var all = filepath.Join("scenarios", "testdata", "targets")

func run(ctx context.Context, o options) error {
	list, err := readList(filepath.Join(all, "defects.yaml"))
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(d defect) bool { return !strings.Contains(d.Name, o.only) })
	if len(list) == 0 {
		return fmt.Errorf("there is no defect whose name contains %q in %s, seen from the module's root", o.only, all)
	}
	folder, err := os.MkdirTemp("", "unhappypath-targets-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	s := newShops(all, folder)
	defer s.close()
	if o.directed {
		return directed(ctx, s, list, os.Stdout)
	}
	if o.suite == "" {
		o.suite = filepath.Join(folder, "suite")
		if err := suite.Build(ctx, ".", o.suite); err != nil {
			return err
		}
	}
	return hunt{shops: s, suite: o.suite, budget: o.budget, replays: o.replays}.explores(ctx, list, o.defects, o.twins)
}
