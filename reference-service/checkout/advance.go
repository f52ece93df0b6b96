package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// maxEpochs is how often the shop gives money back under a new key after the
// provider has definitely refused to, before it calls a person.
const maxEpochs = 3

// advance moves the order after a definite outcome and decides on its next
// effect, in the transaction that records the outcome.
func (s *Service) advance(ctx context.Context, tx querier, o order, e *effect, v verdict, now time.Time) error {
	at, known := stepOf(e.kind)
	if !known {
		return fmt.Errorf("the effect %s is of no known kind", e.key)
	}
	if v.outcome == failed && (e.kind == Void || e.kind == Refund) && e.epoch < maxEpochs {
		// The provider answers the same key with the same refusal for ever. It
		// has definitely not happened, so a new key cannot make it happen twice.
		again := newEffect(o, e.kind, e.epoch+1, e.reference, e.request, now)
		_, err := insertEffect(ctx, tx, again, now.Add(s.cfg.BackoffMax))
		return err
	}
	to := s.cfg.next(at, v.outcome)
	moved, err := moveOrder(ctx, tx, o.id, at.state, to, v.reason, now)
	if err != nil {
		return err
	}
	kind, more := effectOf(to)
	if !moved && (s.has(onePayment) || kind == Ship && s.has(shipOnce)) {
		return nil // another payment of the order, side by side, has moved it on
	}
	if more {
		_, err := insertEffect(ctx, tx, newEffect(o, kind, e.epoch, e.reference, s.requestOf(kind, o), now), now)
		return err
	}
	return s.scheduleAudit(ctx, tx, o, e.reference, to, now)
}

// scheduleAudit has the books compared once the dust has settled. An order
// that was answered at the first asking all along needs none.
func (s *Service) scheduleAudit(ctx context.Context, tx querier, o order, reference string, to State, now time.Time) error {
	if !s.has(reconciler) || to == Stuck {
		return nil
	}
	var troubles int
	err := tx.QueryRowContext(ctx,
		"SELECT COUNT(*) FROM effects WHERE order_id = $1 AND troubled = 1", o.id).Scan(&troubles)
	if err != nil {
		return fmt.Errorf("look for troubles of the order %s: %w", o.id, err)
	}
	if troubles == 0 && to == Completed {
		return nil
	}
	_, err = insertEffect(ctx, tx, newEffect(o, Audit, 1, reference, "", now), now.Add(s.cfg.ReconcileAfter))
	return err
}

// requestOf freezes the body of an effect's request.
func (s *Service) requestOf(kind Kind, o order) string {
	switch kind {
	case Ship:
		return s.carrier.request(o)
	case Capture, Refund:
		return s.payments.request(kind, o.price)
	default:
		return ""
	}
}

func frozen(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only: cannot fail
	}
	return string(body)
}
