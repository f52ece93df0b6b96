package scenarios_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// aPurchase is what is explored at the sample shops: a customer who buys, and
// waits for longer than any single injection lasts.
var aPurchase = Story{
	ID:   "a-purchase",
	Plot: "Ana buys, and one thing goes wrong that nobody wrote down.",
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold(150 * time.Second)
	},
}

const (
	quickly = 100 // the clock of an exploration: true times matter less than many schedules
	slowly  = 10  // and of a second look at what it found, which must not be the machine's doing
	// atOnce is how many worlds there are: they sleep, most of the time.
	atOnce = 16
	// shortly is how many schedules the ordinary test tries at each shop. All
	// single injections are 500 to 900 a shop: UNHAPPY_BUDGET=10000 tries them.
	shortly = 15
)

// Every single injection on every message of a purchase, on the wire, at shops that
// nobody here links with: the mended ones stand them, the naive ones do not.
func TestExploringTheSampleShops(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	given, err := settings.Parse(os.Environ())
	require.NoError(t, err)
	if given.Budget == (settings.Budget{}) {
		given.Budget.Schedules = shortly
	}
	for _, s := range sampleShops() {
		t.Run(s.String(), func(t *testing.T) {
			x := explored{Sample: s, ports: wire.NewPorts(1), seed: given.Seed}
			x.shop = loaded(t, s)
			result := x.explore(t, given.Budget)
			if s.Kind == "naive" {
				require.NotEmpty(t, result.Findings)
				if given.Budget.Schedules >= result.Singles.Possible {
					require.Contains(t, broken(result), "charged-once")
				}
				return
			}
			for _, f := range result.Findings {
				again := x.enact(t.Context(), f.Injections, slowly)
				if again.Verdict() == Broken {
					t.Errorf("%s: %s\n%s", s, f.Injections, again.FailureText())
				}
				t.Logf("%s at ÷%d is %s at ÷%d: %s", f.Because, quickly, again.Verdict(), slowly, f.Injections)
			}
		})
	}
}

// broken are the promises that the findings are about.
func broken(r explore.Result) (promises []string) {
	for _, f := range r.Findings {
		promises = append(promises, f.Promise)
	}
	return promises
}

// loaded is the shop, or the test is skipped where its language is not here.
func loaded(t *testing.T, s samples.Sample) *target.Target {
	shop, err := s.Load(t.Context(), allSamples, t.TempDir())
	if err != nil && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	return shop
}

// explored is a shop under exploration.
type explored struct {
	samples.Sample
	shop  *target.Target
	ports *wire.Ports
	seed  uint64
}

func (x *explored) enact(ctx context.Context, injections Schedule, clock units.Clock) *Run {
	own, why := x.shop.Story(aPurchase)
	if why != "" {
		return enact.Unstaged(aPurchase, enact.Options{World: "wire"}, why)
	}
	own.Injections = injections
	return enact.Run(ctx, own, enact.Options{World: "wire", Clock: clock, Seed: x.seed, Expects: "kept", Routes: compose.TargetRoutes(x.shop)},
		compose.Target(x.shop, compose.Resources{Ports: x.ports}))
}

func (x *explored) try(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
	o := explore.Look(p, x.enact(ctx, p.Injections, quickly))
	// On the wire no two histories are the same: what broke is.
	o.Sign = strings.Join(o.Breaks, " ")
	return o, nil
}

func (x *explored) explore(t *testing.T, b settings.Budget) explore.Result {
	r, err := explore.Explore(t.Context(), explore.Config{
		Story: explore.Header(aPurchase), Seed: x.seed, Try: x.try, Workers: atOnce,
		Processes: []string{"checkout"}, Audit: -1, SinglesOnly: true,
		Schedules: b.Schedules, Time: b.Time,
		StopAtFirst: x.Kind == "naive" && b.Schedules == shortly, // whether the alarm rings is all that is asked
	})
	require.NoError(t, err)
	fmt.Printf("%s: %d of %d single injections took effect, %d did not, %d could not be staged; %d findings; %d stories in %.1fs, %.1f a second\n",
		x.Sample, r.Singles.Explored, r.Singles.Possible, r.Singles.Unproven, r.Singles.Unfinished, len(r.Findings),
		r.Enacted, r.Took.Seconds(), float64(r.Enacted)/r.Took.Seconds())
	for _, f := range r.Findings {
		fmt.Printf("    %d× %s: %s\n", f.Count, f.Cause, f.Because)
	}
	for _, why := range r.Unfinished {
		fmt.Printf("    not staged: %s\n", why)
	}
	return r
}
