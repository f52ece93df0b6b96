package checkout

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Run works on what is due until ctx is done, and returns when everything that
// it started has ended. It sleeps until the earliest due time or a nudge:
// while nothing is due, nothing ticks.
func (s *Service) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, s.cfg.Workers)
	failures := int64(0)
	for {
		select {
		case slots <- struct{}{}: // held while idle, then handed to a run
		case <-ctx.Done():
			return nil
		}
		e, err := s.awaitEffect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			<-slots
			failures++
			s.log.Error("the database does not answer", "error", err)
			if !sleep(ctx, s.pause("database", failures)) {
				return nil
			}
			continue
		}
		failures = 0
		running.Go(func() {
			defer func() { <-slots }()
			s.run(ctx, e)
		})
	}
}

// awaitEffect claims the next effect, however long it takes until one is due.
func (s *Service) awaitEffect(ctx context.Context) (*effect, error) {
	for {
		e, next, err := s.claim(ctx, time.Now())
		if err != nil || e != nil {
			return e, err
		}
		s.idle(ctx, next)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// idle waits for a nudge or the next due time, if there is one.
func (s *Service) idle(ctx context.Context, next time.Time) {
	var due <-chan time.Time // nil, which never fires, while nothing is pending
	if !next.IsZero() {
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-s.nudges:
	case <-ctx.Done():
	}
}

// run makes one attempt at an effect and records what came of it. Its work ends
// with its lease, so that two workers are never at the same effect.
func (s *Service) run(ctx context.Context, e *effect) {
	work, cancel := context.WithDeadline(ctx, e.claimed.Add(s.cfg.Lease))
	defer cancel()
	o, err := loadOrder(work, s.db, e.order)
	if err != nil {
		s.log.Error("the order of an effect cannot be read", "effect", e.key, "error", err)
		return // the lease runs out, and the effect is claimed again
	}
	v := s.attempt(work, o, e)
	if v.outcome == unknown && !s.has(unknownIsNotFailure) {
		v.outcome = failed
	}
	if v.outcome == unknown {
		e.misses++
		v.after = s.patience(e, v.after)
	} else {
		e.misses = 0
	}
	s.log.Info("effect", "effect", e.key, "attempt", e.attempts, "outcome", v.outcome.String(), "reason", v.reason)

	// What was found is recorded even while the service stops: the lease is
	// given back and nobody needs to wait for its end.
	write, done := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.DatabaseTimeout)
	defer done()
	if err := s.record(write, o, e, v); err != nil {
		s.log.Error("an outcome cannot be recorded", "effect", e.key, "error", err)
		return
	}
	s.bells.ring(o.id)
	s.nudge()
}

func (s *Service) attempt(ctx context.Context, o order, e *effect) verdict {
	switch e.kind {
	case Authorize:
		return s.authorize(ctx, o, e)
	case Capture:
		return s.capture(ctx, o, e)
	case Ship:
		return s.ship(ctx, o, e)
	case Void:
		return s.void(ctx, o, e)
	case Refund:
		return s.refund(ctx, o, e)
	case Audit:
		return s.audit(ctx, o, e)
	default:
		return verdict{outcome: unknown, reason: fmt.Sprintf("nobody knows how to %q", e.kind)}
	}
}

// patience is how long to wait after an unknown outcome.
//
// The provider takes five writes of one kind in a rate window for one payment.
// The first three follow the backoff; from then on they are a third of the
// window apart, so that no window, wherever it begins, holds more than five.
func (s *Service) patience(e *effect, atLeast time.Duration) time.Duration {
	if !s.has(backoff) {
		return s.cfg.BackoffFirst / 20
	}
	wait := max(s.pause(e.key, e.misses), atLeast)
	if e.writes >= 3 {
		wait = max(wait, s.cfg.RateWindow/3)
	}
	return wait
}

// pause is the n-th pause of something that keeps failing: it doubles, has a
// bound, and is spread over its second half lest all come back at once.
func (s *Service) pause(name string, n int64) time.Duration {
	full := s.cfg.BackoffFirst << min(n-1, 20)
	if full > s.cfg.BackoffMax || full <= 0 {
		full = s.cfg.BackoffMax
	}
	return full/2 + time.Duration(float64(full/2)*s.jitter(name, n))
}

// sleep says false if ctx was done first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
