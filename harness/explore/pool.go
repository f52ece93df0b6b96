package explore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// About is what a worker says of itself when it begins.
type About struct {
	Version int           `json:"version"`
	Stories []StoryHeader `json:"stories"`
}

// StoryHeader is what an exploration needs to know of a story.
type StoryHeader struct {
	ID         string             `json:"id"`
	Plot       string             `json:"plot"`
	Labels     []string           `json:"labels,omitempty"`
	Injections injection.Schedule `json:"injections,omitempty"` // its own
}

// Header is a story's header.
func Header(s harness.Story) StoryHeader {
	return StoryHeader{ID: s.ID, Plot: s.Plot, Labels: s.Labels, Injections: s.Injections}
}

// protocol is the version of what worker and pool say to each other.
const protocol = 2

// Try enacts a trial and says what came of it. Its error is for a trial that
// makes no sense, or a world that is gone.
type Try func(context.Context, Trial) (Outcome, error)

// reply is a worker's answer to a trial.
type reply struct {
	Outcome *Outcome `json:"outcome,omitempty"`
	Error   string   `json:"error,omitempty"`
}

// Serve makes this process a worker: it reads trials from in, one JSON document
// after the other, and writes what came of each to out, until in ends. Where in
// ends before the answer, nobody is left to read it: Serve returns at once, and
// its process is to end, whatever the trial is at.
func Serve(ctx context.Context, in io.Reader, out io.Writer, about []StoryHeader, try Try) error {
	write := json.NewEncoder(out)
	if err := write.Encode(About{protocol, about}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	trials, end := make(chan Trial), make(chan error, 1)
	go func() { end <- read(ctx, in, trials) }()
	for {
		select {
		case err := <-end:
			return err
		case p := <-trials:
			answer := make(chan reply, 1)
			go func() { answer <- replyTo(ctx, p, try) }()
			select {
			case err := <-end:
				return errors.Join(err, errors.New("the exploration is gone"))
			case r := <-answer:
				if err := write.Encode(r); err != nil {
					return err
				}
			}
		}
	}
}

// read hands on one trial after the other, until there are no more.
func read(ctx context.Context, in io.Reader, trials chan<- Trial) error {
	for decode := json.NewDecoder(in); ; {
		var p Trial
		switch err := decode.Decode(&p); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("a trial that cannot be read: %w", err)
		}
		select {
		case trials <- p:
		case <-ctx.Done():
			return nil
		}
	}
}

func replyTo(ctx context.Context, p Trial, try Try) reply {
	o, err := try(ctx, p)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Outcome: &o}
}

// Pool is a number of worker processes. One process has one core's worth of Go:
// two stories in one process wait for each other more often than they gain.
type Pool struct {
	About   About
	command func() *exec.Cmd
	// The idle workers, as many as there are places. A nil one is a place whose
	// worker died and could not be replaced: the next one tries again.
	idle   chan *worker
	size   int
	mu     sync.Mutex
	closed bool
}

// worker is one process that serves trials.
type worker struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
	say *json.Encoder
	end *lastWords
}

// NewPool starts so many workers. Each is a process whose standard input and
// output are the pool's; it is to call Serve.
func NewPool(size int, command func() *exec.Cmd) (*Pool, error) {
	p := &Pool{command: command, idle: make(chan *worker, size)}
	for range size {
		w, about, err := p.start()
		if err != nil {
			return nil, errors.Join(err, p.Close())
		}
		p.About = about
		p.size++
		p.idle <- w
	}
	return p, nil
}

// Size is the number of workers.
func (p *Pool) Size() int { return p.size }

func (p *Pool) start() (*worker, About, error) {
	w := &worker{cmd: p.command(), end: &lastWords{}}
	var about About
	w.cmd.Stderr = w.end
	in, err := w.cmd.StdinPipe()
	if err != nil {
		return nil, about, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, about, err
	}
	if err := w.cmd.Start(); err != nil {
		return nil, about, fmt.Errorf("a worker of the exploration cannot be started: %w", err)
	}
	w.in, w.out, w.say = in, json.NewDecoder(bufio.NewReaderSize(out, 64<<10)), json.NewEncoder(in)
	if err := w.out.Decode(&about); err != nil {
		return nil, about, errors.Join(fmt.Errorf("a worker of the exploration did not begin: %w", err), w.close())
	}
	if about.Version != protocol {
		return nil, about, errors.Join(fmt.Errorf("a worker of the exploration speaks version %d, not %d", about.Version, protocol), w.close())
	}
	return w, about, nil
}

// Try lets an idle worker try the trial. A worker that dies of it is replaced,
// and the trial is Unfinished with its last words.
func (p *Pool) Try(ctx context.Context, trial Trial) (Outcome, error) {
	var w *worker
	select {
	case w = <-p.idle:
	case <-ctx.Done():
		return Outcome{}, context.Cause(ctx)
	}
	if w == nil {
		var err error
		if w, _, err = p.start(); err != nil {
			p.idle <- nil
			return Outcome{}, err
		}
	}
	var r reply
	err := w.say.Encode(trial)
	if err == nil {
		err = w.out.Decode(&r)
	}
	if err != nil {
		return p.replace(w, err)
	}
	p.idle <- w
	if r.Outcome == nil {
		return Outcome{}, errors.New(r.Error)
	}
	return *r.Outcome, nil
}

func (p *Pool) replace(dead *worker, why error) (Outcome, error) {
	why = errors.Join(why, dead.close())
	next, _, err := p.start()
	p.idle <- next // nil, where there is none
	if err != nil {
		return Outcome{}, fmt.Errorf("%w; the one before it died (%v): %s", err, why, dead.end)
	}
	return Outcome{
		Verdict: judge.Unfinished,
		Because: fmt.Sprintf("the process that enacted it died (%v): %s", why, dead.end),
	}, nil
}

// Close ends the workers, when what they are at is over.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	var errs []error
	for range p.size {
		if w := <-p.idle; w != nil {
			errs = append(errs, w.close())
		}
	}
	return errors.Join(errs...)
}

// farewell is how long a worker may take to end when it is told to.
const farewell = 10 * time.Second

func (w *worker) close() error {
	_ = w.in.Close() // which it is told by
	timer := time.AfterFunc(farewell, func() { _ = w.cmd.Process.Kill() })
	defer timer.Stop()
	return w.cmd.Wait()
}

// lastWords keeps the end of what a process said.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// wordsKept is how many bytes of them.
const wordsKept = 4 << 10

func (l *lastWords) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	l.text = l.text[max(0, len(l.text)-wordsKept):]
	return len(b), nil
}

func (l *lastWords) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.text) == 0 {
		return "it said nothing"
	}
	return string(l.text)
}
