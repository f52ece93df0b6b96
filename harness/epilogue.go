package harness

import (
	"errors"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// buyer is a customer who was told that she bought, with the tab in which she did.
type buyer struct {
	*Customer
	name string // of the tab
	tab  environment.Repeats
}

// endsWith plays the epilogues among the story's injections, one after the other, and
// returns when everything rests again, or says why something still moves.
func (s *Stage) endsWith() (unsettled error) {
	for i, one := range s.story.Injections {
		if one.Trigger.End && unsettled == nil {
			unsettled = s.epilogue(i)
		}
	}
	return unsettled
}

// epilogue restarts the shop where that is asked for. Then every customer who was told
// that she bought sends the same submit again. She looks how her order stands before and
// after: what she is told then must not take back what she was told.
func (s *Stage) epilogue(injection int) (unsettled error) {
	buyers := s.buyers()
	if len(buyers) == 0 {
		s.injector.MissedEnd(injection, "no screen says that anything was bought, so that the same submit may be a new wish to buy")
		return nil
	}
	for _, b := range buyers {
		b.looks()
	}
	if !s.restarts(injection) {
		return nil
	}
	s.injector.Again(injection, func() {
		for _, b := range buyers {
			b.acts(observe.SendsAgain)
			if err := b.tab.Resubmit(s.ctx); err != nil {
				s.injector.MissedEnd(injection, err.Error())
			}
		}
	})
	if unsettled = s.set.Settle(s.ctx); unsettled != nil {
		return unsettled
	}
	for _, b := range buyers {
		b.looks()
	}
	return nil
}

func (s *Stage) restarts(i int) bool {
	err := s.injector.Restart(i)
	if errors.Is(err, injection.ErrNotRunning) {
		s.injector.MissedEnd(i, err.Error())
		return false
	}
	s.must(err)
	return true
}

// buyers are the customers whose tab says that they bought what they clicked for there:
// of several such tabs of one customer, the last one.
func (s *Stage) buyers() (list []buyer) {
	for _, c := range s.customers {
		for i := len(c.tabs) - 1; i >= 0; i-- {
			tab, can := c.tabs[i].Tab.(environment.Repeats)
			if b := (buyer{c, c.nameOf(i + 1), tab}); can && b.bought() {
				list = append(list, b)
				break
			}
		}
	}
	return list
}

// bought says whether she clicked in the tab, and it says at last that she bought.
func (b buyer) bought() bool {
	recorder := b.stage.recorder
	_, clicked := recorder.Last(func(e observe.Event) bool {
		return e.Kind == observe.Action && e.Actor == b.Customer.name && e.Act.Does == observe.Clicks && e.Act.Tab == b.name
	})
	screen, any := recorder.Last(func(e observe.Event) bool { return b.sees(e) && e.View.Tab == b.name })
	return clicked && any && screen.View.Says.IsSale()
}

func (b buyer) acts(does observe.Verb) {
	b.stage.recorder.See(observe.Event{Actor: b.Customer.name, Kind: observe.Action, Act: &observe.Act{
		Does: does, Basket: b.basket, Tab: b.name,
	}})
}

func (b buyer) looks() {
	b.acts(observe.LooksAgain)
	b.tab.Look(b.stage.ctx)
}
