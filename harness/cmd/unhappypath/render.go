package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/model"
)

func newRender() *cobra.Command {
	var out, baseline string
	folder := false
	c := &cobra.Command{
		Use:   "render RUNS.jsonl…",
		Short: "Make the report of one record or more",
		Long: `Writes report.html, junit.xml, ctrf.json and summary.md into the folder. Several
records are merged first, as “report merge” does it. The exit code says how the
runs came out.`,
		Example: `  unhappypath report render reports/out/runs.jsonl
  unhappypath report render shard-1/runs.jsonl shard-2/runs.jsonl --out public
  unhappypath report render runs.jsonl --baseline main/runs.jsonl   # says what is new
  unhappypath report render runs.jsonl --out public --folder        # a page a story`,
		Args: records(1, 0),
		RunE: func(c *cobra.Command, args []string) error {
			parts, err := readParts(c.Context(), args)
			if err != nil {
				return err
			}
			origin, runs, err := merged(parts)
			if err != nil {
				return err
			}
			about := reports.About{Title: origin.Title(), Commit: origin.Commit, At: ended(runs), Shards: len(origin.Shards)}
			for _, s := range origin.Skipped {
				about.Skipped = append(about.Skipped, reports.Skip{Name: s.Name, Reason: s.Reason})
			}
			if baseline != "" {
				part, err := readPart(c.Context(), baseline)
				if err != nil {
					return err
				}
				about.Baseline = part.Runs
			}
			if c.Context().Err() != nil {
				return harnessFailed("interrupted; nothing was written")
			}
			path, err := reports.Write(out, runs, about)
			if err != nil {
				return cannotWrite("%w", err)
			}
			if folder {
				if path, err = reports.WriteFolder(out, runs, about); err != nil {
					return cannotWrite("%w", err)
				}
			}
			fmt.Fprintln(c.OutOrStdout(), path)
			if err := outcome(runs); err != nil {
				return err
			}
			return lacksShards(origin)
		},
	}
	c.Flags().StringVar(&out, "out", "reports/out", "the folder of the report, made if need be")
	c.Flags().StringVar(&baseline, "baseline", "", "an earlier record that the runs are compared with")
	c.Flags().BoolVar(&folder, "folder", false, "also the form with a page a story, for servers that allow no inline scripts")
	return c
}

// merged is one record of several, or the one.
func merged(parts []model.Part) (record.Origin, []*judge.Run, error) {
	if len(parts) == 1 {
		return parts[0].Origin, parts[0].Runs, nil
	}
	origin, runs, err := model.Merge(parts)
	if err != nil {
		return origin, nil, failure{exitUsage, err}
	}
	return origin, runs, nil
}
