package scenarios

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Target is the label of stories at shops that know nothing of this harness.
const Target = "target"

// Specs adds specs about the suite itself and its reference shop. They are no stories,
// and a suite that tests somebody's own shop does not have them.
func Specs(text string, labels ginkgo.Labels, body func()) bool {
	return ginkgo.Describe(text, labels, ginkgo.Ordered, func() {
		if suite.targetShop == nil {
			body()
		}
	})
}

// LeftOut says why the suite's settings leave out stories that shops of their own
// play on the wire, or "". By default the suite is to be quick: they have to be
// asked for, by their label or by their world.
func LeftOut() string {
	config, _ := ginkgo.GinkgoConfiguration()
	asked := strings.Contains(config.LabelFilter, Target) || config.FocusStrings != nil
	switch {
	case suite.targetShop != nil:
		return "UNHAPPY_TARGET names a shop of its own, and this one is another"
	case slices.Contains(suite.Worlds, "virtual") && !asked:
		return "a program of its own takes its time: UNHAPPY_WORLD=wire stages it"
	case suite.Story != "":
		return "UNHAPPY_REPLAY asks for a story of the reference shop's"
	case !slices.Contains(suite.Worlds, "wire"):
		return "a program of its own lives in real time"
	case suite.Database != "sqlite":
		return "this shop keeps no database: UNHAPPY_DB=postgres is about the reference shop's"
	case suite.Clock == units.Wall:
		return "on the wall clock, the reference shop's cases alone take half an hour"
	}
	return ""
}

// Play enacts a story in a world that the caller builds, as one of the suite's: with its seed,
// on a clock no faster than its, printed, and told in the report. Where the machine was slow,
// what is not as it should be is enacted again, as the reference shop's stories are: waits is
// the shortest time after which somebody in the story stops waiting.
func Play(ctx context.Context, s harness.Story, o enact.Options, waits time.Duration, build environment.Build) *judge.Run {
	o.World, o.Seed, o.Sink = "wire", suite.Seed, suite.record
	o.Clock = min(o.Clock, suite.Clock)
	return suite.show(suite.untilJudged(suite.excused(ctx, o, waits/tooMuch), func(o enact.Options) *judge.Run {
		return enact.Run(ctx, s, o, build)
	}))
}
