package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// journal is what the shop must not forget: one line of JSON for each thing that
// it decided. A line is on the disk before the shop acts on it, so whoever reads
// the journal after a crash knows at least as much as the one who crashed.
type journal struct{ file *os.File }

// openJournal returns the journal, and how every order stands by it.
func openJournal(path string) (*journal, map[string]*order, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, nil, err
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1 // a line that a crash cut off was never acted on
	if err := file.Truncate(int64(whole)); err != nil {
		return nil, nil, err
	}
	orders := map[string]*order{}
	for line := range bytes.Lines(text[:whole]) {
		var o order
		if err := json.Unmarshal(line, &o); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		orders[o.ID] = &o
	}
	return &journal{file}, orders, nil
}

// write returns when the order, as it is now, survives a crash.
func (j *journal) write(o *order) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}
