// Command pairs decides every two injections on a story of the reference shop, and says by
// what: enacted, as another pair (a class), or dead. Of those that it did not have to
// enact it enacts some all the same, and fails where one comes out otherwise. With -triples it
// looks for failures of three injections instead.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

// options say what is decided, and how surely.
type options struct {
	suite, story, without string
	seed                  uint64
	audit, schedules      int
	triples               int
	all                   bool
	list, write           string
	shard                 settings.Shard
}

func main() {
	var o options
	flag.StringVar(&o.suite, "suite", "dist/unhappypath-scenarios", "the suite, built beforehand")
	flag.StringVar(&o.story, "story", corpus.Plain, "the id of the story")
	flag.StringVar(&o.without, "without", "", "safeguards switched off, with commas between")
	flag.Uint64Var(&o.seed, "seed", 1, "the exploration's seed")
	flag.IntVar(&o.audit, "audit", 0, "how many of the pairs that were left out are enacted, beside one in 20")
	flag.IntVar(&o.schedules, "schedules", 0, "after how many schedules to stop; 0: when all pairs are decided")
	flag.IntVar(&o.triples, "triples", 0, "enact so many schedules of three injections instead, which pairs do not decide")
	flag.StringVar(&o.list, "list", "", "a file with the faults to try, one a line, such as scenarios/pairs/faults-2026-11-25.txt; none: all there are")
	flag.StringVar(&o.write, "write", "", "a file to write the faults to that were tried")
	flag.BoolVar(&o.all, "all", false, "enact every pair, and leave none out")
	flag.Func("shard", "a part such as 1/40: of every 40 pairs one, the same each time", func(text string) (err error) {
		o.shard, err = settings.ParseShard(text)
		return err
	})
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out io.Writer) (err error) {
	pool, err := compose.Workers(o.suite, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	at := slices.IndexFunc(pool.About.Stories, func(s explore.StoryHeader) bool { return s.ID == o.story })
	if at < 0 {
		return fmt.Errorf("there is no story %q that can be explored", o.story)
	}
	c := explore.Config{
		Story: pool.About.Stories[at], Seed: o.seed, Try: pool.Try, Workers: pool.Size(), Processes: compose.Processes(),
		Audit: o.audit, Schedules: o.schedules, Shard: o.shard, Triples: o.triples,
	}
	if o.list != "" {
		if c.Only, err = only(o.list); err != nil {
			return err
		}
	}
	if o.without != "" {
		c.Without = strings.Split(o.without, ",")
	}
	if o.all {
		c.Audit = -1
	}
	r, err := explore.Explore(ctx, c)
	if err != nil {
		return err
	}
	if err := pool.Close(); err != nil { // and their time is counted
		return err
	}
	if o.write != "" {
		if err := write(o.write, r); err != nil {
			return err
		}
	}
	tell(out, r, spent())
	for _, d := range r.Disagreements[:min(len(r.Disagreements), 20)] {
		fmt.Fprintf(out, "\n%s\n", d)
	}
	if len(r.Disagreements) > 0 {
		return fmt.Errorf("%d of %d audited pairs came out otherwise", len(r.Disagreements), r.Pairs.Audited)
	}
	return nil
}

// tell prints how the pairs were decided.
func tell(out io.Writer, r explore.Result, cpu time.Duration) {
	p, what := r.Pairs, "pairs"
	if r.Random.Possible > 0 {
		p, what = r.Random, "triples"
	}
	enacted := p.Explored + p.Unproven + p.Unfinished
	decided := enacted + p.Pruned + p.Dead
	share := func(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(1, of))) }
	fmt.Fprintf(out, "singles   %7d of %d\n%-10s%7d of %d decided\n", r.Singles.Explored+r.Singles.Unproven, r.Singles.Possible, what, decided, p.Possible)
	fmt.Fprintf(out, "enacted   %7d  %s\n  unproven%7d  %s of these\n", enacted, share(enacted, decided), p.Unproven, share(p.Unproven, enacted))
	fmt.Fprintf(out, "by class  %7d  %s\ndead      %7d  %s\n", p.Pruned, share(p.Pruned, decided), p.Dead, share(p.Dead, decided))
	fmt.Fprintf(out, "audited   %7d, of which %d came out otherwise\nfindings  %7d\n", p.Audited, len(r.Disagreements), len(r.Findings))
	fmt.Fprintf(out, "CPU time  %7.0f s, %.2f ms of each that was decided; %.0f s by the clock\n", cpu.Seconds(), 1000*cpu.Seconds()/float64(max(1, decided)), r.Took.Seconds())
}
