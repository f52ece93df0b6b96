// Package journal keeps what a shop must not forget.
package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Journal has one line of JSON for each thing that the shop decided about an order O.
// A line is on the disk before the shop acts on it, so what is read after a crash is
// at least what the shop knew that crashed.
type Journal[O any] struct{ file *os.File }

// Open returns the journal, and how every order stands by it. An order says its id.
func Open[O any](path string, id func(*O) string) (*Journal[O], map[string]*O, error) {
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
	orders := map[string]*O{}
	for line := range bytes.Lines(text[:whole]) {
		var o O
		if err := json.Unmarshal(line, &o); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		orders[id(&o)] = &o
	}
	return &Journal[O]{file}, orders, nil
}

// Write returns when the order, as it is now, survives a crash.
func (j *Journal[O]) Write(o *O) error {
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return j.file.Sync()
}
