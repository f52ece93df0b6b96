package virtual

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipe is one direction of a connection: bytes in order, each chunk readable
// from the moment at which it is due. Its buffer has no bound, so that writing
// never blocks; one goroutine reads at a time.
type pipe struct {
	bell  chan struct{} // rung when something changes for a reader that waits
	timer *time.Timer   // of the reader, made when it first has to wait for a time

	mu       sync.Mutex
	chunks   []chunk
	last     time.Time // when the last chunk, or the farewell, is due
	farewell error     // how the writer ended it; io.EOF for a FIN
	closed   bool      // the reader is gone
	deadline time.Time // of the reader
}

type chunk struct {
	data []byte
	due  time.Time
}

func newPipe() *pipe { return &pipe{bell: make(chan struct{}, 1)} }

func (p *pipe) ring() {
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// write takes all of b, which is the pipe's from now on. Its reader gets it
// after the given time, and never before what was written earlier. What is
// written after the end, or to nobody, is lost.
func (p *pipe) write(b []byte, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.farewell != nil {
		return
	}
	p.chunks = append(p.chunks, chunk{b, p.dueAfter(after)})
	p.ring()
}

// end is the writer's farewell: how says what the reader gets after the rest.
func (p *pipe) end(how error, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.farewell == nil {
		p.farewell = how
		p.dueAfter(after)
		p.ring()
	}
}

func (p *pipe) dueAfter(d time.Duration) time.Time {
	if due := time.Now().Add(d); due.After(p.last) {
		p.last = due
	}
	return p.last
}

// read blocks until there is something, the end, or the deadline.
func (p *pipe) read(b []byte) (int, error) {
	for {
		n, wait, err := p.take(b)
		switch {
		case n > 0 || err != nil:
			return n, err
		case wait == forever:
			<-p.bell
		default:
			p.waitFor(wait)
		}
	}
}

const forever time.Duration = -1

// take takes what can be read now, or says for how long there will be nothing.
func (p *pipe) take(b []byte) (n int, wait time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	wait = forever
	switch {
	case p.closed:
		return 0, 0, net.ErrClosed
	case !p.deadline.IsZero() && !now.Before(p.deadline):
		return 0, 0, os.ErrDeadlineExceeded
	case len(p.chunks) > 0:
		first := &p.chunks[0]
		if wait = first.due.Sub(now); wait <= 0 {
			n = copy(b, first.data)
			if first.data = first.data[n:]; len(first.data) == 0 {
				p.chunks = p.chunks[1:]
			}
			return n, 0, nil
		}
	case p.farewell != nil:
		if wait = p.last.Sub(now); wait <= 0 {
			return 0, 0, p.farewell
		}
	}
	if !p.deadline.IsZero() {
		if left := p.deadline.Sub(now); wait == forever || left < wait {
			wait = left
		}
	}
	return 0, wait, nil
}

func (p *pipe) waitFor(d time.Duration) {
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.timer.C:
	case <-p.bell:
		p.timer.Stop()
	}
}

func (p *pipe) setDeadline(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deadline = t
	p.ring()
}

// shut lets the reader go, and says whether he left something unread.
func (p *pipe) shut() (unread bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	unread = len(p.chunks) > 0
	p.closed, p.chunks = true, nil
	p.ring()
	return unread
}

// isEnd says whether err is one of a reader's ends and not of its connection's.
func isEnd(err error) bool { return err == nil || err == io.EOF }
