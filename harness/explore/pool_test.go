package explore_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

// workerRole makes this test's program a worker. It dies of a story named
// “deadly”, and keeps every other one.
const workerRole = "worker-of-a-test"

func serve() {
	err := explore.Serve(context.Background(), os.Stdin, os.Stdout, nil, func(_ context.Context, p explore.Trial) (explore.Outcome, error) {
		if p.Story == deadly.Story {
			fmt.Fprintln(os.Stderr, "farewell")
			os.Exit(3)
		}
		return explore.Outcome{Verdict: Kept}, nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

var deadly, harmless = explore.Trial{Story: "deadly"}, explore.Trial{Story: "harmless"}

// pool has one worker. Of the programs that are started, those in this list are
// none.
func pool(t *testing.T, missing ...int) *explore.Pool {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	started := 0
	p, err := explore.NewPool(1, func() *exec.Cmd {
		started++
		for _, n := range missing {
			if n == started {
				return exec.Command("/no/such/program")
			}
		}
		return exec.Command(self, workerRole)
	})
	require.NoError(t, err)
	return p
}

// closes says whether the pool can be closed: a bound on what would hang for
// ever.
func closes(t *testing.T, p *explore.Pool) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- p.Close() }()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(2 * time.Minute):
		require.Fail(t, "the pool waits for a worker that it does not have")
	}
}

func TestAWorkerThatDiesOfAScheduleIsReplaced(t *testing.T) {
	p := pool(t)
	defer closes(t, p)
	o, err := p.Try(t.Context(), deadly)
	require.NoError(t, err)
	require.Equal(t, Unfinished, o.Verdict)
	require.Contains(t, o.Because, "farewell", "its last words")
	o, err = p.Try(t.Context(), harmless)
	require.NoError(t, err)
	require.Equal(t, Kept, o.Verdict)
}

func TestAPlaceWhoseWorkerCannotBeReplacedIsNotWaitedFor(t *testing.T) {
	p := pool(t, 2, 3)
	_, err := p.Try(t.Context(), deadly)
	require.ErrorContains(t, err, "cannot be started")
	require.ErrorContains(t, err, "farewell", "why there was one to replace")
	_, err = p.Try(t.Context(), harmless)
	require.ErrorContains(t, err, "cannot be started", "it is tried once more")
	o, err := p.Try(t.Context(), harmless)
	require.NoError(t, err, "the program is back")
	require.Equal(t, Kept, o.Verdict)
	closes(t, p)
}

func TestAPoolClosesWithAPlaceThatIsEmpty(t *testing.T) {
	p := pool(t, 2)
	_, err := p.Try(t.Context(), deadly)
	require.Error(t, err)
	closes(t, p)
}

// A worker whose exploration is gone has nobody to answer to, whatever it is at:
// its input ends, and so does it.
func TestAWorkerAtAScheduleEndsWithItsExploration(t *testing.T) {
	in, say := io.Pipe()
	begun, done := make(chan bool), make(chan error, 1)
	go func() {
		done <- explore.Serve(t.Context(), in, io.Discard, nil, func(ctx context.Context, _ explore.Trial) (explore.Outcome, error) {
			close(begun)
			<-ctx.Done() // a schedule that does not end by itself
			return explore.Outcome{}, ctx.Err()
		})
	}()
	require.NoError(t, json.NewEncoder(say).Encode(harmless))
	<-begun
	require.NoError(t, say.Close())
	select {
	case err := <-done:
		require.ErrorContains(t, err, "the exploration is gone")
	case <-time.After(2 * time.Minute):
		require.Fail(t, "it goes on for nobody")
	}
}
