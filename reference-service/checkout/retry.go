package checkout

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// soldNothing says whether the order ended without a sale, and without money kept.
func (s State) soldNothing() bool { return s == Declined || s == Cancelled || s == Refunded }

// nextID is the id under which a basket can be bought once more, after its order
// sold nothing. The page has it each time that it is loaded, and the basket takes
// it when it is submitted: until then, the page tells how the first try ended.
func (s *Service) nextID(o order) string {
	return o.basket + strings.TrimPrefix(s.orderID(o.id, 2), o.id)
}

// lockForSubmit locks the basket of a submission. One under the next id begins a
// new try.
func (s *Service) lockForSubmit(ctx context.Context, tx *sql.Tx, w submission, now time.Time) (basket, error) {
	b, err := lockBasket(ctx, tx, w.basket, now)
	if err != nil || w.id == b.orderID || !s.has(oneOrderPerBasket) {
		return b, err
	}
	last, err := loadOrder(ctx, tx, b.orderID)
	if errors.Is(err, errNotFound) {
		return b, nil
	}
	if err != nil || !last.state.soldNothing() || w.id != s.nextID(last) {
		return b, err
	}
	b.orderID = w.id
	return b, setOrderID(ctx, tx, b)
}

func setOrderID(ctx context.Context, tx *sql.Tx, b basket) error {
	if _, err := tx.ExecContext(ctx, "UPDATE baskets SET order_id = $2 WHERE id = $1", b.id, b.orderID); err != nil {
		return fmt.Errorf("give the basket %s its order id: %w", b.id, err)
	}
	return nil
}
