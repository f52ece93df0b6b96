package enact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/record"
)

func TestAWorldThatDoesNotComeToRestProvesNothing(t *testing.T) {
	run := enacted(t, &toyShop{settle: errors.New("a worker runs with Bearer s3cret")}, buys(), enact.Options{})
	require.Equal(t, Unproven, run.Verdict())
	require.Equal(t, "a worker runs with Bearer •••", run.Ruling("came-to-rest").Because)
}

func TestWhatTheHarnessCannotDoIsUnfinishedAndSaysWhy(t *testing.T) {
	broken := errors.New("out of order: Bearer s3cret")
	for name, c := range map[string]struct {
		shop    *toyShop
		change  func(*Story)
		because string
	}{
		"a script that panics":               {&toyShop{}, func(s *Story) { s.Script = func(*Stage) { panic("oh dear") } }, "the script panicked: oh dear"},
		"a script that meets a nil":          {&toyShop{}, func(s *Story) { s.Script = func(s *Stage) { var nobody *Customer; nobody.Leaves() } }, "the script panicked: "},
		"a page that does not open":          {&toyShop{clumsy: broken}, nil, "out of order: Bearer •••"},
		"a set that is not taken down":       {&toyShop{close: broken}, nil, "out of order: Bearer •••"},
		"an injection that cannot be staged": {&toyShop{backend: backend{fails: broken}}, func(s *Story) { s.Injections = Schedule{Down(ProviderHop)} }, "out of order"},
	} {
		t.Run(name, func(t *testing.T) {
			story := buys()
			if c.change != nil {
				c.change(&story)
			}
			run := enacted(t, c.shop, story, enact.Options{})
			require.Equal(t, Unfinished, run.Verdict())
			require.Contains(t, run.Ruling("staged").Because, c.because)
			require.Contains(t, run.Failure, c.because)
		})
	}
}

func TestAPartOfAScriptThatPanicsOnItsOwnGoroutineIsUnfinishedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := enacted(t, &toyShop{}, buys(func(s *Stage, _ *Customer) {
			go s.Plays(func() { panic("side by side") })
			s.Waits(time.Minute)
		}), enact.Options{})
		require.Equal(t, "the script panicked: side by side", run.Failure)
	})
}

func TestAWorldThatCannotBeBuiltIsUnfinished(t *testing.T) {
	run := enact.Run(t.Context(), buys(), enact.Options{World: "toy", Expects: "kept"},
		func(context.Context, environment.Brief, *environment.Recorder) (environment.Environment, error) {
			return nil, errors.New("no port is free")
		})
	require.Equal(t, Unfinished, run.Verdict())
	require.Equal(t, "the toy world could not be built: no port is free", run.Failure)
}

// Where a fake does not play how it is asked for a payment, nobody can buy: a story without
// injections ends there. A shop may do without what else is not played.
func TestAPaymentThatIsNotPlayedEndsTheStory(t *testing.T) {
	routes := observe.Routes{{Operation: CreatePayment, Hop: ProviderHop, Method: "POST", Path: "/payments"}}
	for name, c := range map[string]struct {
		path       string
		injections Schedule
		took       time.Duration
	}{
		"a payment":            {"/payments", nil, 0},
		"something else":       {"/disputes", nil, time.Hour},
		"a payment, and fault": {"/payments", Schedule{Down(ShippingHop).From(time.Minute)}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shop := &toyShop{}
				story := buys(func(s *Stage, _ *Customer) {
					shop.See(observe.Event{Actor: "provider", Kind: observe.Answered, Message: &observe.Message{
						Hop: ProviderHop, Method: "POST", Path: c.path, Status: 501, Unplayed: "paymentMethod.type paypal"}})
					s.Waits(time.Hour)
				})
				story.Injections = c.injections
				run := enacted(t, shop, story, enact.Options{Routes: routes})
				require.Equal(t, c.took, run.Took)
				require.Contains(t, run.Sentence(), "the fake provider was asked for paymentMethod.type paypal, which it does not play")
			})
		})
	}
}

// What a promise broke before that is told.
func TestWhatBrokeBeforeAnUnplayedPaymentIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &toyShop{}
		run := enacted(t, shop, buys(func(s *Stage, _ *Customer) {
			for n := range 2 {
				for _, op := range []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized, observe.MoneyCaptured} {
					shop.See(observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
						Op: op, Reference: fmt.Sprint("b-ana-1-", n), Basket: "b-ana-1", Amount: 49900, Currency: "NOK"}})
				}
			}
			shop.See(observe.Event{Actor: "provider", Kind: observe.Answered, Message: &observe.Message{
				Hop: ProviderHop, Method: "POST", Path: "/payments", Status: 501, Unplayed: "paymentMethod.type paypal"}})
			s.Waits(time.Hour)
		}), enact.Options{Routes: observe.Routes{{Operation: CreatePayment, Hop: ProviderHop, Method: "POST", Path: "/payments"}}})
		require.Equal(t, Broken, run.Verdict())
		require.Contains(t, run.Sentence(), "charged 3 TIMES")
	})
}

// Where the shop ended before it was ready, the sentence is about the shop.
func TestAShopThatIsNotReadyIsNoFailureOfTheHarness(t *testing.T) {
	run := enact.Run(t.Context(), buys(), enact.Options{World: "toy", Expects: "kept"},
		func(context.Context, environment.Brief, *environment.Recorder) (environment.Environment, error) {
			return nil, fmt.Errorf("web: %w", environment.ErrNotReady)
		})
	require.Equal(t, Unfinished, run.Verdict())
	require.Equal(t, "The shop could not be started: web: not ready.", run.Sentence())
}

func TestAStoryThatCannotBeToldIsNotStagedAndItsRecordCanBeRead(t *testing.T) {
	story := buys()
	story.Injections = Schedule{{Hop: "to the moon", Fault: Fault{Kind: "flood"}}}
	var text bytes.Buffer
	run := enact.Run(t.Context(), story, enact.Options{World: "toy", Expects: "kept", Sink: record.NewWriter(&text)}, nil)
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.Failure, `no hop "to the moon"`)
	read, err := record.ReadAll(&text)
	require.NoError(t, err)
	require.Equal(t, run.Failure, read[0].Failure)
}

func TestAnInterruptedEnactmentIsUnfinishedAndLeavesNothingBehind(t *testing.T) {
	why := errors.New("somebody pressed Ctrl-C")
	waitsLong := func(s *Stage, ana *Customer) { s.Waits(time.Hour) }
	isToldLate := func(s *Stage, ana *Customer) { ana.WaitsToBeTold(time.Hour) }
	for name, c := range map[string]struct {
		shop  *toyShop
		story Story
	}{
		"while the script waits":        {&toyShop{}, buys(waitsLong)},
		"while she waits to be told":    {&toyShop{silent: true}, buys(isToldLate)},
		"while the world comes to rest": {&toyShop{rest: time.Hour}, buys()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(why) })
				c.story.Injections = Schedule{Down(ProviderHop), Down(ShippingHop).From(time.Minute)}
				run := enact.Run(ctx, c.story, enact.Options{World: "toy", Expects: "kept"}, c.shop.build)
				require.Equal(t, time.Second, run.Took)
				require.Equal(t, why.Error(), run.Failure)
				require.Equal(t, Unfinished, run.Verdict())
				require.EqualValues(t, 1, c.shop.closed.Load())
				require.Equal(t, []string{"install down", "heal down"}, c.shop.did)
			})
		})
	}
}
