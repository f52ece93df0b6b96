package reports

import "github.com/unhappypath/unhappypath/harness"

// pinName is the place of the first broken promise in the lanes. No event and no
// story has this name.
const pinName = "_pin"

// pin is a broken promise at the event that broke it.
type pin struct {
	event            int
	promise, because string
}

// pinsOf are the broken promises in the order of the rulings. Evidence is in
// the order of the history, and its last event is the one that broke the
// promise: the second capture, not the first.
func pinsOf(r *harness.Run) []pin {
	var list []pin
	for _, ruling := range r.Rulings {
		evidence := known(r, ruling.Evidence)
		if ruling.Verdict != harness.Broken || len(evidence) == 0 {
			continue
		}
		last := evidence[0]
		for _, i := range evidence {
			last = max(last, i)
		}
		list = append(list, pin{last, ruling.Promise, ruling.Because})
	}
	return list
}

// known drops what points at no event: a run that was cut off may have lost some.
func known(r *harness.Run, evidence []int) []int {
	var list []int
	for _, i := range evidence {
		if i >= 0 && i < len(r.History) {
			list = append(list, i)
		}
	}
	return list
}
