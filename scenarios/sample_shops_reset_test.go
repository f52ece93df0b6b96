package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/samples"
)

// A shop that is reset serves one enactment after the other, each of a customer of the
// same name who orders the same, and keeps the access token that it has. It is left as soon
// as it stands as it should, but where the whole quiet time is asked for.
func TestASampleShopIsResetBetweenEnactments(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	for _, language := range []string{"node", "python"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			shop := loaded(t, samples.Sample{Language: language, Kind: "mended"})
			own, why := shop.Story(aPurchase)
			require.Empty(t, why)
			ports := wire.NewPorts(2)
			sites := compose.NewSites(shop, fakes.Providers, ports)
			defer func() { require.NoError(t, sites.Close()) }()
			pids := map[int]bool{}
			for n, injections := range []Schedule{nil, {On(observe.CreatePayment).Answered().Closes()}, nil} {
				own.Injections = injections
				early := &environment.Early{After: 6 * time.Second, Whole: n == 1}
				run := enact.Run(t.Context(), own, enact.Options{World: "wire", Clock: 20, Seed: 1, Expects: "kept", Routes: compose.TargetRoutes(shop), Early: early},
					compose.Target(shop, compose.Resources{Ports: ports, Sites: sites}))
				require.Equal(t, Kept, run.Verdict(), run.FailureText())
				var first observe.Stage
				require.True(t, early.Stood)
				require.Equal(t, n != 1, early.Ended, "only this one waits for the whole quiet time")
				for _, e := range run.History {
					if e.Life != nil {
						pids[e.Life.PID] = true
						if first == "" {
							first = e.Life.What
						}
					}
				}
				require.Equal(t, n > 0, first == observe.ProcessLivesOn, first)
			}
			require.Len(t, pids, 1, "one process served them all")
		})
	}
}

// A shop that cannot forget by a request has no site.
func TestWhoHasNoSite(t *testing.T) {
	shop := loaded(t, samples.Sample{Language: "go", Kind: "mended"})
	require.Empty(t, shop.Reset.Post)
	require.Nil(t, compose.NewSites(shop, fakes.Providers, wire.NewPorts(2)))
}
