package scenarios

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interruption is a signal that asks the suite to end, as Ctrl-C sends it. It is
// remembered, for then nothing more is staged, by whichever test.
type interruption struct {
	once sync.Once
	ctx  context.Context
	stop context.CancelFunc
}

// notBegun is why a story is not staged after an interruption that Ginkgo does not know of.
const notBegun = "the suite was interrupted before"

// errInterrupted is of a suite that was interrupted before any story: nobody knows of the shop.
var errInterrupted = errors.New("interrupted while PostgreSQL was started: nothing was staged")

// heed is done once the suite was interrupted. From the first call on, signals are caught
// until the suite is closed, also between two tests: Ginkgo catches them from then on, and
// of one that only Ginkgo hears, nobody else would know.
func (i *interruption) heed() context.Context {
	i.once.Do(func() {
		i.ctx, i.stop = signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	})
	return i.ctx
}

// came says whether the suite was interrupted.
func (i *interruption) came() bool { return i.ctx != nil && i.ctx.Err() != nil }

// close lets signals end the process again.
func (i *interruption) close() {
	if i.stop != nil {
		i.stop()
	}
}
