package checkout

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	bought   = books{Payments: 1, Charges: 1, Parcels: 1, Kept: 49900}
	nothing  = books{}
	released = books{Payments: 1}
	refunded = books{Payments: 1, Charges: 1}
)

func TestAnOrderIsChargedOnceAndShippedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		code, d := s.submit(id, "b1")
		require.Equal(t, 202, code)
		require.Equal(t, "checking", d.Status)
		s.settle()
		require.Equal(t, "shipped", s.get(id).Status)
		require.Equal(t, bought, s.world.books())
		require.Contains(t, s.ask("GET", "/checkout/b1", "").Body.String(), `data-status="shipped"`)
	})
}

func TestTheSameOrderAgainIsTheSameOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		require.Equal(t, id, s.look("b1"), "another tab shows the same order")
		for range 3 {
			code, _ := s.submit(id, "b1")
			require.Equal(t, 202, code)
		}
		s.settle()
		code, d := s.submit(id, "b1")
		require.Equal(t, 200, code)
		require.Equal(t, "shipped", d.Status)
		s.settle()
		require.Equal(t, bought, s.world.books())
	})
}

func TestAnAnswerIsHeldUntilTheOutcomeIfTheCustomerPrefers(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		start := time.Now()
		code, d := s.submit(id, "b1", "Prefer", "respond-async, wait=45")
		require.Equal(t, 200, code)
		require.Equal(t, "shipped", d.Status)
		require.Less(t, time.Since(start), 8*time.Second, "it ends with the outcome")

		s.world.approveAfter = -1
		id = s.look("b2")
		start = time.Now()
		code, _ = s.submit(id, "b2", "Prefer", "wait=45")
		require.Equal(t, 202, code)
		require.Equal(t, s.cfg.AnswerWithin, time.Since(start), "it ends when the shop must answer")

		start = time.Now()
		s.ask("GET", "/orders/"+id, "", "Prefer", "wait=0.25")
		require.Equal(t, 250*time.Millisecond, time.Since(start), "it ends when the customer wants it to")
	})
}

// Every call of the checkout is injected in every way. Whatever happens, the
// three books agree in the end, and nothing is held or done twice.
func TestAnyCallMayBeLostOrAnsweredWithNonsenseAnyNumberOfTimes(t *testing.T) {
	calls := []string{
		"POST /accesstoken/get", "POST /epayment/v1/payments", "GET /epayment/v1/payments/",
		"/capture", "POST /shipments",
	}
	faults := map[string]func(w *outside, hit func(string) bool){
		"the request is lost": func(w *outside, hit func(string) bool) {
			w.inject = func(call string, arrived bool) error {
				if !arrived && hit(call) {
					return errLost
				}
				return nil
			}
		},
		"the answer is lost": func(w *outside, hit func(string) bool) {
			w.inject = func(call string, arrived bool) error {
				if arrived && hit(call) {
					return errLost
				}
				return nil
			}
		},
		"the answer hangs": func(w *outside, hit func(string) bool) {
			w.inject = func(call string, arrived bool) error {
				if arrived && hit(call) {
					return context.DeadlineExceeded
				}
				return nil
			}
		},
		"the answer is 500":       changed(func(a *http.Response) { a.StatusCode = 500 }),
		"the answer is 429":       changed(func(a *http.Response) { a.StatusCode = 429 }),
		"the answer is cut off":   changed(cut),
		"the answer is not JSON":  changed(func(a *http.Response) { a.Header.Set("Content-Type", "text/html") }),
		"the fields have drifted": changed(drift),
	}
	for name, inject := range faults {
		for _, call := range calls {
			for _, times := range []int{1, 4} {
				t.Run(name+" "+call, func(t *testing.T) {
					inBubble(t, func(t *testing.T, s *shop) {
						left := times
						inject(s.world, func(made string) bool {
							if !matches(made, call) || left == 0 {
								return false
							}
							left--
							return true
						})
						id := s.look("b1")
						s.submit(id, "b1")
						s.settle()
						require.Less(t, left, times, "the inject has hit")
						require.Equal(t, "shipped", s.get(id).Status)
						require.Equal(t, bought, s.world.books())
						require.Equal(t, "[]\n", s.ask("GET", "/reconciliation", "").Body.String())
						require.LessOrEqual(t, len(s.world.calls), 30)
					})
				})
			}
		}
	}
}

func matches(made, call string) bool {
	if strings.HasPrefix(call, "/") {
		return strings.HasSuffix(made, call)
	}
	return strings.HasPrefix(made, call) && !(strings.HasPrefix(call, "POST") && made != call)
}

func changed(change func(*http.Response)) func(*outside, func(string) bool) {
	return func(w *outside, hit func(string) bool) {
		w.change = func(call string, a *http.Response) {
			if hit(call) {
				change(a)
			}
		}
	}
}

