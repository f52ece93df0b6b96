package reports_test

import (
	"fmt"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/reports/html"
)

// BenchmarkReport draws reports of distinct runs of some forty events each, and
// opens them in Chromium. Beside the time of drawing it tells the page's bytes,
// the most memory in use meanwhile (the runs included), how long after it was
// asked for the page is loaded and drawn, and how long its filter takes to
// answer and be drawn.
func BenchmarkReport(b *testing.B) {
	for _, n := range []int{20, 200, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			runs := generated(n)
			var page []byte
			peak := watchMemory()
			began := time.Now()
			for b.Loop() {
				var err error
				page, err = html.Build(runs, about())
				require.NoError(b, err)
			}
			b.ReportMetric(time.Since(began).Seconds()/float64(b.N), "render-s")
			b.ReportMetric(peak()/(1<<20), "peak-MB")
			b.ReportMetric(float64(len(page)), "bytes")

			tab := openTab(b)
			opens(b, tab, file(b, page))
			b.ReportMetric(sees[float64](b, tab, ready), "ready-ms")
			b.ReportMetric(sees[float64](b, tab, filtered), "filter-ms")
		})
	}
}

// ready is when the page was loaded and drawn, in milliseconds after it was
// asked for.
const ready = `new Promise(function (done) {
	(function look() {
		var loaded = performance.getEntriesByType("navigation")[0].loadEventEnd, drawn = performance.getEntriesByName("first-contentful-paint")[0];
		if (!loaded || !drawn || !document.documentElement.dataset.ready) return setTimeout(look, 5);
		done(Math.max(loaded, drawn.startTime));
	})();
})`

// filtered is how long the slowest of some searches takes, until it is drawn.
const filtered = `(function () {
	var input = document.querySelector(".filters input");
	function one(text) {
		var began = performance.now();
		input.value = text;
		input.dispatchEvent(new Event("input", { bubbles: true }));
		return new Promise(function (done) {
			requestAnimationFrame(function () { setTimeout(function () { done(performance.now() - began); }, 0); });
		});
	}
	return ["s", "story-00", "charged twice", "nobody", ""].reduce(function (before, text) {
		return before.then(function (worst) { return one(text).then(function (ms) { return Math.max(worst, ms); }); });
	}, Promise.resolve(0));
})()`

// watchMemory notes the most bytes of objects on the heap until it is asked.
func watchMemory() func() float64 {
	const name = "/memory/classes/heap/objects:bytes"
	stop := make(chan struct{})
	var most uint64
	var watching sync.WaitGroup
	watching.Go(func() {
		sample := []metrics.Sample{{Name: name}}
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() float64 {
		close(stop)
		watching.Wait()
		return float64(most)
	}
}
