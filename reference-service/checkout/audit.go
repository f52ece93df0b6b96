package checkout

import (
	"context"
	"fmt"
	"time"
)

// audit compares the three books of an order after trouble: ours, the
// provider's and the carrier's. What must not be held any more it gives back;
// what it cannot mend it leaves in the result, for /reconciliation.
//
// Trouble means that something happened which we could not see, and a request
// may arrive long after everybody has given up on it.
func (s *Service) audit(ctx context.Context, o order, e *effect) verdict {
	references, err := s.references(ctx, o.id)
	if err != nil {
		return s.miss(answer{}, err)
	}
	e.result = ""
	captured := int64(0)
	for _, reference := range references {
		p, exists, err := s.look(ctx, reference, o.price)
		if err != nil {
			return s.miss(answer{}, err)
		}
		if !exists {
			continue
		}
		captured += p.kept()
		if o.state != Completed {
			if v := s.giveBack(ctx, o, e, p); v.outcome != done {
				return v
			}
		}
	}
	if o.state != Completed {
		v := s.recallParcels(ctx, o)
		if v.outcome == failed {
			e.result = v.reason
			return verdict{outcome: done}
		}
		return v
	}
	parcels, err := s.carrier.booked(ctx, o.id)
	if err != nil {
		return s.miss(answer{}, err)
	}
	if captured != o.price.Value || len(parcels) != 1 {
		e.result = fmt.Sprintf("the shop says 1 parcel for %v; the provider keeps %d, the carrier has %d parcels",
			o.price, captured, len(parcels))
	}
	return verdict{outcome: done}
}

// giveBack makes a payment hold nothing of the customer's money.
func (s *Service) giveBack(ctx context.Context, o order, e *effect, p payment) verdict {
	var kind Kind
	var path, body string
	switch {
	case p.kept() > 0:
		kind, path = Refund, "refund"
		body = s.payments.request(kind, money{p.kept(), o.price.Currency})
	case p.State == "CREATED" || p.reserved() > 0:
		kind, path = Void, "cancel"
	default:
		return verdict{outcome: done}
	}
	e.writes++
	a, err := s.payments.change(ctx, kind, p.Reference, e.key+"-"+path[:1], body)
	if err != nil {
		return s.miss(a, err)
	}
	switch s.payments.changed(a) {
	case unclear:
		return s.miss(a, nil)
	case refused:
		e.result = fmt.Sprintf("the provider does not %s the payment %s: %v", path, p.Reference, a)
		return verdict{outcome: done}
	}
	if a.later != "" { // a webhook makes the next look due
		return s.awaitGivenBack(ctx, o, e, p.Reference, path, a.later)
	}
	// Believed only when the next look shows it.
	return verdict{outcome: waiting, reason: "asked for a " + path, after: s.pause(e.key, 1)}
}

// awaitGivenBack waits until the provider tells what came of a change that it has received.
func (s *Service) awaitGivenBack(ctx context.Context, o order, e *effect, reference, path, change string) verdict {
	p, exists, err := s.look(ctx, reference, o.price)
	if err != nil || !exists {
		return s.miss(answer{}, err)
	}
	if reason, not := p.NotDone[change]; not {
		e.result = fmt.Sprintf("the provider does not %s the payment %s: %s", path, reference, reason)
		return verdict{outcome: done}
	}
	return verdict{outcome: waiting, reason: "asked for a " + path, after: untilTold}
}

// references lists the provider's names for all payments of an order.
func (s *Service) references(ctx context.Context, order string) ([]string, error) {
	rows, err := s.db.QueryContext(ctx,
		"SELECT reference FROM effects WHERE order_id = $1 AND kind = 'authorize' ORDER BY epoch", order)
	if err != nil {
		return nil, fmt.Errorf("list the payments of %s: %w", order, err)
	}
	defer rows.Close()
	var references []string
	for rows.Next() {
		var reference string
		if err := rows.Scan(&reference); err != nil {
			return nil, fmt.Errorf("list the payments of %s: %w", order, err)
		}
		references = append(references, reference)
	}
	return references, rows.Err()
}

// auditNow has the books of an order compared at once.
func (s *Service) auditNow(ctx context.Context, tx querier, o order, reference string, now time.Time) error {
	pending, err := one(tx.ExecContext(ctx, `UPDATE effects SET next_ns = $2, hint_ns = $2
		WHERE order_id = $1 AND kind = 'audit' AND state = 'pending'`, o.id, now.UnixNano()))
	if err != nil || pending {
		return err
	}
	var last int64
	err = tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(epoch), 0) FROM effects WHERE order_id = $1 AND kind = 'audit'",
		o.id).Scan(&last)
	if err != nil {
		return fmt.Errorf("look for audits of %s: %w", o.id, err)
	}
	_, err = insertEffect(ctx, tx, newEffect(o, Audit, last+1, reference, "", now), now)
	return err
}
