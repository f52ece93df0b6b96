package webhooks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// step makes the deliveries of one step at the same time, and kills the handler at that
// one which says so.
func (s *stage) step(ctx context.Context, r *result, step []Delivery, bodies map[string][]byte, again bool) error {
	list, err := s.attempts(ctx, step, bodies)
	if err != nil {
		return err
	}
	sent := make([]Sent, len(list))
	k := &killing{stage: s, r: r}
	if slices.ContainsFunc(step, func(d Delivery) bool { return d.Manner == firstEffect }) {
		if k.before, err = s.counter.read(ctx, r.facts); err != nil {
			return err
		}
	}
	var all sync.WaitGroup
	for i, a := range list {
		all.Go(func() {
			sent[i] = Sent{Delivery: a.Delivery, Again: again, Step: r.made}
			if a.Manner.AtWork() && s.handler.service != nil {
				sent[i].reply, sent[i].Killed = k.atWork(ctx, a)
				return
			}
			sent[i].reply = a.send(ctx, nil)
			if a.Manner == Killed && sent[i].accepted() && s.handler.service != nil {
				k.kill()
			}
		})
	}
	all.Wait()
	r.Sent, r.made = append(r.Sent, sent...), r.made+1
	s.tell(sent)
	if err := s.silent(sent); err != nil {
		return err
	}
	if k.err == nil && k.done {
		k.err = s.handler.start(ctx)
	}
	if k.err != nil {
		return k.err
	}
	return ctx.Err()
}

// killing kills the handler once in a step.
type killing struct {
	*stage
	r      *result
	before counts // what was counted before the step, for a kill at the first effect
	once   sync.Once
	done   bool // it was alive, and is dead by our signal
	err    error
}

func (k *killing) kill() {
	k.once.Do(func() { k.done, k.err = k.handler.kill() })
}

// atWork sends a request, and kills the handler before its answer. It says whether that
// took effect: the handler had all of the request, was alive, and died by our signal, and
// not a byte of an answer came.
func (k *killing) atWork(ctx context.Context, a *attempt) (reply, bool) {
	written, answered := make(chan struct{}), make(chan struct{})
	var waiting sync.WaitGroup
	killed := false
	waiting.Go(func() {
		select {
		case <-written:
		case <-answered: // the request could not be written
			return
		}
		if k.isTime(ctx, a.Delivery, answered) {
			k.kill()
			killed = true
		}
	})
	reply := a.send(ctx, func() { close(written) })
	close(answered)
	waiting.Wait()
	if !killed || !k.done || reply.Status != 0 {
		return reply, false
	}
	reply.Err = "killed before its answer"
	return reply, true
}

// isTime waits until the handler is to be killed; false: the answer came first.
func (k *killing) isTime(ctx context.Context, d Delivery, answered <-chan struct{}) bool {
	if n := d.Manner.perCent(); n > 0 {
		limit := time.NewTimer(k.r.usual[d.Notice] * time.Duration(n) / 100)
		defer limit.Stop()
		select {
		case <-limit.C:
			return true
		case <-answered:
			return false
		}
	}
	for {
		now, err := k.counter.read(ctx, k.r.facts)
		select {
		case <-answered:
			return false
		default:
		}
		if err == nil && !maps.Equal(now, k.before) {
			return true
		}
		select {
		case <-answered:
			return false
		case <-time.After(effectEvery):
		}
	}
}

// effectEvery is how often a count is asked for while the handler works.
const effectEvery = 500 * time.Microsecond

// rehearse delivers what a sequence delivers up to its last kill, each notice once and in
// its order, and measures how long the handler takes for each. The first time wakes a
// handler that was just started.
func (s *stage) rehearse(ctx context.Context, seq Sequence) (usual map[string]time.Duration, err error) {
	names := s.genuine(seq)
	last := 0
	for i, name := range names {
		if slices.ContainsFunc(seq.all(), func(d Delivery) bool { return d.Notice == name && d.Manner.AtWork() }) {
			last = i
		}
	}
	plain := inOrder(seq.Purchase, names[:last+1])
	for range 2 {
		r, err := s.walk(ctx, plain)
		if err != nil {
			return nil, fmt.Errorf("the control run before a kill: %w", err)
		}
		usual = map[string]time.Duration{}
		for _, d := range r.Sent {
			if _, known := usual[d.Notice]; d.accepted() && !known {
				usual[d.Notice] = d.Took
			}
		}
	}
	return usual, nil
}

