package injection_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
	"github.com/unhappypath/unhappypath/harness/units"
)

// backend writes down what it was told to do, and takes its time over it.
type backend struct {
	mu    sync.Mutex
	did   []string
	takes time.Duration
	fails error
}

func (c *backend) do(what string) error {
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.did = append(c.did, what)
	return c.fails
}

func (c *backend) Install(s Injection) (func() error, error) {
	name := s.Fault.String()
	return func() error { return c.do("heal " + name) }, c.do("install " + name)
}
func (c *backend) Kill(p string) error   { return c.do("kill " + p) }
func (c *backend) Revive(p string) error { return c.do("revive " + p) }
func (c *backend) Pause(p string) error  { return c.do("pause " + p) }
func (c *backend) Resume(p string) error { return c.do("resume " + p) }
func (c *backend) ForgetTokens() error   { return c.do("forget tokens") }

// drill is an injector with all that it needs.
type drill struct {
	*Injector
	*backend
	*environment.Recorder
	failures []error
}

func arm(p units.Clock, injections ...Injection) *drill {
	d := &drill{backend: &backend{}, Recorder: environment.NewRecorder(p, nil)}
	d.Recorder.Begin()
	d.Injector = NewInjector(injections, p, d.Recorder.See, d.backend, func(err error) { d.failures = append(d.failures, err) })
	d.Hook(d.Injector.See)
	return d
}

// fates are the injections' events in order, such as "0 installed".
func (d *drill) fates() []string {
	var fates []string
	for _, e := range d.History() {
		if e.Kind == observe.Injected {
			fates = append(fates, fmt.Sprintf("%d %s", e.Effect.Injection, e.Effect.What))
		}
	}
	return fates
}

