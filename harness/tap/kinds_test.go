package tap_test

import (
	"testing"
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// The tap deals every kind of fault that is dealt by a tap, at each phase at which it may
// hit, and says so.
func TestTheTapDealsEveryKindOfItsOwn(t *testing.T) {
	for _, kind := range fault.Kinds() {
		if kind.Dealt != fault.ByTap {
			continue
		}
		for _, phase := range []fault.Phase{fault.Arrives, fault.Answered} {
			for _, place := range []fault.Place{fault.AMessage, fault.AField, fault.ABody} {
				for _, f := range kind.Rows(fault.Spot{Of: place, Phase: phase, Name: "status"}) {
					if f.Check(phase) != nil {
						continue
					}
					t.Run(f.String()+" "+string(phase), func(t *testing.T) {
						t.Parallel()
						f.Duration = min(f.Duration, time.Millisecond)
						on := OnPath(CustomerHop, "PUT", "/orders/{id}")
						if phase == fault.Answered {
							on = on.Answered()
						}
						h := newHop(t, newLedger(t).address(), tap.Config{}, on.Does(f).Lasting(aWhile))
						call(within(t, soon), newClient(t), "PUT", h.url("/orders/1"), order)
						h.await(t, func(e Event) bool { return e.Effect != nil && e.Effect.What == "fired" })
					})
				}
			}
		}
	}
}
