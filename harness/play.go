package harness

import (
	"context"
	"errors"
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Play plays the story in an environment that was built for it, and returns when
// everything rests; unsettled says why something still moves. An error is the harness's
// own failure.
func (s Story) Play(ctx context.Context, in environment.Environment, clock units.Clock, recorder *environment.Recorder, notice func(text string)) (unsettled, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stage := &Stage{ctx: ctx, story: s, clock: clock, recorder: recorder, set: in, cancel: cancel, notice: notice}
	stage.injector = injection.NewInjector(s.Injections, clock, recorder.See, backend{in, stage}, stage.fail)
	defer stage.goHome() // before the environment is taken down
	recorder.Hook(stage.injector.See)
	recorder.Hook(stage.stopsAtALiveKey)
	in.Arm(stage.injector)
	// Whatever happens to the script, no injection outlives it.
	defer stage.injector.Stop()

	recorder.Begin()
	stage.injector.Start()
	stage.Plays(func() { s.Script(stage) })
	recorder.End()
	stage.injector.Stop()
	if err := stage.failed(); err != nil {
		return nil, err
	}
	// The customers who still look see how it ends; then everything rests.
	if unsettled = in.Settle(ctx); unsettled == nil {
		stage.Plays(func() { unsettled = stage.endsWith() })
	}
	if ctx.Err() != nil {
		stage.fail(context.Cause(ctx)) // interrupted: that it did not come to rest proves nothing
	}
	return unsettled, stage.failed()
}

// Plays plays a part of the script. A script that lets customers act side by
// side plays each of them on a goroutine of its own, and waits for them all. A
// part that panics by itself is the harness's failure to stage it.
func (s *Stage) Plays(part func()) {
	defer func() {
		if p := recover(); p != nil && p != any(errStage) {
			s.fail(fmt.Errorf("the script panicked: %v", p))
		}
	}()
	part()
}

// stopsAtALiveKey ends the enactment where the shop holds a key that moves real money:
// what it would do next may go somewhere else.
func (s *Stage) stopsAtALiveKey(e observe.Event) {
	if e.Message != nil && e.Message.LiveKey != "" {
		s.fail(errors.New(judge.WithLiveKey(e.Message)))
	}
}

// goHome closes every page.
func (s *Stage) goHome() {
	for _, c := range s.customers {
		for _, tab := range c.tabs {
			tab.Close()
		}
	}
}

func (s *Stage) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}
