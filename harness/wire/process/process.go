package process

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

const (
	defaultGrace = 5 * time.Second

	// drainLimit is how long the last output may take to arrive after the
	// program's end. It passes in full only where a descendant that left the
	// group keeps the pipe open, or a reader of lines is stuck.
	drainLimit = time.Second
)

// Command says what to run. Only Path is needed.
type Command struct {
	Path string   // the program's file; not looked up in PATH
	Args []string // its arguments, without its name
	Dir  string   // where it runs; our own working directory if empty

	// Env is the whole environment, as "name=value": nothing is inherited, and
	// nil is empty. (Windows adds SYSTEMROOT, without which little runs.)
	Env []string

	// Everybody lets Kill and Pause reach what left the group as well, where the
	// system shows who that is (Linux does): a program that nobody here wrote may
	// start daemons. They are known by a variable that they inherit, and those that
	// write over it (php-fpm does) by whose children they are.
	Everybody bool

	// Credential is whom it runs as; ourselves if nil. It needs root.
	Credential *Credential

	// Stdout and Stderr are told each line of output, without its end; output
	// that nobody asks for goes to the null device. A line beyond 64 KiB is cut
	// there and its rest dropped. The bytes are valid during the call only. The
	// calls never overlap, neither of one stream nor of both, and none comes
	// after Done. While a call blocks, so in time does the program; so it must
	// not wait for the program's end (Kill and Stop do).
	Stdout, Stderr func(line []byte)

	// StopSignal is how Stop asks; SIGTERM if nil. Windows knows none.
	StopSignal os.Signal

	// Grace is how long Stop waits before it kills; 5 s if zero.
	Grace time.Duration
}

// Credential is a user and a group, by number.
type Credential struct{ UID, GID uint32 }

// A Process is a started program. Its methods may be called at any time, from
// anywhere; after its end they do nothing.
type Process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.Closer
	signal os.Signal
	grace  time.Duration
	mark   string // in the environment of all its descendants; "": they are not looked for
	done   chan struct{}
	err    error // set before done is closed

	// ended guards the pid: once the program is reaped the number may belong to
	// a stranger, so no signal is sent from then on.
	mu    sync.Mutex
	ended bool
}

// Start runs the program. An error means that nothing runs.
func Start(c Command) (*Process, error) {
	p := &Process{
		name:   filepath.Base(c.Path),
		signal: c.StopSignal,
		grace:  c.Grace,
		done:   make(chan struct{}),
	}
	if p.grace == 0 {
		p.grace = defaultGrace
	}
	p.cmd = &exec.Cmd{
		Path:      c.Path,
		Args:      append([]string{c.Path}, c.Args...),
		Dir:       c.Dir,
		Env:       append([]string{}, c.Env...), // exec inherits where this is nil
		WaitDelay: drainLimit,
	}

	if c.Everybody {
		p.mark = "UNHAPPY_DESCENT=" + rand.Text()
		p.cmd.Env = append(p.cmd.Env, p.mark)
	}

	// Told one at a time, so that one collector may serve both streams.
	var telling sync.Mutex
	stdout := &lines{turn: &telling, tell: c.Stdout}
	stderr := &lines{turn: &telling, tell: c.Stderr}
	if c.Stdout != nil {
		p.cmd.Stdout = stdout
	}
	if c.Stderr != nil {
		p.cmd.Stderr = stderr
	}

	var err error
	if p.cmd.SysProcAttr, err = attributes(c.Credential); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	if err = spawn(p.cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.name, err)
	}
	go p.watch(stdout, stderr)
	return p, nil
}

// watch sees the program to its end, and what it left behind with it.
func (p *Process) watch(stdout, stderr *lines) {
	var err error
	if awaitExit(p.PID()) {
		// Not reaped yet, so the group's number is still its own.
		p.sweep()
		err = p.cmd.Wait()
	} else {
		err = p.cmd.Wait()
		p.sweep()
	}
	stdout.flush()
	stderr.flush()

	switch state := p.cmd.ProcessState; {
	case state == nil:
		p.err = fmt.Errorf("wait for %s: %w", p.name, err)
	case !state.Success():
		p.err = fmt.Errorf("%s: %w", p.name, &exec.ExitError{ProcessState: state})
	}
	reaped()
	close(p.done)
}

// sweep kills the rest of the group and ends all signalling.
func (p *Process) sweep() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = killGroup(p.cmd.Process) // mostly there is no rest
	if p.mark != "" {
		killMarked(p.mark)
	}
	p.ended = true
}

// PID is the number of the program's process, and on unix of its group.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the program is gone and its output has been told.
func (p *Process) Done() <-chan struct{} { return p.done }

// State says how the program ended; nil until Done.
func (p *Process) State() *os.ProcessState {
	select {
	case <-p.done:
		return p.cmd.ProcessState
	default:
		return nil
	}
}

// ExitError is nil until Done and after a success (exit status 0). Otherwise it
// wraps an *exec.ExitError; a killed program has one too.
func (p *Process) ExitError() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// Kill ends the program and its whole group at once (SIGKILL), and returns when
// the program is gone. It is no error if it is gone already.
//
// Its descendants get the same signal at the same moment, but they are not ours
// to wait for, and may take a moment more to vanish.
func (p *Process) Kill() error {
	err := p.ifAlive(func(leader *os.Process) error {
		var strays []int
		if p.mark != "" {
			_ = pauseGroup(leader)      // it does nothing more while we look
			strays = astray(leader.Pid) // nobody knows whose they are when it is dead
		}
		err := killGroup(leader)
		killAstray(strays)
		return err
	})
	if err != nil {
		return fmt.Errorf("kill %s: %w", p.name, err)
	}
	<-p.done
	return nil
}

// Stop asks the program to end (StopSignal to it alone, its children being its
// own business) and kills the group when the grace, or ctx, is over. It returns
// when the program is gone. A kill is no error: State tells which it was. A
// paused program is resumed, so that it can answer.
func (p *Process) Stop(ctx context.Context) error {
	err := p.ifAlive(func(leader *os.Process) error { return ask(leader, p.signal, p.stdin) })
	if err != nil {
		return errors.Join(fmt.Errorf("stop %s: %w", p.name, err), p.Kill())
	}
	patience := time.NewTimer(p.grace)
	defer patience.Stop()
	select {
	case <-p.done:
		return nil
	case <-patience.C:
	case <-ctx.Done():
	}
	return p.Kill()
}

// Pause freezes the program and its group (SIGSTOP): connections stay open and
// nobody answers, as in a long collection of garbage or a machine that swaps.
func (p *Process) Pause() error {
	err := p.ifAlive(func(leader *os.Process) error {
		if p.mark != "" {
			pauseAstray(leader.Pid)
		}
		return pauseGroup(leader)
	})
	if err != nil {
		return fmt.Errorf("pause %s: %w", p.name, err)
	}
	return nil
}

// Resume thaws what Pause froze (SIGCONT).
func (p *Process) Resume() error {
	err := p.ifAlive(func(leader *os.Process) error {
		if p.mark != "" {
			resumeAstray(leader.Pid)
		}
		return resumeGroup(leader)
	})
	if err != nil {
		return fmt.Errorf("resume %s: %w", p.name, err)
	}
	return nil
}

func (p *Process) ifAlive(do func(leader *os.Process) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return nil
	}
	return do(p.cmd.Process)
}
