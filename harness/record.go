package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// RecordVersion is the version of the record's form; a reader refuses others.
const RecordVersion = 1

// maxLine is the longest line of a record: a message with two full bodies and
// room to spare.
const maxLine = 1 << 20

// line is one line of a record: the opening of a run, an event of it, or its
// end. A run without an end was cut off.
type line struct {
	Version int    `json:"v,omitempty"`
	Open    *Run   `json:"open,omitempty"`
	Run     string `json:"run,omitempty"`
	Event   *Event `json:"event,omitempty"`
	End     *Run   `json:"end,omitempty"`
}

// Record writes runs as JSON lines, each in one write, so that what happened
// before a crash is on the disk. A nil Record writes nothing.
type Record struct {
	mu   sync.Mutex
	w    io.Writer
	used map[string]int
	open map[*Run]bool // begun and not ended
	err  error
}

// NewRecord begins a record on w.
func NewRecord(w io.Writer) *Record {
	return &Record{w: w, used: map[string]int{}, open: map[*Run]bool{}}
}

// Err is the first failure to write, if any: a record with one is not whole.
func (r *Record) Err() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Record) write(l line) {
	text, err := json.Marshal(l)
	if err == nil {
		_, err = r.w.Write(append(text, '\n'))
	}
	if r.err == nil && err != nil {
		r.err = fmt.Errorf("the record could not be written: %w", err)
	}
}

// begin writes the opening of a run; where its id is taken, it gets another.
func (r *Record) begin(run *Run) {
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
	r.open[run] = true
	r.write(line{Version: RecordVersion, Open: run})
}

func (r *Record) event(run *Run) func(Event) {
	if r == nil {
		return nil
	}
	return func(e Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.open[run] { // what a straggler sees after the end is no part of the run
			r.write(line{Run: run.ID, Event: &e})
		}
	}
}

func (r *Record) end(run *Run) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, run)
	r.write(line{Run: run.ID, End: run})
}

// Write writes a whole run that was enacted without a sink.
func (r *Record) Write(run *Run) {
	if r == nil {
		return
	}
	r.begin(run)
	for _, e := range run.History {
		r.event(run)(e)
	}
	r.end(run)
}

// ReadRuns reads a record. A run that was cut off comes back as Unfinished
// with what it has; so does one whose last line is torn. Anything else that is
// no record is an error with its line.
func ReadRuns(from io.Reader) ([]*Run, error) {
	var runs []*Run
	open := map[string]*Run{}
	scanner := bufio.NewScanner(from)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	torn := error(nil)
	for n := 1; scanner.Scan(); n++ {
		if torn != nil {
			return nil, torn
		}
		text := scanner.Bytes()
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			// Only the last line may be torn: whoever wrote it was cut off.
			torn = fmt.Errorf("record, line %d: no JSON line of a record: %w", n, err)
			if v := versionOf(text); v != 0 && v != RecordVersion {
				return nil, fmt.Errorf("record, line %d: %w", n, otherVersion(v))
			}
			continue
		}
		run, err := l.read(open)
		if err != nil {
			return nil, fmt.Errorf("record, line %d: %w", n, err)
		}
		if run != nil {
			runs = append(runs, run)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("the record cannot be read: %w (a line has at most %d bytes)", err, maxLine)
	}
	switch {
	case torn != nil && len(runs) == 0:
		return nil, torn
	case torn != nil && len(open) == 0:
		// What was torn can only be the opening of one more run.
		lost := &Run{ID: "cut-off", Story: "cut-off", Plot: "The record breaks off where a run was opened."}
		runs, open[lost.ID] = append(runs, lost), lost
	}
	for _, run := range runs {
		run.History.sort()
		run.History = run.History.illustrated()
		if open[run.ID] == run {
			run.Failure = "the run was cut off: its record has no end"
			run.Rulings = []Ruling{{Promise: "staged", Verdict: Unfinished, Because: run.Failure}}
		}
	}
	return runs, nil
}

func otherVersion(v int) error {
	return fmt.Errorf("version %d of the record; this program reads version %d", v, RecordVersion)
}

// versionOf is the version that a line of another form states, or 0.
func versionOf(text []byte) int {
	var l struct {
		Version int `json:"v"`
	}
	if json.Unmarshal(text, &l) != nil {
		return 0
	}
	return l.Version
}

// read takes in one line and returns the run that it opens, if it does.
func (l line) read(open map[string]*Run) (*Run, error) {
	if l.Open != nil {
		switch {
		case l.Version != RecordVersion:
			return nil, otherVersion(l.Version)
		case l.Open.ID == "":
			return nil, errors.New("a run without an id")
		case open[l.Open.ID] != nil:
			return nil, fmt.Errorf("run %s is opened twice", l.Open.ID)
		}
		open[l.Open.ID] = l.Open
		return l.Open, nil
	}
	run := open[l.Run]
	switch {
	case run == nil:
		return nil, fmt.Errorf("run %q was never opened", l.Run)
	case l.Event != nil:
		if err := checkEvent(l.Event); err != nil {
			return nil, err
		}
		run.History = append(run.History, *l.Event)
	case l.End != nil:
		run.Took, run.Failure, run.Unsettled = l.End.Took, l.End.Failure, l.End.Unsettled
		run.Mismatch, run.Rulings = l.End.Mismatch, l.End.Rulings
		delete(open, l.Run)
	default:
		return nil, errors.New("neither the opening of a run, nor an event, nor an end")
	}
	return nil, nil
}

// checkEvent makes sure that an event from outside has the payload that its
// kind promises, so that nobody after this point meets a nil.
func checkEvent(e *Event) error {
	ok := true
	switch e.Kind {
	case "sent", "arrived", "answered", "received", "failed", "drift":
		ok = e.Message != nil
	case "action":
		ok = e.Act != nil
	case "screen", "shot":
		ok = e.View != nil
	case "order", "money", "parcel":
		ok = e.Entry != nil
	case "struck":
		ok = e.Blow != nil
	case "process":
		ok = e.Life != nil
	case "note":
	default:
		return fmt.Errorf("an event of unknown kind %q", e.Kind)
	}
	if !ok {
		return fmt.Errorf("an event of kind %q without what it tells", e.Kind)
	}
	return nil
}
