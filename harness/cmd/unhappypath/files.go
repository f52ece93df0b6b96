package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports/model"
)

// within reads until ctx is done, so that an interrupt ends a long read.
type within struct {
	ctx  context.Context
	from io.Reader
}

func (w within) Read(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, errors.New("interrupted; nothing was written")
	}
	return w.from.Read(p)
}

// open opens a file that was named on the command line.
func open(path string) (*os.File, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("%s: there is no such file; a suite leaves its record at reports/out/runs.jsonl", path)
	}
	if err != nil {
		return nil, failure{exitHarness, err}
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(usage("%s is a folder; name the record in it, such as %s", path, filepath.Join(path, "runs.jsonl")), file.Close())
	}
	return file, nil
}

// readPart reads a whole record.
func readPart(ctx context.Context, path string) (model.Part, error) {
	file, err := open(path)
	if err != nil {
		return model.Part{}, err
	}
	defer file.Close()
	part := model.Part{Name: path}
	part.Origin, part.Runs, err = record.ReadWhole(within{ctx, file})
	return part, whole(part, err)
}

// whole says why a part that was read, or was not, is none.
func whole(part model.Part, err error) error {
	switch {
	case err != nil:
		return harnessFailed("%s: %w", part.Name, err)
	case len(part.Runs) == 0 && part.Origin.Of == 0:
		return harnessFailed("%s has no runs: its suite staged nothing, or was cut off before its first story", part.Name)
	}
	return nil
}

func readParts(ctx context.Context, paths []string) ([]model.Part, error) {
	var parts []model.Part
	for _, path := range paths {
		part, err := readPart(ctx, path)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// writeFile writes a file beside its place and moves it there when it is whole:
// no reader meets half of it, even when it is interrupted.
func writeFile(ctx context.Context, path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return cannotWrite("%s cannot be written: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(file.Name())
		}
	}()
	out := bufio.NewWriter(file)
	err = write(out)
	// Temporary files are private; a record is for anyone who may read its folder.
	err = errors.Join(err, out.Flush(), file.Chmod(0o644), file.Close())
	if err == nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return cannotWrite("%s was not written: %w", path, err)
	}
	return nil
}

// ended is when the last of the runs was over.
func ended(runs []*judge.Run) (last time.Time) {
	for _, r := range runs {
		if over := r.Began.Add(r.Took); over.After(last) {
			last = over
		}
	}
	return last
}

// outcome is how all of the runs came out: broken beats unfinished beats unproven.
func outcome(runs []*judge.Run) error {
	var broken, unfinished, unproven int
	for _, r := range runs {
		switch {
		case r.Good():
		case r.Verdict() == judge.Unfinished:
			unfinished++
		case r.Verdict() == judge.Unproven:
			unproven++
		default: // also a complaint that did not come true
			broken++
		}
	}
	switch {
	case broken == 0 && unfinished > 0:
		return failure{exitHarness, fmt.Errorf("%d of %d runs are unfinished", unfinished, len(runs))}
	case broken > 0 || unproven > 0:
		return failure{exitBroken, fmt.Errorf("%d of %d runs are not as they should be", broken+unproven+unfinished, len(runs))}
	}
	return nil
}

// lacksShards is the failure of a record in which shards are missing.
func lacksShards(o record.Origin) error {
	if missing := o.Missing(); missing != "" {
		return harnessFailed("it is of a part: missing is %s", missing)
	}
	return nil
}
