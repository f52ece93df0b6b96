package harness_test

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
	. "github.com/unhappypath/unhappypath/harness"
)

// crew writes down what it was told to do, and takes its time over it.
type crew struct {
	mu    sync.Mutex
	did   []string
	takes time.Duration
	fails error
}

func (c *crew) do(what string) error {
	time.Sleep(c.takes)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.did = append(c.did, what)
	return c.fails
}

func (c *crew) Install(s Strike) (func() error, error) {
	name := s.Fault.String()
	return func() error { return c.do("heal " + name) }, c.do("install " + name)
}
func (c *crew) Kill(p string) error   { return c.do("kill " + p) }
func (c *crew) Revive(p string) error { return c.do("revive " + p) }
func (c *crew) Pause(p string) error  { return c.do("pause " + p) }
func (c *crew) Resume(p string) error { return c.do("resume " + p) }

// drill is an armoury with all that it needs.
type drill struct {
	*Armoury
	*crew
	*Recorder
	failures []error
}

func arm(p Pace, strikes ...Strike) *drill {
	d := &drill{crew: &crew{}, Recorder: begun(p)}
	d.Armoury = NewArmoury(strikes, p, d.Recorder.See, d.crew, func(err error) { d.failures = append(d.failures, err) })
	d.Hook(d.Armoury.See)
	return d
}

// fates are the strikes' events in order, such as "0 installed".
func (d *drill) fates() []string {
	var fates []string
	for _, e := range d.History() {
		if e.Kind == observe.Struck {
			fates = append(fates, fmt.Sprintf("%d %s", e.Blow.Strike, e.Blow.What))
		}
	}
	return fates
}

// submit is the n-th submit on the customer's hop, at a phase.
func submit(n int, p Phase) Point {
	return Point{Hop: CustomerHop, Method: "PUT", Path: "/orders/b-ana-1", Phase: p, N: n, Call: fmt.Sprint("call-", n)}
}

// hits are the numbers of the messages, of ten, that a strike hit.
func hits(d *drill, phase Phase) []int {
	var hit []int
	for n := 1; n <= 10; n++ {
		for _, p := range []Phase{Arrives, Answered} {
			if blows, _ := d.Meet(submit(n, p)); len(blows) > 0 && p == phase {
				hit = append(hit, n)
			}
		}
	}
	return hit
}

var submits = On(CustomerHop, "PUT", "/orders/{id}")

func TestAStrikeHitsItsMessagesAndNoOthers(t *testing.T) {
	all := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	require.Equal(t, []int{3}, hits(arm(Wall, submits.Nth(3).Hangs()), Arrives))
	require.Equal(t, []int{3}, hits(arm(Wall, submits.Nth(3).Answered().Closes()), Answered))
	require.Equal(t, all, hits(arm(Wall, submits.Hangs()), Arrives), "no number: every one")
	require.Equal(t, all, hits(arm(Wall, submits.Answered().Closes()), Answered))
	require.Empty(t, hits(arm(Wall, submits.Hangs()), Answered), "at its phase only")
	require.Empty(t, hits(arm(Wall, submits.Nth(11).Hangs()), Arrives))
	require.Empty(t, hits(arm(Wall, On(ProviderHop, "PUT", "/orders/{id}").Hangs()), Arrives))
	require.Empty(t, hits(arm(Wall, On(CustomerHop, "GET", "/orders/{id}").Hangs()), Arrives))
	require.Empty(t, hits(arm(Wall, On(CustomerHop, "PUT", "/orders").Hangs()), Arrives))
	require.Equal(t, all, hits(arm(Wall, On(CustomerHop, "*", "/orders/{id}").Hangs()), Arrives))
}

func TestTheNthAnswerIsThatOfTheNthArrival(t *testing.T) {
	d := arm(Wall, submits.Nth(2).Answered().Closes())
	for _, n := range []int{7, 8} { // the hop's own numbers
		d.Meet(submit(n, Arrives))
	}
	blows, lost := d.Meet(submit(8, Answered)) // the second is answered first
	require.False(t, lost)
	require.Len(t, blows, 1)
	require.Equal(t, CloseFault, blows[0].Fault.Kind)
	blows, _ = d.Meet(submit(7, Answered))
	require.Empty(t, blows)
}

