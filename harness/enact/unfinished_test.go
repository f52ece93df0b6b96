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

// What a fake does not play ends a story without injections at once.
func TestWhatIsUnplayedEndsTheStory(t *testing.T) {
	for name, c := range map[string]struct {
		injections Schedule
		took       time.Duration
	}{
		"without a fault": {nil, 0},
		"with one":        {Schedule{Down(ShippingHop).From(time.Minute)}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shop := &toyShop{}
				story := buys(func(s *Stage, _ *Customer) {
					shop.See(observe.Event{Actor: "provider", Kind: observe.Answered, Message: &observe.Message{
						Hop: ProviderHop, Method: "POST", Path: "/payments", Status: 501, Unplayed: "paymentMethod.type paypal"}})
					s.Waits(time.Hour)
				})
				story.Injections = c.injections
				run := enacted(t, shop, story, enact.Options{})
				require.Equal(t, c.took, run.Took)
				require.Contains(t, run.Sentence(), "the fake provider was asked for paymentMethod.type paypal, which it does not play")
			})
		})
	}
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
