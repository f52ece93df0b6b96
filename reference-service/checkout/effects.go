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
// when the next one will be; the zero time means that nothing is pending.
//
// A lease is taken by writing the time at which it ends, and that number is the
// proof of owning it: who comes back after another has taken over records nothing.
func (s *Service) claim(ctx context.Context, now time.Time) (*effect, time.Time, error) {
	lease := now.Add(s.cfg.Lease).UnixNano()
	if !s.has(leased) {
		lease = 0
	}
	e := effect{claimed: now, lease: lease}
	var createdNS int64
	err := s.db.QueryRowContext(ctx, `UPDATE effects SET lease_ns = $2, attempts = attempts + 1
		WHERE idem_key = (SELECT idem_key FROM effects
			WHERE state = 'pending' AND next_ns <= $1 AND lease_ns <= $1 AND created_ns >= $3
			ORDER BY next_ns, idem_key LIMIT 1 `+s.dialect.skipLocked()+`)
		AND state = 'pending' AND lease_ns <= $1
		RETURNING idem_key, order_id, kind, epoch, reference, request, result, attempts, writes, misses, created_ns`,
		now.UnixNano(), lease, s.resumeFrom()).Scan(&e.key, &e.order, &e.kind, &e.epoch, &e.reference, &e.request,
		&e.result, &e.attempts, &e.writes, &e.misses, &createdNS)
	if err == nil {
		e.created = time.Unix(0, createdNS)
		// A run is counted before it begins, so that a crash leaves its trace.
		// Workers without leases do not know of each other.
		e.fresh = e.attempts == 1 || !s.has(leased) && e.misses == 0
		return &e, time.Time{}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, fmt.Errorf("claim an effect: %w", err)
	}
	var next sql.NullInt64
	err = s.db.QueryRowContext(ctx, `SELECT MIN(CASE WHEN lease_ns > next_ns THEN lease_ns ELSE next_ns END)
		FROM effects WHERE state = 'pending' AND created_ns >= $1`, s.resumeFrom()).Scan(&next)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look when the next effect is due: %w", err)
	}
	if !next.Valid {
		return nil, time.Time{}, nil
	}
	return nil, time.Unix(0, next.Int64), nil
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
// and decides on the next effect. Whoever has lost the lease records nothing.
func (s *Service) record(ctx context.Context, o order, e *effect, v verdict) error {
	now := time.Now()
	err := inTx(ctx, s.db, func(tx *sql.Tx) error {
		state, troubled := "pending", 0
		switch v.outcome {
		case unknown:
			troubled = 1
		case done:
			state = "done"
		case failed, overtaken:
			state, troubled, e.result = "failed", 1, v.reason
		}
		mine, err := one(tx.ExecContext(ctx, `UPDATE effects SET state = $3, result = $4, reference = $5, request = $6,
			writes = $7, misses = $8, troubled = CASE WHEN troubled > $9 THEN troubled ELSE $9 END, lease_ns = 0,
			next_ns = CASE WHEN hint_ns >= $10 THEN CAST($11 AS BIGINT) ELSE CAST($12 AS BIGINT) END
			WHERE idem_key = $1 AND state = 'pending' AND lease_ns = $2`,
			e.key, e.lease, state, e.result, e.reference, e.request, e.writes, e.misses, troubled,
			e.claimed.UnixNano(), now.UnixNano(), now.Add(v.after).UnixNano()))
		if err != nil || !mine || state == "pending" || e.kind == Audit {
			return err
		}
		return s.advance(ctx, tx, o, e, v, now)
	})
	if err != nil {
		return fmt.Errorf("record that %s is %v: %w", e.key, v.outcome, err)
	}
	return nil
}
