package checkout

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// notice is what a webhook says. It is a hint to look, never a fact.
type notice struct {
	Reference string
	Name      string // what happened: a payment's state, or CAPTURED, REFUNDED, CANCELLED
	ID        string
	// Ours is the reference under which the payment was asked for, where that is another one
	// and the notice says it.
	Ours string
}

// event is the notice's identity; the provider gives it none of its own.
func (n notice) event() string { return n.Reference + "/" + n.Name + "/" + n.ID }

// postWebhook puts a notice into the inbox and has a worker look at the
// payment. It answers 200 as soon as the notice cannot be lost any more.
func (s *Service) postWebhook(w http.ResponseWriter, r *http.Request) error {
	body, err := s.readBody(w, r, "application/json")
	if err != nil {
		return err
	}
	if err := s.payments.signed(r, body, time.Now()); err != nil {
		return &problem{http.StatusUnauthorized, sentence("%v", err)}
	}
	n, err := s.payments.notice(body)
	if err != nil {
		return err
	}
	if n.Name == "" { // no news of a payment
		w.WriteHeader(http.StatusOK)
		return nil
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	take := s.takeHint
	if !s.has(webhookInbox) {
		take = s.takeAtItsWord
	}
	if err := take(ctx, n, string(body)); err != nil {
		return err
	}
	s.nudge()
	w.WriteHeader(http.StatusOK)
	return nil
}

// takeHint keeps the notice once, however often it comes, and makes due what
// it may have news of.
func (s *Service) takeHint(ctx context.Context, n notice, body string) error {
	return inTx(ctx, s.db, func(tx *sql.Tx) error {
		now := time.Now()
		isNew, err := s.inbox.keep(ctx, tx, n.event(), n.Reference, body, now)
		if err != nil || !isNew {
			return err
		}
		reference, err := s.knownAs(ctx, tx, n)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE effects SET next_ns = $2, hint_ns = $2
			WHERE reference = $1 AND kind IN (`+s.hinted()+`) AND state = 'pending'`,
			reference, now.UnixNano())
		if err != nil {
			return fmt.Errorf("have the payment %s looked at: %w", reference, err)
		}
		o, err := s.orderOf(ctx, tx, reference)
		if errors.Is(err, errNotFound) {
			return nil // an orphan; /reconciliation lists it
		}
		if err != nil || !s.has(reconciler) || !surprising(o.state, n.Name) {
			return err
		}
		return s.auditNow(ctx, tx, o, reference, now)
	})
}

// hinted are the kinds of effects that a webhook may have news of: her approval, and where
// the provider tells later what came of a change, that change.
func (s *Service) hinted() string {
	if s.later {
		return "'authorize', 'capture', 'void', 'refund', 'audit'"
	}
	return "'authorize'"
}

// knownAs is the reference by which the books have the payment of a notice: ours, while
// its creation is unanswered.
func (s *Service) knownAs(ctx context.Context, q querier, n notice) (string, error) {
	if n.Ours == "" {
		return n.Reference, nil
	}
	var known int
	if err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM effects WHERE reference = $1", n.Reference).Scan(&known); err != nil {
		return "", fmt.Errorf("look for the payment %s: %w", n.Reference, err)
	}
	if known > 0 {
		return n.Reference, nil
	}
	return n.Ours, nil
}

// surprising says whether a notice contradicts an outcome that we have told.
func surprising(state State, event string) bool {
	switch event {
	case "CREATED", "AUTHORIZED", "CAPTURED":
		return state == Declined || state == Cancelled || state == Refunded && event != "CAPTURED"
	default:
		return state == Completed
	}
}

func (s *Service) orderOf(ctx context.Context, q querier, reference string) (order, error) {
	return scanOrder(q.QueryRowContext(ctx, "SELECT "+orderColumns+` FROM orders WHERE id =
		(SELECT order_id FROM effects WHERE reference = $1 LIMIT 1)`, reference))
}

// takeAtItsWord is what a shop without an inbox does: it believes the webhook,
// whenever it comes, and forgets what it does not understand.
func (s *Service) takeAtItsWord(ctx context.Context, n notice, _ string) error {
	reference, err := s.knownAs(ctx, s.db, n)
	if err != nil {
		return err
	}
	o, err := s.orderOf(ctx, s.db, reference)
	if errors.Is(err, errNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch n.Name {
	case "AUTHORIZED":
		return inTx(ctx, s.db, func(tx *sql.Tx) error {
			e := newEffect(o, Authorize, 1, reference, "", time.Now())
			mine, err := one(tx.ExecContext(ctx, `UPDATE effects SET state = 'done'
				WHERE reference = $1 AND kind = 'authorize' AND state = 'pending'`, reference))
			if err != nil || !mine {
				return err
			}
			return s.advance(ctx, tx, o, &e, verdict{outcome: done}, time.Now())
		})
	case "ABORTED", "EXPIRED", "TERMINATED", "CANCELLED":
		_, err := s.db.ExecContext(ctx, "UPDATE orders SET state = $2, updated_ns = $3 WHERE id = $1",
			o.id, Declined, time.Now().UnixNano())
		s.bells.ring(o.id)
		return err
	}
	return nil
}
