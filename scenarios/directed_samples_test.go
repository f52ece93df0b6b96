package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// The directed stories at the sample shops: the mended ones keep their promises, and
// the naive ones do not, but where Go's HTTP client asks again by itself.
var _ = scenarios.Specs("directed stories at sample shops", ginkgo.Label(scenarios.Target, scenarios.Directed), func() {
	var plays []*play
	for _, shop := range sampleShops() {
		for _, s := range directed {
			switch p := (&play{shop: shop, story: s}); {
			case s.Shop.PaysBack, s.Injections[0].Operation == PaymentWebhook: // they pay nothing back, and take no webhooks
			case shop.Kind == "naive":
				// Its page gives up 10 seconds after the shop does.
				p.complaint, p.clock = directedUnhappy(shop.Language)[s.ID], 10
				fallthrough
			default:
				plays = append(plays, p)
			}
		}
	}
	for _, language := range []string{"node", "python"} { // those have refunds, and the first one takes webhooks
		for _, s := range directed {
			if s.Shop.PaysBack || s.Injections[0].Operation == PaymentWebhook && language == "node" {
				plays = append(plays, &play{shop: samples.Sample{Language: language, Kind: "switched"}, story: s})
			}
		}
	}
	stagePlays(plays)
})

// directedUnhappy is what the naive shops do to the customers of the directed stories.
// They have no word for a failure, so that nobody is told anything.
func directedUnhappy(language string) map[string]Complaint {
	told := Without("any safeguard").Orders(0).SaysNothing()
	reserved := told.Breaking("nothing-left-reserved", "told-in-time")
	paidForNothing := told.Charges(1).Breaking("goods-match-money", "told-in-time")
	chargedTwice := told.Orders(1).Charges(2).Parcels(1).Breaking("charged-once", "told-in-time")
	sent := told.Charges(1).Parcels(1).Breaking("told-in-time")
	all := map[string]Complaint{
		"create-answer-lost":             reserved,
		"create-answer-late":             reserved,
		"create-refused-after-the-work":  reserved,
		"capture-answer-lost":            paidForNothing,
		"capture-answer-late":            paidForNothing,
		"capture-answer-stalls":          paidForNothing,
		"capture-refused-after-the-work": paidForNothing,
		"parcel-answer-lost":             sent,
		"parcel-answer-late":             sent,
		"parcel-refused-after-the-work":  sent,
		"shop-killed-before-create":      told.Breaking("told-in-time"),
		"shop-killed-after-create":       reserved,
		"shop-killed-before-capture":     reserved,
		"shop-killed-after-capture":      paidForNothing,
		"shop-killed-after-parcel":       sent,
		"parcel-never-arrives":           paidForNothing,
		"capture-never-arrives":          reserved,
		"provider-slower-than-the-page":  chargedTwice,
	}
	if language == "go" {
		delete(all, "create-answer-lost")
		delete(all, "capture-answer-lost")
	}
	return all
}

// A shop that gives up a refund when the answer is not a yes has paid back, and its
// customer never hears of it.
func TestARefundGivenUpMakesUnhappy(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	sample := samples.Sample{Language: "python", Kind: "switched"}
	loaded(t, sample) // skips where there is no Python
	shop := edited(t, sample, edit{"switched.py", `            if not either("refund-sent-once"):
                raise
`, `            return "given up"
`})
	unheard := Without("the refund's second try").Orders(1).Charges(1).Parcels(0).Screen(observe.StatusChecking).Breaking("told-in-time")
	complaints := map[string]Complaint{}
	for _, s := range directed {
		if s.Shop.PaysBack {
			complaints[s.ID] = unheard
		}
	}
	complaints["refund-never-arrives"] = unheard.Breaking("goods-match-money", "told-in-time")
	require.Len(t, complaints, 4)
	stageDirected(t, sample, shop, complaints)
}

// stageDirected stages directed stories at a sample shop, each with what comes true of it there.
func stageDirected(t *testing.T, sample samples.Sample, shop *target.Target, complaints map[string]Complaint) {
	ports := wire.NewPorts(1)
	var staging sync.WaitGroup
	for _, s := range directed {
		complaint, staged := complaints[s.ID]
		if !staged {
			continue
		}
		p := &play{shop: sample, story: s, complaint: complaint}
		staging.Go(func() {
			p.enact(t.Context(), shop, ports)
			switch {
			case p.err != nil:
				t.Error(p.err)
			case !p.run.Good():
				t.Error(p.run.FailureText())
			}
		})
	}
	staging.Wait()
}

