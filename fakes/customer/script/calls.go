package script

import (
	"context"
	"slices"
	"sync"
	"time"
)

// calls are the requests that a page has under way. Anyone who leaves the page
// cancels them one after the other: were it at once, chance would say which of
// them is heard of first.
type calls struct {
	mu      sync.Mutex
	left    bool // the page is: nothing begins any more
	running []*call
}

type call struct {
	cancel context.CancelFunc
	over   chan struct{}
}

// begin begins a call, and gives what is to be done when it is over.
func (c *calls) begin(timeOut time.Duration) (ctx context.Context, over func()) {
	ctx, cancel := context.WithTimeout(context.Background(), timeOut)
	begun := &call{cancel: cancel, over: make(chan struct{})}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left {
		cancel()
	}
	c.running = append(c.running, begun)
	return ctx, func() {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.running = slices.DeleteFunc(c.running, func(other *call) bool { return other == begun })
		close(begun.over)
	}
}

// cancel cancels all calls in the order in which they began, and awaits their
// end.
func (c *calls) cancel() {
	c.mu.Lock()
	c.left = true
	running := slices.Clone(c.running)
	c.mu.Unlock()
	for _, one := range running {
		one.cancel()
		<-one.over
	}
}
