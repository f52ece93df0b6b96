package wire

import (
	"context"
	"sync"
	"time"
)

// Starts lets few shops start at the same time: to start a program takes more of a
// machine than all that it does afterwards, and those under way would wait for it.
type Starts struct {
	turns chan struct{}

	mu       sync.Mutex
	shortest time.Duration
}

// longestTurn is how long a shop may keep others from starting, in real time: one that
// takes longer waits for something, or the machine has more than its share of others.
const longestTurn = time.Second

// NewStarts lets so many start at once.
func NewStarts(atOnce int) *Starts { return &Starts{turns: make(chan struct{}, max(1, atOnce))} }

// Shortest is how long the quickest start took, in real time; 0: nothing has started.
func (s *Starts) Shortest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.shortest
}

func (s *Starts) took(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shortest == 0 || d < s.shortest {
		s.shortest = d
	}
}

// turn waits until another shop may start. Done says that it listens. Nil has no turns.
func (s *Starts) turn(ctx context.Context) (done func(), err error) {
	if s == nil {
		return func() {}, nil
	}
	select {
	case s.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	began := time.Now()
	release := sync.OnceFunc(func() { <-s.turns })
	timer := time.AfterFunc(longestTurn, release)
	return func() { timer.Stop(); release(); s.took(time.Since(began)) }, nil
}
