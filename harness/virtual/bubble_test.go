package virtual_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/virtual"
	"github.com/unhappypath/unhappypath/harness/worldtest"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// studio serves all tests of the package.
var studio = compose.NewStudio()

func inABubble(ctx context.Context, s Story) *Run {
	return studio.Enact(ctx, s, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
}

func buys(s *Stage) {
	ana := s.Customer("ana")
	ana.Submits()
	ana.WaitsToBeTold()
}

// isFine says that the next story is none the worse.
func isFine(t *testing.T) {
	t.Helper()
	run := inABubble(t.Context(), Story{ID: "the-next", Plot: "Ana buys.", Script: buys})
	require.Equal(t, Kept, run.Verdict(), run.FailureText())
}

func TestAStuckBubbleIsAFindingWithTheStacksOfThoseWhoAreStuck(t *testing.T) {
	for name, row := range map[string]struct {
		script func(*Stage)
		words  []string
	}{
		"a deadlock": {
			func(s *Stage) { waitsForNobody() },
			[]string{"deadlock: all goroutines in bubble are blocked", "waitsForNobody"},
		},
		"a goroutine that is left behind": {
			func(s *Stage) { buys(s); go waitsForNobody() },
			[]string{"deadlock: main bubble goroutine has exited but blocked goroutines remain", "waitsForNobody"},
		},
		"a script that panics": {
			func(s *Stage) { panic("no parcel is that small") },
			[]string{"the script panicked: no parcel is that small"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := inABubble(t.Context(), Story{ID: "stuck", Plot: "Something is stuck.", Script: row.script})
			require.Equal(t, Unfinished, run.Ruling("staged").Verdict)
			require.False(t, run.Good())
			for _, words := range row.words {
				require.Contains(t, run.FailureText(), words)
			}
			isFine(t)
		})
	}
}

func waitsForNobody() { <-make(chan int) }

// Who waits for a mutex holds the bubble's clock: no deadlock is found, and only
// real time tells.
func TestAHangOnAMutexEndsWithRealTimeAndSaysWhere(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock() // and so does the bubble end
	ctx, stop := context.WithTimeoutCause(t.Context(), time.Second, errors.New("the spec's time was up"))
	defer stop()
	run := inABubble(ctx, Story{ID: "hang", Plot: "Somebody holds a lock.", Script: func(s *Stage) {
		buys(s)
		locks(&mu)
	}})
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.FailureText(), "given up: the spec's time was up")
	require.Contains(t, run.FailureText(), "virtual_test.locks")
	isFine(t)
}

// How long it takes says nothing: a machine that is busy makes any story long. How
// much happens does.
func TestAStoryWithoutAnEndIsGivenUpByWhatHappensInIt(t *testing.T) {
	var over atomic.Bool
	defer over.Store(true) // and so does the bubble end
	run := virtual.EnactAtMost(t.Context(), 2000, Story{ID: "endless", Plot: "Ana reloads for ever.", Script: func(s *Stage) {
		ana := s.Customer("ana")
		for !over.Load() {
			ana.Reloads()
			ana.Waits(time.Minute)
		}
	}}, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"}, studio.Compose)
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.FailureText(), "the story was not over after 2000 events: somebody acts again and again")
	isFine(t)
}

func locks(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

func TestWhatOnlyTheWireHasIsRefusedInWords(t *testing.T) {
	run := inABubble(t.Context(), Story{
		ID: "pause", Plot: "The shop is paused.", Script: buys,
		Injections: Schedule{OnPath(ProviderHop, "POST", "/epayment/v1/payments").Nth(1).Does(Fault{Kind: fault.Pause, Process: "checkout"}).Lasting(time.Second)},
	})
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.FailureText(), "stage the story on the wire (UNHAPPY_WORLD=wire)")

	run = studio.Enact(t.Context(), Story{ID: "clock", Plot: "Ana buys.", Script: buys}, enact.Options{World: "virtual", Clock: 100})
	require.Contains(t, run.Failure, "its clock is not divided")
}

// The shop dies at a message, before the provider has it and after, and another
// life of it goes on with the same books: one charge, one parcel.
func TestAKilledShopComesBackToItsBooks(t *testing.T) {
	capture := OnPath(ProviderHop, "POST", "/epayment/v1/payments/{reference}/capture").Nth(1)
	for name, injection := range map[string]Injection{
		"before the capture": capture.Kills("checkout").Lasting(2 * time.Second),
		"after the capture":  capture.Answered().Kills("checkout").Lasting(2 * time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			run := inABubble(t.Context(), Story{ID: "kill", Plot: "The shop dies.", Script: buys, Injections: Schedule{injection}})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			var lives []string
			for _, e := range run.History {
				if e.Kind == observe.Process {
					lives = append(lives, string(e.Life.What))
				}
			}
			require.Equal(t, []string{"started", "ready", "killed", "started", "ready", "stopped"}, lives)
			require.Equal(t, 1, run.FinalBook("b-ana").Charges)
		})
	}
}

// What is not derived from the seed differs from replay to replay, and is
// caught: these are the two classics.
func TestARandomActorAndOneInMapOrderAreCaught(t *testing.T) {
	for name, script := range map[string]func(*Stage){
		"a global random number": func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.Waits(time.Duration(rand.IntN(int(time.Second))))
			ana.ClicksAgain()
			ana.WaitsToBeTold()
		},
		"the order of a map": func(s *Stage) {
			customers := map[string]bool{}
			for i := range 400 { // of a few keys, Go's maps know a few orders only
				customers[fmt.Sprint("c", i)] = true
			}
			for name := range customers {
				s.Customer(name).Submits()
				if delete(customers, name); len(customers) == 395 {
					break
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			differ, where, err := worldtest.Unlike(2, func(uint64) *Run {
				return inABubble(t.Context(), Story{ID: "replay", Plot: "Chance.", Script: script})
			})
			require.NoError(t, err)
			require.Len(t, differ, 2) // the same five of 400 in one order, five times in a row
			require.Contains(t, where, "line ")
		})
	}
}
