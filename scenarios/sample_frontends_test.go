package scenarios_test

import (
	"slices"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/samples"
)

// frontEnds are samples whose front end is no page that speaks JSON, and what the naive
// one of each does to a customer of one directed story.
var frontEnds = []struct {
	naive, mended samples.Sample
	story         string
	complaint     Complaint
}{
	{ // pages and forms of HTML; and a kill has to reach nginx, php-fpm and the worker
		samples.Sample{Language: "php", Kind: "naive"}, samples.Sample{Language: "php", Kind: "mended"},
		"shop-killed-after-capture",
		Without("any safeguard").Orders(0).Charges(1).SaysNothing().Breaking("goods-match-money", "told-in-time"),
	},
	{ // all operations are POST /graphql, and errors are answered with 200
		samples.Sample{Language: "node", Kind: "graphql-naive"}, samples.Sample{Language: "node", Kind: "graphql-mended"},
		"capture-refused-after-the-work",
		Without("any safeguard").Orders(0).Charges(1).Screen(observe.StatusError).Breaking("goods-match-money", "told-in-time"),
	},
}

// They sell where nothing goes wrong, and the mended ones where something does.
var _ = scenarios.Specs("sample shops with other front ends", ginkgo.Label(scenarios.Target), func() {
	var plays []*play
	for _, f := range frontEnds {
		amid := directed[slices.IndexFunc(directed, func(s Story) bool { return s.ID == f.story })]
		plays = append(plays,
			&play{shop: f.naive, story: plainPurchase}, &play{shop: f.naive, story: amid, complaint: f.complaint},
			&play{shop: f.mended, story: plainPurchase}, &play{shop: f.mended, story: amid},
		)
	}
	stagePlays(plays)
})
