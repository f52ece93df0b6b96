package checkout

import (
	"context"
	cryptorand "crypto/rand"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// trouble loses a quarter of all requests and a quarter of all answers, and
// lets one call in fifty kill the process that made it.
type trouble struct {
	mu     sync.Mutex
	random *rand.Rand
	over   bool
	kill   func()
}

func (x *trouble) inject(_ string, arrived bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return nil
	}
	if x.random.IntN(50) == 0 && x.kill != nil {
		x.kill()
	}
	if x.random.IntN(4) == 0 {
		return errLost
	}
	return nil
}

func (x *trouble) end() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over = true
}

// Whatever the seed: every order that was submitted is charged once and
// shipped once, or ends with nothing held.
func TestHammeredInVirtualTimeTheBooksAgree(t *testing.T) {
	seeds := uint64(30)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				random := rand.New(rand.NewPCG(seed, 0))
				died := make(chan struct{}, 1)
				x := &trouble{random: rand.New(rand.NewPCG(seed, 1)), kill: func() {
					select {
					case died <- struct{}{}:
					default:
					}
				}}
				s.world.inject = x.inject
				var ids []string
				var clicks sync.WaitGroup
				for n := range 5 {
					basket := fmt.Sprintf("b%d", n)
					id := s.look(basket)
					ids = append(ids, id)
					for range 3 {
						pause := time.Duration(random.Int64N(int64(20 * time.Second)))
						clicks.Go(func() {
							time.Sleep(pause)
							s.ask("PUT", "/orders/"+id, `{"basket":"`+basket+`","amount":49900,"currency":"NOK"}`)
						})
					}
				}
				clicks.Wait() // the shop that dies must not be asked meanwhile
				for range 3 {
					select {
					case <-died:
						s.crash()
						s.stop()
						s.open()
					case <-time.After(time.Hour): // all was done before
					}
				}
				x.end()
				s.settle()
				for _, id := range ids {
					require.Equal(t, "shipped", s.get(id).Status, id)
				}
				require.Equal(t, books{Payments: 5, Charges: 5, Parcels: 5, Kept: 5 * 49900}, s.world.books())
			})
		})
	}
}

// The same with real time, real concurrency and several processes on one
// database. A process dies by losing its connections to it.
func TestHammeredOnEveryEngineTheBooksAgree(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, db *sql.DB, dialect Dialect) {
		orders := 40
		if testing.Short() {
			orders = 5
		}
		cfg, err := ParseConfig(environment(append(compressed, "CHECKOUT_LEASE=100ms", "CHECKOUT_WORKERS=4")...))
		require.NoError(t, err)
		world := newOutside()
		world.latency, world.approveAfter = 0, 0
		x := &trouble{random: rand.New(rand.NewPCG(1, 2))}
		world.inject = x.inject

		ctx, stop := context.WithCancel(t.Context())
		var working sync.WaitGroup
		defer working.Wait()
		defer stop()
		var shops []*Service
		for range 2 {
			s, err := New(cfg, Parts{DB: db, Dialect: dialect, Transport: world, Rand: cryptorand.Reader})
			require.NoError(t, err)
			shops = append(shops, s)
			working.Go(func() { _ = s.Run(ctx) })
		}
		// A third one dies again and again, in the middle of whatever it does.
		working.Go(func() { diesOften(ctx, cfg, db, dialect, world) })

		together(orders, func(n int) {
			s := shops[n%2]
			basket := fmt.Sprintf("b%d", n)
			b, _, err := s.openBasket(ctx, basket)
			if err != nil {
				t.Error(err)
				return
			}
			w := submission{b.orderID, basket, s.priceOf(1)}
			together(3, func(int) {
				if _, err := s.submit(ctx, w); err != nil {
					t.Error(err)
				}
			})
		})
		require.Eventually(t, func() bool {
			var open int
			err := db.QueryRow("SELECT COUNT(*) FROM orders WHERE state <> 'COMPLETED'").Scan(&open)
			return err == nil && open == 0
		}, 2*time.Minute, 50*time.Millisecond)
		x.end()
		require.Equal(t, books{Payments: orders, Charges: orders, Parcels: orders, Kept: int64(orders) * 49900}, world.books())
	})
}

// diesOften runs processes that end in the middle of their calls and record
// nothing: their answers never come, and they are cancelled before they could
// write.
func diesOften(ctx context.Context, cfg Config, db *sql.DB, dialect Dialect, world *outside) {
	for ctx.Err() == nil {
		life, die := context.WithCancel(ctx)
		s, err := New(cfg, Parts{DB: db, Dialect: dialect, Rand: cryptorand.Reader, Transport: deadly{world, die}})
		if err != nil {
			die()
			return
		}
		_ = s.Run(life)
		die()
	}
}

// deadly carries a request out and never brings the answer home.
type deadly struct {
	world *outside
	die   func()
}

func (d deadly) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/accesstoken/get" {
		_, _ = d.world.RoundTrip(r)
		d.die()
		return nil, errLost
	}
	return d.world.RoundTrip(r)
}

// A mutation of the checkout that the hammer must notice, or it proves nothing.
func TestTheHammerNoticesABrokenCheckout(t *testing.T) {
	for _, lacking := range []string{"stable-key", "unknown-is-not-failure", "ship-once"} {
		wrong := 0
		for seed := range uint64(10) {
			inBubble(t, func(t *testing.T, s *shop) {
				x := &trouble{random: rand.New(rand.NewPCG(seed, 1))}
				s.world.inject = x.inject
				s.submit(s.look("b1"), "b1")
				time.Sleep(time.Minute)
				synctest.Wait()
				x.end()
				s.settle()
				if s.world.books() != bought {
					wrong++
				}
			}, "CHECKOUT_WITHOUT="+lacking)
		}
		require.Positive(t, wrong, lacking)
	}
}
