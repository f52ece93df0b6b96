package webhooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Options are what one run is asked for.
type Options struct {
	Sequences int    // how many are tried at least; those that are systematic always are
	Seed      uint64 // of the random ones
	AtOnce    int    // how many run at the same time at most
	// Progress is told what goes on, in a line; nil: nobody is.
	Progress func(line string)
}

const (
	// DefaultSequences is how many sequences are tried where nobody says.
	DefaultSequences = 300
	defaultAtOnce    = 8
	// mostFindings is how many failures are minimized: a handler with more of them is
	// mended first.
	mostFindings = 8
	repeats      = 3
	// longestMinimizing is after how long no further failure is minimized.
	longestMinimizing = 45 * time.Second
	// longStart is a start of the handler after which it is killed at fewer moments, so
	// that a verdict takes minutes at most.
	longStart = 2 * time.Second
)

// search looks for sequences after which the counts are wrong.
type search struct {
	*stage
	Options
	report *Report

	seen    map[string]bool // effects that a control run had: they are counted
	balance bool            // what is paid is counted as a balance, which a refund takes back

	telling sync.Mutex // Progress is told one line at a time
	told    time.Time  // when it was told the last one

	minimizing time.Time // when the first failure was
	mu         sync.Mutex
	unsure     bool // it was told that refunds may be counted as a total
	at, of     int  // the sequence that is tried, of so many
}

// Run tries the handler with sequences of all kinds. An error means that the harness
// failed; a handler of which nothing can be said is in the report.
func (d *Description) Run(ctx context.Context, o Options) (*Report, error) {
	return d.enact(ctx, o, func(s *search, purchases []provider.Purchase) error { return s.explore(ctx, purchases) })
}

// Replay tries one sequence.
func (d *Description) Replay(ctx context.Context, seq Sequence, o Options) (*Report, error) {
	return d.enact(ctx, o, func(s *search, _ []provider.Purchase) error { return s.replay(ctx, seq) })
}

