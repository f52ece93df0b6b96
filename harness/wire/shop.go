package wire

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// readyWithin is how long a shop may take to listen, in real time, where nobody
// says otherwise.
const readyWithin = 20 * time.Second

// shop is a process of the shop under test, killed and started again.
type shop struct {
	name      string
	alone     bool // the shop has no other
	see       observe.Observer
	command   func() (process.Command, error)
	listening func(line []byte) (string, bool) // nil: it does not say so
	await     func(context.Context) (string, error)
	within    time.Duration
	unready   func() string // what did not come, where it was not ready

	mu      sync.Mutex
	running *life
	left    chan struct{} // closed when the one that runs is left to the next world
	address string
	killed  bool
	paused  bool
	died    error // it ended by itself

	words *Words
}

// dial reaches the shop where it listens now.
func (s *shop) dial(ctx context.Context) (net.Conn, error) {
	s.mu.Lock()
	address := s.address
	s.mu.Unlock()
	if address == "" {
		return nil, syscall.ECONNREFUSED
	}
	return new(net.Dialer).DialContext(ctx, "tcp", address)
}

func (s *shop) listens() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.address != ""
}

// notReady is an error of the shop's own: the harness did its part.
type notReady struct{ error }

func (e notReady) Unwrap() error { return e.error }

// Is lets the error be an environment.ErrNotReady.
func (e notReady) Is(target error) bool { return target == environment.ErrNotReady }

// title names the process in an error.
func (s *shop) title() string {
	if s.alone {
		return "the shop"
	}
	return fmt.Sprintf("the shop's process %q", s.name)
}

// start starts the process and returns when it is ready.
func (s *shop) start(ctx context.Context) error {
	command, err := s.command()
	if err != nil {
		return err
	}
	ready := make(chan string, 1)
	heard := func(line []byte) {
		s.words.Hear(line)
		if s.listening == nil {
			return
		}
		if address, listening := s.listening(line); listening {
			select {
			case ready <- address:
			default:
			}
		}
	}
	p := &life{command: command, heard: heard}
	command.Stdout, command.Stderr = p.hear, p.hear
	began := time.Now()
	if p.Process, err = process.Start(command); err != nil {
		return notReady{fmt.Errorf("%s: %w", s.title(), err)}
	}
	s.tell(p, observe.ProcessStarted, "")
	s.mu.Lock()
	s.running, s.killed, s.paused, s.left = p, false, false, make(chan struct{})
	left := s.left
	s.mu.Unlock()

	limit := s.within
	if limit == 0 {
		limit = readyWithin
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	asked, stop := context.WithCancel(ctx)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer stop()
	if s.await != nil {
		asking.Go(func() {
			if address, err := s.await(asked); err == nil {
				select {
				case ready <- address:
				default:
				}
			}
		})
	}
	if s.listening == nil && s.await == nil {
		ready <- "" // nobody says when it is
	}
	select {
	case address := <-ready:
		s.mu.Lock()
		s.address, p.address = address, address
		s.mu.Unlock()
		what := "listening after "
		if address == "" {
			what = "ready after "
		}
		s.tell(p, observe.ProcessReady, what+time.Since(began).Round(time.Millisecond).String())
		go s.watch(p, left)
		return nil
	case <-p.Done():
		return notReady{fmt.Errorf("%s ended before it was ready: %w; %s", s.title(), s.end(p), s.words.Last())}
	case <-timer.C:
		why := ""
		if s.unready != nil {
			why = ": " + s.unready()
		}
		err = notReady{fmt.Errorf("%s was not ready within %s%s; %s", s.title(), limit, why, s.words.Last())}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return errors.Join(err, p.Kill())
}

// takeOver goes on with a process that another world left.
func (s *shop) takeOver(p *life) {
	p.tells(s.words.Hear)
	s.mu.Lock()
	s.running, s.address, s.left = p, p.address, make(chan struct{})
	left := s.left
	s.mu.Unlock()
	s.tell(p, observe.ProcessLivesOn, "")
	go s.watch(p, left)
}

// livesOn says whether the process runs, and may serve the next world.
func (s *shop) livesOn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running != nil && !s.running.ended() && !s.paused && s.died == nil
}

// leave gives the process away.
func (s *shop) leave() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.running
	if p != nil {
		close(s.left)
		p.tells(func([]byte) {})
	}
	s.running, s.killed, s.address = nil, true, ""
	return p
}

// watch notices when the shop ends without being asked.
func (s *shop) watch(p *life, left <-chan struct{}) {
	select {
	case <-p.Done():
	case <-left:
		return
	}
	s.mu.Lock()
	mine := s.running == p
	asked := s.killed || !mine
	if mine {
		s.address = ""
	}
	if !asked {
		s.died = fmt.Errorf("%s ended by itself, as process %d: %w", s.title(), p.PID(), s.end(p))
	}
	s.mu.Unlock()
	if !asked {
		s.tell(p, observe.ProcessExited, "by itself")
	}
}

func (s *shop) end(p *life) error {
	if err := p.ExitError(); err != nil {
		return err
	}
	return errors.New("exit status 0")
}

// kill ends the process with SIGKILL, and returns when it is gone.
func (s *shop) kill() error {
	p := s.claim()
	if p == nil {
		return fmt.Errorf("%s is to be killed: %w", s.title(), injection.ErrNotRunning)
	}
	err := p.Kill()
	s.tell(p, observe.ProcessKilled, "SIGKILL")
	return err
}

// claim says that the running process ends because we want it to.
func (s *shop) claim() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.running
	s.running, s.killed, s.address = nil, true, ""
	return p
}

func (s *shop) pause() error  { return s.signal(observe.ProcessPaused, (*process.Process).Pause) }
func (s *shop) resume() error { return s.signal(observe.ProcessResumed, (*process.Process).Resume) }

func (s *shop) signal(what observe.Stage, send func(*process.Process) error) error {
	s.mu.Lock()
	p := s.running
	s.paused = what == observe.ProcessPaused
	s.mu.Unlock()
	if p == nil {
		return fmt.Errorf("%s cannot be %s: %w", s.title(), what, injection.ErrNotRunning)
	}
	err := send(p.Process)
	s.tell(p, what, "")
	return err
}

// stop ends the shop for good. It is an error if the shop had ended by itself.
func (s *shop) stop() error {
	s.mu.Lock()
	died := s.died
	s.mu.Unlock()
	if died != nil {
		return fmt.Errorf("%w; %s", died, s.words.Last())
	}
	p := s.claim()
	if p == nil {
		return nil
	}
	s.tell(p, observe.ProcessStopped, s.words.Last())
	return p.Kill()
}

func (s *shop) tell(p *life, what observe.Stage, text string) {
	s.see(observe.Event{Actor: "checkout", Kind: observe.Process, Life: &observe.Life{
		Process: s.name, PID: p.PID(), What: what, Text: text,
	}})
}
