package cast_test

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

// peak is the most memory that this process ever had, in KB, where the system
// tells it.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
	return kb
}

// Stories leave nothing behind: neither goroutines nor memory. A few hundred in
// every run of the tests, a hundred thousand by “make endurance”.
func TestStoriesLeaveNothingBehind(t *testing.T) {
	stories := number(t, "STORIES", 300)
	enact := func(n int) {
		var next atomic.Int64
		var all sync.WaitGroup
		for range runtime.GOMAXPROCS(0) {
			all.Go(func() {
				for next.Add(1) <= int64(n) {
					run := inVirtualTime(t.Context(), twoTabsAndARetry, uint64(next.Load()))
					if run.Verdict() != Kept {
						t.Error(run.FailureText())
					}
				}
			})
		}
		all.Wait()
	}
	settled := func() (goroutines int, heap uint64) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	enact(stories / 100)
	goroutines, heap := settled()
	fmt.Printf("after %d stories: peak %d KB, heap %d KB, %d goroutines\n", stories/100, peak(), heap>>10, goroutines)
	began := time.Now()
	enact(stories - stories/100)
	after, grown := settled()
	fmt.Printf("after %d stories: peak %d KB, heap %d KB, %d goroutines; %.0f stories/s on %d cores\n",
		stories, peak(), grown>>10, after, float64(stories)/time.Since(began).Seconds(), runtime.GOMAXPROCS(0))
	require.LessOrEqual(t, after, goroutines, "goroutines")
	require.Less(t, grown, heap+heap/2+4<<20, "bytes on the heap")
}