// submit is the n-th submit on the customer's hop, at a phase.
func submit(n int, p fault.Phase) Point {
	return Point{Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/b-ana-1", Phase: p, N: n, Call: fmt.Sprint("call-", n)}
}

// hits are the numbers of the messages, of ten, that an injection hit.
func hits(d *drill, phase fault.Phase) []int {
	var hit []int
	for n := 1; n <= 10; n++ {
		for _, p := range []fault.Phase{fault.Arrives, fault.Answered} {
			if hits, _ := d.Meet(submit(n, p)); len(hits) > 0 && p == phase {
				hit = append(hit, n)
			}
		}
	}
	return hit
}

var submits = OnPath(observe.CustomerHop, "PUT", "/orders/{id}")

func TestAnInjectionHitsItsMessagesAndNoOthers(t *testing.T) {
	all := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	require.Equal(t, []int{3}, hits(arm(units.Wall, submits.Nth(3).Hangs()), fault.Arrives))
	require.Equal(t, []int{3}, hits(arm(units.Wall, submits.Nth(3).Answered().Closes()), fault.Answered))
	require.Equal(t, all, hits(arm(units.Wall, submits.Hangs()), fault.Arrives), "no number: every one")
	require.Equal(t, all, hits(arm(units.Wall, submits.Answered().Closes()), fault.Answered))
	require.Empty(t, hits(arm(units.Wall, submits.Hangs()), fault.Answered), "at its phase only")
	require.Empty(t, hits(arm(units.Wall, submits.Nth(11).Hangs()), fault.Arrives))
	require.Empty(t, hits(arm(units.Wall, OnPath(observe.ProviderHop, "PUT", "/orders/{id}").Hangs()), fault.Arrives))
	require.Empty(t, hits(arm(units.Wall, OnPath(observe.CustomerHop, "GET", "/orders/{id}").Hangs()), fault.Arrives))
	require.Empty(t, hits(arm(units.Wall, OnPath(observe.CustomerHop, "PUT", "/orders").Hangs()), fault.Arrives))
	require.Equal(t, all, hits(arm(units.Wall, OnPath(observe.CustomerHop, "*", "/orders/{id}").Hangs()), fault.Arrives))
}

func TestTheNthAnswerIsThatOfTheNthArrival(t *testing.T) {
	d := arm(units.Wall, submits.Nth(2).Answered().Closes())
	for _, n := range []int{7, 8} { // the hop's own numbers
		d.Meet(submit(n, fault.Arrives))
	}
	hits, lost := d.Meet(submit(8, fault.Answered)) // the second is answered first
	require.False(t, lost)
	require.Len(t, hits, 1)
	require.Equal(t, fault.Close, hits[0].Fault.Kind)
	hits, _ = d.Meet(submit(7, fault.Answered))
	require.Empty(t, hits)
}

// The message that the trigger picks waits, the next one lets both go on, and no other one
// takes part.
func TestTwoMessagesMeet(t *testing.T) {
	for name, on := range map[string]MessageTrigger{"the second": submits.Nth(2), "any": submits} {
		d := arm(units.Wall, on.WaitsForAnother(time.Hour))
		var waits, came []int
		for n := 1; n <= 5; n++ {
			hits, _ := d.Meet(submit(n, fault.Arrives))
			if len(hits) > 0 && hits[0].First == nil {
				waits = append(waits, n)
			} else if len(hits) > 0 {
				came = append(came, hits[0].First.N, n)
				close(hits[0].Met)
			}
		}
		want := map[string][]int{"the second": {2, 3}, "any": {1, 2}}[name]
		require.Equal(t, want[:1], waits, name)
		require.Equal(t, want, came, name)
		require.True(t, d.HasMet(0))
	}
}

// Who has waited long enough goes on, and nobody meets it later.
func TestAMessageThatLeftMeetsNobody(t *testing.T) {
	d := arm(units.Wall, submits.Nth(1).WaitsForAnother(time.Hour))
	hits, _ := d.Meet(submit(1, fault.Arrives))
	require.Len(t, hits, 1)
	require.False(t, d.HasMet(0))
	hits, _ = d.Meet(submit(2, fault.Arrives))
	require.Empty(t, hits)
}

func TestTwoInjectionsMayHitOneMessage(t *testing.T) {
	d := arm(units.Wall, submits.Delays(time.Second), submits.Nth(1).Hangs())
	hits, _ := d.Meet(submit(1, fault.Arrives))
	require.Len(t, hits, 2)
	require.Equal(t, []int{0, 1}, []int{hits[0].Injection, hits[1].Injection})
}

func TestInjectionsHappenAtTheirTimesAndHeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(100,
			Down(observe.ProviderHop).Lasting(10*time.Second),
			Down(observe.ShippingHop).From(20*time.Second).Lasting(5*time.Second),
			Down(observe.WebhookHop).From(time.Hour))
		d.Start()
		time.Sleep(time.Second) // 100 s of the story
		d.Stop()
		var when []string
		for _, e := range d.History() {
			when = append(when, fmt.Sprintf("%v: %d %s", e.At.Round(time.Millisecond), e.Effect.Injection, e.Effect.What))
		}
		require.Equal(t, []string{"0s: 0 installed", "10s: 0 healed", "20s: 1 installed", "25s: 1 healed"}, when)
	})
}

func TestInjectionsOfOneInstantKeepTheOrderOfTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, Down(observe.ProviderHop).From(10*time.Second), Down(observe.ShippingHop).Lasting(10*time.Second), Down(observe.WebhookHop).From(10*time.Second))
		d.Start()
		time.Sleep(11 * time.Second)
		require.Equal(t, []string{"1 installed", "0 installed", "1 healed", "2 installed"}, d.fates())
		d.Stop()
	})
}

func TestAMessageInjectionHealsSoLongAfterItsFirstHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, submits.Hangs().Lasting(10*time.Second))
		time.Sleep(time.Minute)
		hits, _ := d.Meet(submit(1, fault.Arrives))
		time.Sleep(5 * time.Second)
		again, _ := d.Meet(submit(2, fault.Arrives))
		require.Len(t, again, 1)
		began := time.Now()
		<-hits[0].Healed
		<-again[0].Healed
		require.Equal(t, 5*time.Second, time.Since(began))
		late, _ := d.Meet(submit(3, fault.Arrives))
		require.Empty(t, late)
		synctest.Wait()
		require.Equal(t, []string{"0 healed"}, d.fates())
	})
}