func TestTwoStrikesMayHitOneMessage(t *testing.T) {
	d := arm(Wall, submits.Delays(time.Second), submits.Nth(1).Hangs())
	blows, _ := d.Meet(submit(1, Arrives))
	require.Len(t, blows, 2)
	require.Equal(t, []int{0, 1}, []int{blows[0].Strike, blows[1].Strike})
}

func TestStrikesHappenAtTheirTimesAndHeal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(100,
			Down(ProviderHop).Lasting(10*time.Second),
			Down(ShippingHop).From(20*time.Second).Lasting(5*time.Second),
			Down(WebhookHop).From(time.Hour))
		d.Rise()
		time.Sleep(time.Second) // 100 s of the story
		d.Fall()
		var when []string
		for _, e := range d.History() {
			when = append(when, fmt.Sprintf("%v: %d %s", e.At.Round(time.Millisecond), e.Blow.Strike, e.Blow.What))
		}
		require.Equal(t, []string{"0s: 0 installed", "10s: 0 healed", "20s: 1 installed", "25s: 1 healed"}, when)
	})
}

func TestStrikesOfOneInstantKeepTheOrderOfTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, Down(ProviderHop).From(10*time.Second), Down(ShippingHop).Lasting(10*time.Second), Down(WebhookHop).From(10*time.Second))
		d.Rise()
		time.Sleep(11 * time.Second)
		require.Equal(t, []string{"1 installed", "0 installed", "1 healed", "2 installed"}, d.fates())
		d.Fall()
	})
}

func TestAMessageStrikeHealsSoLongAfterItsFirstBlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, submits.Hangs().Lasting(10*time.Second))
		time.Sleep(time.Minute)
		blows, _ := d.Meet(submit(1, Arrives))
		time.Sleep(5 * time.Second)
		again, _ := d.Meet(submit(2, Arrives))
		require.Len(t, again, 1)
		began := time.Now()
		<-blows[0].Healed
		<-again[0].Healed
		require.Equal(t, 5*time.Second, time.Since(began))
		late, _ := d.Meet(submit(3, Arrives))
		require.Empty(t, late)
		synctest.Wait()
		require.Equal(t, []string{"0 healed"}, d.fates())
	})
}

func TestWhoeverSeesTheCueWaitsUntilTheStrikeIsInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, Down(ProviderHop).When("captured", 2), submits.Nth(2).Kills("checkout"))
		d.takes = time.Second
		d.Rise()
		require.Empty(t, d.did, "nothing strikes before its cue")

		began := time.Now()
		d.Recorder.See(captured("b-ana-1", 1))
		d.Recorder.See(authorized("b-ana-1", 1))
		d.Recorder.See(Event{Actor: "checkout", Kind: observe.Order, Entry: &observe.Entry{Op: "captured"}})
		d.Recorder.See(Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{}})
		require.Zero(t, time.Since(began))
		d.Recorder.See(captured("b-ana-2", 1))
		require.Equal(t, []string{"install down"}, d.did)
		require.Equal(t, time.Second, time.Since(began))

		_, lost := d.Meet(submit(1, Arrives))
		require.False(t, lost)
		_, lost = d.Meet(submit(2, Arrives))
		require.True(t, lost, "the process died with the message")
		require.Equal(t, []string{"install down", "kill checkout"}, d.did)
		require.Equal(t, 2*time.Second, time.Since(began))
		d.Fall()
		require.Equal(t, []string{"0 installed", "1 fired", "0 healed", "1 healed"}, d.fates())
		h := d.History()
		require.Equal(t, "call-2", h[slices.IndexFunc(h, func(e Event) bool { return e.Blow != nil && e.Blow.What == "fired" })].Blow.Call)
	})
}

