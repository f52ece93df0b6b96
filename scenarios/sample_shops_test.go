package scenarios_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// sampleShops are the naive and the mended ones. What the naive shop of a language
// does to a customer, the mended one does not.
func sampleShops() (list []samples.Sample) {
	for _, language := range samples.Languages() {
		list = append(list, samples.Sample{Language: language, Kind: "naive"}, samples.Sample{Language: language, Kind: "mended"})
	}
	return list
}

// paidByStripe are the samples that are, and do the same to a customer.
func paidByStripe() []samples.Sample {
	return []samples.Sample{{Language: "stripe", Kind: "naive"}, {Language: "stripe", Kind: "mended"}}
}

// allSamples is the folder of the sample shops.
var allSamples = filepath.Join("testdata", "targets")

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

// play is a story at a shop, what comes true of it there, and what happened to it.
type play struct {
	shop      samples.Sample
	story     Story
	complaint Complaint   // zero: the shop keeps its promises
	clock     units.Clock // zero: the shop's own
	replicas  int         // zero: as the shop's description says
	run       *Run
	err       error
}

func (p *play) String() string {
	what := "keeps its promises"
	if p.complaint.Is() {
		what = "makes a customer unhappy"
	}
	if p.replicas > 0 {
		what += fmt.Sprintf(" with replicas: %d", p.replicas)
	}
	return fmt.Sprintf("%s %s: %s", p.shop, what, p.story.ID)
}

// enact enacts the story.
func (p *play) enact(ctx context.Context, shop *target.Target, ports *wire.Ports) {
	if p.replicas > 0 {
		own := *shop
		own.Service.Replicas, shop = p.replicas, &own
	}
	own, why := shop.Story(p.story)
	if why != "" {
		p.err = fmt.Errorf("%s cannot be staged at %s: %s", p.story.ID, shop.Name, why)
		return
	}
	o := enact.Options{
		Clock: cmp.Or(p.clock, shop.StoryClock()), Form: p.shop.String(), Expects: "kept",
		Replay: fmt.Sprintf("go test ./scenarios -count=1 -v -run TestScenarios -ginkgo.focus='%s'", p),
	}
	if own.Complaint = p.complaint; own.Complaint.Is() {
		o.Expects, o.Without = "complaint", own.Complaint.Off
	}
	o.Routes = compose.TargetRoutes(shop)
	p.run = scenarios.Play(ctx, own, o, shop.Waits(), compose.Target(shop, compose.Resources{Ports: ports}))
}

// apart is the time between the beginnings of two plays: to start a program takes
// more of a machine than all that it does afterwards. At most so many are under way.
const (
	apart       = 100 * time.Millisecond
	playsAtOnce = 16
)

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
	places := make(chan struct{}, playsAtOnce)
	for i, p := range plays {
		if i == 0 || p.shop != plays[i-1].shop {
			shop, err = p.shop.Load(ctx, allSamples, folder)
		}
		if p.err = err; err != nil {
			continue
		}
		places <- struct{}{}
		playing.Go(func() { p.enact(ctx, shop, ports); <-places })
		time.Sleep(apart)
	}
	playing.Wait()
}

// The stories of the case, at shops that know nothing of this harness.
var _ = scenarios.Specs("sample shops", ginkgo.Label(scenarios.Target), func() {
	var plays []*play
	for _, shop := range append(sampleShops(), paidByStripe()...) {
		for _, s := range []Story{lostConfirmation, contractDrift, chargedTwice, doubleClick, clickSilenceClick} {
			p := &play{shop: shop, story: s}
			if shop.Kind == "naive" {
				p.complaint = unhappy()[s.ID]
			}
			plays = append(plays, p)
		}
		if shop.Language == "stripe" {
			plays = append(plays, unheardOf(shop)...)
		}
	}
	stagePlays(plays)
})

// unheardOf are plays in which a shop that is paid by Stripe does not hear that there is a
// payment. The naive one takes that for a refusal, and says so to a customer who pays.
func unheardOf(shop samples.Sample) (plays []*play) {
	for _, s := range directed {
		p := &play{shop: shop, story: s}
		switch {
		case s.ID == "create-answer-lost" && shop.Kind == "naive":
			p.complaint = Without("any safeguard").Charges(1).Parcels(1).Screen(observe.StatusRefused).Breaking("screen-is-honest")
		case s.ID == "create-answer-lost", s.ID == "shop-killed-after-create" && shop.Kind == "mended":
		default:
			continue
		}
		plays = append(plays, p)
	}
	return plays
}

// stagePlays makes specs of plays that are enacted side by side.
func stagePlays(plays []*play) {
	ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) { playAll(ctx, plays) })
	for _, p := range plays {
		ginkgo.It(p.String(), func() {
			switch {
			case errors.Is(p.err, samples.ErrMissing) && os.Getenv("CI") != "true":
				ginkgo.Skip(p.err.Error())
			case p.err != nil:
				ginkgo.Fail(p.err.Error())
			case !p.run.Good():
				ginkgo.Fail(p.run.FailureText())
			}
		})
	}
}
