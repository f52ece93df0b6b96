package checkout

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// money is an amount in minor units of an ISO 4217 currency.
type money struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

func (m money) String() string { return fmt.Sprintf("%d %s", m.Value, m.Currency) }

type order struct {
	id, basket, hash string
	price            money
	state            State
	reason           string
	created, updated time.Time
}

type basket struct {
	id       string
	quantity int64
	orderID  string // "" before somebody looked at the basket
}

// querier is a database or one transaction of it.
type querier interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

var errNotFound = errors.New("not found")

const orderColumns = "id, basket, req_hash, amount, currency, state, reason, created_ns, updated_ns"

func scanOrder(row interface{ Scan(...any) error }) (order, error) {
	var o order
	var created, updated int64
	err := row.Scan(&o.id, &o.basket, &o.hash, &o.price.Value, &o.price.Currency, &o.state, &o.reason,
		&created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return order{}, errNotFound
	}
	if err != nil {
		return order{}, fmt.Errorf("read an order: %w", err)
	}
	o.created, o.updated = time.Unix(0, created), time.Unix(0, updated)
	return o, nil
}

func loadOrder(ctx context.Context, q querier, id string) (order, error) {
	return scanOrder(q.QueryRowContext(ctx, "SELECT "+orderColumns+" FROM orders WHERE id = $1", id))
}

func loadLiveOrder(ctx context.Context, q querier, basket string) (order, error) {
	return scanOrder(q.QueryRowContext(ctx, "SELECT "+orderColumns+` FROM orders
		WHERE basket = $1 AND state NOT IN ('COMPLETED', 'DECLINED', 'CANCELLED', 'REFUNDED')
		ORDER BY created_ns LIMIT 1`, basket))
}

// insertOrder says false if the id is taken, by whatever order.
func insertOrder(ctx context.Context, q querier, o order) (bool, error) {
	return one(q.ExecContext(ctx, "INSERT INTO orders ("+orderColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $7) ON CONFLICT DO NOTHING`,
		o.id, o.basket, o.hash, o.price.Value, o.price.Currency, o.state, o.created.UnixNano()))
}

// moveOrder says false if the order was not in the state that it should leave.
func moveOrder(ctx context.Context, q querier, id string, from, to State, reason string, now time.Time) (bool, error) {
	return one(q.ExecContext(ctx, `UPDATE orders SET state = $3, updated_ns = $5,
		reason = CASE WHEN $4 = '' THEN reason ELSE $4 END WHERE id = $1 AND state = $2`,
		id, from, to, reason, now.UnixNano()))
}

// lockBasket reads a basket and keeps everybody else from changing it, and from
// submitting it, until the transaction ends. Writing is how both engines lock.
func lockBasket(ctx context.Context, tx querier, id string, now time.Time) (basket, error) {
	b := basket{id: id}
	err := tx.QueryRowContext(ctx, `UPDATE baskets SET touched_ns = $2 WHERE id = $1
		RETURNING quantity, order_id`, id, now.UnixNano()).Scan(&b.quantity, &b.orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return basket{}, errNotFound
	}
	if err != nil {
		return basket{}, fmt.Errorf("read the basket %s: %w", id, err)
	}
	return b, nil
}

func createBasket(ctx context.Context, tx querier, id string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO baskets (id, quantity, order_id, minted, touched_ns)
		VALUES ($1, 1, '', 0, $2) ON CONFLICT DO NOTHING`, id, now.UnixNano())
	if err != nil {
		return fmt.Errorf("create the basket %s: %w", id, err)
	}
	return nil
}

// mint makes an order id for a basket that no other order has.
func (s *Service) mint(ctx context.Context, tx querier, basket string) (string, error) {
	var n int64
	err := tx.QueryRowContext(ctx,
		"UPDATE baskets SET minted = minted + 1 WHERE id = $1 RETURNING minted", basket).Scan(&n)
	if err != nil {
		return "", fmt.Errorf("mint an order id for the basket %s: %w", basket, err)
	}
	return s.orderID(basket, n), nil
}

// one says whether a statement changed a row.
func one(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, fmt.Errorf("write: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}
