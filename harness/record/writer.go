package record

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// RecordVersion is the version of the record's form that is written; versions 1 and 2
// are still read. docs/runs.schema.json describes it.
const Version = 3

// maxLine is the longest line of a record: a message with two full bodies and
// room to spare.
const maxLine = 1 << 20

// line is one line of a record: where it comes from, the opening of a run, an
// event of it, or its end. A run without an end was cut off.
type line struct {
	Version int        `json:"v,omitempty"`
	Origin  *Origin    `json:"origin,omitempty"`
	Open    *judge.Run `json:"open,omitempty"`
	Run     string     `json:"run,omitempty"`
	Event   *seen      `json:"event,omitempty"`
	End     *judge.Run `json:"end,omitempty"`
}

// Record writes runs as JSON lines, each in one write, so that what happened
// before a crash is on the disk. A nil Record writes nothing.
type Writer struct {
	mu   sync.Mutex
	w    io.Writer
	used map[string]int
	open map[*judge.Run]bool // begun and not ended
	err  error
}

// NewRecord begins a record on w.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w, used: map[string]int{}, open: map[*judge.Run]bool{}}
}

// From writes where the record comes from, which is to be its first line.
func (r *Writer) From(o Origin) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(line{Version: Version, Origin: &o})
}

// Empty says whether no run was written.
func (r *Writer) Empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.used) == 0
}

// Err is the first failure to write, if any: a record with one is not whole.
func (r *Writer) Err() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Writer) write(l line) {
	text, err := json.Marshal(l)
	switch {
	case err != nil:
	case len(text) >= maxLine: // its readers would take nothing at all of the record
		err = fmt.Errorf("a line of %d bytes; one has at most %d", len(text), maxLine)
	default:
		_, err = r.w.Write(append(text, '\n'))
	}
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("the record could not be written: %w", err)
	}
}

// begin writes the opening of a run; where its id is taken, it gets another.
func (r *Writer) Begin(run *judge.Run) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id := run.ID
	for r.used[run.ID] > 0 {
		r.used[id]++
		run.ID = fmt.Sprintf("%s/%d", id, r.used[id])
	}
	r.used[run.ID]++
	if run.Redact != nil {
		r.err = cmp.Or(r.err, fmt.Errorf("the history of the run %s has its secrets: it was not written", run.ID))
		return
	}
	r.open[run] = true
	r.write(line{Version: Version, Open: run})
}

func (r *Writer) Event(run *judge.Run) func(observe.Event) {
	if r == nil {
		return nil
	}
	return func(e observe.Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.open[run] { // what a straggler sees after the end is no part of the run
			r.write(line{Run: run.ID, Event: &seen{Event: e}})
		}
	}
}

func (r *Writer) End(run *judge.Run) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[run] {
		r.write(line{Run: run.ID, End: run})
	}
	delete(r.open, run)
	if run.Uncounted != "" { // the one that counts takes its place
		delete(r.used, run.ID)
	}
}

// Write writes a whole run that was enacted without a sink.
func (r *Writer) Write(run *judge.Run) {
	if r == nil {
		return
	}
	r.Begin(run)
	for _, e := range run.History {
		r.Event(run)(e)
	}
	r.End(run)
}