func (d *Description) enact(ctx context.Context, o Options, then func(*search, []provider.Purchase) error) (report *Report, err error) {
	if o.AtOnce == 0 {
		o.AtOnce = defaultAtOnce
	}
	if d.total() {
		o.AtOnce = 1
	}
	report = &Report{Description: d, Began: time.Now(), Seed: o.Seed}
	clean := redact.New(d.Secret)
	h, err := newHandler(d, clean.Text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	s := &search{stage: newStage(d, h), Options: o, report: report, seen: map[string]bool{}}
	defer s.counter.close()
	defer func() {
		report.Took = time.Since(report.Began)
		report.Kills, report.Ends = h.told()
		report.Tally = s.now()
		if report.Ends > 0 {
			report.Words = h.words.Last()
		}
		report.Redact = clean.Text
	}()
	err = h.open(ctx)
	if err == nil {
		quiet := s.tellNowAndThen()
		err = s.begin(ctx, then)
		quiet()
	}
	switch {
	case ctx.Err() != nil:
		report.doubt("interrupted: nothing is known of what was not tried")
	case err != nil:
		report.doubt(err.Error())
	}
	return report, nil
}

// explore tries the planned sequences: first those that can run beside others, then
// those in which the handler is killed.
func (s *search) explore(ctx context.Context, purchases []provider.Purchase) error {
	var acts map[string]bool
	if s.handler.service != nil {
		var err error
		if acts, err = s.acting(ctx, purchases); err != nil {
			return err
		}
	}
	s.report.SlowStart = s.handler.startup > longStart
	list := plan(s.hooks, purchases, acts, s.report.SlowStart, s.Sequences, s.Seed)
	s.report.Planned = len(list)
	s.expects(list)
	var red []*result
	at := map[*result]int{} // its place in the list
	var first error
	queue := make(chan int)
	trying, stop := context.WithCancel(ctx)
	defer stop()
	var working sync.WaitGroup
	for range s.AtOnce {
		working.Go(func() {
			for i := range queue {
				seq := list[i]
				r, err := s.try(trying, seq)
				s.mu.Lock()
				switch {
				case err != nil && first == nil:
					first = fmt.Errorf("%s: %w", seq, err)
					stop()
				case err == nil && len(r.judge(s.most(r.Purchase))) > 0:
					red, at[r] = append(red, r), i
				}
				s.mu.Unlock()
			}
		})
	}
	for i := range list {
		if trying.Err() != nil {
			break
		}
		s.tried(i, len(list))
		queue <- i
	}
	close(queue)
	working.Wait()
	s.tried(0, 0)
	slices.SortFunc(red, func(a, b *result) int { return cmp.Or(a.weight()-b.weight(), at[a]-at[b]) })
	if first == nil {
		s.doubtKills(acts)
	}
	for _, r := range red {
		if ctx.Err() == nil {
			err := s.found(ctx, r)
			if err == nil {
				continue
			}
			if ctx.Err() == nil {
				return errors.Join(first, err)
			}
		}
		s.interrupted(r)
	}
	return first
}

// interrupted tells a failure that nobody has run again: what was counted too often is one.
func (s *search) interrupted(r *result) {
	for _, w := range r.judge(s.most(r.Purchase)) {
		switch of := slices.IndexFunc(s.report.Findings, func(f *Finding) bool { return f.explains(r, w) }); {
		case of >= 0:
			s.report.Findings[of].more(w)
		case w.More && len(s.report.Findings) < mostFindings:
			s.report.Findings = append(s.report.Findings, &Finding{result: r, wrong: w, Times: 1, Of: 1})
		case w.More:
			s.report.More++
		case len(s.report.Once) < mostFindings:
			s.report.Once = append(s.report.Once, fmt.Sprintf("seen once, and interrupted before it was run again: %s: %s", r.Sequence, w.says(r)))
		}
	}
}

// try plays one sequence, beside others where it harms none.
func (s *search) try(ctx context.Context, seq Sequence) (*result, error) {
	want, err := s.want(ctx, seq)
	if err != nil {
		return nil, err
	}
	if seq.kills() {
		s.alone.Lock()
		defer s.alone.Unlock()
	} else {
		s.alone.RLock()
		defer s.alone.RUnlock()
	}
	r, err := s.play(ctx, seq, want, s.soon())
	if err == nil {
		if odd := r.tooMany(); odd != "" {
			err = errors.New(odd)
		}
	}
	if err != nil {
		return nil, err
	}
	s.count(seq)
	s.countKills(r)
	s.doubtTotals(r)
	return r, nil
}

// doubtTotals says, once, that nobody knows whether a refund was lost.
func (s *search) doubtTotals(r *result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.unsure() && !s.unsure {
		s.unsure = true
		s.report.doubt(fmt.Sprintf("count.%s is %d instead of %d after “%s”, which is right where an event says what all refunds come to: say count.%s as well, so that their money is judged",
			provider.Refunded, r.Got[provider.Refunded], r.Want[provider.Refunded], r.Sequence, provider.RefundedAmount))
	}
}

// count says what was tried.
func (s *search) count(seq Sequence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.Tried++
	s.report.Delivered += len(seq.all())
	seen := map[string]bool{}
	for _, step := range seq.Steps {
		if len(step) > 1 {
			seen["at once"] = true
		}
		for _, d := range step {
			switch {
			case d.Manner.Forged():
				seen["forged"] = true
			case d.Manner.AtWork():
				seen["killed at work"] = true
			case d.Manner != Plain:
				seen[string(d.Manner)] = true
			}
		}
	}
	if len(seen) == 0 {
		seen["orders and repeats"] = true
	}
	if s.report.By == nil {
		s.report.By = map[string]int{}
	}
	for name := range seen {
		s.report.By[name]++
	}
}

// playAlone plays a sequence while nothing else runs.
func (s *search) playAlone(ctx context.Context, seq Sequence, limit time.Duration) (*result, error) {
	want, err := s.want(ctx, seq)
	if err != nil {
		return nil, err
	}
	s.alone.Lock()
	defer s.alone.Unlock()
	return s.play(ctx, seq, want, limit)
}

// replay plays one sequence until something is wrong, as often as a race may need, or a
// moment between two writes.
func (s *search) replay(ctx context.Context, seq Sequence) error {
	list := slices.Repeat([]Sequence{seq}, 10)
	if moments := seq.moments(); len(moments) > 0 && s.handler.service != nil {
		for i := range 2 * triesOfAMoment {
			list = append(list, seq.at(moments[i%len(moments)]))
		}
	}
	var last *result
	for i, seq := range list {
		r, err := s.playAlone(ctx, seq, s.surely())
		if err != nil {
			return err
		}
		s.count(seq)
		if last == nil || last.missed() {
			last = r
		}
		if list := r.judge(s.most(r.Purchase)); len(list) > 0 {
			for _, w := range list {
				s.report.Findings = append(s.report.Findings, &Finding{result: r, wrong: w, Times: 1, Of: i + 1})
			}
			return nil
		}
	}
	s.report.Last, s.report.Tries = last, len(list)
	if last.missed() {
		s.report.doubt("the handler was never killed before its answer, so the sequence proves nothing: it answered first each time, or is not started by us (service: {command: […]})")
	}
	if kills, _ := s.handler.told(); !seq.killsAtWork() && seq.kills() && kills == 0 {
		s.report.doubt("the handler was not killed, so the sequence proves nothing: say service: {command: […]}, and see that the event is answered with 2xx")
	}
	return nil
}
