package checkout

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// withoutAndWith runs a story in a shop that lacks safeguards, and in one that
// has them all: the story shows what they are good for only if it ends differently.
func withoutAndWith(t *testing.T, lacking string, story func(*testing.T, *shop), naive, mended books, extra ...string) {
	t.Helper()
	t.Run("without", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *shop) {
			story(t, s)
			require.Equal(t, naive, s.world.books())
		}, append(extra, "CHECKOUT_WITHOUT="+lacking)...)
	})
	t.Run("with", func(t *testing.T) {
		inBubble(t, func(t *testing.T, s *shop) {
			story(t, s)
			require.Equal(t, mended, s.world.books())
		}, extra...)
	})
}

func TestWithoutOrderIdentityASubmitSentAgainLaterIsAnotherOrder(t *testing.T) {
	withoutAndWith(t, "order-identity", func(t *testing.T, s *shop) {
		id := s.look("b1")
		_, d := s.submit(id, "b1")
		require.Equal(t, id, d.ID)
		_, d = s.submit(id, "b1")
		require.Equal(t, id, d.ID, "the basket has a live order")
		s.settle()
		_, d = s.submit(id, "b1")
		require.Equal(t, s.has("order-identity"), id == d.ID)
		s.settle()
		require.Equal(t, "shipped", s.get(d.ID).Status)
	}, books{Payments: 2, Charges: 2, Parcels: 2, Kept: 2 * 49900}, bought)
}

func TestWithoutOneOrderPerBasketTwoTabsAreTwoOrders(t *testing.T) {
	withoutAndWith(t, "one-order-per-basket", func(t *testing.T, s *shop) {
		one, two := s.look("b1"), s.look("b1")
		s.submit(one, "b1")
		s.submit(two, "b1")
		s.settle()
		require.Equal(t, "shipped", s.get(one).Status)
		require.Equal(t, "shipped", s.get(two).Status)
	}, books{Payments: 2, Charges: 2, Parcels: 2, Kept: 2 * 49900}, bought)
}

func TestWithoutOnePaymentASecondClickPaysAgain(t *testing.T) {
	for _, pause := range []time.Duration{0, 3 * time.Microsecond, 50 * time.Millisecond, 2 * time.Second, 4 * time.Second} {
		t.Run(pause.String(), func(t *testing.T) {
			withoutAndWith(t, "one-payment", func(t *testing.T, s *shop) {
				id := s.look("b1")
				go s.submit(id, "b1")
				time.Sleep(pause)
				s.submit(id, "b1")
				s.settle()
				require.Equal(t, "shipped", s.get(id).Status)
				require.Equal(t, 1, s.rows("orders"))
			}, books{Payments: 2, Charges: 2, Parcels: 1, Kept: 2 * 49900}, bought)
		})
	}
}

func TestWithoutAStableKeyALostAnswerIsADoubleBooking(t *testing.T) {
	withoutAndWith(t, "stable-key", func(t *testing.T, s *shop) {
		s.world.inject = once("POST /shipments", true)
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "shipped", s.get(id).Status)
	}, books{Payments: 1, Charges: 1, Parcels: 2, Kept: 49900}, bought)

	withoutAndWith(t, "stable-key", func(t *testing.T, s *shop) {
		s.world.inject = once("POST /epayment/v1/payments", true)
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "shipped", s.get(id).Status)
	}, books{Payments: 2, Charges: 1, Parcels: 1, Kept: 49900, Reserved: 49900}, bought)
}

func TestWithoutShipOnceALostConfirmationIsAnotherParcel(t *testing.T) {
	withoutAndWith(t, "ship-once", func(t *testing.T, s *shop) {
		s.world.inject = once("POST /shipments", true)
		s.submit(s.look("b1"), "b1")
		s.settle()
	}, books{Payments: 1, Charges: 1, Parcels: 2, Kept: 49900}, bought)
}

