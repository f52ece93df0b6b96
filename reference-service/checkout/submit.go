package checkout

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// submission is what a customer sends to buy: her order's id and what her page
// showed her.
type submission struct {
	id, basket string
	price      money
}

// hash tells two submissions of one id apart, however they were written down.
func (w submission) hash() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d\n%s", w.basket, w.price.Value, w.price.Currency))
	return hex.EncodeToString(sum[:])
}

// submit commits to an order and to its payment in one transaction, and calls
// nobody. Submitting the same again gives the same order.
func (s *Service) submit(ctx context.Context, w submission) (order, error) {
	var adopted string
	if !s.has(intentFirst) {
		reference, err := s.payFirst(ctx, w)
		if err != nil {
			return order{}, err
		}
		adopted = reference
	}
	var o order
	err := inTx(ctx, s.db, func(tx *sql.Tx) error {
		now := time.Now()
		b, err := s.lockForSubmit(ctx, tx, w, now)
		if errors.Is(err, errNotFound) {
			return conflict("the order %s belongs to no basket that was ever looked at", w.id)
		}
		if err != nil {
			return err
		}
		existing, err := s.recognise(ctx, tx, w)
		if err == nil {
			o = existing
			return s.payAgain(ctx, tx, o, now)
		}
		if !errors.Is(err, errNotFound) {
			return err
		}
		price, err := s.agreedPrice(b, w)
		if err != nil {
			return err
		}
		o, err = s.insert(ctx, tx, w, price, now)
		if err != nil {
			return err
		}
		reference := o.id + "-1"
		e := newEffect(o, Authorize, 1, reference, s.payments.createRequest(o, reference), now)
		due := now
		if adopted == reference {
			e.result, due = created, now.Add(s.cfg.ApprovalFirst)
		}
		_, err = insertEffect(ctx, tx, e, due)
		return err
	})
	if err != nil {
		return order{}, err
	}
	s.nudge()
	return o, nil
}

// recognise finds the order that a submission has made before.
func (s *Service) recognise(ctx context.Context, tx querier, w submission) (order, error) {
	if s.has(orderIdentity) {
		o, err := loadOrder(ctx, tx, w.id)
		if err == nil && o.hash != w.hash() {
			return order{}, conflict("the order %s was submitted before with another content", w.id)
		}
		return o, err
	}
	if s.has(oneOrderPerBasket) {
		return loadLiveOrder(ctx, tx, w.basket)
	}
	return order{}, errNotFound
}

// agreedPrice is what the customer pays: what her page showed her, if that is
// what the basket costs now.
func (s *Service) agreedPrice(b basket, w submission) (money, error) {
	if s.has(oneOrderPerBasket) && w.id != b.orderID {
		return money{}, conflict("the order %s is not the one of the basket %s", w.id, w.basket)
	}
	price := s.priceOf(b.quantity)
	if s.has(amountCheck) && w.price != price {
		return money{}, conflict("the basket %s now costs %v, not %v: look at it again", w.basket, price, w.price)
	}
	return price, nil
}

// insert writes the order under the submitted id. A shop without order
// identity has given the id away already and takes another.
func (s *Service) insert(ctx context.Context, tx querier, w submission, price money, now time.Time) (order, error) {
	o := order{
		id: w.id, basket: w.basket, hash: w.hash(), price: price, state: Authorizing,
		created: now, updated: now,
	}
	inserted, err := insertOrder(ctx, tx, o)
	for n := 0; err == nil && !inserted && n < 3 && !s.has(orderIdentity); n++ {
		if o.id, err = s.mint(ctx, tx, w.basket); err == nil {
			inserted, err = insertOrder(ctx, tx, o)
		}
	}
	if err == nil && !inserted {
		err = fmt.Errorf("the order %s cannot be inserted, and is not there", o.id)
	}
	return o, err
}

