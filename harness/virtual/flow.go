package virtual

import (
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
)

// flow is one direction of a connection, from its writer to the pipe that its
// reader reads: straight, or through the proxy of a hop and its toxics.
type flow struct {
	pipe  *pipe
	back  *flow
	proxy *proxy // nil: the connection goes straight, and takes no time

	mu     sync.Mutex // never held while anything waits
	travel travel
	links  []*link // in the order in which their toxics were installed
	over   bool    // nothing more goes in: the writer, or the proxy, has ended it
}

func newFlow(seed uint64, route string, ordinal int, direction string) *flow {
	return &flow{
		pipe:   newPipe(),
		travel: travel{base: hash(seed, route, strconv.Itoa(ordinal), direction)},
	}
}

// write sends b on its way. b belongs to the flow from now on. Where nobody reads
// any more, b is lost without an error, as a kernel takes it from a writer who
// has not heard yet that the far end is gone: he does so when he reads.
func (f *flow) write(b []byte) {
	if f.proxy == nil {
		f.pipe.write(b, 0)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		f.pass(0, &stream.StreamChunk{Data: b, Timestamp: time.Now()})
	}
}

// pass gives a chunk, or with nil the farewell, to the link at the given place,
// or to the reader after the last. The lock is held.
func (f *flow) pass(at int, c *stream.StreamChunk) {
	switch {
	case at < len(f.links):
		f.links[at].take(c)
	case c == nil:
		f.pipe.end(f.proxy.farewell(), f.travel.next())
	default:
		f.pipe.write(c.Data, f.travel.next())
	}
}

// end is the writer's farewell. Through a proxy a reset becomes one, too: the
// proxy hangs up on the far side as it always does.
func (f *flow) end(how error) {
	if f.proxy == nil {
		f.pipe.end(how, 0)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	f.over = true
	f.farewell(0)
}

// farewell passes the farewell on. Where it reaches the reader, the proxy has
// closed its connection there, so that the way back ends as well. The lock is
// held.
func (f *flow) farewell(at int) {
	f.pass(at, nil)
	if at >= len(f.links) {
		f.proxy.later(func() { f.back.end(io.EOF) })
	}
}

// forward takes what came out of a link to the next.
func (f *flow) forward(l *link, c *stream.StreamChunk) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.links, l); i >= 0 {
		f.pass(i+1, c)
	}
}

// ended takes note that the toxic of a link has ended the connection, or has
// let the farewell through.
func (f *flow) ended(l *link) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.links, l)
	if i < 0 {
		return
	}
	gone := f.links[:i+1]
	f.links = slices.Clone(f.links[i+1:])
	f.over = true
	f.farewell(0)
	for _, l := range gone {
		f.proxy.later(func() { l.retire() })
	}
}

// cut ends the flow at once; what is on its way is lost.
func (f *flow) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	gone := f.links
	f.links, f.over = nil, true
	f.pipe.end(f.proxy.farewell(), f.travel.next())
	for _, l := range gone {
		f.proxy.later(func() { l.retire() })
	}
}

// add lets a toxic stand at the end of the chain.
func (f *flow) add(l *link) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over || len(f.links) > 0 {
		f.links = append(f.links, l)
		l.start()
	}
}

// remove takes a toxic away. What it held goes on at once, in its order, unless
// the toxic loses what it holds: then the connection ends with it.
func (f *flow) remove(l *link) {
	f.mu.Lock()
	there := slices.Contains(f.links, l)
	f.mu.Unlock()
	if !there {
		return
	}
	lost := l.retire()
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.links, l)
	if i < 0 {
		return
	}
	if lost {
		f.links = slices.Delete(f.links, i, i+1)
		f.over = true
		f.farewell(i)
		return
	}
	for _, c := range l.queue {
		if c == nil {
			f.links = slices.Delete(f.links, i, i+1)
			f.farewell(i)
			return
		}
		f.pass(i+1, c)
	}
	f.links = slices.Delete(f.links, i, i+1)
}
