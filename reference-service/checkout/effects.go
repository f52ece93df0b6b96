package checkout

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// effect is one thing to be done in the outside world, once.
type effect struct {
	key       string // idempotency key: order, kind and epoch
	order     string
	kind      Kind
	epoch     int64
	reference string // the provider's name for the payment
	request   string // the frozen body
	result    string
	attempts  int64 // runs begun, this one included
	fresh     bool  // nothing of it can have reached the other side
	writes    int64
	misses    int64
	created   time.Time
	claimed   time.Time // when this run began
	lease     int64     // what the lease column holds while this run owns the effect
}

// created is the result of an authorize effect whose payment the provider is
// known to have.
const created = "created"

// verdict is what one run of an effect found.
type verdict struct {
	outcome outcome
	reason  string        // why, for the shop's people
	after   time.Duration // run again no sooner than this
}

// newEffect decides on an effect. Its key says what it is, so that deciding
// twice is deciding once; it fits the provider's 50 characters.
func newEffect(o order, kind Kind, epoch int64, reference, request string, now time.Time) effect {
	return effect{
		key: fmt.Sprintf("%s-%s-%d", o.id, kind, epoch), order: o.id, kind: kind, epoch: epoch,
		reference: reference, request: request, created: now,
	}
}

// insertEffect says false if a guard says that the effect is there already.
func insertEffect(ctx context.Context, q querier, e effect, due time.Time) (bool, error) {
	return one(q.ExecContext(ctx, `INSERT INTO effects (idem_key, order_id, kind, epoch, reference, request,
		result, state, attempts, writes, misses, troubled, next_ns, hint_ns, lease_ns, created_ns)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', 0, 0, 0, 0, $8, 0, 0, $9) ON CONFLICT DO NOTHING`,
		e.key, e.order, e.kind, e.epoch, e.reference, e.request, e.result, due.UnixNano(), e.created.UnixNano()))
}

// claim takes the effect that has been due for longest. If none is due it says
// when the next one will be; the zero time means that nothing is pending. It
// looks before it takes: most often nothing is due, and a look locks nothing.
//
// A lease is taken by writing the time at which it ends, and that number is the
// proof of owning it: who comes back after another has taken over records nothing.
// A claim takes the hints with it, so that record can tell those that came later.
func (s *Service) claim(ctx context.Context, now time.Time) (*effect, time.Time, error) {
	next, err := s.nextDue(ctx)
	if err != nil || next.IsZero() || next.After(now) {
		return nil, next, err
	}
	lease := now.Add(s.cfg.Lease).UnixNano()
	if !s.has(leased) {
		lease = 0
	}
	e := effect{claimed: now, lease: lease}
	var createdNS int64
	err = s.db.QueryRowContext(ctx, `UPDATE effects SET lease_ns = $2, hint_ns = 0, attempts = attempts + 1
		WHERE idem_key = (SELECT idem_key FROM effects
			WHERE state = 'pending' AND next_ns <= $1 AND lease_ns <= $1 AND created_ns >= $3
			ORDER BY next_ns, idem_key LIMIT 1 `+s.dialect.skipLocked()+`)
		AND state = 'pending' AND lease_ns <= $1
		RETURNING idem_key, order_id, kind, epoch, reference, request, result, attempts, writes, misses, created_ns`,
		now.UnixNano(), lease, s.resumeFrom()).Scan(&e.key, &e.order, &e.kind, &e.epoch, &e.reference, &e.request,
		&e.result, &e.attempts, &e.writes, &e.misses, &createdNS)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, next, nil // somebody else was faster
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("claim an effect: %w", err)
	}
	e.created = time.Unix(0, createdNS)
	// A run is counted before it begins, so that a crash leaves its trace.
	// Workers without leases do not know of each other.
	e.fresh = e.attempts == 1 || !s.has(leased) && e.misses == 0
	return &e, time.Time{}, nil
}

