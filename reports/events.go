package reports

import (
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// event is a row of the event table.
type event struct {
	ID, Name string // ID is its anchor
	At       string
	What     string
	Source   string
	Class    string
	Broke    []string // the promises that broke here
}

// events are the rows of the table. Rows of like calls, and what was told again
// with nothing new about it, are one row: the record has every one.
func events(r *harness.Run, at address, f folds, pins []pin) []event {
	again := map[int]int{}
	for _, first := range f.repeat {
		again[first]++
	}
	var list []event
	for i, e := range r.History {
		if f.hides(i) {
			continue
		}
		row := event{ID: at.id(i), Name: eventName(i), At: exact(e.At), What: happened(e), Source: source(e)}
		if fold := f.byEvent[i]; fold != nil {
			row.Class = "folded"
			row.Name += "–" + eventName(fold.last)
			row.What = fold.says(r)
			row.Source = "both ends, and the tap on " + e.Message.Hop
		}
		if n := again[i]; n > 0 {
			row.What += fmt.Sprintf(" (told so %d times in all)", n+1)
		}
		if e.Kind == observe.Struck {
			row.Class = "struck"
		}
		for _, p := range pins {
			if p.event == i {
				row.Class, row.Broke = "pinned", append(row.Broke, p.promise)
			}
		}
		list = append(list, row)
	}
	return list
}

// happened is what a row of the table says.
func happened(e harness.Event) string {
	if e.Message == nil || e.Kind == observe.Drift {
		return what(e)
	}
	return string(e.Kind) + " " + what(e)
}
