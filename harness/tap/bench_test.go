package tap_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// set is a world of one hop, so that the benchmark records as a real run does.
type set struct {
	backend
	*tap.Tap
}

func (set) Tab(string, string) (environment.Tab, error) { return nil, nil }
func (set) Settle(context.Context) error                { return nil }

// BenchmarkHop measures what one hop costs: each iteration sends a small order
// directly, through Toxiproxy, through Toxiproxy and a tap that nobody listens
// to, and through Toxiproxy and a tap whose sightings are masked and recorded
// in a file, as in a real run. They take turns, so that a noisy machine is
// noisy for all of them.
func BenchmarkHop(b *testing.B) {
	shop := newLedger(b, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"b-ana-1","basket":"b-ana","status":"shipped"}`)
	})
	file, err := os.Create(filepath.Join(b.TempDir(), "runs.jsonl"))
	require.NoError(b, err)
	defer file.Close()
	record := record.NewWriter(file)

	var recorded string // the address of the recorded hop
	build := func(_ context.Context, _ environment.Brief, r *environment.Recorder) (environment.Environment, error) {
		h := newHop(b, shop.address(), tap.Config{See: r.See})
		recorded = newToxiproxy(b, h.address)
		return set{Tap: h.Tap}, nil
	}
	run := enact.Run(context.Background(), harness.Story{
		ID: "one-hop", Plot: "Ana orders, again and again.",
		Script: func(*harness.Stage) {
			unrecorded := newHop(b, shop.address(), tap.Config{See: observe.Nobody})
			timeVariants(b, shop.address(), newToxiproxy(b, shop.address()), newToxiproxy(b, unrecorded.address), recorded)
		},
	}, enact.Options{World: "bench", Sink: record}, build)
	require.Empty(b, run.Failure)
	require.NoError(b, record.Err())
	b.ReportMetric(float64(len(run.History))/float64(b.N), "events/op")
}

func newToxiproxy(b *testing.B, upstream string) string {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, "hop", "127.0.0.1:0", upstream)
	require.NoError(b, p.Start())
	b.Cleanup(p.Stop)
	return p.Listen
}

// timeVariants sends orders to each address in turn.
func timeVariants(b *testing.B, variants ...string) {
	clients := make([]*http.Client, len(variants))
	took := make([][]time.Duration, len(variants))
	order := func(i int) time.Duration {
		began := time.Now()
		saw := call(context.Background(), clients[i], "PUT", "http://"+variants[i]+"/orders/b-ana-1",
			`{"basket":"b-ana","amount":49900,"currency":"NOK"}`, "Content-Type", "application/json")
		if saw.status != http.StatusOK {
			b.Fatalf("%+v", saw)
		}
		return time.Since(began)
	}
	for i := range variants {
		clients[i] = newClient(b)
		order(i) // connects
	}
	for b.Loop() {
		for i := range variants {
			took[i] = append(took[i], order(i))
		}
	}
	p50 := func(i int) float64 {
		slices.Sort(took[i])
		return float64(took[i][len(took[i])/2])
	}
	direct, toxi, unrecorded, recorded := p50(0), p50(1), p50(2), p50(3)
	for unit, ns := range map[string]float64{
		"direct": direct, "toxiproxy": toxi, "unrecorded": unrecorded, "recorded": recorded,
		"added-over-toxiproxy": recorded - toxi, "added-over-direct": recorded - direct,
	} {
		b.ReportMetric(ns, unit+"-p50-ns")
	}
}