func TestWithoutIntentFirstADyingShopForgetsTheOrder(t *testing.T) {
	story := func(t *testing.T, s *shop) {
		injected, dead := make(chan struct{}), make(chan struct{})
		hit := once("POST /epayment/v1/payments", true)
		s.world.inject = func(call string, arrived bool) error {
			err := hit(call, arrived)
			if err != nil {
				close(injected)
				<-dead
			}
			return err
		}
		id := s.look("b1")
		go s.ask("PUT", "/orders/"+id, `{"basket":"b1","amount":49900,"currency":"NOK"}`)
		<-injected
		s.crash()
		close(dead)
		s.stop()
		s.open()
		s.settle()
		w := s.ask("GET", "/orders/"+id, "")
		require.Equal(t, map[bool]int{true: 200, false: 404}[s.has("intent-first")], w.Code)
	}
	withoutAndWith(t, "intent-first", story, books{Payments: 1, Reserved: 49900}, bought)
}

func TestWithoutIntentFirstAQuietDayIsJustAsGood(t *testing.T) {
	withoutAndWith(t, "intent-first", func(t *testing.T, s *shop) {
		id := s.look("b1")
		s.submit(id, "b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "shipped", s.get(id).Status)
	}, bought, bought)
}

func TestWhereUnknownIsFailureASlowAnswerIsARefusal(t *testing.T) {
	withoutAndWith(t, "unknown-is-not-failure,reconciler", func(t *testing.T, s *shop) {
		s.world.inject = once("POST /epayment/v1/payments", true)
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, map[bool]string{true: "shipped", false: "refused"}[s.has(unknownIsNotFailure)], s.get(id).Status)
	}, books{Payments: 1, Reserved: 49900}, bought)
}

func TestWithoutLeasesTwoWorkersDoTheSame(t *testing.T) {
	for lacking, requests := range map[string]int{"lease": 2, "": 1} {
		inBubble(t, func(t *testing.T, s *shop) {
			s.submit(s.look("b1"), "b1")
			s.settle()
			require.Equal(t, requests, s.world.count("POST /shipments"))
			require.Equal(t, bought, s.world.books(), "the key saves her")
		}, "CHECKOUT_WITHOUT="+lacking)
	}
	withoutAndWith(t, "lease,ship-once", func(t *testing.T, s *shop) {
		s.submit(s.look("b1"), "b1")
		s.settle()
	}, books{Payments: 1, Charges: 1, Parcels: 2, Kept: 49900}, bought)
}

func TestWithoutResumeARestartForgetsWhatWasToBeDone(t *testing.T) {
	withoutAndWith(t, "resume", func(t *testing.T, s *shop) {
		id := s.look("b1")
		s.submit(id, "b1")
		time.Sleep(time.Second)
		s.stop()
		s.open()
		s.settle()
		require.Equal(t, map[bool]string{true: "shipped", false: "checking"}[s.has("resume")], s.get(id).Status)
	}, books{Payments: 1, Reserved: 49900}, bought)
}

func TestWithoutTheReconcilerWhatLandsTooLateStays(t *testing.T) {
	withoutAndWith(t, "reconciler", func(t *testing.T, s *shop) {
		// A refusal that is a lie, and a look that confirms it.
		s.world.change = func(call string, a *http.Response) {
			switch call {
			case "POST /epayment/v1/payments":
				a.StatusCode = 400
			case "GET /epayment/v1/payments/" + s.look("b1") + "-1":
				a.StatusCode = 404
				s.world.change = nil
			}
		}
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "refused", s.get(id).Status)
	}, books{Payments: 1, Reserved: 49900}, released)
}

func TestWithoutTheInboxALateNoticeUndoesAPaidOrder(t *testing.T) {
	for lacking, status := range map[string]string{"webhook-inbox": "refused", "": "shipped"} {
		inBubble(t, func(t *testing.T, s *shop) {
			id := s.look("b1")
			s.submit(id, "b1")
			s.settle()
			require.Equal(t, 200, s.notify(id+"-1", "EXPIRED").Code)
			s.settle()
			require.Equal(t, status, s.get(id).Status)
		}, "CHECKOUT_WITHOUT="+lacking)
	}
}

