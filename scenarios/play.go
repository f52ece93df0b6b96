package scenarios

import (
	"context"
	"slices"

	"github.com/unhappypath/unhappypath/harness"
)

// LeftOut says why the suite's settings leave out stories that shops of their own
// play on the wire, or "".
func LeftOut() string {
	switch {
	case suite.Story != "":
		return "UNHAPPY_REPLAY asks for a story of the reference shop's"
	case !slices.Contains(suite.Worlds, "wire"):
		return "a program of its own lives in real time: UNHAPPY_WORLD=wire stages it"
	case suite.Database != "sqlite":
		return "this shop keeps no database: UNHAPPY_DB=postgres is about the reference shop's"
	case suite.Clock == harness.Wall:
		return "on the wall clock, the reference shop's cases alone take half an hour"
	}
	return ""
}

// Play enacts a story in a world that the caller builds, as one of the suite's:
// with its seed, on a clock no faster than its, printed, and told in the report.
func Play(ctx context.Context, s harness.Story, o harness.Options, build harness.Build) *harness.Run {
	o.World, o.Seed, o.Sink = "wire", suite.Seed, suite.record
	o.Pace = min(o.Pace, suite.Clock)
	return suite.show(harness.Enact(ctx, s, o, build))
}
