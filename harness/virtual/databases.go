package virtual

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// Databases opens databases that live in this process, and keeps those that a
// story has done with for the next: to open one, to make its schema and to
// prepare its statements takes longer than a story. It is safe for concurrent
// use, and used inside of bubbles and outside.
type Databases struct {
	// Open opens a connection to an empty database of its own.
	Open func() (driver.Conn, error)
	// Empty are the statements that leave nothing of a story behind. The schema
	// stays.
	Empty []string
	// Books are the queries that give all that the shop keeps and goes by, in an order
	// that is of the rows and not of the engine. What a column whose name ends in "_ns"
	// has is a time, in nanoseconds since 1970. Nil: nobody can read them.
	Books []string

	mu   sync.Mutex
	idle []*database
}

// take gives a database with nothing in it, but perhaps a schema.
func (d *Databases) take() (*database, error) {
	d.mu.Lock()
	if last := len(d.idle) - 1; last >= 0 {
		defer d.mu.Unlock()
		db := d.idle[last]
		d.idle = d.idle[:last]
		return db, nil
	}
	d.mu.Unlock()
	c, err := d.Open()
	if err != nil {
		return nil, fmt.Errorf("the shop's database could not be opened: %w", err)
	}
	full, ok := c.(connection)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the connection %T cannot do what the virtual world needs of one", c), c.Close())
	}
	return &database{conn: full, prepared: map[string]*statement{}}, nil
}

// putBack keeps the database for another story. One that cannot be emptied has
// no schema yet, or is broken, and is closed.
func (d *Databases) putBack(db *database) error {
	for _, text := range d.Empty {
		if _, err := db.exec(text, nil); err != nil {
			return db.close()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.idle = append(d.idle, db)
	return nil
}

// Close closes the databases that nobody uses.
func (d *Databases) Close() error {
	d.mu.Lock()
	idle := d.idle
	d.idle = nil
	d.mu.Unlock()
	var errs []error
	for _, db := range idle {
		errs = append(errs, db.close())
	}
	return errors.Join(errs...)
}

// connection is what the engine's connections must be able to do.
type connection interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
}

// database is one connection, used by one at a time, and its statements. It
// knows no contexts: what it does takes no time that anybody could tire of.
type database struct {
	conn     connection
	prepared map[string]*statement
}

// statement is a prepared one.
type statement struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	inUse bool // rows of it are being read
}

// prepare returns the statement, or nil where the engine has to do without.
func (d *database) prepare(text string) (*statement, error) {
	if s := d.prepared[text]; s != nil {
		if s.inUse {
			return nil, nil
		}
		return s, nil
	}
	made, err := d.conn.PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	s := &statement{Stmt: made}
	s.exec, _ = made.(driver.StmtExecContext)
	s.query, _ = made.(driver.StmtQueryContext)
	if s.exec == nil || s.query == nil {
		return nil, made.Close()
	}
	d.prepared[text] = s
	return s, nil
}

func (d *database) exec(text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := d.prepare(text)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return d.conn.ExecContext(context.Background(), text, args)
	}
	return s.exec.ExecContext(context.Background(), args)
}

// query calls done when the rows are closed, unless there is an error.
func (d *database) query(text string, args []driver.NamedValue, done func()) (driver.Rows, error) {
	s, err := d.prepare(text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		r, err := d.conn.QueryContext(context.Background(), text, args)
		return &rows{r, nil, done}, err
	}
	r, err := s.query.QueryContext(context.Background(), args)
	if err != nil {
		return nil, err
	}
	s.inUse = true
	return &rows{r, s, done}, nil
}

// rows are an answer that is being read.
type rows struct {
	driver.Rows
	of   *statement // nil: of none that is prepared
	done func()
}

// Close implements driver.Rows. database/sql calls it once.
func (r *rows) Close() error {
	defer r.done()
	if r.of != nil {
		r.of.inUse = false
	}
	return r.Rows.Close()
}

func (d *database) close() error {
	var errs []error
	for _, s := range d.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, d.conn.Close())...)
}
