package model

import (
	"github.com/unhappypath/unhappypath/harness/judge"
)

// PinName is the place of the first broken promise in the lanes. No event and no
// story has this name.
const PinName = "_pin"

// Pin is a broken promise at the event that broke it.
type Pin struct {
	Event            int
	Promise, Because string
}

// Pins are the broken promises in the order of the rulings. Evidence is in
// the order of the history, and its last event is the one that broke the
// promise: the second capture, not the first.
func Pins(r *judge.Run) []Pin {
	var list []Pin
	for _, ruling := range r.Rulings {
		evidence := Known(r, ruling.Evidence)
		if ruling.Verdict != judge.Broken || len(evidence) == 0 {
			continue
		}
		last := evidence[0]
		for _, i := range evidence {
			last = max(last, i)
		}
		list = append(list, Pin{last, ruling.Promise, ruling.Because})
	}
	return list
}

// Known drops what points at no event: a run that was cut off may have lost some.
func Known(r *judge.Run, evidence []int) []int {
	var list []int
	for _, i := range evidence {
		if i >= 0 && i < len(r.History) {
			list = append(list, i)
		}
	}
	return list
}
