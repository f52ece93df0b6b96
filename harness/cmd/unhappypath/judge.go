package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/terminal"
)

func newJudge() *cobra.Command {
	var lines bool
	c := &cobra.Command{
		Use:   "judge RUNS.jsonl",
		Short: "Judge the runs of a record again",
		Long: `Judges every run again by the standard promises, from what everybody saw, and
prints a line a run. Where the verdict on disk differs, because the promises have
changed since, or the run was cut off, or its story has promises of its own, the
line after it says so.

Whether a complaint came true to the letter is taken from the record: what the
letter is, only its story knows.

With --json each run is a JSON object on a line of its own, and the last line has
the figures.`,
		Example: `  unhappypath judge reports/out/runs.jsonl
  unhappypath judge --json reports/out/runs.jsonl | jq 'select(.good == false)'
  unhappypath judge last-year.jsonl && echo "still as we promise today"`,
		Args: records(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			file, err := open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			j := judging{out: c.OutOrStdout(), paint: terminal.For(c.OutOrStdout())}
			if lines {
				j.json = json.NewEncoder(c.OutOrStdout())
				j.json.SetEscapeHTML(false)
			}
			// Run by run: a record may be longer than the memory.
			origin, err := record.Read(within{c.Context(), file}, j.judge)
			if err != nil {
				return harnessFailed("%s: %w", args[0], err)
			}
			return j.sum(args[0], origin)
		},
	}
	c.Flags().BoolVar(&lines, "json", false, "a JSON object a run, and one with the figures")
	return c
}

// judgedRun is a run that was judged again, for programs.
type judgedRun struct {
	Run      string         `json:"run"`
	Story    string         `json:"story"`
	Verdict  judge.Verdict  `json:"verdict"`
	Good     bool           `json:"good"`
	Sentence string         `json:"sentence"`
	OnDisk   judge.Verdict  `json:"on_disk"`
	Rulings  []judge.Ruling `json:"rulings,omitempty"` // but those that are kept
	Replay   string         `json:"replay,omitempty"`
}

// judging is a record half judged.
type judging struct {
	out                                      io.Writer
	paint                                    terminal.Paint
	json                                     *json.Encoder // nil: words
	runs, broken, unproven, unfinished, diff int
}

func (j *judging) judge(r *judge.Run) error {
	was := r.Verdict()
	var because string
	for _, ruling := range r.Rulings {
		if ruling.Verdict == was && ruling.Because != "" {
			because = " (" + ruling.Promise + ": " + ruling.Because + ")"
			break
		}
	}
	r.Rejudge()
	j.runs++
	switch {
	case r.Good():
	case r.Verdict() == judge.Unfinished:
		j.unfinished++
	case r.Verdict() == judge.Unproven:
		j.unproven++
	default:
		j.broken++
	}
	if r.Verdict() != was {
		j.diff++
	}
	if j.json != nil {
		rulings := slices.DeleteFunc(slices.Clone(r.Rulings), func(r judge.Ruling) bool { return r.Verdict == judge.Kept })
		return j.json.Encode(judgedRun{r.ID, r.Story, r.Verdict(), r.Good(), r.Sentence(), was, rulings, r.Replay})
	}
	fmt.Fprintf(j.out, "%s %s: %s\n", outcomeOf(j.paint, r), r.ID, r.Sentence())
	if r.Verdict() != was {
		fmt.Fprintf(j.out, "    on disk it is %s%s\n", was, because)
	}
	return nil
}

func (j *judging) sum(path string, origin record.Origin) error {
	if j.runs == 0 {
		return harnessFailed("%s has no runs: its suite staged nothing, or was cut off before its first story", path)
	}
	bad := j.broken + j.unproven + j.unfinished
	if j.json != nil {
		figures := map[string]int{"runs": j.runs, "good": j.runs - bad, "broken": j.broken, "unproven": j.unproven, "unfinished": j.unfinished, "differ": j.diff}
		if err := j.json.Encode(figures); err != nil {
			return harnessFailed("%w", err)
		}
	} else {
		fmt.Fprintf(j.out, "\n%d runs judged, %d as they should be; the verdict on disk differs of %d\n", j.runs, j.runs-bad, j.diff)
	}
	switch {
	case j.broken == 0 && j.unfinished > 0:
		return failure{code: exitHarness}
	case bad > 0:
		return failure{code: exitBroken}
	}
	return lacksShards(origin)
}

// outcomeOf is the run's, in its colour.
func outcomeOf(p terminal.Paint, r *judge.Run) string {
	text := fmt.Sprintf("%-12s", r.Outcome())
	if r.Good() {
		return p.Good(text)
	}
	return p.Bad(text)
}
