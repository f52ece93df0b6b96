package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strings"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// switched is the kind of the sample shops that have the defects.
const switched = "switched"

// listed are what the list may call them: by the language, and what else tells them apart.
func listed() []string { return append(samples.Languages(), "python-replicas") }

// sampleOf is the shop that the list calls so.
func sampleOf(name string) samples.Sample {
	language, kind, several := strings.Cut(name, "-")
	if several {
		return samples.Sample{Language: language, Kind: kind + "-" + switched}
	}
	return samples.Sample{Language: language, Kind: switched}
}

// The variables that switch a defect of a sample on, or its twin.
const (
	asDefect = "SHOP_DEFECT"
	asTwin   = "SHOP_TWIN"
)

// shops are the samples, each prepared when it is first asked for.
type shops struct {
	all    string // the folder of all samples
	folder string // where they are prepared
	ports  *wire.Ports
	pulse  *wire.Pulse
	known  map[string]*target.Target // by what the list calls them
}

func newShops(all, folder string) *shops {
	return &shops{all: all, folder: folder, ports: wire.NewPorts(1), pulse: wire.NewPulse(), known: map[string]*target.Target{}}
}

func (s *shops) close() { s.pulse.Close() }

// of is the sample of that name as it is.
func (s *shops) of(ctx context.Context, name string) (shop *target.Target, err error) {
	if shop = s.known[name]; shop == nil {
		shop, err = sampleOf(name).Load(ctx, s.all, s.folder)
		s.known[name] = shop
	}
	return shop, err
}

// description is the path of a sample's.
func (s *shops) description(name string) string {
	sample := sampleOf(name)
	return filepath.Join(s.folder, sample.String(), sample.Kind+".yaml")
}

// with is a sample with a switch on; "": with none.
func (s *shops) with(ctx context.Context, sample, variable, name string) (*target.Target, error) {
	shop, err := s.of(ctx, sample)
	if err != nil {
		return nil, err
	}
	own := *shop
	own.Service.Environment = maps.Clone(shop.Service.Environment)
	own.Service.Inherit = nil // of this process, where somebody set it
	if name != "" {
		own.Service.Environment[variable] = name
	}
	return &own, nil
}

// enact stages a story at a shop. What did not come out well is staged again where the
// machine kept everybody waiting for so long that the shop is not to be blamed for it.
func (s *shops) enact(ctx context.Context, shop *target.Target, story harness.Story, seed uint64, well func(*harness.Run) bool) (run *harness.Run, err error) {
	own, why := shop.Story(story)
	if why != "" {
		return nil, fmt.Errorf("%s cannot be staged at %s: %s", story.ID, shop.Name, why)
	}
	for range tries {
		run = enact.Run(ctx, own, enact.Options{
			World: "wire", Clock: shop.StoryClock(), Seed: seed, Expects: "kept", Routes: compose.TargetRoutes(shop),
		}, compose.Target(shop, compose.Resources{Ports: s.ports}))
		if well(run) || run.Clock.Story(s.pulse.Worst(run.Began)) <= shop.Waits()/tooMuch {
			break
		}
	}
	return run, nil
}

const (
	// tries is how often something is staged or explored while the machine is too slow.
	tries = 3
	// tooMuch is the part of a page's shortest time-out that may be lost to the machine.
	tooMuch = 3
)
