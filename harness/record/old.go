package record

import (
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// seen is an event as a record has it. Versions 1 and 2 called an injection a strike,
// and its effect a blow.
type seen struct {
	observe.Event
	Blow *struct {
		observe.Effect
		Strike int `json:"strike"`
	} `json:"blow,omitempty"`
}

// now is the event in the words of today.
func (s *seen) now() observe.Event {
	if s.Blow != nil && s.Kind == "struck" {
		effect := s.Blow.Effect
		effect.Injection = s.Blow.Strike
		s.Event.Kind, s.Event.Effect = observe.Injected, &effect
	}
	return s.Event
}

// namedNow are rulings with the promises' names of today.
func namedNow(rulings []judge.Ruling) []judge.Ruling {
	for i := range rulings {
		if rulings[i].Promise == "every-strike-bit" {
			rulings[i].Promise = judge.EveryInjectionTookEffect
		}
	}
	return rulings
}

// resolve gives a schedule from the disk the hops and paths that its text leaves out.
func resolve(run *judge.Run) (err error) {
	run.Schedule, err = run.Schedule.Resolve(run.Routes)
	return err
}
