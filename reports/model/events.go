package model

import (
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Event is a row of the event table.
type Event struct {
	ID, Name string // ID is its anchor
	At       string
	What     string
	More     string // the whole of it, where it is too long for a line
	Source   string
	Class    string
	Broke    []string // the promises that broke here
}

// Events are the rows of the table. Rows of like calls, and what was told again
// with nothing new about it, are one row: the record has every one.
func Events(r *judge.Run, at Address, f Folds, pins []Pin) []Event {
	again := map[int]int{}
	for _, first := range f.repeat {
		again[first]++
	}
	var list []Event
	for i, e := range r.History {
		if f.Hides(i) {
			continue
		}
		row := Event{ID: at.id(i), Name: EventName(i), At: Exact(e.At), What: happened(e), Source: source(e)}
		if fold := f.ByEvent[i]; fold != nil {
			row.Class = "folded"
			row.Name += "–" + EventName(fold.Last)
			row.What = fold.Says(r)
			row.Source = "both ends, and the tap on " + string(e.Message.Hop)
		}
		if n := again[i]; n > 0 {
			row.What += fmt.Sprintf(" (told so %d times in all)", n+1)
		}
		row.What, row.More = folded(row.What)
		if e.Kind == observe.Injected {
			row.Class = "hit"
		}
		for _, p := range pins {
			if p.Event == i {
				row.Class, row.Broke = "pinned", append(row.Broke, p.Promise)
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
	return redact.Truncate(line, longestCell/2), text
}

// happened is what a row of the table says.
func happened(e observe.Event) string {
	if e.Message == nil || e.Kind == observe.Drift {
		return What(e)
	}
	return string(e.Kind) + " " + What(e)
}
