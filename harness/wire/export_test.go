package wire

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// ShopOf is the process that runs in the set now.
func ShopOf(set environment.Environment) *process.Process {
	s := set.(*world).fleet.all[0]
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return nil
	}
	return s.running.Process
}

// Worked takes note of what a piece of work took.
func (p *Pulse) Worked(began time.Time, took time.Duration) { p.worked(began, took) }

// SettlesWithin is how long a world is waited for.
func SettlesWithin(clock units.Clock, quiet time.Duration, injected injection.Schedule) time.Duration {
	return settlesWithin(clock, environment.Parts{Quiet: quiet}, injected)
}
