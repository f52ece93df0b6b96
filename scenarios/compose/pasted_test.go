package compose_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// pasted is a program that enacts a story as a finding spells it, without a safeguard.
const pasted = `package main

import (
	"context"
	"fmt"
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

var story = %s

func Tell(s Story) Story { return s }

func main() {
	_ = time.Second
	studio := compose.NewStudio()
	defer func() { _ = studio.Close() }()
	run := studio.Enact(context.Background(), story, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept", Without: []string{%q}})
	fmt.Println(run.Verdict(), run.Ruling(%q).Verdict)
}
`

// The code of a finding is a whole story: it is compiled and run, and breaks what was found.
func TestAFindingRunsWhenPasted(t *testing.T) {
	const without = "one-payment"
	story := Story{
		ID: "buys-at-leisure", Plot: "Ana opens the page, clicks, looks for a while, and loads it anew.",
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Opens()
			ana.Waits(3 * time.Second)
			ana.Submits()
			ana.WaitsToBeTold()
			ana.Reloads()
		},
	}
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	r, err := explore.Explore(t.Context(), explore.Config{
		Story: explore.Header(story), Seed: 1, Without: []string{without}, Try: studio.Explores([]Story{story}),
		Processes: compose.Processes(), StopAtFirst: true, Schedules: 2000, Audit: -1,
	})
	require.NoError(t, err)
	require.NotEmpty(t, r.Findings)
	f := r.Findings[0]
	require.Equal(t, "ana := s.Customer(\"ana\")\nana.Opens()\nana.Waits(3*time.Second)\nana.Submits()\nana.WaitsToBeTold()\nana.Reloads()", f.Script)

	source := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(source, fmt.Appendf(nil, pasted, explore.Literal(explore.Header(story), f), without, f.Promise), 0o600))
	here, err := os.Getwd()
	require.NoError(t, err)
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%s: %s}}`, strconv.Quote(filepath.Join(here, "pasted/main.go")), strconv.Quote(source)), 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "run", "-overlay", overlay, "./pasted").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "BROKE BROKE\n", string(out))
}
