// Command matrix shows what each safeguard of the reference shop is there for:
// it switches one off after the other, enacts every story, and explores. Who
// becomes unhappy is written down with the shortest schedule that shows it. Where
// one safeguard alone changes nothing, because another one stands behind it, the
// pair is named that does.
//
// It needs the suite as a program: go test -c -o suite ./scenarios.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

func main() {
	suite := flag.String("suite", "", "the suite's program")
	budget := flag.Duration("budget", 8*time.Second, "how long a story is explored for a safeguard, or a pair of them, at most")
	out := flag.String("out", "reports/out", "the folder of the page")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *suite, *budget, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, suite string, budget time.Duration, out string) (err error) {
	if suite == "" {
		return errors.New("-suite names the suite's program: build it with go test -c -o suite ./scenarios")
	}
	pool, err := compose.Workers(suite, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	e := examination{pool: pool, stories: pool.About.Stories, budget: budget, tell: func(line string) { fmt.Fprintln(os.Stderr, line) }}
	matrix := reports.Matrix{At: time.Now(), Stories: e.storyIDs()}
	unexplained := 0
	for _, g := range checkout.Safeguards {
		row, err := e.row(ctx, g)
		if err != nil {
			return err
		}
		if !row.Explained() {
			unexplained++
		}
		matrix.Rows = append(matrix.Rows, row)
		fmt.Println(line(row))
	}
	path, err := reports.WriteMatrix(out, matrix)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d safeguards, %d unexplained\nMatrix: %s\n", len(matrix.Rows), unexplained, path)
	if unexplained > 0 {
		return errors.New("a safeguard that nobody misses is dead code, or a story is missing")
	}
	return nil
}

// line is a row on the terminal.
func line(r reports.MatrixRow) string {
	text := fmt.Sprintf("%-24s", r.Safeguard)
	if len(r.With) > 0 {
		text += fmt.Sprintf(" (alone: nothing; together with %s)", r.With[0])
	}
	if !r.Explained() {
		return text + " ✖ nobody becomes unhappy"
	}
	unhappy := 0
	for _, c := range r.Cells {
		if c.Breaks != "" {
			unhappy++
		}
	}
	text += fmt.Sprintf(" unhappy in %d of %d stories as they are", unhappy, len(r.Cells))
	if f := r.Found; f != nil {
		text += fmt.Sprintf("\n    %s, in %s (%s): %s", f.Breaks, f.Story, f.How, f.Sentence)
		for _, s := range f.Injections {
			text += "\n      " + s
		}
	}
	return text
}
