package scenarios

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// A replay that came out well says how often the same story broke in the report of all
// stories, which lies in the folder above its own.
func TestAReplayThatIsKeptSaysHowOftenTheStoryBroke(t *testing.T) {
	folder := t.TempDir()
	var runs []*judge.Run
	for i, promise := range []string{"charged-once", "", "charged-once", "told-in-time"} {
		r := of(promise)
		r.ID += string(rune('a' + i))
		runs = append(runs, r)
	}
	runs[3].Schedule = injection.Schedule{injection.OnPath(observe.CustomerHop, "GET", "/pixel").Nth(1).Closes()} // the story was another one then
	require.NoError(t, writeRecord(filepath.Join(folder, "runs.jsonl"), record.Origin{Runs: len(runs)}, runs))
	says := func(s settings.Settings, run *judge.Run) string {
		var out bytes.Buffer
		r := &runner{out: &out, folder: folder, Settings: s}
		r.tellBrokenBefore(run)
		return out.String()
	}
	replay, other := settings.Settings{Story: "a-story"}, of("")
	other.Story = "another-story"
	require.Equal(t, "    it broke in 2 of 3 runs of "+filepath.Join(folder, "report.html")+": where the shop is the same since, replay it again\n", says(replay, of("")))
	require.Empty(t, says(replay, other), "of another story")
	require.Empty(t, says(settings.Settings{}, of("")), "of a story that is staged with all others")
	require.Empty(t, says(settings.Settings{Story: "a-story", Report: folder}, of("")), "where a folder is named, there is no other report")
	require.NoError(t, os.Remove(filepath.Join(folder, "runs.jsonl")))
	require.Empty(t, says(replay, of("")), "where there is no report")
}
