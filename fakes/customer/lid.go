package customer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Lid is the lid of the computer at which a customer sits. While it is closed, nothing of
// her pages moves: what they had under way is cut, what they are told and the timers that
// run out meanwhile wait until it is opened. Then all of that comes at once, in the order
// in which it would have come, and the pages go on with what they remember.
//
// Real timers differ here: while a computer sleeps, the clock of Chromium's timers goes on
// on Windows and stands still on macOS and Linux. A Lid plays the former.
//
// A nil Lid is never closed.
type Lid struct {
	mu      sync.Mutex
	closed  bool
	running []*running      // what ends when it is closed, in the order in which it began
	waiting []chan struct{} // those who wait until it is opened, in the order in which they came
}

type running struct{ cut context.CancelCauseFunc }

// errLidClosed is why a request had no answer: as with a page that is left, its caller went.
var errLidClosed = fmt.Errorf("she closed the lid of her computer: %w", context.Canceled)

// Close closes the lid and returns when everything is cut.
func (l *Lid) Close() {
	l.mu.Lock()
	l.closed = true
	list := l.running
	l.running = nil
	l.mu.Unlock()
	for _, one := range list {
		one.cut(errLidClosed)
		apart()
	}
}

// Open opens the lid again.
func (l *Lid) Open() {
	l.mu.Lock()
	l.closed = false
	list := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, one := range list {
		close(one)
		apart()
	}
}

// apart lets what was begun in an instant of virtual time come to its end before the next
// one begins: otherwise chance would say which of them is heard of first.
func apart() { time.Sleep(time.Nanosecond) }

// Within gives a request a context that ends when the lid is closed; done is called when
// the request is over.
func (l *Lid) Within(ctx context.Context) (cut context.Context, done func()) {
	if l == nil {
		return ctx, func() {}
	}
	cut, cancel := context.WithCancelCause(ctx)
	one := &running{cancel}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		cancel(errLidClosed)
	} else {
		l.running = append(l.running, one)
	}
	return cut, func() {
		cancel(nil)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.running = slices.DeleteFunc(l.running, func(other *running) bool { return other == one })
	}
}

// Await waits until the lid is open, unless ctx ends before. slept says that it was not.
func (l *Lid) Await(ctx context.Context) (slept bool, err error) {
	for {
		opened := l.opens()
		if opened == nil {
			return slept, nil
		}
		slept = true
		select {
		case <-opened:
		case <-ctx.Done():
			return true, context.Cause(ctx)
		}
	}
}

// opens is closed when the lid is opened; nil: it is open.
func (l *Lid) opens() chan struct{} {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		return nil
	}
	opened := make(chan struct{})
	l.waiting = append(l.waiting, opened)
	return opened
}

// Wait lets d pass, and then whatever is left until the lid is open, unless ctx ends before.
func (l *Lid) Wait(ctx context.Context, d time.Duration) error {
	if err := Wait(ctx, d); err != nil {
		return err
	}
	_, err := l.Await(ctx)
	return err
}
