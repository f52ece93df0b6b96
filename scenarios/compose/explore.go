package compose

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
)

// WorkerRole is the first argument that makes a suite's program a worker of an
// exploration.
const WorkerRole = "exploration-worker"

// Workers starts the workers of an exploration: a suite's program, once for each
// core. Its second argument is by whom the reference shop is paid; "": its usual provider.
func Workers(program, provider string) (*explore.Pool, error) {
	return explore.NewPool(runtime.NumCPU(), func() *exec.Cmd {
		cmd := exec.Command(program, WorkerRole, provider)
		// A story is garbage when it is told: to collect it less often is a third
		// faster.
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=400")
		return cmd
	})
}

// Processes are those of the reference shop that can be killed.
func Processes() []string { return []string{"checkout"} }

// Explores says how the studio tries a trial of one of these stories, which is judged
// by the standard promises and its own.
func (s *Studio) Explores(stories []harness.Story) explore.Try {
	byID := map[string]harness.Story{}
	for _, story := range stories {
		byID[story.ID] = story
	}
	return func(ctx context.Context, p explore.Trial) (explore.Outcome, error) {
		story, known := byID[p.Story]
		if !known {
			return explore.Outcome{}, fmt.Errorf("there is no story %q", p.Story)
		}
		run := s.Enact(ctx, enact.Replayed(story, record.Replay{Injections: p.Injections}), enact.Options{
			World: "virtual", Database: "sqlite", Seed: p.Seed, Without: p.Without, Expects: "kept", Books: p.Whole, Unread: !p.Whole,
		})
		return explore.Look(p, run), nil
	}
}
