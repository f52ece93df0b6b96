package scenarios

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/terminal"
)

// Ten stories that a shop breaks in the same way are told in one block, which names
// each; what broke another promise, or proves nothing, is told on its own.
func TestStoriesThatBreakTheSameAreToldOnce(t *testing.T) {
	var e endings
	for _, run := range []struct{ story, promise string }{
		{"first", "charged-once"}, {"second", "told-in-time"}, {"third", "charged-once"},
		{"fourth", "charged-once"}, {"fourth", "charged-once"}, {"fifth", "?"}, {"sixth", "?"},
	} {
		r := of(run.promise)
		r.Story = run.story
		e.add(r, false)
	}
	for story, mismatch := range map[string]string{"seventh": "charges: 1 instead of 2", "eighth": "charges: 3 instead of 2"} {
		complaint := of("charged-once")
		complaint.Story, complaint.Expects, complaint.Mismatch = story, "complaint", mismatch
		e.add(complaint, false)
	}
	var out bytes.Buffer
	e.tell(&out, terminal.Paint(false), "")
	told := out.String()
	require.Equal(t, 6, strings.Count(told, " — "), told)
	require.Contains(t, told, "— first: ")
	require.Contains(t, told, "  the same promises broke in 3 other runs, of: third, fourth\n")
	require.NotContains(t, told, "— third: ")
	require.Contains(t, told, "— second: ")
	require.Contains(t, told, "— sixth: ", "what is unproven has causes of its own")
	require.Contains(t, told, "charges: 1 instead of 2", "a complaint is told with what is wrong with it")
	require.Contains(t, told, "charges: 3 instead of 2")
}
