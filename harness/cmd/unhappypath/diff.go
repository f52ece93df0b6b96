package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/terminal"
	"github.com/unhappypath/unhappypath/reports/model"
)

func newDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff OLD.jsonl NEW.jsonl",
		Short: "Say in words what happened to the stories between two records",
		Long: `Says which runs are newly broken, mended or still broken, which are new and which
are gone, and of which the sentence changed. On the wire, times are of the machine
and no change.

The exit code is 1 where a run is newly broken or unproven, and 3 where one is
newly unfinished.`,
		Example: `  unhappypath report diff main/runs.jsonl reports/out/runs.jsonl
  UNHAPPY_BASELINE=main/runs.jsonl go test ./scenarios -count=1   # the same, in the suite's own report`,
		Args: records(2, 2),
		RunE: func(c *cobra.Command, args []string) error {
			parts, err := readParts(c.Context(), args)
			if err != nil {
				return err
			}
			changes := model.Compare(parts[0].Runs, parts[1].Runs)
			d := telling{out: c.OutOrStdout(), paint: terminal.For(c.OutOrStdout())}
			d.tell(changes)
			return worst(changes.Broken)
		},
	}
}

// worst is the exit code of what is newly broken.
func worst(list []model.Change) error {
	var runs []*judge.Run
	for _, c := range list {
		runs = append(runs, c.Is)
	}
	if err := outcome(runs); err != nil {
		return failure{code: err.(failure).code}
	}
	return nil
}

// telling tells changes, kind by kind.
type telling struct {
	out   io.Writer
	paint terminal.Paint
}

func (t telling) tell(c model.Changes) {
	fmt.Fprintln(t.out, c.Headline())
	t.list(t.paint.Bad("✖ newly broken"), c.Broken)
	t.list(t.paint.Bad("✖ still broken"), c.StillBroken)
	t.list(t.paint.Good("✔ mended"), c.Mended)
	t.list("+ new", c.New)
	t.list("- gone", c.Gone)
	t.list("~ told otherwise", c.Reworded)
}

func (t telling) list(title string, list []model.Change) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(t.out, "\n%s: %d\n", title, len(list))
	for _, c := range list {
		fmt.Fprintf(t.out, "  %s\n", c.ID())
		if c.Was != nil {
			fmt.Fprintf(t.out, "    was %s: %s\n", c.Was.Verdict(), c.Was.Sentence())
		}
		if c.Is == nil {
			continue
		}
		fmt.Fprintf(t.out, "    is %s: %s\n", c.Is.Verdict(), c.Is.Sentence())
		if c.Is.Good() {
			continue
		}
		for _, ruling := range c.Is.Rulings {
			if ruling.Verdict != judge.Kept {
				fmt.Fprintf(t.out, "    %s %s: %s\n", ruling.Verdict, ruling.Promise, ruling.Because)
			}
		}
		if c.Is.Replay != "" {
			fmt.Fprintf(t.out, "    replay: %s\n", c.Is.Replay)
		}
	}
}