// payAgain is what happens to an order that is submitted once more: nothing.
// A shop that checks for the order but not for its payment starts another one.
func (s *Service) payAgain(ctx context.Context, tx querier, o order, now time.Time) error {
	if s.has(onePayment) || (o.state != Authorizing && o.state != Capturing) {
		return nil
	}
	var last int64
	err := tx.QueryRowContext(ctx,
		"SELECT COALESCE(MAX(epoch), 0) FROM effects WHERE order_id = $1 AND kind = 'authorize'", o.id).Scan(&last)
	if err != nil {
		return fmt.Errorf("count the payments of %s: %w", o.id, err)
	}
	reference := fmt.Sprintf("%s-%d", o.id, last+1)
	_, err = insertEffect(ctx, tx,
		newEffect(o, Authorize, last+1, reference, s.payments.createRequest(o, reference), now), now)
	return err
}

// payFirst is what a shop without intents does: it asks the provider for the
// payment and writes the order down afterwards, if it still can.
func (s *Service) payFirst(ctx context.Context, w submission) (reference string, err error) {
	o := order{id: w.id, basket: w.basket, price: w.price}
	reference = o.id + "-1"
	if _, err := loadOrder(ctx, s.db, w.id); !errors.Is(err, errNotFound) {
		return "", err
	}
	e := newEffect(o, Authorize, 1, reference, s.payments.createRequest(o, reference), time.Now())
	e.fresh = true
	if v := s.create(ctx, o, &e); v.outcome != waiting {
		return "", &problem{status: 502, detail: "The payment provider did not take the payment."}
	}
	return reference, nil
}

func (s *Service) priceOf(quantity int64) money {
	return money{quantity * s.cfg.Price, s.cfg.Currency}
}

// openBasket is the first look at a basket, or any later one. The basket's
// order id is minted once: reloads and other tabs show the same order. When it
// sold nothing they still tell so, and offer the basket under its next id.
func (s *Service) openBasket(ctx context.Context, id string) (b basket, o order, err error) {
	err = inTx(ctx, s.db, func(tx *sql.Tx) error {
		now := time.Now()
		if err := createBasket(ctx, tx, id, now); err != nil {
			return err
		}
		if b, err = lockBasket(ctx, tx, id, now); err != nil {
			return err
		}
		if b.orderID == "" || !s.has(oneOrderPerBasket) {
			if b.orderID, err = s.mint(ctx, tx, id); err != nil {
				return err
			}
			if err := setOrderID(ctx, tx, b); err != nil {
				return err
			}
		}
		o, err = loadOrder(ctx, tx, b.orderID)
		if errors.Is(err, errNotFound) {
			return nil
		}
		if err == nil && o.state.soldNothing() && s.has(oneOrderPerBasket) {
			b.orderID, o.price = s.nextID(o), s.priceOf(b.quantity) // as it costs now
		}
		return err
	})
	return b, o, err
}

// changeBasket sets how many parcels a basket holds, while nobody has bought it.
func (s *Service) changeBasket(ctx context.Context, id string, quantity int64) error {
	return inTx(ctx, s.db, func(tx *sql.Tx) error {
		if err := createBasket(ctx, tx, id, time.Now()); err != nil {
			return err
		}
		// Locked first and counted then: an order that is being submitted at
		// this moment is seen, or sees the change.
		if _, err := lockBasket(ctx, tx, id, time.Now()); err != nil {
			return err
		}
		var orders int
		err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders WHERE basket = $1", id).Scan(&orders)
		if err != nil {
			return fmt.Errorf("look for orders of the basket %s: %w", id, err)
		}
		if orders > 0 {
			return conflict("the basket %s was bought already", id)
		}
		if _, err := tx.ExecContext(ctx, "UPDATE baskets SET quantity = $2 WHERE id = $1", id, quantity); err != nil {
			return fmt.Errorf("change the basket %s: %w", id, err)
		}
		return nil
	})
}
