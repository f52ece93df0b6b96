package checkout

import "sync"

// bells wakes those who wait for an order to move. A bell rings in this process
// only; where several share a database, a waiter may see the news late, when it
// looks for the last time, but never wrongly.
type bells struct {
	mu      sync.Mutex // never held while waiting for anything
	waiting map[string]map[chan struct{}]bool
}

func newBells() *bells { return &bells{waiting: make(map[string]map[chan struct{}]bool)} }

// listen gives a channel that receives after every ring from now on. Look at
// the order after listening, not before, or a ring is missed.
func (b *bells) listen(order string) (rings <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[order] == nil {
		b.waiting[order] = make(map[chan struct{}]bool)
	}
	b.waiting[order][c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting[order], c)
		if len(b.waiting[order]) == 0 {
			delete(b.waiting, order)
		}
	}
}

func (b *bells) ring(order string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.waiting[order] {
		select {
		case c <- struct{}{}:
		default: // it has not looked since the last ring and will see this one too
		}
	}
}
