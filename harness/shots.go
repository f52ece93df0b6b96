package harness

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// illustrated is the history with each picture in the screen that it shows: the
// last one of that customer's tab before it was taken. To take a picture takes
// time, and the screen is told at its own.
func (h History) illustrated() History {
	if !slices.ContainsFunc(h, func(e Event) bool { return e.Kind == observe.Shot }) {
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

// longestShot is the longest picture that a record takes, in base64: a line of
// it has room for more.
const longestShot = 256 << 10

// aPicture is shot, if that is a JPEG or a PNG in base64, or else nothing: a mask
// within a picture would spoil it, and what is none has no business there. What
// can be seen in a picture no mask can find.
func aPicture(shot string) string {
	if shot == "" || len(shot) > longestShot {
		return ""
	}
	data, err := base64.StdEncoding.Strict().DecodeString(shot)
	if err != nil || strings.ContainsAny(shot, "\r\n") {
		return ""
	}
	for _, begins := range []string{"\xff\xd8\xff", "\x89PNG\r\n\x1a\n"} {
		if strings.HasPrefix(string(data), begins) {
			return shot
		}
	}
	return ""
}
