package webhooks

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// stage plays sequences at one handler.
type stage struct {
	*Description
	handler *handler
	counter *counter

	// alone is held for writing by a sequence that kills the handler, and by one that is
	// run again to be sure.
	alone sync.RWMutex

	mu       sync.Mutex
	run      string // makes references new in each run
	number   int
	slowest  time.Duration     // the longest that an effect took to be counted
	controls map[string]counts // what a set of notices comes to when all is well
	stubborn map[string]bool   // notices that the handler does not take when all is well
	tally    tally
}

func newStage(d *Description, h *handler) *stage {
	return &stage{
		Description: d, handler: h, counter: newCounter(d, h.facts), run: strings.ToLower(rand.Text()[:8]),
		controls: map[string]counts{}, stubborn: map[string]bool{},
	}
}

// Sent is a delivery that was made.
type Sent struct {
	Delivery
	reply
	Step   int  // those of one step were made at the same time
	Again  bool // the provider's own: it was not taken before
	Killed bool // the handler was alive, had all of the request, and was killed before its answer
}

// result is what came of one sequence.
type result struct {
	Sequence
	Purchase  provider.Purchase
	Reference string
	Sent      []Sent
	made      int // steps
	Got, Want counts
	took      time.Duration // from the last answer to the last change of a count
	ended     time.Time     // when the last event was answered

	most  counts // how often each effect may be counted
	facts map[string]string
	usual map[string]time.Duration // how long the handler takes for a notice when all is well
}

// reference is a new one: what came of others does not matter then.
func (s *stage) reference() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.number++
	return fmt.Sprintf("uh-%s-%d", s.run, s.number)
}

// quiet is for how long a count must stay as it is to be believed.
func (s *stage) quiet() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(60*time.Millisecond, 2*s.slowest+40*time.Millisecond), s.settles())
}

// soon is how long an effect is waited for where many sequences run: one that takes
// longer is waited for alone.
func (s *stage) soon() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(time.Second, 5*s.slowest), s.settles())
}

// surely is how long an effect is waited for before it is said to be lost.
func (s *stage) surely() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return min(max(2*time.Second, 10*s.slowest), s.settles())
}

// play delivers a sequence, delivers again what was not taken, and counts. An error says
// why nothing can be said of the handler.
func (s *stage) play(ctx context.Context, seq Sequence, want counts, limit time.Duration) (*result, error) {
	if seq.killsAtWork() && s.handler.service != nil {
		return s.playAtWork(ctx, seq, want, limit)
	}
	return s.playOnce(ctx, seq, want, limit, nil)
}

// prepare begins a purchase of which a sequence delivers the notices, of these bodies.
func (s *stage) prepare(ctx context.Context, seq Sequence) (r *result, bodies map[string][]byte, err error) {
	purchase, err := s.hooks.Find(seq.Purchase)
	if err != nil {
		return nil, nil, err
	}
	w := s.wish(s.reference())
	if seq.has(func(m Manner) bool { return m == Late }) {
		w.At = w.At.Add(-72 * time.Hour)
	}
	bodies = map[string][]byte{}
	for _, n := range purchase.Notices(w) {
		bodies[n.Name] = n.Body
	}
	r = &result{Sequence: seq, Purchase: purchase, Reference: w.Reference, most: s.most(purchase), facts: s.facts(w)}
	return r, bodies, s.counter.before(ctx, r.facts)
}

// playOnce is play, where the usual times are known if the handler is killed before an
// answer.
func (s *stage) playOnce(ctx context.Context, seq Sequence, want counts, limit time.Duration, usual map[string]time.Duration) (*result, error) {
	r, bodies, err := s.prepare(ctx, seq)
	if err != nil {
		return nil, err
	}
	r.Want, r.usual = want, usual
	base, err := s.base(ctx, r.facts)
	if err != nil {
		return nil, err
	}
	for _, step := range seq.Steps {
		if err := s.step(ctx, r, step, bodies, false); err != nil {
			return nil, err
		}
		if s.hooks.Ordered {
			if err := s.again(ctx, r, bodies, limit); err != nil {
				return nil, err
			}
		}
	}
	began := time.Now()
	if err := s.again(ctx, r, bodies, limit); err != nil {
		return nil, err
	}
	limit, r.ended = max(2*s.quiet(), limit-time.Since(began)), time.Now()
	most := r.most
	if want != nil && seq.has(Manner.Forged) {
		most = want
	}
	r.Got, r.took, err = s.counter.settle(ctx, r.facts, base, want, s.least(r), most, s.quiet(), limit)
	return r, err
}

