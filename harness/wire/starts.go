package wire

import (
	"context"
	"sync"
	"time"
)

// Starts lets few shops start at the same time: to start a program takes more of a
// machine than all that it does afterwards, and those under way would wait for it.
type Starts struct{ turns chan struct{} }

// longestTurn is how long a shop may keep others from starting, in real time: one that
// takes longer waits for something, or the machine has more than its share of others.
const longestTurn = time.Second

// NewStarts lets so many start at once.
func NewStarts(atOnce int) *Starts { return &Starts{make(chan struct{}, max(1, atOnce))} }

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
	release := sync.OnceFunc(func() { <-s.turns })
	timer := time.AfterFunc(longestTurn, release)
	return func() { timer.Stop(); release() }, nil
}
