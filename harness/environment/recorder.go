package environment

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Recorder writes down what everybody sees, in story time. No secret leaves it:
// it redacts what it passes to its sink, and what it gives as the history; see Unredacted.
type Recorder struct {
	clock units.Clock
	sink  func(observe.Event) // nil: nobody else wants to know

	redactor atomic.Pointer[redact.Redactor]

	mu      sync.Mutex
	start   time.Time // zero: the script has not started
	over    time.Duration
	books   map[judge.Sighting]uint64
	events  []observe.Event
	seqs    map[string]int
	hooks   []func(observe.Event)
	changed chan struct{} // closed at the next event; nil: nobody waits for one
	moved   movement
}

// usualEvents is how many a story has that is not a long one.
const usualEvents = 128

// NewRecorder begins a history. The sink, if any, gets every event once, in
// the order in which they were seen.
func NewRecorder(p units.Clock, sink func(observe.Event)) *Recorder {
	r := &Recorder{
		clock: p, sink: sink, moved: newMovement(), seqs: make(map[string]int), events: make([]observe.Event, 0, usualEvents),
	}
	r.redactor.Store(redact.New())
	return r
}

// Begin lets the story's time begin: what was seen before happened at 0.
func (r *Recorder) Begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.start = time.Now()
}

// End takes note of when the script is over: no injection begins any more.
func (r *Recorder) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over == 0 {
		r.over = r.clock.Story(time.Since(r.start))
	}
}

// Over is when the script was over, in story time; 0 where it is not.
func (r *Recorder) Over() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.over
}

// Booked takes note of a digest of the shop's books at the moment of an event.
func (r *Recorder) Booked(e observe.Event, digest uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.books == nil {
		r.books = map[judge.Sighting]uint64{}
	}
	r.books[judge.SightingOf(e)] = digest
}

// Books are the digests that were taken note of.
func (r *Recorder) Books() map[judge.Sighting]uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.books)
}

// AddSecrets redacts these secrets, literally, escaped or encoded, in what is
// recorded from now on. It ignores secrets of fewer than 8 characters.
func (r *Recorder) AddSecrets(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.redactor.Store(r.redactor.Load().With(secrets...))
}

// KeepHeaders redacts the values of these headers as texts, in what is recorded from
// now on; of most others only the names are left.
func (r *Recorder) KeepHeaders(names ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.redactor.Store(r.redactor.Load().Keeping(names...))
}

// Redact redacts and truncates a text that is not observed but reported, as events
// are.
func (r *Recorder) Redact(text string) string {
	return redact.Truncate(r.redactor.Load().Text(text), redact.LongestText)
}

// See records e, which must not change any more. It is an Observer. When it
// returns, every hook that waited for such an event has done its work; hooks get
// events as they were seen.
func (r *Recorder) See(e observe.Event) {
	e = e.WithLiveKey() // before it is redacted
	if r.sink != nil {
		e = r.redactor.Load().Event(e)
		redact.Clip(&e)
	}
	r.mu.Lock()
	now := time.Now()
	if !r.start.IsZero() {
		e.At = r.clock.Story(now.Sub(r.start))
	}
	r.moved.note(e, now)
	r.seqs[e.Actor]++
	e.Seq = r.seqs[e.Actor]
	r.events = append(r.events, e)
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
	hooks := r.hooks
	if r.sink != nil {
		// Under the lock, so that the sink has the order of the history. In a
		// bubble there is no sink: its runs are written when they are over.
		r.sink(e)
	}
	r.mu.Unlock()
	for _, hook := range hooks {
		hook(e)
	}
}

// Hook lets do see every later event, synchronously, after it was recorded.
func (r *Recorder) Hook(do func(observe.Event)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hooks = append(slices.Clone(r.hooks), do)
}

// Await returns the first event from index from on for which match is true,
// recorded already or yet to come, or ctx's error.
func (r *Recorder) Await(ctx context.Context, from int, match func(observe.Event) bool) (observe.Event, error) {
	for {
		r.mu.Lock()
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		seen, changed := r.events, r.changed
		r.mu.Unlock()
		for ; from < len(seen); from++ {
			if match(seen[from]) {
				return seen[from], nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return observe.Event{}, context.Cause(ctx)
		}
	}
}

// Last is the last event so far that matches.
func (r *Recorder) Last(match func(observe.Event) bool) (observe.Event, bool) {
	r.mu.Lock()
	seen := r.events
	r.mu.Unlock()
	for _, e := range slices.Backward(seen) {
		if match(e) {
			return e, true
		}
	}
	return observe.Event{}, false
}

// Len is the number of events so far: where an Await begins that must not see
// the past.
func (r *Recorder) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// Looks tells which messages are a page's looks after its order: those that are
// answered as before show no movement.
func (r *Recorder) Looks(isLook func(observe.Message) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moved.isLook = isLook
}

// Moved is when something moved last, in real time, and when anything did but notes, such as
// that the machine stood still.
func (r *Recorder) Moved() (at, acted time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.moved.at, r.moved.acted
}

// Silence is for how long nothing moved, in real time.
func (r *Recorder) Silence() time.Duration {
	at, _ := r.Moved()
	return time.Since(at)
}

// OnlyAsks is for how long, in real time, nothing moved but that the shop asks after
// payments, and is answered as before, while one of them is left open; 0 where none is.
func (r *Recorder) OnlyAsks() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.moved.isLeftOpen() {
		return 0
	}
	return time.Since(r.moved.news)
}

// LastMoved says what moved last.
func (r *Recorder) LastMoved() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.moved.lastMoved()
}

// History is what was seen so far, ordered by time, actor and the actor's own
// sequence: the order that does not depend on who got the lock first.
func (r *Recorder) History() judge.History {
	h := r.Unredacted()
	if r.sink == nil {
		r.redactor.Load().Events(h)
		for i := range h {
			redact.Clip(&h[i])
		}
	}
	return h
}

// Unredacted is the history with the secrets that were seen, where there is no sink. Nobody
// may change what its events point to.
func (r *Recorder) Unredacted() judge.History {
	r.mu.Lock()
	h := judge.History(slices.Clone(r.events))
	r.mu.Unlock()
	h.Sort()
	return h
}
