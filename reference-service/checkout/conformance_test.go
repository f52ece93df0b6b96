package checkout

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bench is a checkout whose workers do not run, so that a test can be one.
func bench(t *testing.T, db *sql.DB, dialect Dialect, extra ...string) *Service {
	t.Helper()
	cfg, err := ParseConfig(environment(extra...))
	require.NoError(t, err)
	s, err := New(cfg, Parts{DB: db, Dialect: dialect, Transport: newOutside(), Rand: rand.Reader})
	require.NoError(t, err)
	return s
}

func wish(t *testing.T, s *Service, basket string) submission {
	t.Helper()
	b, _, err := s.openBasket(t.Context(), basket)
	require.NoError(t, err)
	return submission{b.orderID, basket, s.priceOf(b.quantity)}
}

func rows(t *testing.T, db *sql.DB, table string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

// together runs f n times at once.
func together(n int, f func(int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}

func TestSeveralProcessesMayCreateTheSchemaAtOnce(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		together(4, func(int) { bench(t, db, dialect) })
	})
}

func TestOneOrderComesOfManySubmitsAtOnce(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		w := wish(t, s, "b1")
		together(8, func(int) {
			o, err := s.submit(t.Context(), w)
			if err != nil || o.id != w.id {
				t.Errorf("got the order %q and %v", o.id, err)
			}
		})
		require.Equal(t, 1, rows(t, db, "orders"))
		require.Equal(t, 1, rows(t, db, "effects"))
	})
}

func TestManyLooksAtOnceMintOneId(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		ids := make([]string, 8)
		together(8, func(i int) {
			b, _, err := s.openBasket(t.Context(), "b1")
			if err != nil {
				t.Error(err)
			}
			ids[i] = b.orderID
		})
		for _, id := range ids {
			require.Equal(t, ids[0], id)
			require.Regexp(t, orderShape, id)
		}
	})
}

func TestTheSameIdWithAnotherContentIsRefused(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		w := wish(t, s, "b1")
		other := w
		other.price.Value++
		_, err := s.submit(t.Context(), other)
		require.ErrorContains(t, err, "now costs 49900 NOK, not 49901 NOK")
		_, err = s.submit(t.Context(), submission{"b1-aaaaaaaa", "b1", w.price})
		require.ErrorContains(t, err, "is not the one of the basket")
		_, err = s.submit(t.Context(), submission{"b9-aaaaaaaa", "b9", w.price})
		require.ErrorContains(t, err, "no basket")
		require.Zero(t, rows(t, db, "orders"))

		_, err = s.submit(t.Context(), w)
		require.NoError(t, err)
		_, err = s.submit(t.Context(), other)
		require.ErrorContains(t, err, "submitted before with another content")
		require.ErrorContains(t, s.changeBasket(t.Context(), "b1", 2), "bought already")
		require.Equal(t, 1, rows(t, db, "orders"))
	})
}

// A basket that changes while it is submitted is bought as seen, or not at all.
func TestASubmitAndAChangeOfTheBasketDoNotMix(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		for n := range 10 {
			w := wish(t, s, fmt.Sprintf("b%d", n))
			together(2, func(i int) {
				if i == 0 {
					_, _ = s.submit(context.Background(), w)
				} else {
					_ = s.changeBasket(context.Background(), w.basket, 2)
				}
			})
			b, o, err := s.openBasket(t.Context(), w.basket)
			require.NoError(t, err)
			require.Equal(t, b.quantity == 1, o.id != "", "bought at %v with %d parcels", o.price, b.quantity)
		}
	})
}

func TestAnEffectIsClaimedByOneWorkerAtATime(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		const orders = 10
		for n := range orders {
			_, err := s.submit(t.Context(), wish(t, s, fmt.Sprintf("b%d", n)))
			require.NoError(t, err)
		}
		var claimed sync.Map
		together(4, func(int) {
			for {
				e, _, err := s.claim(t.Context(), time.Now())
				if err != nil || e == nil {
					if err != nil {
						t.Error(err)
					}
					return
				}
				if _, twice := claimed.LoadOrStore(e.key, true); twice {
					t.Errorf("%s was claimed twice", e.key)
				}
			}
		})
		n := 0
		claimed.Range(func(any, any) bool { n++; return true })
		require.Equal(t, orders, n)
	})
}

func TestALostLeaseIsTakenOverAndItsLateResultIsNotRecorded(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		slow, _, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		require.True(t, slow.fresh)

		none, next, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		require.Nil(t, none)
		require.Equal(t, slow.lease, next.UnixNano(), "the next thing due is the end of the lease")

		second, _, err := s.claim(t.Context(), next)
		require.NoError(t, err)
		require.False(t, second.fresh, "the first run may have asked already")
		require.NoError(t, s.record(t.Context(), o, slow, verdict{outcome: failed, reason: "late"}))
		require.Equal(t, Authorizing, stateOf(t, s, o.id))
		require.NoError(t, s.record(t.Context(), o, second, verdict{outcome: done}))
		require.Equal(t, Capturing, stateOf(t, s, o.id))
	})
}