func TestWithoutVoidFirstMoneyStaysReserved(t *testing.T) {
	withoutAndWith(t, "void-first,reconciler", func(t *testing.T, s *shop) {
		s.world.veto = func(call string) bool { return matches(call, "/capture") }
		s.submit(s.look("b1"), "b1")
		s.settle()
	}, books{Payments: 1, Reserved: 49900}, released)
	withoutAndWith(t, "void-first,reconciler", func(t *testing.T, s *shop) {
		s.world.approveAfter = time.Hour
		id := s.look("b1")
		s.submit(id, "b1")
		s.settle()
		require.Equal(t, "refused", s.get(id).Status)
	}, books{Payments: 1, Reserved: 49900}, released)
}

func TestWithoutRefundsUnshippableGoodsStayPaid(t *testing.T) {
	withoutAndWith(t, "refund-unshippable", func(t *testing.T, s *shop) {
		s.world.veto = func(call string) bool { return matches(call, "POST /shipments") }
		s.submit(s.look("b1"), "b1")
		s.settle()
	}, books{Payments: 1, Charges: 1, Kept: 49900}, refunded)
}

func TestWithoutBackoffTroubleIsAStorm(t *testing.T) {
	calls := map[string]int{}
	for _, lacking := range []string{"backoff", ""} {
		inBubble(t, func(t *testing.T, s *shop) {
			var up atomic.Bool
			s.world.inject = func(call string, _ bool) error {
				if !up.Load() {
					s.world.note(call)
					return errLost
				}
				return nil
			}
			s.submit(s.look("b1"), "b1")
			time.Sleep(30 * time.Second)
			up.Store(true)
			s.settle()
			calls[lacking] = len(s.world.calls)
			require.Equal(t, bought, s.world.books())
		}, "CHECKOUT_WITHOUT="+lacking)
	}
	require.Greater(t, calls["backoff"], 200)
	require.Less(t, calls[""], 30)
}

func TestWithoutTheAmountCheckSheIsChargedWhatSheNeverSaw(t *testing.T) {
	withoutAndWith(t, "amount-check", func(t *testing.T, s *shop) {
		id := s.look("b1")
		require.Equal(t, 200, s.ask("PUT", "/baskets/b1", `{"quantity":3}`).Code)
		w := s.ask("PUT", "/orders/"+id, `{"basket":"b1","amount":49900,"currency":"NOK"}`)
		require.Equal(t, map[bool]int{true: 409, false: 202}[s.has("amount-check")], w.Code)
		s.settle()
	}, books{Payments: 1, Charges: 1, Parcels: 1, Kept: 3 * 49900}, nothing)
}

func TestWithoutNestedTimeoutsAnAnswerMayTakeForEver(t *testing.T) {
	for lacking, within := range map[string]time.Duration{"nested-timeouts": 100 * time.Second, "": 20 * time.Second} {
		inBubble(t, func(t *testing.T, s *shop) {
			s.world.approveAfter = 100 * time.Second
			id := s.look("b1")
			start := time.Now()
			s.submit(id, "b1", "Prefer", "wait=45")
			require.GreaterOrEqual(t, time.Since(start), within)
			require.Less(t, time.Since(start), within+5*time.Second)
		}, "CHECKOUT_WITHOUT="+lacking)
	}
}

func TestEverySafeguardOfTheServiceHasATestHere(t *testing.T) {
	source, err := os.ReadFile("safeguards_test.go")
	require.NoError(t, err)
	for _, g := range Safeguards {
		if g.Side != "front end" {
			require.Contains(t, string(source), `"`+strings.TrimSpace(g.Name), g.Name)
		}
	}
}

// once loses one message of a call: the request, or the answer.
func once(call string, answer bool) func(string, bool) error {
	hit := false
	return func(made string, arrived bool) error {
		if hit || arrived != answer || !matches(made, call) {
			return nil
		}
		hit = true
		return context.DeadlineExceeded
	}
}

func (w *outside) note(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call)
}

func (s *shop) has(safeguard string) bool { return s.cfg.Has(safeguard) }

// notify sends what the provider would.
func (s *shop) notify(reference, name string) *recorded {
	body := fmt.Sprintf(`{"msn":"123456","reference":%q,"pspReference":"psp-%s","name":%q,"success":true}`,
		reference, strings.ToLower(name), name)
	synctest.Wait()
	return s.ask("POST", "/webhooks/vipps", body, signed(s.cfg.WebhookSecret, "/webhooks/vipps", "example.com", body)...)
}
