package compose_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
)

// number is a number from the environment, which a Makefile sets.
func number(t testing.TB, variable string, otherwise int) int {
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, variable)
	return n
}

// memory is what this process has of the system's, and the most that it ever
// had, where the system tells it.
//
// It grows by 0.7 KB a story, outside of Go's heap: for each WaitGroup that was
// on the heap of a bubble, the runtime of Go 1.26.8 keeps 33 bytes for good (a
// program of twenty lines shows it). A hundred thousand stories are 70 MB.
func memory() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown here"
	}
	of := func(name string) string {
		_, rest, _ := strings.Cut(string(status), name+":")
		value, _, _ := strings.Cut(rest, "\n")
		return strings.TrimSpace(value)
	}
	return of("VmRSS") + ", at most " + of("VmHWM")
}

// state is what stories could leave behind.
type state struct {
	goroutines int
	heap       uint64 // bytes, after a collection
}

func settled(stories int) state {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := state{runtime.NumGoroutine(), m.HeapAlloc}
	fmt.Printf("after %6d stories: memory %s; heap %d KB, stacks %d KB; %d goroutines\n",
		stories, memory(), s.heap>>10, m.StackSys>>10, s.goroutines)
	return s
}

// Stories leave nothing behind: neither goroutines nor memory. A few hundred in
// every run of the tests, a hundred thousand by “make endurance”.
func TestStoriesLeaveNothingBehind(t *testing.T) {
	if testing.Short() {
		t.Skip("make slow runs it: the race detector takes memory of its own")
	}
	stories := number(t, "STORIES", 300)
	var next atomic.Int64
	enact := func(until int) {
		var all sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			all.Go(func() {
				for {
					seed := next.Add(1)
					if seed > int64(until) {
						next.Add(-1)
						return
					}
					if run := inVirtualTime(t.Context(), twoTabsAndARetry, uint64(seed)); run.Verdict() != Kept {
						t.Error(run.FailureText())
					}
				}
			})
		}
		all.Wait()
	}
	began := time.Now()
	done := max(10, stories/100)
	enact(done)
	first := settled(done)
	for last := first; done < stories; {
		done = min(stories, done*10)
		enact(done)
		last = settled(done)
		require.LessOrEqual(t, last.goroutines, first.goroutines, "goroutines")
		require.Less(t, last.heap, first.heap+first.heap/2+4<<20, "bytes on the heap")
	}
	fmt.Printf("%.0f stories/s on %d cores\n", float64(stories)/time.Since(began).Seconds(), runtime.GOMAXPROCS(0))
}