func TestAHintDuringARunIsNotForgotten(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		e, _, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		n := notice{Reference: o.id + "-1", ID: "psp", Name: "AUTHORIZED"}
		for range 2 {
			require.NoError(t, s.takeHint(t.Context(), n, "{}"))
		}
		require.Equal(t, 1, rows(t, db, "inbox"))
		require.NoError(t, s.record(t.Context(), o, e, verdict{outcome: waiting, after: time.Hour}))
		again, _, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		require.NotNil(t, again, "due at once, not in an hour")
	})
}

func TestAnOutcomeOlderThanAHintIsLookedAtOnceMore(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect, "CHECKOUT_RECONCILE_AFTER=1ns")
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		next := func(kind Kind, attempt int64) *effect {
			t.Helper()
			e, _, err := s.claim(t.Context(), time.Now())
			require.NoError(t, err)
			require.NotNil(t, e, "it is due at once")
			require.Equal(t, kind, e.kind)
			require.Equal(t, attempt, e.attempts)
			return e
		}
		told := func(event string) {
			t.Helper()
			n := notice{Reference: o.id + "-1", ID: "psp", Name: event}
			require.NoError(t, s.takeHint(t.Context(), n, "{}"))
		}
		found := func(e *effect, result outcome) {
			t.Helper()
			require.NoError(t, s.record(t.Context(), o, e, verdict{outcome: result, reason: "so it went"}))
		}

		e := next(Authorize, 1)
		e.result = created
		told("CREATED")
		found(e, failed)
		require.Equal(t, Authorizing, stateOf(t, s, o.id))
		told("ABORTED") // before a run: no reason to look again after it
		e = next(Authorize, 2)
		require.Equal(t, created, e.result, "the next run knows what this one knew")
		found(e, failed)
		require.Equal(t, Declined, stateOf(t, s, o.id))

		e = next(Audit, 1)
		told("AUTHORIZED")
		e.result = "out of date"
		found(e, done)
		found(next(Audit, 2), done)
		none, _, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		require.Nil(t, none, "one hint, one more look")

		told("CAPTURED")
		found(next(Audit, 1), done)
		require.Equal(t, 3, rows(t, db, "effects"), "an audit that is over is followed by another")
	})
}

// An order that is paid goes on: the next effect looks by itself.
func TestAPaymentThatIsThereNeedsNoHint(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		e, _, err := s.claim(t.Context(), time.Now())
		require.NoError(t, err)
		n := notice{Reference: o.id + "-1", ID: "psp", Name: "AUTHORIZED"}
		require.NoError(t, s.takeHint(t.Context(), n, "{}"))
		require.NoError(t, s.record(t.Context(), o, e, verdict{outcome: done}))
		require.Equal(t, Capturing, stateOf(t, s, o.id))
	})
}

func TestEveryOutcomeMovesTheOrderAsTheTableSays(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		for n, test := range []struct {
			path []outcome
			end  State
		}{
			{[]outcome{done, done, done}, Completed},
			{[]outcome{failed}, Declined},
			{[]outcome{done, failed, done}, Cancelled},
			{[]outcome{done, failed, overtaken, done}, Refunded},
			{[]outcome{done, done, failed, done}, Refunded},
			{[]outcome{done, done, failed, failed, failed, failed}, Stuck},
			{[]outcome{done, failed, failed, failed, failed}, Stuck},
			{[]outcome{unknown, waiting, unknown}, Authorizing},
			{[]outcome{done, done, unknown, done}, Completed},
		} {
			o, err := s.submit(t.Context(), wish(t, s, fmt.Sprintf("b%d", n)))
			require.NoError(t, err)
			at := time.Now()
			for _, result := range test.path {
				at = at.Add(time.Hour)
				e, _, err := s.claim(t.Context(), at)
				require.NoError(t, err)
				require.NotNil(t, e)
				require.NoError(t, s.record(t.Context(), o, e, verdict{outcome: result, reason: "so it went"}))
			}
			require.Equal(t, test.end, stateOf(t, s, o.id), "%v", test.path)
			_, err = db.Exec("DELETE FROM effects")
			require.NoError(t, err)
		}
	})
}

func TestTheGuardsRefuseWhatTheCodeShouldNeverTry(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect)
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		second := newEffect(o, Ship, 1, o.id+"-1", "", time.Now())
		inserted, err := insertEffect(t.Context(), db, second, time.Now())
		require.NoError(t, err)
		require.False(t, inserted, "one live effect per order")
		o.id = "b1-bbbbbbbb"
		inserted, err = insertOrder(t.Context(), db, o)
		require.NoError(t, err)
		require.False(t, inserted, "one live order per basket")
	})
}

func TestOpenOrdersAreListedOnceTheyAreOld(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		s := bench(t, db, dialect, "CHECKOUT_RECONCILE_AFTER=1ns")
		o, err := s.submit(t.Context(), wish(t, s, "b1"))
		require.NoError(t, err)
		for _, f := range findings {
			found, err := s.find(t.Context(), f.kind, f.query, time.Now().UnixNano())
			require.NoError(t, err)
			if f.kind == "old" {
				require.Len(t, found, 1)
				require.Equal(t, o.id, found[0].Order)
			}
		}
	})
}

func stateOf(t *testing.T, s *Service, id string) State {
	t.Helper()
	o, err := loadOrder(t.Context(), s.db, id)
	require.NoError(t, err)
	return o.state
}
