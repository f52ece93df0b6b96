package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/cast"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// sample is a shop that nobody here links with: another language, another
// design, and a file that describes it.
type sample struct{ language, kind string }

// sampleShops are all of them. What the naive shop of a language does to a
// customer, the mended one does not.
func sampleShops() (list []sample) {
	for _, language := range []string{"node", "python", "go"} {
		list = append(list, sample{language, "naive"}, sample{language, "mended"})
	}
	return list
}

func (s sample) String() string { return s.language + "-" + s.kind }

// errMissing says that a program is not here which a shop is written for.
var errMissing = errors.New("the program is missing")

// load reads the shop's description. A shop that has to be built is built into
// the folder, beside a copy of its description: as its reader would do it.
func (s sample) load(ctx context.Context, folder string) (*target.Target, error) {
	program := map[string]string{"node": "node", "python": "python3", "go": "go"}[s.language]
	if _, err := exec.LookPath(program); err != nil {
		return nil, fmt.Errorf("%w: there is no %q in PATH; install it (Debian: apt-get install %s)", errMissing, program,
			map[string]string{"node": "nodejs", "python": "python3", "go": "golang"}[s.language])
	}
	source := filepath.Join("testdata", "targets", s.language)
	description := filepath.Join(source, s.kind+".yaml")
	switch s.language {
	case "node":
		return target.Load(description, fakes.Providers())
	case "python":
		shop, err := target.Load(description, fakes.Providers())
		if err == nil {
			shop.Service.Command[0], err = realPython(ctx)
		}
		return shop, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(folder, "bin", s.kind), "./"+s.kind)
	build.Dir = source
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, said)
	}
	text, err := os.ReadFile(description)
	if err != nil {
		return nil, err
	}
	beside := filepath.Join(folder, s.kind+".yaml")
	if err := os.WriteFile(beside, text, 0o600); err != nil {
		return nil, err
	}
	return target.Load(beside, fakes.Providers())
}

// realPython is the interpreter itself: where versions are managed, python3 is a
// shell script that takes longer to find it than it takes to start.
func realPython(ctx context.Context) (string, error) {
	said, err := exec.CommandContext(ctx, "python3", "-c", "import sys; print(sys.executable)").Output()
	return strings.TrimSpace(string(said)), err
}

// unhappy is what the naive shops do to the customers of the case. Their page
// re-sends by itself, so a confirmation that was lost is a second charge, too.
func unhappy() map[string]Complaint {
	naive := Without("any safeguard")
	return map[string]Complaint{
		lostConfirmation.ID:  naive.Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("told-in-time"),
		contractDrift.ID:     naive.Orders(1).Charges(1).Parcels(1).SaysNothing().Breaking("told-in-time"),
		chargedTwice.ID:      naive.Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
		doubleClick.ID:       naive.Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
		clickSilenceClick.ID: naive.Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once"),
	}
}

// play is a story of the case at a shop, and what happened to it.
type play struct {
	shop  sample
	story Story
	run   *Run
	err   error
}

func (p *play) String() string {
	what := map[string]string{"naive": "makes a customer unhappy", "mended": "keeps its promises"}[p.shop.kind]
	return fmt.Sprintf("%s %s: %s", p.shop, what, p.story.ID)
}

// enact enacts the story.
func (p *play) enact(ctx context.Context, shop *target.Target, ports *wire.Ports) {
	own, why := shop.Story(p.story)
	if why != "" {
		p.err = fmt.Errorf("%s cannot be staged at %s: %s", p.story.ID, shop.Name, why)
		return
	}
	o := enact.Options{
		Clock: shop.StoryClock(), Form: p.shop.String(), Expects: "kept",
		Replay: fmt.Sprintf("go test ./scenarios -count=1 -v -run TestScenarios -ginkgo.focus='%s'", p),
	}
	if p.shop.kind == "naive" {
		own.Complaint = unhappy()[p.story.ID]
		o.Expects, o.Without = "complaint", own.Complaint.Off
	}
	o.Routes = cast.TargetRoutes(shop)
	p.run = scenarios.Play(ctx, own, o, cast.Target(shop, cast.Resources{Ports: ports}))
}

// apart is the time between the beginnings of two plays: to start a program takes
// more of a machine than all that it does afterwards.
const apart = 100 * time.Millisecond

// playAll enacts all of them side by side: they sleep, most of the time.
func playAll(ctx context.Context, plays []*play) {
	if why := scenarios.LeftOut(); why != "" {
		ginkgo.Skip(why)
	}
	folder := ginkgo.GinkgoT().TempDir()
	ports := wire.NewPorts(ginkgo.GinkgoParallelProcess())
	var shop *target.Target
	var err error
	var playing sync.WaitGroup
	for i, p := range plays {
		if i == 0 || p.shop != plays[i-1].shop {
			shop, err = p.shop.load(ctx, folder)
		}
		if p.err = err; err != nil {
			continue
		}
		playing.Go(func() { p.enact(ctx, shop, ports) })
		time.Sleep(apart)
	}
	playing.Wait()
}

// The stories of the case, at shops that know nothing of this harness.
var _ = scenarios.Specs("sample shops", ginkgo.Label(scenarios.Target), func() {
	var plays []*play
	for _, shop := range sampleShops() {
		for _, s := range []Story{lostConfirmation, contractDrift, chargedTwice, doubleClick, clickSilenceClick} {
			plays = append(plays, &play{shop: shop, story: s})
		}
	}
	ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) { playAll(ctx, plays) })
	for _, p := range plays {
		ginkgo.It(p.String(), func() {
			switch {
			case errors.Is(p.err, errMissing) && os.Getenv("CI") != "true":
				ginkgo.Skip(p.err.Error())
			case p.err != nil:
				ginkgo.Fail(p.err.Error())
			case !p.run.Good():
				ginkgo.Fail(p.run.FailureText())
			}
		})
	}
})
