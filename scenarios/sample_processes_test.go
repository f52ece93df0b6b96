package scenarios_test

import (
	"slices"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/samples"
)

// A kill of the shop at the worker's call hits the worker, and a submit that comes again
// goes to the other replica: neither can be seen at a shop of one process.
var _ = scenarios.Specs("sample shops of several processes", ginkgo.Label(scenarios.Target), func() {
	killed := directed[slices.IndexFunc(directed, func(s Story) bool { return s.ID == "shop-killed-after-capture" })]
	python := func(kind string) samples.Sample { return samples.Sample{Language: "python", Kind: kind} }
	unsent := Without("any safeguard").Orders(1).Charges(1).Screen(observe.StatusChecking).Breaking("goods-match-money", "told-in-time")
	twice := Without("any safeguard").Orders(1).Charges(2).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once")
	stagePlays([]*play{
		{shop: python("workers-naive"), story: killed, complaint: unsent},
		{shop: python("workers-mended"), story: killed},
		{shop: python("replicas-naive"), story: twoTabs, complaint: twice},
		{shop: python("replicas-naive"), story: twoTabs, replicas: 1},
		{shop: python("replicas-mended"), story: twoTabs},
	})
})
