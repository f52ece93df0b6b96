package picture

import (
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/reports/model"
)

// label says what the row shows, beside its mark or along its arrow.
func (a *artist) label(row *row, i int, far map[int]int) {
	e := a.run.History[i]
	x, left := a.place(i), false
	text := model.What(e)
	if c := a.run.Index().CallOf(i); c != nil {
		text, left = a.messageLabel(i, c, far)
	}
	row.Class = rowClass(e)
	room, before := letters(pictureWidth-x), letters(x-leftLane/2)
	left = left || x > pictureWidth*7/10
	if e.Entry != nil {
		left = left || len([]rune(text)) > room && before > room
		text = shortEntry(e, map[bool]int{true: before, false: room}[left])
	}
	if left {
		row.Class = strings.TrimSpace(row.Class + " r")
		row.X = x - 12
		row.Label = model.Truncate(text, before)
	} else {
		row.X = x + 12
		row.Label = model.Truncate(text, room)
	}
	if e.Message != nil && e.Kind != observe.Failed && e.Kind != observe.Drift {
		row.Class = strings.TrimSpace(row.Class + " u")
	}
}

// shortEntry is a ledger's line in so many letters: a long reference loses its
// middle, and what was done and the amount stay.
func shortEntry(e observe.Event, room int) string {
	text := model.What(e)
	reference := []rune(e.Entry.Reference)
	over := len([]rune(text)) - room
	if keep := len(reference) - over - 1; over > 0 && keep >= 4 {
		short := string(reference[:keep/2]) + "…" + string(reference[len(reference)-(keep-keep/2):])
		return strings.Replace(text, string(reference), short, 1)
	}
	return text
}

// letters is how many fit into a width, at nearly seven pixels a letter.
func letters(width int) int { return max(8, width*10/69-2) }

// messageLabel is what stands on a message's arrow, and whether it stands left
// of the event's own lane: on the side of the other one.
func (a *artist) messageLabel(i int, c *history.Call, far map[int]int) (string, bool) {
	e := a.run.History[i]
	left := a.lanes.side(c, true)+a.lanes.side(c, false) < 2*a.place(i)
	if fold := a.folds.ByEvent[i]; fold != nil {
		return fold.Says(a.run), left
	}
	other, known := far[i]
	apart := known && a.y[other] != 0 && a.y[other] != a.y[i]
	switch e.Kind {
	case observe.Arrived:
		if apart {
			return "arrives", left
		}
	case observe.Answered:
		return model.Status(e.Message), left
	case observe.Received:
		if apart {
			return model.Status(e.Message) + " comes", left
		}
		return model.Status(e.Message), left
	case observe.Failed:
		return model.NoAnswer(e.Message), left
	}
	return model.What(e), left
}

// rowClass is the colour of what happened; most has none.
func rowClass(e observe.Event) string {
	switch e.Kind {
	case observe.Money:
		return "l-money"
	case observe.Injected, observe.Drift:
		return "l-hit"
	case observe.Failed:
		return "l-failed"
	case observe.Process:
		if e.Life.What.IsEnd() {
			return "l-failed"
		}
	}
	return ""
}