func TestWhoeverSeesTheTriggerWaitsUntilTheInjectionIsInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, Down(observe.ProviderHop).When("captured", 2), submits.Nth(2).Kills("checkout"))
		d.takes = time.Second
		d.Start()
		require.Empty(t, d.did, "nothing injections before its trigger")

		began := time.Now()
		d.Recorder.See(Captured("b-ana-1", 1))
		d.Recorder.See(Authorized("b-ana-1", 1))
		d.Recorder.See(observe.Event{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{Op: "captured"}})
		d.Recorder.See(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{}})
		require.Zero(t, time.Since(began))
		d.Recorder.See(Captured("b-ana-2", 1))
		require.Equal(t, []string{"install down"}, d.did)
		require.Equal(t, time.Second, time.Since(began))

		_, lost := d.Meet(submit(1, fault.Arrives))
		require.False(t, lost)
		_, lost = d.Meet(submit(2, fault.Arrives))
		require.True(t, lost, "the process died with the message")
		require.Equal(t, []string{"install down", "kill checkout"}, d.did)
		require.Equal(t, 2*time.Second, time.Since(began))
		d.Stop()
		require.Equal(t, []string{"0 installed", "1 fired", "0 healed", "1 healed"}, d.fates())
		h := d.History()
		require.Equal(t, "call-2", h[slices.IndexFunc(h, func(e observe.Event) bool { return e.Effect != nil && e.Effect.What == "fired" })].Effect.Call)
	})
}

func TestAKillTakesOnlyTheMessageItInjectedAt(t *testing.T) {
	d := arm(units.Wall, submits.Kills("checkout"))
	_, first := d.Meet(submit(1, fault.Arrives))
	_, second := d.Meet(submit(2, fault.Arrives))
	require.True(t, first)
	require.False(t, second, "nobody was killed this time")
	d.Stop()
	require.Equal(t, []string{"kill checkout", "revive checkout"}, d.did)
}

// Without a number, a shop is killed after each answer that it gives while it lives, and loses none.
func TestAKillAfterTheAnswerHitsEachOfThem(t *testing.T) {
	for _, row := range []struct {
		injection Injection
		did       []string
	}{
		{submits.KillsAfter("checkout").Lasting(time.Second), []string{"kill checkout", "revive checkout", "kill checkout", "revive checkout"}},
		{submits.Nth(2).KillsAfter("checkout").Lasting(time.Second), []string{"kill checkout", "revive checkout"}},
		{submits.Answered().Kills("checkout").Lasting(time.Second), []string{"kill checkout", "revive checkout"}},
	} {
		t.Run(row.injection.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := arm(units.Wall, row.injection)
				for n := 1; n <= 2; n++ {
					d.Meet(submit(n, fault.Arrives))
					_, lost := d.Meet(submit(n, fault.Answered))
					require.Equal(t, row.injection.Fault.Kind == fault.Kill && n == 1, lost)
					time.Sleep(2 * time.Second)
					synctest.Wait()
				}
				require.Equal(t, row.did, d.did)
				d.Stop()
				d.Meet(submit(3, fault.Arrives))
				d.Meet(submit(3, fault.Answered))
				require.Equal(t, row.did, d.did, "the script is over")
			})
		})
	}
}

func TestAPauseLosesNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, submits.Nth(1).Does(fault.Fault{Kind: fault.Pause, Process: "checkout"}).Lasting(time.Second))
		_, lost := d.Meet(submit(1, fault.Arrives))
		require.False(t, lost)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"pause checkout", "resume checkout"}, d.did)
		d.Stop()
		require.Len(t, d.did, 2)
	})
}

