// Command oracle holds a changed harness to what it said before: it enacts every
// story in both worlds, the minimal finding of every known defect, and every
// sample shop, and compares verdicts, broken promises, ledgers and sentences
// with scenarios/testdata/oracle.jsonl.
//
// In virtual time each seed must come out as recorded, to the letter. On the
// wire nobody knows who is faster: there each outcome must be one that was
// recorded of the same case, and times in sentences do not count.
//
// It exits with 0 where all is as recorded, 1 where something differs, 3 where
// it could not enact or read something.
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

	"github.com/unhappypath/unhappypath/scenarios/suite"
)

// fixture is what was recorded, seen from the module's root.
const fixture = "scenarios/testdata/oracle.jsonl"

func main() {
	o := oracle{}
	flag.StringVar(&o.suite, "suite", "", "the suite's program; built where none is named")
	flag.IntVar(&o.seeds, "seeds", 50, "how many seeds of each story, from 1")
	flag.IntVar(&o.jobs, "jobs", 3, "how many suites run at once on the wire")
	flag.StringVar(&o.findings, "defects", "", "with -update: the defects.json whose minimal findings are recorded")
	parts := flag.String("parts", strings.Join(allParts, ","), "what is enacted, with commas between")
	update := flag.Bool("update", false, "record instead of comparing; parts that are not enacted stay as they are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	differences, err := o.run(ctx, strings.Split(*parts, ","), *update)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	case differences > 0:
		os.Exit(1)
	}
}

// oracle enacts, and says what came of it.
type oracle struct {
	suite       string
	seeds, jobs int
	findings    string
	folder      string // for everything that is left behind
}

// allParts are enacted in this order.
var allParts = []string{"virtual", "wire", "defects", "samples", "shops"}

func (o *oracle) run(ctx context.Context, parts []string, update bool) (differences int, err error) {
	for _, part := range parts {
		if !slices.Contains(allParts, part) {
			return 0, fmt.Errorf("-parts: there is no part %q; there are %s", part, strings.Join(allParts, ", "))
		}
	}
	recorded, err := readLines(fixture)
	if err != nil {
		return 0, err
	}
	if o.folder, err = os.MkdirTemp("", "unhappypath-oracle-"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(o.folder)
	if o.suite == "" {
		o.suite = filepath.Join(o.folder, "suite")
		if err := suite.Build(ctx, ".", o.suite); err != nil {
			return 0, err
		}
	}
	for _, part := range parts {
		seen, err := o.enact(ctx, part, recorded)
		if err != nil {
			return differences, fmt.Errorf("%s: %w", part, err)
		}
		if update {
			recorded = append(slices.DeleteFunc(recorded, func(l line) bool { return l.part() == part }), fold(seen)...)
			fmt.Printf("%s: %d enactments recorded\n", part, len(seen))
			continue
		}
		found := compare(recorded, seen, part)
		for _, text := range found {
			fmt.Println(text)
		}
		fmt.Printf("%s: %d enactments, %d differ\n", part, len(seen), len(found))
		differences += len(found)
	}
	if update {
		return 0, writeLines(fixture, recorded)
	}
	return differences, nil
}

func (o *oracle) enact(ctx context.Context, part string, recorded []line) ([]observation, error) {
	switch part {
	case "virtual", "wire":
		return o.stories(ctx, part)
	case "defects":
		return o.defects(ctx, recorded)
	case "samples":
		return o.samples(ctx)
	}
	return o.shops(ctx)
}
