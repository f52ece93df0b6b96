package compose_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	. "github.com/unhappypath/unhappypath/harness"
)

// BenchmarkVirtualStories is stories a second of one core: each a fresh world,
// its whole history, all standard promises, and settling. The process is set up
// as a worker of an exploration is, which does nothing else; see compose.Workers.
func BenchmarkVirtualStories(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	b.ReportAllocs()
	seed := uint64(0)
	for b.Loop() {
		seed++
		if run := inVirtualTime(b.Context(), twoTabsAndARetry, seed); run.Verdict() != Kept {
			b.Fatal(run.FailureText())
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
}
