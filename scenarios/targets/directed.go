package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/unhappypath/unhappypath/harness"
)

// proof is what the schedule that a defect is listed with came to, at the shop with the
// defect and at the one with its twin, and what a purchase without it came to.
type proof struct {
	defect
	broke string // the promise of the list that broke, or ""
	says  string // why it broke, or what happened in its place
	twin  string // what is wrong with the twin, or ""
	sale  string // what is wrong with a purchase without a fault, or ""
}

func (p proof) good() bool { return p.broke != "" && p.twin == "" && p.sale == "" }

// prove stages the schedule of a defect at both shops, and a purchase without a fault at
// the one with the defect, side by side.
func (s *shops) prove(ctx context.Context, d defect) (p proof, err error) {
	p.defect = d
	if _, err := s.of(ctx, d.Sample); err != nil {
		return p, err
	}
	plain := defect{Name: d.Name, Sample: d.Sample}
	var runs [3]*harness.Run
	var errs [3]error
	var staging sync.WaitGroup
	for i, one := range []struct {
		defect
		variable string
		well     func(*harness.Run) bool
	}{{d, asDefect, d.broken}, {d, asTwin, (*harness.Run).Good}, {plain, asDefect, (*harness.Run).Good}} {
		staging.Go(func() { runs[i], errs[i] = s.staged(ctx, one.defect, one.variable, one.well) })
	}
	staging.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		return p, err
	}
	p.broke, p.says = d.brokenIn(runs[0])
	p.twin, p.sale = notKept(runs[1]), notKept(runs[2])
	return p, nil
}

// notKept says what is wrong with a run, or "".
func notKept(run *harness.Run) string {
	if run.Verdict() == harness.Kept {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s: %s", run.Verdict(), strings.Join(brokenPromises(run), ", "), because(run)))
}

func (s *shops) staged(ctx context.Context, d defect, variable string, well func(*harness.Run) bool) (*harness.Run, error) {
	shop, err := s.with(ctx, d.Sample, variable, d.Name)
	if err != nil {
		return nil, err
	}
	return s.enact(ctx, shop, d.story(), 1, well)
}

// brokenIn is the promise of the list that a run broke, and why; or "", and what
// happened in its place.
func (d defect) brokenIn(run *harness.Run) (promise, says string) {
	for i := range run.Schedule {
		if why := run.WithoutEffect(i); why != "" {
			return "", why
		}
	}
	for _, name := range d.Breaks {
		if r := run.Ruling(name); r != nil && r.Verdict == harness.Broken {
			return name, r.Because
		}
	}
	return "", fmt.Sprintf("%s, breaks %q: %s", run.Verdict(), brokenPromises(run), because(run))
}

// broken says whether a run broke a promise of the list.
func (d defect) broken(run *harness.Run) bool {
	promise, _ := d.brokenIn(run)
	return promise != ""
}

func brokenPromises(run *harness.Run) (names []string) {
	for _, r := range run.Rulings {
		if r.Verdict == harness.Broken {
			names = append(names, r.Promise)
		}
	}
	return names
}

// because is why a run is not kept, in one line.
func because(run *harness.Run) string {
	if run.Failure != "" {
		return strings.ReplaceAll(run.Failure, "\n", " ")
	}
	i := slices.IndexFunc(run.Rulings, func(r harness.Ruling) bool { return r.Verdict == run.Verdict() })
	if i < 0 || run.Verdict() == harness.Kept {
		return "all was kept"
	}
	return run.Rulings[i].Because
}

// directed proves each defect of the list and prints a table.
func directed(ctx context.Context, s *shops, list []defect, out io.Writer) error {
	fmt.Fprintln(out, "| defect | sample | schedule | broke | twin | without a fault |\n|---|---|---|---|---|---|")
	var bad []string
	for _, d := range list {
		p, err := s.prove(ctx, d)
		if err != nil {
			return err
		}
		if !p.good() {
			bad = append(bad, d.Name)
		}
		fmt.Fprintln(out, p.row())
	}
	fmt.Fprintf(out, "\n%d of %d defects broke as listed, and their twins and a purchase without a fault kept every promise\n", len(list)-len(bad), len(list))
	if len(bad) > 0 {
		return fmt.Errorf("not as listed: %s", strings.Join(bad, ", "))
	}
	return nil
}

func (p proof) row() string {
	broke := "✖ " + p.says
	if p.broke != "" {
		broke = p.broke + ": " + p.says
	}
	kept := func(wrong string) string {
		if wrong == "" {
			return string(harness.Kept)
		}
		return "✖ " + wrong
	}
	return tableRow(p.Name, p.Sample, p.does(), broke, kept(p.twin), kept(p.sale))
}

// does is what happens in the schedule: what the customer does, where that is more than
// to buy, and the injections.
func (d defect) does() string {
	var parts []string
	if d.Customer != "" {
		parts = append(parts, "she "+d.Customer)
	}
	for _, one := range d.Schedule {
		parts = append(parts, one.String())
	}
	return strings.Join(parts, "; ")
}

// tableRow is a row of a table in Markdown.
func tableRow(cells ...string) string {
	for i, cell := range cells {
		cells[i] = strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |"
}
