package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports/model"
)

// shelf keeps runs on the disk while their order among others is not yet known:
// of each it holds in memory its id and its place alone, so that records of any
// length can be merged.
type shelf struct {
	file   *os.File
	out    *bufio.Writer
	record *record.Writer // writes to the shelf
	end    int64          // how many bytes are on it
	places map[*judge.Run]place
}

// place is where a run lies on the shelf.
type place struct{ from, size int64 }

// newShelf puts a shelf up in a folder; close takes it down again.
func newShelf(dir string) (*shelf, error) {
	file, err := os.CreateTemp(dir, "merging.*.tmp")
	if err != nil {
		return nil, cannotWrite("%s cannot be written: %w", dir, err)
	}
	s := &shelf{file: file, out: bufio.NewWriterSize(file, 1<<20), places: map[*judge.Run]place{}}
	s.record = record.NewWriter(s)
	return s, nil
}

func (s *shelf) close() error {
	if err := errors.Join(s.file.Close(), os.Remove(s.file.Name())); err != nil {
		return harnessFailed("what was kept while merging could not be removed: %w", err)
	}
	return nil
}

// Write counts what is written, for that is where the next run begins.
func (s *shelf) Write(text []byte) (int, error) {
	n, err := s.out.Write(text)
	s.end += int64(n)
	return n, err
}

// put reads a record and puts its runs on the shelf. The runs of the part that it
// returns have an id and nothing else.
func (s *shelf) put(ctx context.Context, path string) (model.Part, error) {
	file, err := open(path)
	if err != nil {
		return model.Part{}, err
	}
	defer file.Close()
	part := model.Part{Name: path}
	part.Origin, err = record.Read(within{ctx, file}, func(r *judge.Run) error {
		name, from := &judge.Run{ID: r.ID}, s.end
		s.record.Write(r) // which gives it another id where this one is taken; that is refused later
		part.Runs = append(part.Runs, name)
		s.places[name] = place{from, s.end - from}
		return s.record.Err()
	})
	return part, whole(part, err)
}

// copy writes the runs as they lie on the shelf, in the order that is given.
func (s *shelf) copy(runs []*judge.Run, to io.Writer) error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	for _, r := range runs {
		at := s.places[r]
		if _, err := io.Copy(to, io.NewSectionReader(s.file, at.from, at.size)); err != nil {
			return err
		}
	}
	return nil
}
