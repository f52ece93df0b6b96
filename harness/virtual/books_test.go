package virtual

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"
)

func inMemory() *Databases {
	return &Databases{
		Open:  func() (driver.Conn, error) { return new(sqlite.Driver).Open(":memory:") },
		Empty: []string{"DELETE FROM orders"},
	}
}

// opened are the books of a story, with one table, and a life that may end.
func opened(t *testing.T, d *Databases) (b *books, shop *sql.DB, dead *atomic.Bool) {
	t.Helper()
	db, err := d.take()
	require.NoError(t, err)
	b, dead = newBooks(1, db), new(atomic.Bool)
	shop = b.forLife(dead)
	_, err = shop.Exec("CREATE TABLE IF NOT EXISTS orders (id TEXT)")
	require.NoError(t, err)
	return b, shop, dead
}

func orders(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM orders").Scan(&n))
	return n
}

func TestAUsedDatabaseHasNothingOfTheLastStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := inMemory()
		b, shop, _ := opened(t, d)
		_, err := shop.Exec("INSERT INTO orders VALUES ('b-ana-1')")
		require.NoError(t, err)
		require.Equal(t, 1, orders(t, shop))
		require.NoError(t, shop.Close())
		require.NoError(t, d.putBack(b.db))

		again, shop, _ := opened(t, d)
		require.Same(t, b.db, again.db)
		require.Zero(t, orders(t, shop))
		require.NoError(t, shop.Close())
		require.NoError(t, d.putBack(again.db))
		require.NoError(t, d.Close())
		require.Empty(t, d.idle)
	})
}

func TestADatabaseThatCannotBeEmptiedIsNotUsedAgain(t *testing.T) {
	d := inMemory()
	db, err := d.take()
	require.NoError(t, err)
	require.NoError(t, d.putBack(db), "it has no schema yet")
	require.Empty(t, d.idle)
}

// Who is killed in the middle of a transaction has written nothing of it, and
// does not keep the books from his next life.
func TestADeadLifeCommitsNothingAndLeavesTheBooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := inMemory()
		b, shop, dead := opened(t, d)
		tx, err := shop.Begin()
		require.NoError(t, err)
		_, err = tx.Exec("INSERT INTO orders VALUES ('b-ana-1')")
		require.NoError(t, err)
		dead.Store(true)
		_, err = tx.Exec("INSERT INTO orders VALUES ('b-ana-2')")
		require.ErrorIs(t, err, errKilled)
		require.ErrorIs(t, tx.Commit(), errKilled)
		_, err = shop.Exec("INSERT INTO orders VALUES ('b-ana-3')")
		require.Error(t, err)

		next := b.forLife(new(atomic.Bool))
		require.Zero(t, orders(t, next))
		require.NoError(t, next.Close())
		require.NoError(t, shop.Close())
		require.NoError(t, b.db.close())
	})
}

func TestOneIsAtTheBooksAtATimeAndTheOthersWaitInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, shop, _ := opened(t, inMemory())
		tx, err := shop.Begin()
		require.NoError(t, err)
		time.AfterFunc(3*time.Second, func() { _ = tx.Rollback() })
		began := time.Now()
		require.Zero(t, orders(t, shop), "another session waits for the transaction's end")
		require.GreaterOrEqual(t, time.Since(began), 3*time.Second)

		tx, err = shop.Begin()
		require.NoError(t, err)
		hurried, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		_, err = shop.ExecContext(hurried, "DELETE FROM orders")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, tx.Rollback())
		require.NoError(t, shop.Close())
		require.NoError(t, b.db.close())
	})
}

func TestAQueryWithinARowOfTheSameQueryHasAStatementOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, shop, _ := opened(t, inMemory())
		tx, err := shop.Begin()
		require.NoError(t, err)
		for _, id := range []string{"a", "b"} {
			_, err := tx.Exec("INSERT INTO orders VALUES ($1)", id)
			require.NoError(t, err)
		}
		rows, err := tx.Query("SELECT id FROM orders ORDER BY id")
		require.NoError(t, err)
		require.True(t, rows.Next())
		var first string
		require.NoError(t, tx.QueryRow("SELECT id FROM orders ORDER BY id").Scan(&first))
		require.Equal(t, "a", first)
		require.True(t, rows.Next(), "the outer rows go on")
		require.NoError(t, rows.Close())
		require.NoError(t, tx.Rollback())
		require.NoError(t, shop.Close())
		require.NoError(t, b.db.close())
	})
}

func TestTheWayToTheBooksDependsOnTheWishAndNotOnWhoCameFirst(t *testing.T) {
	s := &session{door: &door{books: &books{seed: 1}}}
	args := func(v any) []driver.NamedValue { return []driver.NamedValue{{Ordinal: 1, Value: v}} }
	require.Equal(t, s.wayTo("SELECT $1", args("a")), s.wayTo("SELECT $1", args("a")))
	require.NotEqual(t, s.wayTo("SELECT $1", args("a")), s.wayTo("SELECT $1", args("b")))
	require.Less(t, s.wayTo("SELECT 1", nil), 50*time.Microsecond)
}