// walk delivers a sequence. It counts only where all purchases are counted together: a late
// effect would be taken for one of the next sequence.
func (s *stage) walk(ctx context.Context, seq Sequence) (*result, error) {
	if s.total() {
		return s.playOnce(ctx, seq, nil, s.quiet(), nil)
	}
	r, bodies, err := s.prepare(ctx, seq)
	for i := 0; err == nil && i < len(seq.Steps); i++ {
		err = s.step(ctx, r, seq.Steps[i], bodies, false)
	}
	return r, err
}

// How often a sequence is played until a kill before the answer takes effect, earlier each
// time. A right handler may answer at once when its effect can be seen.
const (
	triesAtWork        = 5
	triesAtFirstEffect = 2
)

// playAtWork plays a sequence in which the handler is killed before its answer.
func (s *stage) playAtWork(ctx context.Context, seq Sequence, want counts, limit time.Duration) (*result, error) {
	usual, err := s.rehearse(ctx, seq)
	if err != nil {
		return nil, err
	}
	tries := triesAtWork
	if seq.has(func(m Manner) bool { return m == firstEffect }) {
		tries = triesAtFirstEffect
	}
	for try := 1; ; try++ {
		r, err := s.playOnce(ctx, seq, want, limit, usual)
		if err != nil || try == tries || !r.missed() || len(r.judge(s.most(r.Purchase))) > 0 {
			return r, err
		}
		for notice := range usual {
			usual[notice] /= 2
		}
	}
}

// missed says whether a handler was to be killed before its answer, and answered first.
func (r *result) missed() bool {
	for _, d := range r.Sent {
		if d.Manner.AtWork() && !d.Killed {
			return true
		}
	}
	return false
}

// acting are the notices at which the handler has an effect, where they come in order. Of
// an event that comes several times, the first one tells.
func (s *search) acting(ctx context.Context, purchases []provider.Purchase) (map[string]bool, error) {
	acts, known := map[string]bool{}, map[string]bool{}
	for _, p := range purchases {
		names := namesOf(p)
		plain := inOrder(p.Name, names)
		for i, name := range names {
			event := provider.Notice{Name: name}.Event()
			if known[event] {
				continue
			}
			known[event] = true
			before, err := s.want(ctx, Sequence{p.Name, plain.Steps[:i]})
			if err != nil {
				return nil, err
			}
			now, err := s.want(ctx, Sequence{p.Name, plain.Steps[:i+1]})
			if err != nil {
				return nil, err
			}
			acts[name] = !maps.Equal(now, before)
		}
	}
	return acts, nil
}

// countKills remembers of which notices a kill before the answer took effect.
func (s *search) countKills(r *result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range r.Sent {
		if !d.Manner.AtWork() {
			continue
		}
		k := s.report.AtWork[d.Notice]
		k.Tried++
		if d.Killed {
			k.Done++
		}
		if s.report.AtWork == nil {
			s.report.AtWork = map[string]killsOf{}
		}
		s.report.AtWork[d.Notice] = k
	}
}

// killsOf is how often the handler was to be killed while it worked on a notice, and how
// often it was.
type killsOf struct{ Tried, Done int }

// doubtKills says of which notices no kill took effect, though the handler acts on them:
// nothing is known of them.
func (s *search) doubtKills(acts map[string]bool) {
	for _, notice := range slices.Sorted(maps.Keys(s.report.AtWork)) {
		if k := s.report.AtWork[notice]; k.Done == 0 && acts[notice] {
			s.report.doubt(fmt.Sprintf("the handler was never killed while it worked on %s: it answered first in each of %d sequences", notice, k.Tried))
		}
	}
}

// killedAtWork is how many of the kills before an answer took effect.
func (r *Report) killedAtWork() (all killsOf) {
	for _, k := range r.AtWork {
		all.Tried += k.Tried
		all.Done += k.Done
	}
	return all
}
