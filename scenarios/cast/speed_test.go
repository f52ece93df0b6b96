package cast_test

import (
	"runtime"
	"testing"

	. "github.com/unhappypath/unhappypath/harness"
)

// BenchmarkVirtualStories is stories a second of one core: each a fresh world,
// its whole history, all standard promises, and settling.
func BenchmarkVirtualStories(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
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

func BenchmarkVirtualAll(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		inVirtualTime(b.Context(), twoTabsAndARetry, 7)
	}
}

func TestCount(t *testing.T) {
	for range 3 {
		run := inVirtualTime(t.Context(), twoTabsAndARetry, 7)
		n := 0
		for _, e := range run.History {
			if e.Message != nil && e.Kind == "sent" {
				n++
			}
		}
		t.Log(len(run.History), n, run.Took, run.History[len(run.History)-1].At)
	}
}
