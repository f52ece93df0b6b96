package customer

import (
	"context"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Person is who sits at a tab. What happens on her page is told as hers.
type Person struct {
	Customer string // her name, and the actor of what she does
	Tab      string // which of her tabs, where she has several
	See      observe.Observer
	Lid      *Lid // of the computer that the tab is on
}

// Caller is the name that her requests in this tab go by.
func (p Person) Caller() string {
	if p.Tab == "" {
		return p.Customer
	}
	return p.Customer + "/" + p.Tab
}

// Sees tells of a sighting as hers, whichever tab it was in.
func (p Person) Sees(e observe.Event) {
	e.Actor = p.Customer
	p.See(e)
}

// Clicks tells of a click: what the page carries and shows at that moment.
func (p Person) Clicks(on observe.Act) {
	on.Does, on.Tab = observe.Clicks, p.Tab
	p.See(observe.Event{Actor: p.Customer, Kind: observe.Action, Act: &on})
}

// Shows tells of a screen.
func (p Person) Shows(v observe.View) {
	v.Tab = p.Tab
	p.See(observe.Event{Actor: p.Customer, Kind: observe.Screen, View: &v})
}

// Notes tells of anything else that is worth a line in the report.
func (p Person) Notes(text string) {
	p.See(observe.Event{Actor: p.Customer, Kind: observe.Note, Text: text})
}

// Wait lets d pass, unless ctx ends before.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
