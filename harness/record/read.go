package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// maxHeld is how much of a record is held in memory at once, which then takes up
// to twice as much: some ten thousand ordinary runs. A caller that takes runs one by one is bound by it only for
// those that are open.
const maxHeld = 512 << 20

// lineCost is what a line takes in memory beside its text, at most.
const lineCost = 512

// ReadRecord reads a record and hands over each run as soon as its end is read,
// so that a record of any length takes the memory of the runs that are open. One that
// does not count is left out. A
// run that was cut off comes, after all others, as Unfinished with what it has; so
// does one whose last line is torn. Anything else that is no record is an error
// with its line, and so is what take returns.
func Read(from io.Reader, take func(*judge.Run) error) (Origin, error) {
	r := reading{open: map[string]*opened{}, take: func(o *opened) error { return take(o.run) }}
	err := r.read(from)
	return r.origin, err
}

// ReadWhole reads a record into memory, its runs in the order in which they were
// opened. One that is too long for that is an error.
func ReadWhole(from io.Reader) (Origin, []*judge.Run, error) {
	var list []*opened
	r := reading{open: map[string]*opened{}, keeps: true, take: func(o *opened) error {
		list = append(list, o)
		return nil
	}}
	if err := r.read(from); err != nil {
		return Origin{}, nil, err
	}
	slices.SortFunc(list, func(a, b *opened) int { return a.n - b.n })
	runs := make([]*judge.Run, len(list))
	for i, o := range list {
		runs[i] = o.run
	}
	return r.origin, runs, nil
}

// ReadRuns are the runs of ReadWhole.
func ReadAll(from io.Reader) ([]*judge.Run, error) {
	_, runs, err := ReadWhole(from)
	return runs, err
}

// reading is a record half read.
type reading struct {
	origin Origin
	open   map[string]*opened
	begun  int // runs
	lines  int // that are not blank
	held   int // bytes, of the open runs, or of all where they are kept
	keeps  bool
	take   func(*opened) error
}

// opened is a run whose opening was read, the n-th of its record.
type opened struct {
	run  *judge.Run
	n    int
	held int
}

func (r *reading) read(from io.Reader) error {
	scanner := bufio.NewScanner(from)
	scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
	torn := error(nil)
	for n := 1; scanner.Scan(); n++ {
		if torn != nil {
			return torn
		}
		text := scanner.Bytes()
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			// Only the last line may be torn: its writer was cut off.
			torn = fmt.Errorf("record, line %d: no JSON line of a record: %w", n, err)
			if v := versionOf(text); v != 0 && !isRead(v) {
				return fmt.Errorf("record, line %d: %w", n, otherVersion(v))
			}
			continue
		}
		if err := r.line(l, len(text)+lineCost); err != nil {
			return fmt.Errorf("record, line %d: %w", n, err)
		}
		r.lines++
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("the record cannot be read: %w (a line has at most %d bytes)", err, maxLine)
	} else if err != nil {
		return fmt.Errorf("the record cannot be read: %w", err)
	}
	switch {
	case torn != nil && r.begun == 0:
		return torn
	case torn != nil && len(r.open) == 0:
		r.breaksOff("The record breaks off where a run was opened.")
	case r.begun < r.origin.Runs && len(r.open) == 0:
		r.breaksOff(fmt.Sprintf("The record breaks off after %d of %d runs.", r.begun, r.origin.Runs))
	}
	return r.cutOff()
}

// breaksOff opens a run that stands for all that are lost.
func (r *reading) breaksOff(how string) {
	id := strings.ReplaceAll(strings.TrimSpace("cut-off "+r.origin.Part()), " ", "-") // one of its own in each shard
	r.begin(&judge.Run{ID: id, Story: "cut-off", Plot: how})
}

// cutOff hands over the runs that have no end.
func (r *reading) cutOff() error {
	var list []*opened
	for _, o := range r.open {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *opened) int { return a.n - b.n })
	for _, o := range list {
		o.run.History.Sort()
		o.run.History = o.run.History.Illustrated()
		o.run.Failure = "the run was cut off: its record has no end"
		o.run.Rulings = []judge.Ruling{{Promise: judge.WasStaged, Verdict: judge.Unfinished, Because: o.run.Failure}}
		if err := r.take(o); err != nil {
			return err
		}
	}
	return nil
}

// isRead says whether this program reads a record's version.
func isRead(v int) bool { return v >= 1 && v <= Version }

func otherVersion(v int) error {
	return fmt.Errorf("version %d of the record; this program reads versions 1 to %d", v, Version)
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

func (r *reading) begin(run *judge.Run) *opened {
	r.begun++
	o := &opened{run: run, n: r.begun}
	r.open[run.ID] = o
	return o
}

// line takes in one line, which costs so much memory.
func (r *reading) line(l line, cost int) error {
	if l.Origin != nil {
		return r.from(l)
	}
	if r.held += cost; r.held > maxHeld {
		return fmt.Errorf("up to here, the runs to be held at once have more than %d MB: stage fewer rounds a record", maxHeld>>20)
	}
	if l.Open != nil {
		switch {
		case !isRead(l.Version):
			return otherVersion(l.Version)
		case l.Open.ID == "":
			return errors.New("a run without an id")
		case r.open[l.Open.ID] != nil:
			return fmt.Errorf("run %s is opened twice", l.Open.ID)
		}
		r.begin(l.Open).held = cost
		return resolve(l.Open)
	}
	o := r.open[l.Run]
	if o == nil {
		return fmt.Errorf("run %q was never opened", l.Run)
	}
	o.held += cost
	switch {
	case l.Event != nil:
		e := l.Event.now()
		if err := checkEvent(&e); err != nil {
			return err
		}
		o.run.History = append(o.run.History, e)
	case l.End != nil:
		return r.end(o, l.End)
	default:
		return errors.New("neither the opening of a run, nor an event, nor an end")
	}
	return nil
}

// from takes in the first line.
func (r *reading) from(l line) error {
	switch {
	case !isRead(l.Version):
		return otherVersion(l.Version)
	case r.lines > 0:
		return errors.New("a second record begins here; put records together with “unhappypath report merge”")
	}
	r.origin = *l.Origin
	return r.origin.check()
}

// end hands over a run that is whole.
func (r *reading) end(o *opened, end *judge.Run) error {
	run := o.run
	run.Took, run.Failure, run.Unsettled = end.Took, end.Failure, end.Unsettled
	run.Mismatch, run.Rulings = end.Mismatch, namedNow(end.Rulings)
	run.History.Sort()
	run.History = run.History.Illustrated()
	delete(r.open, run.ID)
	if !r.keeps || end.Uncounted != "" {
		r.held -= o.held
	}
	if end.Uncounted != "" {
		return nil
	}
	return r.take(o)
}

// checkEvent makes sure that an event from outside has the payload that its
// kind promises, so that nobody after this point meets a nil.
func checkEvent(e *observe.Event) error {
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
	case "injection":
		ok = e.Effect != nil
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
