package virtual

import (
	"database/sql"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The same books have the same digest, whenever they are read; a row more, another value,
// or a time that is another way off have another one.
func TestADigestIsOfWhatTheBooksSayNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, shop, _ := opened(t, inMemory())
		exec(t, shop, "CREATE TABLE due (id TEXT, next_ns BIGINT)")
		digest := func() uint64 {
			d, ok := b.digest([]string{"SELECT id FROM orders ORDER BY id", "SELECT id, next_ns FROM due ORDER BY id"}, time.Now())
			require.True(t, ok)
			return d
		}
		at := func(in time.Duration) {
			exec(t, shop, "DELETE FROM due")
			exec(t, shop, "INSERT INTO due VALUES ('a', $1)", time.Now().Add(in).UnixNano())
		}
		at(10 * time.Second)
		first := digest()
		require.Equal(t, first, digest())
		time.Sleep(time.Hour)
		require.NotEqual(t, first, digest(), "what was due in ten seconds is over")
		at(10 * time.Second)
		require.Equal(t, first, digest(), "an hour later, due in ten seconds again")
		at(10*time.Second + time.Millisecond)
		require.Equal(t, first, digest(), "a hop's own time is no difference")
		at(11 * time.Second)
		require.NotEqual(t, first, digest())
		at(10 * time.Second)
		exec(t, shop, "INSERT INTO orders VALUES ('b-ana-1')")
		require.NotEqual(t, first, digest())
		require.NoError(t, shop.Close())
		require.NoError(t, b.db.close())
	})
}

// Nobody waits for a transaction that is open: the shop may be waiting for this message in it.
func TestBooksInTheMiddleOfATransactionHaveNoDigest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, shop, _ := opened(t, inMemory())
		tx, err := shop.Begin()
		require.NoError(t, err)
		began := time.Now()
		_, ok := b.digest([]string{"SELECT id FROM orders"}, time.Now())
		require.False(t, ok)
		require.Zero(t, time.Since(began))
		require.NoError(t, tx.Rollback())
		_, ok = b.digest([]string{"SELECT id FROM orders"}, time.Now())
		require.True(t, ok)
		_, ok = b.digest([]string{"SELECT id FROM nowhere"}, time.Now())
		require.False(t, ok, "there is no schema yet")
		require.NoError(t, shop.Close())
		require.NoError(t, b.db.close())
	})
}

func exec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	_, err := db.Exec(text, args...)
	require.NoError(t, err)
}