func cut(a *http.Response) {
	a.Body = io.NopCloser(io.MultiReader(io.LimitReader(a.Body, 10), failing{}))
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func drift(a *http.Response) {
	body, _ := io.ReadAll(a.Body)
	renamed := strings.NewReplacer(`"reference"`, `"ref"`, `"access_token"`, `"token"`, `"aggregate"`, `"totals"`)
	a.Body = io.NopCloser(strings.NewReader(renamed.Replace(string(body))))
}

// A refusal that is a lie: the request was carried out, and the answer says 400.
func TestARefusalIsNotBelievedBeforeALook(t *testing.T) {
	for _, call := range []string{"POST /epayment/v1/payments", "/capture", "POST /shipments"} {
		t.Run(call, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				s.world.change = func(made string, a *http.Response) {
					if matches(made, call) {
						a.StatusCode = 400
					}
				}
				id := s.look("b1")
				s.submit(id, "b1")
				s.settle()
				require.Equal(t, "shipped", s.get(id).Status)
				require.Equal(t, bought, s.world.books())
			})
		})
	}
}

func TestADefiniteFailureEndsWithNothingHeld(t *testing.T) {
	tests := map[string]struct {
		arrange func(*outside)
		status  string
		books   books
	}{
		"the provider refuses":    {vetoes("POST /epayment/v1/payments"), "refused", nothing},
		"the capture is refused":  {vetoes("/capture"), "cancelled", released},
		"the carrier refuses":     {vetoes("POST /shipments"), "refunded", refunded},
		"nobody approves in time": {func(w *outside) { w.approveAfter = -1 }, "refused", released},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *shop) {
				test.arrange(s.world)
				id := s.look("b1")
				s.submit(id, "b1")
				s.settle()
				require.Equal(t, test.status, s.get(id).Status)
				require.Equal(t, test.books, s.world.books())
			})
		})
	}
}

func TestGivingUpBelievesOnlyTheProvider(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		// She approves after the last look and before the cancellation arrives.
		s.world.approveAfter = s.cfg.GiveUpAfter - s.world.latency
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "shipped", s.get(id).Status)
		require.Equal(t, bought, s.world.books())
	})
}

func TestARequestThatLandsAfterTheGivingUpFindsNothingToDo(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		var up atomic.Bool
		s.world.inject = func(call string, arrived bool) error {
			if !up.Load() && strings.HasPrefix(call, "POST /epayment") {
				return errLost
			}
			return nil
		}
		id := s.look("b1")
		s.submit(id, "b1")
		time.Sleep(s.cfg.GiveUpAfter + time.Minute)
		up.Store(true)
		s.settle()
		require.Equal(t, "refused", s.get(id).Status)
		require.Equal(t, released, s.world.books(), "created late, and cancelled at once")
	})
}

func TestARefusedRefundIsTriedUnderNewKeysAndThenIsForAPerson(t *testing.T) {
	for refusals, state := range map[int]State{2: Refunded, 3: Stuck} {
		inBubble(t, func(t *testing.T, s *shop) {
			s.world.veto = func(call string) bool {
				if strings.HasSuffix(call, "/refund") && refusals > 0 {
					refusals--
					return true
				}
				return call == "POST /shipments"
			}
			id := s.look("b1")
			s.submit(id, "b1")
			s.settle()
			require.Equal(t, state, s.get(id).State)
			findings := s.ask("GET", "/reconciliation", "").Body.String()
			require.Equal(t, state == Stuck, strings.Contains(findings, `"kind":"stuck"`), findings)
		})
	}
}

func TestNothingTicksWhileNothingIsDue(t *testing.T) {
	inBubble(t, func(t *testing.T, s *shop) {
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		// Without idle connections every question to the database closes one.
		s.parts.DB.SetMaxIdleConns(0)
		asked := func() int64 { synctest.Wait(); return s.parts.DB.Stats().MaxIdleClosed }
		before := asked()
		time.Sleep(365 * 24 * time.Hour)
		require.Equal(t, before, asked())
		s.get(id)
		require.NotEqual(t, before, asked(), "a question is seen")
	})
}

func TestACrashAtAnyCallLosesNothing(t *testing.T) {
	for n := 1; n <= 5; n++ {
		for _, arrived := range []bool{false, true} {
			inBubble(t, func(t *testing.T, s *shop) {
				made, injected, dead := 0, make(chan struct{}), make(chan struct{})
				s.world.inject = func(_ string, after bool) error {
					if after != arrived {
						return nil
					}
					if made++; made != n {
						return nil
					}
					close(injected)
					<-dead
					return errLost
				}
				id := s.look("b1")
				s.submit(id, "b1")
				<-injected
				s.crash()
				close(dead)
				s.stop()
				s.open()
				s.settle()
				require.Equal(t, "shipped", s.get(id).Status)
				require.Equal(t, bought, s.world.books())
			})
		}
	}
}

func vetoes(refused string) func(*outside) {
	return func(w *outside) { w.veto = func(call string) bool { return matches(call, refused) } }
}
