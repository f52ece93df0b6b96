package judge

import (
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// illustrated is the history with each picture in the screen that it shows: the
// last one of that customer's tab before it was taken. To take a picture takes
// time, and the screen is told at its own.
func (h History) Illustrated() History {
	if !slices.ContainsFunc(h, func(e observe.Event) bool { return e.Kind == observe.Shot }) {
		return h
	}
	type seat struct{ who, tab string }
	looksAt := map[seat]int{} // the place of a tab's last screen
	out := make(History, 0, len(h))
	for _, e := range h {
		if e.Kind != observe.Shot {
			if e.Kind == observe.Screen {
				looksAt[seat{e.Actor, e.View.Tab}] = len(out)
			}
			out = append(out, e)
			continue
		}
		if at, known := looksAt[seat{e.Actor, e.View.Tab}]; known {
			screen := *out[at].View
			screen.Shot = e.View.Shot
			out[at].View = &screen
		}
	}
	return out
}
