package worldtest

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// For how long, in story time, nothing must happen around a heal: else a machine
// that is a little late would tell another story. A killed shop takes some real
// time to come back, too.
const (
	margin   = 1200 * time.Millisecond
	comeback = 2800 * time.Millisecond
)

// Heals finds a time after which the case's injection can heal so that nobody acts
// near that moment, by looking at runs of a world in which they cost nothing.
func (c Case) Heals(enact func(harness.Story) *judge.Run) (time.Duration, error) {
	if !c.lasts() {
		return 0, nil
	}
	for _, seconds := range []time.Duration{6, 7, 5, 8, 9, 11, 12, 13, 15, 17, 20, 4, 3} {
		heals := seconds * time.Second
		if run := enact(c.Story(heals)); run.Failure == "" && len(c.near(run)) == 0 {
			return heals, nil
		}
	}
	return 0, fmt.Errorf("%s: whenever the injection heals, somebody acts near that moment", c.Name)
}

// lasts says whether the injection is one that goes on until it heals, and not
// over with its one message.
func (c Case) lasts() bool {
	f := c.Injection.Fault
	return f.IsTransport() || f.IsProcess() || f.IsLid() || f.Kind == fault.Hang || f.Kind == fault.Stall
}

// near are the events that lie near the moment in which the injection is to heal, or
// has healed, and are not its doing.
func (c Case) near(r *judge.Run) (list []string) {
	late := margin
	if c.Injection.Fault.IsProcess() {
		late = comeback
	}
	for _, healed := range heals(r) {
		for _, e := range r.History {
			if e.Kind != observe.Sent || c.isPoll(e.Message) || !c.Injection.Fault.IsProcess() && e.Message.Hop != c.Hop {
				continue
			}
			before, after := healed-e.At, e.At-healed
			if before > takesItself && before < margin || after > itsDoing && after < late {
				list = append(list, fmt.Sprintf("%s %s at %s", e.Actor, e.Message.Path, e.At))
			}
		}
	}
	return list
}

// takesItself is how long a heal may take: a lid that is opened wakes one timer after the
// other.
const takesItself = time.Microsecond

// itsDoing is how soon after a heal everything has come out that it let go.
const itsDoing = 30 * time.Millisecond

// heals are the moments in which the injection was to heal, and in which it had:
// some toxics cannot be interrupted.
func heals(r *judge.Run) (at []time.Duration) {
	for _, e := range r.History {
		if e.Kind != observe.Injected {
			continue
		}
		switch e.Effect.What {
		case observe.Installed, observe.Fired:
			at = append(at, e.At+r.Schedule[0].For)
		case observe.Healed:
			at = append(at, e.At)
		}
	}
	return at
}
