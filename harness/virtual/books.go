package virtual

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// books is the shop's database: one connection of an engine that works in this
// process, shared by all sessions of the shop's lives, one at a time.
//
// Opening the door takes each of them a small time that derives from what he
// is about to ask, so that a handler and the worker whom it nudged are not at
// the books in one instant, where the order of goroutines would decide who is
// first. Within a transaction nothing takes time: nobody else is there.
type books struct {
	seed uint64
	db   *database
	turn chan struct{} // holds one token while nobody is at the books
	back func()        // gives it back
}

func newBooks(seed uint64, db *database) *books {
	b := &books{seed: seed, db: db, turn: make(chan struct{}, 1)}
	b.back = func() { b.turn <- struct{}{} }
	b.back()
	return b
}

// forLife opens the books for one life of the shop: dead says that it is over,
// and that nothing that it still tries may be written.
func (b *books) forLife(dead *atomic.Bool) *sql.DB { return sql.OpenDB(&door{b, dead}) }

// errKilled is what the killed shop's last movements meet.
var errKilled = errors.New("the process was killed")

// door is a driver.Connector.
type door struct {
	*books
	dead *atomic.Bool
}

// Connect implements driver.Connector.
func (d *door) Connect(context.Context) (driver.Conn, error) { return &session{door: d}, nil }

// Driver implements driver.Connector.
func (d *door) Driver() driver.Driver { return nil }

// session is a connection as database/sql sees it.
type session struct {
	*door
	inside bool // a transaction of its own is open, and with it the turn
}

// enter returns when it is the session's turn, and how to leave again.
func (s *session) enter(ctx context.Context, asks string, args []driver.NamedValue) (leave func(), err error) {
	if s.inside {
		return func() {}, s.alive(ctx)
	}
	time.Sleep(s.wayTo(asks, args))
	select {
	case <-s.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := s.alive(ctx); err != nil {
		s.back()
		return nil, err
	}
	return s.back, nil
}

func (s *session) alive(ctx context.Context) error {
	if s.dead.Load() {
		return errKilled
	}
	return ctx.Err()
}

// wayTo is how long it takes to the books with such a wish: 1 to 50 µs.
func (s *session) wayTo(asks string, args []driver.NamedValue) time.Duration {
	h := hash(s.seed, "books", asks)
	for _, a := range args {
		switch v := a.Value.(type) {
		case string:
			h = hash(h, v)
		case int64:
			h = finish(h + uint64(v)*0x9e3779b97f4a7c15)
		default:
			h = hash(h, fmt.Sprint(v))
		}
	}
	return time.Microsecond + time.Duration(h%49_000)
}

// ExecContext implements driver.ExecerContext.
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	leave, err := s.enter(ctx, query, args)
	if err != nil {
		return nil, err
	}
	defer leave()
	return s.db.exec(query, args)
}

// QueryContext implements driver.QueryerContext.
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	leave, err := s.enter(ctx, query, args)
	if err != nil {
		return nil, err
	}
	r, err := s.db.query(query, args, leave)
	if err != nil {
		leave()
		return nil, err
	}
	return r, nil
}

// Ping implements driver.Pinger.
func (s *session) Ping(ctx context.Context) error {
	leave, err := s.enter(ctx, "ping", nil)
	if err == nil {
		leave()
	}
	return err
}

// BeginTx implements driver.ConnBeginTx. One transaction is like another: each
// is alone at the books.
func (s *session) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	leave, err := s.enter(ctx, "begin", nil)
	if err != nil {
		return nil, err
	}
	if _, err := s.db.exec("BEGIN", nil); err != nil {
		leave()
		return nil, err
	}
	s.inside = true
	return &transaction{s, leave}, nil
}

type transaction struct {
	s     *session
	leave func()
}

// Commit implements driver.Tx. Who has died in the middle has committed nothing.
func (t *transaction) Commit() error {
	if t.s.dead.Load() {
		return errors.Join(errKilled, t.Rollback())
	}
	if _, err := t.s.db.exec("COMMIT", nil); err != nil {
		return errors.Join(err, t.Rollback())
	}
	t.end()
	return nil
}

// Rollback implements driver.Tx.
func (t *transaction) Rollback() error {
	defer t.end()
	_, err := t.s.db.exec("ROLLBACK", nil)
	return err
}

func (t *transaction) end() {
	t.s.inside = false
	t.leave()
}

// Begin implements driver.Conn.
func (s *session) Begin() (driver.Tx, error) {
	return s.BeginTx(context.Background(), driver.TxOptions{})
}

// Prepare implements driver.Conn. database/sql prepares nothing of its own
// accord while there is ExecContext.
func (s *session) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("prepared statements are not part of the virtual world's database")
}

// Close implements driver.Conn: the engine's connection stays.
func (s *session) Close() error { return nil }

// ResetSession implements driver.SessionResetter.
func (s *session) ResetSession(context.Context) error {
	if s.dead.Load() {
		return driver.ErrBadConn
	}
	return nil
}
