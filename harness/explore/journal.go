package explore

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// Journal has on the disk what came of trials, so that an exploration goes on where an
// earlier one stopped: it asks for the same trials, and gets at once what is known.
//
// Some trials are enacted again. Those without injections, since the shop is to be seen as it
// is now. In virtual time, singles: they tell of every message and call, take a hundred times
// the room of a pair, and a few seconds. In real time, whatever was not kept when it was
// first tried: it is to be seen again and repeated, or dropped.
type Journal struct {
	real bool
	file *os.File

	mu    sync.Mutex
	lines map[[sha256.Size]byte]place
	end   int64 // of the file
	taken int
	err   error
}

// place is where the line of a trial is in the file. Its outcome is used once, in a later
// exploration: a trial that is asked for again is to show the same again.
type place struct {
	from, size int64
	used       bool
}

// head is the first line of a journal.
type head struct {
	Version int    `json:"v"`
	Of      string `json:"of"` // what was explored, as it was built
}

// entry is any other line. One without an outcome is of a trial that is enacted again.
type entry struct {
	Trial   Trial    `json:"trial"`
	Outcome *Outcome `json:"outcome,omitempty"`
}

const journalVersion = 1

// ErrJournal is of a journal that an exploration cannot go on from.
var ErrJournal = errors.New("no exploration to resume")

// NewJournal begins a journal in a file, in place of what is there. Of says what is explored,
// as it was built; real, that real time passes.
func NewJournal(path, of string, real bool) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	j := &Journal{real: real, file: file, lines: map[[sha256.Size]byte]place{}}
	if err := j.write(head{journalVersion, of}); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

// ResumeJournal goes on with the journal in a file. Where there is none, or it is of something
// else, the error is an ErrJournal. A line that was torn is forgotten.
func ResumeJournal(path, of string, real bool) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s", ErrJournal, path)
	}
	if err != nil {
		return nil, err
	}
	j := &Journal{real: real, file: file, lines: map[[sha256.Size]byte]place{}}
	if err := j.read(of); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return j, nil
}

func (j *Journal) read(of string) error {
	from := bufio.NewReaderSize(j.file, 1<<20)
	for n := 1; ; n++ {
		line, err := from.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF) && n == 1:
			return fmt.Errorf("%w: its first line is not whole", ErrJournal)
		case errors.Is(err, io.EOF):
			return j.file.Truncate(j.end)
		case err != nil:
			return err
		case n == 1:
			err = isOf(line, of)
		default:
			err = j.index(line, n)
		}
		if err != nil {
			return err
		}
		j.end += int64(len(line))
	}
}

func isOf(line []byte, of string) error {
	var h head
	if err := json.Unmarshal(line, &h); err != nil || h.Version != journalVersion {
		return fmt.Errorf("%w: it is no journal of version %d", ErrJournal, journalVersion)
	}
	if h.Of != of {
		return fmt.Errorf("%w: it is of another build or description", ErrJournal)
	}
	return nil
}

// index takes note of where the n-th line is.
func (j *Journal) index(line []byte, n int) error {
	var e struct {
		Trial   Trial           `json:"trial"`
		Outcome json.RawMessage `json:"outcome"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("%w: line %d: %w", ErrJournal, n, err)
	}
	key, err := keyOf(e.Trial)
	if err == nil {
		j.lines[key] = place{from: j.end, size: int64(len(line)), used: e.Outcome == nil}
	}
	return err
}

func keyOf(t Trial) ([sha256.Size]byte, error) {
	text, err := json.Marshal(t)
	return sha256.Sum256(text), err
}

// Tries is try, but for what is known already.
func (j *Journal) Tries(try Try) Try {
	return func(ctx context.Context, t Trial) (Outcome, error) {
		if len(t.Injections) == 0 || t.Whole && !j.real {
			return try(ctx, t)
		}
		known, seen, err := j.take(t)
		if err != nil {
			return Outcome{}, err
		}
		if known != nil {
			return *known, nil
		}
		o, err := try(ctx, t)
		if err == nil && !seen && o.Verdict != judge.Unfinished && o.Slow == "" {
			j.keep(t, o)
		}
		return o, err
	}
}

// take is what came of a trial, or nil; seen says that it has a line.
func (j *Journal) take(t Trial) (known *Outcome, seen bool, err error) {
	key, err := keyOf(t)
	if err != nil {
		return nil, false, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	at, seen := j.lines[key]
	if !seen || at.used {
		return nil, seen, nil
	}
	line := make([]byte, at.size)
	if _, err := j.file.ReadAt(line, at.from); err != nil {
		return nil, true, fmt.Errorf("the journal of the exploration: %w", err)
	}
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return nil, true, fmt.Errorf("the journal of the exploration: %w", err)
	}
	at.used = true
	j.lines[key] = at
	j.taken++
	return e.Outcome, true, nil
}

// keep writes down what came of a trial that was not known.
func (j *Journal) keep(t Trial, o Outcome) {
	e := entry{t, &o}
	if j.real && o.Verdict != judge.Kept && o.Verdict != judge.Unproven {
		e.Outcome = nil
	}
	key, err := keyOf(t)
	j.mu.Lock()
	defer j.mu.Unlock()
	from := j.end
	if err == nil {
		err = j.write(e)
	}
	if j.err = errors.Join(j.err, err); err == nil {
		j.lines[key] = place{from: from, size: j.end - from, used: true}
	}
}

// write appends a line, in one write.
func (j *Journal) write(line any) error {
	var text bytes.Buffer
	if err := json.NewEncoder(&text).Encode(line); err != nil {
		return err
	}
	n, err := j.file.WriteAt(text.Bytes(), j.end)
	if err != nil {
		return fmt.Errorf("the journal of the exploration: %w", err)
	}
	j.end += int64(n)
	return nil
}

// Taken is how many trials were known so far.
func (j *Journal) Taken() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.taken
}

// Close closes the file, and says what could not be written.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return errors.Join(j.err, j.file.Close())
}