// The provider forgets its tokens once, before the message goes on, and that is all.
func TestATokenExpiresOnceAndTheMessageGoesOn(t *testing.T) {
	d := arm(units.Wall, submits.ExpiresToken(), submits.Nth(2).Answered().ExpiresToken(),
		Injection{Hop: observe.ProviderHop, Trigger: Trigger{Saw: "captured", N: 1}, Fault: fault.Fault{Kind: fault.ExpireToken}})
	for n := 1; n <= 2; n++ {
		hits, lost := d.Meet(submit(n, fault.Arrives))
		require.Empty(t, hits)
		require.False(t, lost)
		require.Len(t, d.did, 1)
	}
	d.Meet(submit(2, fault.Answered))
	d.Recorder.See(Captured("b-ana-1", 1))
	d.Stop()
	require.Equal(t, []string{"forget tokens", "forget tokens", "forget tokens"}, d.did, "there is nothing to take back")
	require.Equal(t, []string{"0 installed", "1 installed", "2 installed", "0 healed", "1 healed", "2 healed"}, d.fates())
}

func TestWhenItStopsEverythingHealsOnceAndNothingInjections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, Down(observe.ProviderHop), Down(observe.ShippingHop).Lasting(time.Hour), submits.Nth(1).Hangs(), submits.Nth(2).Hangs(),
			Down(observe.WebhookHop).When("captured", 0), Down(observe.CustomerHop).From(time.Minute), submits.Nth(3).Kills("checkout"))
		d.Start()
		hits, _ := d.Meet(submit(1, fault.Arrives))
		d.Stop()
		d.Stop()
		select {
		case <-hits[0].Healed:
		default:
			t.Error("what hung still hangs")
		}
		time.Sleep(2 * time.Hour)
		d.Recorder.See(Captured("b-ana-1", 1))
		for n := 2; n < 4; n++ {
			hits, lost := d.Meet(submit(n, fault.Arrives))
			require.Empty(t, hits)
			require.False(t, lost)
		}
		require.Equal(t, []string{"install down", "install down", "heal down", "heal down"}, d.did)
		require.Equal(t, []string{"0 installed", "1 installed", "0 healed", "1 healed", "2 healed"}, d.fates())
		require.Empty(t, d.failures)
	})
}

func TestItWaitsForAnInjectionThatIsBeingPutInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(units.Wall, Down(observe.ProviderHop).From(time.Second))
		d.takes = time.Minute
		d.Start()
		time.Sleep(2 * time.Second)
		d.Stop()
		require.Equal(t, []string{"install down", "heal down"}, d.did)
	})
}

func TestAnInjectionThatCannotBeStagedIsTheHarnesssFailure(t *testing.T) {
	for _, injection := range []Injection{Down(observe.ProviderHop), submits.Kills("checkout"), submits.ExpiresToken()} {
		d := arm(units.Wall, injection)
		d.fails = errors.New("no such thing")
		d.Start()
		_, lost := d.Meet(submit(1, fault.Arrives))
		require.False(t, lost)
		require.Equal(t, []error{d.fails}, d.failures)
		d.Stop()
		require.Len(t, d.did, 1, "what was never put in place is not taken away")
		require.Empty(t, d.fates())
	}
}

func TestAnInjectionThatDoesNotHealIsTheHarnesssFailure(t *testing.T) {
	d := arm(units.Wall, Down(observe.ProviderHop))
	d.Start()
	d.fails = errors.New("it will not come up")
	d.Stop()
	require.Equal(t, []error{d.fails}, d.failures)
}

// TestNoHitOutlivesItsStop lets many messages meet the injections while the
// end falls: what was hit must be healed.
func TestNoHitOutlivesItsStop(t *testing.T) {
	for range 200 {
		d := arm(units.Wall, submits.Hangs(), submits.Nth(3).Kills("checkout"), Down(observe.ProviderHop).AtMessage("PUT", "/orders/{id}", 2))
		var messages sync.WaitGroup
		begin := make(chan struct{})
		for n := range 8 {
			messages.Go(func() {
				<-begin
				hits, _ := d.Meet(submit(n+1, fault.Arrives))
				for _, b := range hits {
					d.Fired(b.Injection, submit(n+1, fault.Arrives), "hung")
					<-b.Healed
				}
			})
		}
		close(begin)
		d.Stop()
		messages.Wait()
	}
}
