package corpus

import (
	"fmt"
	"slices"
	"strings"
)

// Replayed is a finding of a defect, and what came of replaying it.
type Replayed struct {
	Promise string   // that the finding is named for
	Broken  []string // all promises that broke in the replays: a schedule may break several
	Broke   int      // how often its own promise broke again
	Of      int      // of so many replays
}

// Wrong says what is not as it should be of it, where one of the listed promises is
// expected to break, or "".
func (r Replayed) Wrong(listed []string) string {
	isListed := func(promise string) bool { return slices.Contains(listed, promise) }
	switch {
	case !isListed(r.Promise) && !slices.ContainsFunc(r.Broken, isListed):
		return fmt.Sprintf("it broke %s, and was expected to break %s", r.Promise, strings.Join(listed, " or "))
	case r.Broke < r.Of:
		return fmt.Sprintf("replayed, it broke %d times of %d", r.Broke, r.Of)
	}
	return ""
}