// base are the counts before anything was delivered, of which only a total is not 0.
func (s *stage) base(ctx context.Context, facts map[string]string) (counts, error) {
	if !s.total() {
		return counts{}, nil
	}
	return s.counter.read(ctx, facts)
}

// most is how often each effect may be counted.
func (s *stage) most(p provider.Purchase) counts {
	most := counts{}
	for effect := range s.Count {
		most[effect] = s.due(p, effect)
		if most[effect] == 0 && slices.Contains(p.May, effect) {
			most[effect] = 1
		}
	}
	return most
}

// due is what a count comes to at a right handler.
func (s *stage) due(p provider.Purchase, effect string) int {
	if effect != provider.RefundedAmount {
		return p.Due(effect)
	}
	if p.Back == nil {
		return 0
	}
	return int(p.Back(s.wish("reference")))
}

// least is how often each effect must be counted where all notices came. That of a
// payment may be taken back by a later one.
func (s *stage) least(r *result) counts {
	least := counts{}
	if len(s.genuine(r.Sequence)) < len(namesOf(r.Purchase)) {
		return least
	}
	for effect := range s.Count {
		if effect != provider.Paid || len(r.Purchase.Effects) == 1 {
			least[effect] = s.due(r.Purchase, effect)
		}
	}
	return least
}

// mostAgain is how often a notice is delivered that the handler never takes.
const mostAgain = 2

// again delivers what was not taken, until it is or the limit is over, as the provider
// does in hours.
func (s *stage) again(ctx context.Context, r *result, bodies map[string][]byte, limit time.Duration) error {
	began := time.Now()
	pause := 20 * time.Millisecond
	for round := 0; ; round++ {
		left := slices.DeleteFunc(r.refused(), func(name string) bool { return round >= mostAgain && s.neverTaken(name) })
		if len(left) == 0 || round > 2 && time.Since(began) > limit {
			return nil
		}
		for _, name := range left {
			if err := s.step(ctx, r, []Delivery{{name, r.repeat(name)}}, bodies, true); err != nil {
				return err
			}
		}
		if len(r.refused()) == 0 {
			return nil
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, 500*time.Millisecond)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// repeat is how a notice comes that was not taken: a secret is replaced for hours.
func (r *result) repeat(name string) Manner {
	if slices.Contains(r.all(), Delivery{name, Rotated}) {
		return Rotated
	}
	return Plain
}

// refused are the notices that were delivered and never taken, in their order.
func (r *result) refused() (names []string) {
	taken := map[string]bool{}
	for _, d := range r.Sent {
		taken[d.Notice] = taken[d.Notice] || d.accepted() && !d.Manner.Forged()
	}
	for _, d := range r.Sent {
		if !d.Manner.Forged() && !taken[d.Notice] && !slices.Contains(names, d.Notice) {
			names = append(names, d.Notice)
		}
	}
	return names
}

func (s *stage) neverTaken(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stubborn[name]
}

// genuine are the notices that the provider sent, in the order in which they happened.
func (s *stage) genuine(seq Sequence) (names []string) {
	purchase, err := s.hooks.Find(seq.Purchase)
	if err != nil {
		return nil
	}
	for _, n := range purchase.Notices(s.wish("reference")) {
		if slices.ContainsFunc(seq.all(), func(d Delivery) bool { return d.Notice == n.Name && !d.Manner.Forged() }) {
			names = append(names, n.Name)
		}
	}
	return names
}

// want is what the notices of a sequence come to when each comes once, in order.
func (s *stage) want(ctx context.Context, seq Sequence) (counts, error) {
	names := s.genuine(seq)
	if len(names) == 0 {
		none := counts{}
		for effect := range s.Count {
			none[effect] = 0
		}
		return none, nil
	}
	key := seq.Purchase + ": " + strings.Join(names, ", ")
	s.mu.Lock()
	known, has := s.controls[key]
	s.mu.Unlock()
	if has {
		return known, nil
	}
	r, err := s.control(ctx, seq.Purchase, names)
	if err != nil {
		return nil, err
	}
	return r.Got, nil
}

// control delivers each of the notices once, in order, and remembers what it came to.
func (s *stage) control(ctx context.Context, purchase string, names []string) (*result, error) {
	seq := Sequence{Purchase: purchase}
	for _, name := range names {
		seq.Steps = append(seq.Steps, []Delivery{{Notice: name}})
	}
	r, err := s.play(ctx, seq, nil, s.settles())
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.controls[purchase+": "+strings.Join(names, ", ")] = r.Got
	s.slowest = max(s.slowest, r.took)
	for _, name := range r.refused() {
		s.stubborn[name] = true
	}
	return r, nil
}
