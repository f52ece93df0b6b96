package virtual

import (
	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// link is one of Toxiproxy's toxics at work on one flow. Toxiproxy's own link
// and proxy cannot be used in a bubble: they hold a mutex while they wait for a
// toxic, and waiting for a mutex holds the bubble's clock.
type link struct {
	flow    *flow
	wrapper *toxics.ToxicWrapper
	stub    *toxics.ToxicStub
	in, out chan *stream.StreamChunk

	// queue is what waits for the toxic; nil in it is the farewell. The flow's
	// lock guards it.
	queue  []*stream.StreamChunk
	bell   chan struct{} // rung when the queue has grown
	stop   chan struct{} // ends the feeder
	fed    chan struct{} // closed when the feeder has ended
	pumped chan struct{} // closed when nothing more comes out
	over   chan struct{} // holds the right to retire it
}

func newLink(f *flow, w *toxics.ToxicWrapper) *link {
	l := &link{
		flow: f, wrapper: w, in: make(chan *stream.StreamChunk), out: make(chan *stream.StreamChunk),
		bell: make(chan struct{}, 1), stop: make(chan struct{}), fed: make(chan struct{}), pumped: make(chan struct{}),
		over: make(chan struct{}, 1),
	}
	l.over <- struct{}{}
	l.stub = toxics.NewToxicStub(l.in, l.out)
	if stateful, ok := w.Toxic.(toxics.StatefulToxic); ok {
		l.stub.State = stateful.NewState()
	}
	return l
}

func (l *link) start() {
	go l.feed()
	go l.stub.Run(l.wrapper)
	go l.pump()
}

// take queues a chunk, or the farewell, for the toxic. The flow's lock is held.
func (l *link) take(c *stream.StreamChunk) {
	l.queue = append(l.queue, c)
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// feed hands the toxic what it is to work on. What it has not taken stays in
// the queue.
func (l *link) feed() {
	defer close(l.fed)
	for {
		c, any := l.first()
		switch {
		case !any:
			select {
			case <-l.bell:
			case <-l.stop:
				return
			}
		case c == nil:
			close(l.in)
			return
		default:
			select {
			case l.in <- c:
				l.drop()
			case <-l.stop:
				return
			}
		}
	}
}

func (l *link) first() (*stream.StreamChunk, bool) {
	l.flow.mu.Lock()
	defer l.flow.mu.Unlock()
	if len(l.queue) == 0 {
		return nil, false
	}
	return l.queue[0], true
}

func (l *link) drop() {
	l.flow.mu.Lock()
	defer l.flow.mu.Unlock()
	l.queue = l.queue[1:]
}

// pump takes what the toxic lets through to the next link.
func (l *link) pump() {
	defer close(l.pumped)
	for c := range l.out {
		l.flow.forward(l, c)
	}
	if l.stub.Closed() { // by the toxic: else by retire
		l.flow.ended(l)
	}
}

// retire ends the toxic and returns when nothing of it runs; what it held is
// out by then. lost says that the toxic is one that loses what it holds, so that
// the connection cannot go on without it. Only the first call does anything.
func (l *link) retire() (lost bool) {
	select {
	case <-l.over:
	default:
		return false
	}
	close(l.stop)
	<-l.fed
	if l.stub.InterruptToxic() {
		_, lost = l.wrapper.Toxic.(toxics.CleanupToxic)
		close(l.out)
	}
	<-l.pumped
	return lost
}
