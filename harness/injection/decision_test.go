package injection_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	. "github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// A decision is about the payment that it counts, and no longer taken when the script is
// over. That it made a difference is told at any time.
func TestACustomerDecidesAboutOnePayment(t *testing.T) {
	d := arm(units.Wall, OnPayment(2).Declines(), OnPayment(0).Abandons())
	var asked environment.Decisions
	require.Zero(t, asked.Of("b-ana-0").Kind, "nobody is armed")
	asked.Arm(d.Injector)
	d.Start()
	require.Equal(t, fault.Abandon, asked.Of("b-ana-1").Kind)
	second := asked.Of("b-ana-2")
	require.Equal(t, fault.Decline, second.Kind, "the first in the schedule decides")
	d.Stop()
	require.Zero(t, asked.Of("b-ana-3").Kind)
	second.Took()
	require.Equal(t, []string{"1 installed", "0 installed", "0 healed", "1 healed", "0 fired"}, d.fates())
	last, _ := d.Recorder.Last(func(e observe.Event) bool { return e.Kind == observe.Injected })
	require.Equal(t, "b-ana-2", last.Effect.Payment)
	note, _ := d.Recorder.Last(func(e observe.Event) bool { return e.Kind == observe.Note })
	require.Equal(t, "injection 2 had no effect on payment b-ana-2: another one decides about it", note.Text)
}

func TestALidIsOpenedAgain(t *testing.T) {
	_, err := ParseInjection("Submit #1 answered: close_lid")
	require.ErrorContains(t, err, `say when, as in "Submit #1 answered: close_lid, for 1h0m0s"`)
	_, err = ParseInjection("Submit answered: close_lid, for 1h, 2 times")
	require.ErrorContains(t, err, "a lid is closed once")
}

// Whose lid is closed the message says; where no customer sent it, all close theirs. What
// was closed is opened, once.
func TestAnInjectionClosesTheLidOfWhoSentTheMessage(t *testing.T) {
	l := &lids{closed: map[string]int{}}
	d := arm(units.Wall, On(observe.Submit).Nth(1).Answered().ClosesLid().Lasting(time.Hour))
	none := NewInjector(Schedule{On(observe.Capture).ClosesLid().Lasting(time.Hour)}, units.Wall, d.Recorder.See, l, func(err error) { t.Error(err) })
	require.Empty(t, d.failures)
	own := NewInjector(Schedule{On(observe.Submit).Nth(1).Answered().ClosesLid().Lasting(time.Hour)}, units.Wall, d.Recorder.See, l, func(err error) { t.Error(err) })
	p := Point{Hop: observe.CustomerHop, Operation: observe.Submit, Method: "PUT", Path: "/orders/1", Phase: fault.Arrives, N: 1, Call: "ana-1", Customer: "ana"}
	own.Meet(p)
	require.Empty(t, l.closed)
	p.Phase = fault.Answered
	own.Meet(p)
	require.Equal(t, map[string]int{"ana": 1}, l.closed)
	none.Meet(Point{Hop: observe.ProviderHop, Operation: observe.Capture, Method: "POST", Path: "/x", Phase: fault.Arrives, N: 1})
	require.Equal(t, map[string]int{"ana": 1, "": 1}, l.closed)
	own.Stop()
	own.Stop()
	none.Stop()
	require.Equal(t, map[string]int{"ana": 0, "": 0}, l.closed)

	// A world without customers says so.
	d.Meet(Point{Hop: observe.CustomerHop, Operation: observe.Submit, Method: "PUT", Path: "/orders/1", Phase: fault.Arrives, N: 1})
	d.Meet(Point{Hop: observe.CustomerHop, Operation: observe.Submit, Method: "PUT", Path: "/orders/1", Phase: fault.Answered, N: 1})
	require.Len(t, d.failures, 1)
	require.ErrorContains(t, d.failures[0], "there is no customer whose lid could be closed")
}

// lids counts who has closed theirs.
type lids struct {
	Backend
	closed map[string]int
}

func (l *lids) CloseLid(customer string) (open func() error, err error) {
	l.closed[customer]++
	return func() error { l.closed[customer]--; return nil }, nil
}

func TestADecisionIsAboutAPayment(t *testing.T) {
	for text, says := range map[string]string{
		"ApproveAtProvider arrives: decline":         `want "ApproveAtProvider #1: decline"`,
		"ApproveAtProvider #1 answered: abandon":     `want "ApproveAtProvider #1: abandon"`,
		"Capture #1: decline":                        `want "ApproveAtProvider #1: decline"`,
		"customer>provider: decline":                 `want "ApproveAtProvider #1: decline"`,
		"ApproveAtProvider at 1s: approve_late 5s":   `want "ApproveAtProvider #1: approve_late 5s"`,
		"ApproveAtProvider #1: decline, for 5s":      "once and for all",
		"ApproveAtProvider #1: approve_late":         "approve_late needs a duration",
		"ApproveAtProvider #1: approve_late -5s":     "want at least 1ms",
		"ApproveAtProvider #1: decline, 2 times":     "comes once",
		"ApproveAtProvider #1: close":                "#1 needs a message",
		"ApproveAtProvider #1: decline the payment":  "one word too many",
		"ApproveAtProvider after the story: decline": "after the story",
	} {
		_, err := ParseInjection(text)
		require.ErrorContains(t, err, says, text)
	}
}
