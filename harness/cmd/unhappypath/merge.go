package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports/model"
)

func newMerge() *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "merge PART…",
		Short: "Make one record of several, such as a shard a machine",
		Long: `Merges records (runs.jsonl) into one, and explorations (exploration-1-of-3.json …)
into an exploration.json beside it. The order of the parts does not matter: any
gives the same bytes.

Refused are parts of different commits, suites or settings, and a run or a shard
that comes twice. Where a shard is missing, what there is is merged, the shard is
named, and the exit code is 3.`,
		Example: `  UNHAPPY_SHARD=1/3 go test ./scenarios -count=1   # on the first machine of three
  unhappypath report merge shard-*/runs.jsonl -o runs.jsonl
  unhappypath report merge shard-*/runs.jsonl shard-*/exploration-*.json -o all/runs.jsonl`,
		Args: records(1, 0),
		RunE: func(c *cobra.Command, args []string) error {
			return merge(c.Context(), args, out, c.OutOrStdout())
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "runs.jsonl", "the merged record; its folder is made if need be")
	return c
}

func merge(ctx context.Context, paths []string, out string, told io.Writer) (err error) {
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return cannotWrite("the folder of %s cannot be made: %w", out, err)
	}
	shelf, err := newShelf(filepath.Dir(out))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shelf.close()) }()
	var parts []model.Part
	var shards []explore.Result
	for _, path := range paths {
		is, err := isExploration(path)
		if err != nil {
			return err
		}
		if is {
			list, err := readExploration(ctx, path)
			if err != nil {
				return err
			}
			shards = append(shards, list...)
			continue
		}
		part, err := shelf.put(ctx, path)
		if err != nil {
			return err
		}
		parts = append(parts, part)
	}
	explored, missing, err := mergeExplorations(shards)
	if err != nil {
		return err
	}
	if len(parts) > 0 {
		lacks, err := mergeRecords(ctx, shelf, parts, out, told)
		if err != nil {
			return err
		}
		missing = append(lacks, missing...)
	}
	if len(explored) > 0 {
		path := filepath.Join(filepath.Dir(out), "exploration.json")
		err := writeFile(ctx, path, func(w io.Writer) error {
			text, err := json.MarshalIndent(explored, "", " ")
			if err == nil {
				_, err = w.Write(append(text, '\n'))
			}
			return err
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(told, "%s: stories explored: %d\n", path, len(explored))
	}
	if len(missing) > 0 {
		return harnessFailed("merged, but not whole: missing is %s", strings.Join(missing, "; "))
	}
	return nil
}

// mergeRecords writes the merged record and says what is missing in it.
func mergeRecords(ctx context.Context, shelf *shelf, parts []model.Part, out string, told io.Writer) (missing []string, err error) {
	origin, runs, err := model.Merge(parts)
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	err = writeFile(ctx, out, func(w io.Writer) error {
		record := record.NewWriter(w)
		record.From(origin)
		return errors.Join(record.Err(), shelf.copy(runs, w))
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(told, "%s: runs: %d, of parts: %d\n", out, len(runs), len(parts))
	if lacks := origin.Missing(); lacks != "" {
		missing = append(missing, lacks)
	}
	return missing, nil
}

// isExploration tells the two kinds of files apart: a record is a JSON object a
// line, an exploration is one list.
func isExploration(path string) (bool, error) {
	file, err := open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	for {
		c, err := in.ReadByte()
		if err != nil || c > ' ' {
			return c == '[', nil // one that is empty is no good record either, and says so
		}
	}
}

// mostShards is how many UNHAPPY_SHARD allows.
const mostShards = 1000

// longestExploration is how many bytes are read of one.
const longestExploration = 256 << 20

func readExploration(ctx context.Context, path string) (list []explore.Result, err error) {
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(within{ctx, file}, longestExploration+1))
	if err == nil && len(text) > longestExploration {
		err = fmt.Errorf("an exploration has at most %d MB", longestExploration>>20)
	}
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	for _, r := range list {
		if err == nil && (r.Of < 1 || r.Of > mostShards) {
			err = fmt.Errorf("%s is of %d shards; valid are 1 to %d", r.Story, r.Of, mostShards)
		}
	}
	if err != nil {
		return nil, harnessFailed("%s is no exploration that can be read: %w", path, err)
	}
	return list, nil
}

// mergeExplorations merges the shards story by story.
func mergeExplorations(shards []explore.Result) (whole []explore.Result, missing []string, err error) {
	stories := map[string][]explore.Result{}
	for _, s := range shards {
		stories[s.Story] = append(stories[s.Story], s)
	}
	for _, story := range slices.Sorted(maps.Keys(stories)) {
		r, err := explore.Merge(stories[story]...)
		if err != nil {
			return nil, nil, failure{exitUsage, err}
		}
		whole = append(whole, r)
		for _, n := range r.Missing() {
			missing = append(missing, fmt.Sprintf("shard %d of %d of the exploration of %s", n, r.Of, cmp.Or(story, "?")))
		}
	}
	return whole, missing, nil
}
