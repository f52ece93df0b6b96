package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports/model"
)

// wordy is a purchase with so many long messages.
func wordy(story string, messages int) *judge.Run {
	r := purchase(story, 1)
	for i := range messages {
		r.History = append(r.History, observe.Event{At: time.Duration(i) * time.Second, Seq: i + 1, Actor: "provider", Kind: observe.Sent,
			Message: &observe.Message{Hop: "checkout>provider", Method: "POST", Path: "/payments", Body: strings.Repeat("x", observe.MaxBody)}})
	}
	return r
}

// Runs that were open at once are interleaved, and one was cut off: on
// the disk they are put together as they are in memory.
func TestWhatIsMergedOnTheDiskIsWhatIsMergedInMemory(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, writeRecords(dir))
	lines := func(story string) []string {
		var b bytes.Buffer
		record.NewWriter(&b).Write(purchase(story, 1))
		return strings.SplitAfter(b.String(), "\n")
	}
	x, y := lines("x"), lines("y")
	mixed := "{\"v\":2,\"origin\":{\"suite\":\"Checkout stories\",\"commit\":\"4f2a9c\",\"worlds\":[\"virtual\"],\"database\":\"sqlite\",\"clock\":100,\"seed\":1,\"rounds\":1,\"shards\":[3],\"of\":3}}\n"
	for i := range x {
		mixed += x[i] + y[i]
	}
	mixed += lines("w")[0]
	paths := []string{filepath.Join(dir, "shard-2.jsonl"), filepath.Join(dir, "mixed.jsonl"), filepath.Join(dir, "shard-1.jsonl")}
	require.NoError(t, os.WriteFile(paths[1], []byte(mixed), 0o644))
	out := filepath.Join(dir, "merged.jsonl")
	require.NoError(t, merge(t.Context(), paths, out, &bytes.Buffer{}))
	got, err := os.ReadFile(out)
	require.NoError(t, err)

	parts, err := readParts(t.Context(), paths)
	require.NoError(t, err)
	origin, runs, err := model.Merge(parts)
	require.NoError(t, err)
	require.Len(t, runs, 7)
	require.NoError(t, writeTo(out, origin, runs))
	want, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
	left, err := filepath.Glob(filepath.Join(dir, "*.tmp"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestMergingTakesTheMemoryOfARunAndNotOfARecord(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	size := int64(0)
	for shard := 1; shard <= 2; shard++ {
		var runs []*judge.Run
		for i := range 20 {
			runs = append(runs, wordy(fmt.Sprintf("story-%d-of-shard-%d", i, shard), 40))
		}
		path := filepath.Join(dir, fmt.Sprintf("shard-%d.jsonl", shard))
		require.NoError(t, writeTo(path, record.Origin{Suite: "Checkout stories", Shards: []int{shard}, Of: 2}, runs))
		info, err := os.Stat(path)
		require.NoError(t, err)
		paths, size = append(paths, path), size+info.Size()
	}
	runtime.GC()
	before := heap()
	peak := watchHeap()
	require.NoError(t, merge(t.Context(), paths, filepath.Join(dir, "merged.jsonl"), &bytes.Buffer{}))
	most := peak() - min(peak(), before)
	t.Logf("%d MB of records, at most %d MB on the heap", size>>20, most>>20)
	require.Less(t, most, uint64(size)/3)
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap notes the most bytes on the heap until it is asked.
func watchHeap() func() uint64 {
	stop, most := make(chan struct{}), uint64(0)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			most = max(most, heap())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return sync.OnceValue(func() uint64 {
		close(stop)
		watching.Wait()
		return most
	})
}
