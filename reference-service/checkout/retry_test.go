package checkout

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"
)

// ends lets the basket's order reach a state, whatever led there.
func ends(t *testing.T, db *sql.DB, order string, in State) {
	t.Helper()
	_, err := db.Exec("UPDATE orders SET state = $2 WHERE id = $1", order, in)
	require.NoError(t, err)
}

func TestABasketThatSoldNothingIsOfferedAgain(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		first := wish(t, s, "b1")
		_, err := s.submit(t.Context(), first)
		require.NoError(t, err)
		for _, state := range []State{Authorizing, Stuck, Completed} {
			ends(t, db, first.id, state)
			require.Equal(t, first.id, wish(t, s, "b1").id, "%s: it was, or may be, sold", state)
		}
		for _, state := range []State{Declined, Cancelled, Refunded} {
			ends(t, db, first.id, state)
			b, o, err := s.openBasket(t.Context(), "b1")
			require.NoError(t, err)
			require.Equal(t, state, o.state, "the page still tells how it ended")
			require.NotEqual(t, first.id, b.orderID)
			require.Regexp(t, orderShape, b.orderID)
			require.Equal(t, b.orderID, wish(t, s, "b1").id, "however often it is loaded")
		}
		second := wish(t, s, "b1")
		together(4, func(int) {
			o, err := s.submit(t.Context(), second)
			if err != nil || o.id != second.id || o.state != Authorizing {
				t.Errorf("got the order %+v and %v", o, err)
			}
		})
		require.Equal(t, 2, rows(t, db, "orders"))
		require.Equal(t, second.id, wish(t, s, "b1").id)

		late, err := s.submit(t.Context(), first)
		require.NoError(t, err, "a late repetition of the first submit")
		require.Equal(t, Refunded, late.state)
		require.Equal(t, second.id, wish(t, s, "b1").id)
		require.Equal(t, 2, rows(t, db, "orders"))
		_, err = s.submit(t.Context(), submission{"b1-aaaaaaaa", "b1", first.price})
		require.Error(t, err, "an id that no page had")

		ends(t, db, second.id, Declined)
		third := wish(t, s, "b1")
		require.NotContains(t, []string{first.id, second.id}, third.id)
		_, err = s.submit(t.Context(), third)
		require.NoError(t, err)
	})
}