func TestAKillTakesOnlyTheMessageItStruckAt(t *testing.T) {
	d := arm(Wall, submits.Kills("checkout"))
	_, first := d.Meet(submit(1, Arrives))
	_, second := d.Meet(submit(2, Arrives))
	require.True(t, first)
	require.False(t, second, "nobody was killed this time")
	d.Fall()
	require.Equal(t, []string{"kill checkout", "revive checkout"}, d.did)
}

func TestAPauseLosesNoMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, submits.Nth(1).Does(Fault{Kind: PauseFault, Process: "checkout"}).Lasting(time.Second))
		_, lost := d.Meet(submit(1, Arrives))
		require.False(t, lost)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"pause checkout", "resume checkout"}, d.did)
		d.Fall()
		require.Len(t, d.did, 2)
	})
}

func TestWhenTheCurtainFallsEverythingHealsOnceAndNothingStrikes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, Down(ProviderHop), Down(ShippingHop).Lasting(time.Hour), submits.Nth(1).Hangs(), submits.Nth(2).Hangs(),
			Down(WebhookHop).When("captured", 0), Down(CustomerHop).From(time.Minute), submits.Nth(3).Kills("checkout"))
		d.Rise()
		blows, _ := d.Meet(submit(1, Arrives))
		d.Fall()
		d.Fall()
		select {
		case <-blows[0].Healed:
		default:
			t.Error("what hung still hangs")
		}
		time.Sleep(2 * time.Hour)
		d.Recorder.See(captured("b-ana-1", 1))
		for n := 2; n < 4; n++ {
			blows, lost := d.Meet(submit(n, Arrives))
			require.Empty(t, blows)
			require.False(t, lost)
		}
		require.Equal(t, []string{"install down", "install down", "heal down", "heal down"}, d.did)
		require.Equal(t, []string{"0 installed", "1 installed", "0 healed", "1 healed", "2 healed"}, d.fates())
		require.Empty(t, d.failures)
	})
}

func TestTheCurtainWaitsForAStrikeThatIsBeingPutInPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := arm(Wall, Down(ProviderHop).From(time.Second))
		d.takes = time.Minute
		d.Rise()
		time.Sleep(2 * time.Second)
		d.Fall()
		require.Equal(t, []string{"install down", "heal down"}, d.did)
	})
}

func TestAStrikeThatCannotBeStagedIsTheHarnesssFailure(t *testing.T) {
	for _, strike := range []Strike{Down(ProviderHop), submits.Kills("checkout")} {
		d := arm(Wall, strike)
		d.fails = errors.New("no such thing")
		d.Rise()
		_, lost := d.Meet(submit(1, Arrives))
		require.False(t, lost)
		require.Equal(t, []error{d.fails}, d.failures)
		d.Fall()
		require.Len(t, d.did, 1, "what was never put in place is not taken away")
		require.Empty(t, d.fates())
	}
}

func TestAStrikeThatDoesNotHealIsTheHarnesssFailure(t *testing.T) {
	d := arm(Wall, Down(ProviderHop))
	d.Rise()
	d.fails = errors.New("it will not come up")
	d.Fall()
	require.Equal(t, []error{d.fails}, d.failures)
}

// TestNoBlowOutlivesTheCurtain lets many messages meet the strikes while the
// curtain falls: whoever was hit must be healed.
func TestNoBlowOutlivesTheCurtain(t *testing.T) {
	for range 200 {
		d := arm(Wall, submits.Hangs(), submits.Nth(3).Kills("checkout"), Down(ProviderHop).AtMessage("PUT", "/orders/{id}", 2))
		var messages sync.WaitGroup
		begin := make(chan struct{})
		for n := range 8 {
			messages.Go(func() {
				<-begin
				blows, _ := d.Meet(submit(n+1, Arrives))
				for _, b := range blows {
					d.Fired(b.Strike, submit(n+1, Arrives), "hung")
					<-b.Healed
				}
			})
		}
		close(begin)
		d.Fall()
		messages.Wait()
	}
}