// A shop that takes no answer for a yes sends what nobody paid for. Where the provider did take
// the money and only its answer was lost, that does not show.
func TestACaptureThatNeverArrivesTellsWhatALostAnswerCannot(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	t.Setenv("SHOP_DEFECT", "failed-capture-logged")
	sample := samples.Sample{Language: "python", Kind: "switched"}
	stageDirected(t, sample, loaded(t, sample), map[string]Complaint{ // skips where there is no Python
		"capture-answer-lost": {},
		"capture-never-arrives": Without("a look at what was captured").Orders(1).Charges(0).Parcels(1).Screen(observe.StatusShipped).
			Breaking("goods-match-money"),
	})
}

// A shop that asks for the refund once, and takes no answer for a yes, tells its customer that
// she has her money back. Where only the answer was lost, she has.
func TestARefundThatNeverArrivesTellsWhatALostAnswerCannot(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	t.Setenv("SHOP_DEFECT", "refund-sent-once")
	sample := samples.Sample{Language: "python", Kind: "switched"}
	stageDirected(t, sample, loaded(t, sample), map[string]Complaint{
		"refund-answer-lost": {},
		"refund-never-arrives": Without("a look at what was refunded").Orders(1).Charges(1).Parcels(0).Screen(observe.StatusRefunded).
			Breaking("goods-match-money"),
	})
}

// A shop answers when it is done, or when a call of its own failed, and its client's time-out
// ends with the headers of an answer. Where the answer to its capture is lost, the call fails
// at once, and that does not show; where it stalls, she is told nothing.
func TestACaptureAnswerThatStallsTellsWhatALostOneCannot(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	sample := samples.Sample{Language: "node", Kind: "mended"}
	loaded(t, sample) // skips where there is no Node
	answersWhenDone := []edit{
		{"desk.js", "} catch (unknown) {\n", "} catch (unknown) {\n      journal.write(id, { failed: true });\n"},
		{"mended.js", "function put(", "async function put("},
		{"mended.js", "  take(id, asked.basket);\n", `  take(id, asked.basket);
  while (!words[orders.get(id).status] && !orders.get(id).failed) await new Promise((wake) => setTimeout(wake, 50));
`},
		{"mended.yaml", "  silence: 5s # then it says that it is checking, and looks\n  unanswered: checking\n", ""},
		{"mended.yaml", "clock: 20", "clock: 10"}, // she is told after a time-out, half a patience before hers ends
	}
	stageDirected(t, sample, edited(t, sample, answersWhenDone...), map[string]Complaint{"capture-answer-lost": {}, "capture-answer-stalls": {}})
	endsWithHeaders := []edit{
		{"partners.js", "    const request = http", "    const tooLong = new AbortController();\n    const timer = setTimeout(() => tooLong.abort(), timeoutMS);\n    const request = http"},
		{"partners.js", "AbortSignal.timeout(timeoutMS)", "tooLong.signal"},
		{"partners.js", "      let said = '';\n", "      clearTimeout(timer);\n      let said = '';\n"},
	}
	stageDirected(t, sample, edited(t, sample, append(answersWhenDone, endsWithHeaders...)...), map[string]Complaint{
		"capture-answer-lost": {},
		"capture-answer-stalls": Without("a time-out of the body").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusShipped).
			Breaking("told-in-time"),
	})
}

// A shop hears of its payments by webhooks alone, and answers before it has written down what it
// was told. While it lives, that does not show, and neither does a kill that takes its answer
// along: the provider sends again. One that dies when it has answered is never told again.
func TestAKillAfterItsAnswerTellsWhatOthersCannot(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	sample := samples.Sample{Language: "stripe", Kind: "mended"}
	loaded(t, sample) // skips where there is no Node
	waits := edit{"mended.js", "    let intent = known ? await stripe.look(known) :", "    if (known) return;\n    let intent ="}
	stageDirected(t, sample, edited(t, sample, waits), map[string]Complaint{"shop-killed-after-its-answer": {}})
	answersFirst := edit{"mended.js", "    hear(event); //", "    setTimeout(hear, pauseMS.first, event); //"}
	stageDirected(t, sample, edited(t, sample, waits, answersFirst), map[string]Complaint{
		"shop-killed-after-create": {},
		"shop-killed-after-its-answer": Without("a record before the answer").Orders(1).Charges(1).Parcels(0).Screen(observe.StatusChecking).
			Breaking("goods-match-money"),
	})
}

// edit puts one text in the place of another in a file of a sample shop.
type edit struct{ file, old, new string }

// edited is the sample shop with its code edited.
func edited(t *testing.T, sample samples.Sample, edits ...edit) *target.Target {
	path, err := sample.Prepare(t.Context(), allSamples, t.TempDir())
	require.NoError(t, err)
	for _, e := range edits {
		file := filepath.Join(filepath.Dir(path), e.file)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(text), e.old)
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), e.old, e.new, 1)), 0o600))
	}
	shop, err := target.Load(path, fakes.Providers())
	require.NoError(t, err)
	return shop
}
