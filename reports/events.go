package reports

import (
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// event is a row of the event table.
type event struct {
	ID, Name string // ID is its anchor
	At       string
	What     string
	More     string // the whole of it, where it is too long for a line
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
		row.What, row.More = folded(row.What)
		if e.Kind == observe.Injected {
			row.Class = "hit"
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

// longestCell is how much a row of the table says at once, in bytes. A shop's log
// may stand in one event.
const longestCell = 400

// folded is a text as it stands in a row, and the whole of it where that is only
// its beginning.
func folded(text string) (line, whole string) {
	line, _, many := strings.Cut(text, "\n")
	if !many && len(text) <= longestCell {
		return text, ""
	}
	return harness.Truncate(line, longestCell/2), text
}

// happened is what a row of the table says.
func happened(e harness.Event) string {
	if e.Message == nil || e.Kind == observe.Drift {
		return what(e)
	}
	return string(e.Kind) + " " + what(e)
}