// nextDue is when the next effect can be claimed, or was; the zero time means
// that nothing is pending.
func (s *Service) nextDue(ctx context.Context) (time.Time, error) {
	var next sql.NullInt64
	err := s.db.QueryRowContext(ctx, `SELECT MIN(CASE WHEN lease_ns > next_ns THEN lease_ns ELSE next_ns END)
		FROM effects WHERE state = 'pending' AND created_ns >= $1`, s.resumeFrom()).Scan(&next)
	if err != nil {
		return time.Time{}, fmt.Errorf("look when the next effect is due: %w", err)
	}
	if !next.Valid {
		return time.Time{}, nil
	}
	return time.Unix(0, next.Int64), nil
}

// resumeFrom is the time before which effects are left alone. A shop that keeps
// its work in memory knows only what it was told since it started.
func (s *Service) resumeFrom() int64 {
	if s.has(resume) {
		return 0
	}
	return s.started.UnixNano()
}

// record writes what a run found, and in the same transaction moves the order
// and decides on the next effect. A worker that has lost the lease records nothing.
//
// A hint that came since the claim may be of what the run was too early to see:
// it makes the next run due at once, and keeps an end that it may contradict
// from being one.
func (s *Service) record(ctx context.Context, o order, e *effect, v verdict) error {
	now := time.Now()
	if !v.outcome.isEnd() { // one row changes, and nothing follows: that needs no transaction
		if _, err := s.write(ctx, s.db, e, v, now); err != nil {
			return fmt.Errorf("record that %s is %v: %w", e.key, v.outcome, err)
		}
		return nil
	}
	err := inTx(ctx, s.db, func(tx *sql.Tx) error {
		ended, err := s.write(ctx, tx, e, v, now)
		if err != nil || !ended || e.kind == Audit {
			return err
		}
		return s.advance(ctx, tx, o, e, v, now)
	})
	if err != nil {
		return fmt.Errorf("record that %s is %v: %w", e.key, v.outcome, err)
	}
	return nil
}

// write writes what a run found, where it still has the lease, and says whether that
// ended the effect.
func (s *Service) write(ctx context.Context, q querier, e *effect, v verdict, now time.Time) (ended bool, err error) {
	state, result, troubled := "pending", e.result, 0
	switch v.outcome {
	case unknown:
		troubled = 1
	case done:
		state = "done"
	case failed, overtaken:
		state, result, troubled = "failed", v.reason, 1
	}
	hintedState, hintedResult := state, result
	if s.revisable(e.kind, v.outcome) {
		hintedState, hintedResult = "pending", e.result
	}
	err = q.QueryRowContext(ctx, `UPDATE effects SET reference = $3, request = $4, writes = $5, misses = $6,
		troubled = CASE WHEN troubled > $7 THEN troubled ELSE $7 END, lease_ns = 0,
		state = CASE WHEN hint_ns = 0 THEN CAST($8 AS TEXT) ELSE CAST($9 AS TEXT) END,
		result = CASE WHEN hint_ns = 0 THEN CAST($10 AS TEXT) ELSE CAST($11 AS TEXT) END,
		next_ns = CASE WHEN hint_ns = 0 THEN CAST($12 AS BIGINT) ELSE CAST($13 AS BIGINT) END
		WHERE idem_key = $1 AND state = 'pending' AND lease_ns = $2 RETURNING state`,
		e.key, e.lease, e.reference, e.request, e.writes, e.misses, troubled, state, hintedState,
		result, hintedResult, now.Add(v.after).UnixNano(), now.UnixNano()).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write: %w", err)
	}
	return state != "pending", nil
}

// revisable says whether news from the provider may contradict an end that a
// run has found. Nobody looks at a payment again once it has failed, or at an
// order's books once they were compared. The other ends stand, and what follows
// them looks by itself.
//
// A shop that takes the unknown for a failure has not looked, and never will.
func (s *Service) revisable(kind Kind, end outcome) bool {
	return kind == Audit || kind == Authorize && end == failed && s.has(unknownIsNotFailure)
}
