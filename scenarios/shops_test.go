package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios"
)

// expectation is a row of testdata/shops/expected.yaml.
type expectation struct {
	Description string
	Story       string // an id, or "every"
	Verdict     judge.Verdict
	Breaks      []string // exactly these promises
	Because     string
	Needs       string        // what the description cannot say yet; "": nothing
	ToldWithin  time.Duration `yaml:"told-within"` // story time
}

func expectations(t *testing.T) (rows []expectation) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "shops", "expected.yaml"))
	require.NoError(t, err)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	require.NoError(t, decoder.Decode(&rows))
	return rows
}

// Each shop gets its right verdict from the suite, run as its owner would run
// it. A row that needs what descriptions lack must not come out right: once it
// does, it is no longer open.
func TestShopsGetTheirVerdicts(t *testing.T) {
	if why := scenarios.LeftOut(); why != "" {
		t.Skip(why)
	}
	for _, row := range expectations(t) {
		t.Run(row.Description, func(t *testing.T) {
			t.Parallel()
			wrong := row.judge(t)
			if row.Needs != "" {
				require.NotEmpty(t, wrong, "open no longer: delete “needs”")
				t.Logf("open: it needs %s (%s)", row.Needs, wrong)
				return
			}
			require.Empty(t, wrong)
		})
	}
}

// judge runs the suite at the shop and says how its verdict differs from the
// expected one, or "".
func (x expectation) judge(t *testing.T) (wrong string) {
	settings := []string{"UNHAPPY_TARGET=" + filepath.Join(folderOf(t), "testdata", "shops", x.Description)}
	if x.Story != "every" {
		settings = append(settings, "UNHAPPY_REPLAY="+x.Story)
	}
	output, code, report := run(t, settings)
	if code == 3 { // the machine was too slow to tell: once more
		output, code, report = run(t, settings)
	}
	if code == 2 {
		return "the suite refused it: " + output
	}
	runs := x.runs(t, report)
	switch wantCode := map[bool]int{true: 0, false: 1}[x.Verdict == Kept]; {
	case code != wantCode:
		return "exit code " + string(rune('0'+code)) + ":\n" + output
	case len(runs) == 0:
		return "nothing was staged:\n" + output
	}
	for _, r := range runs {
		if wrong := x.differs(r); wrong != "" {
			return wrong + "\n" + r.FailureText()
		}
	}
	return ""
}

func folderOf(t *testing.T) string {
	t.Helper()
	folder, err := os.Getwd()
	require.NoError(t, err)
	return folder
}

// runs are the runs of the row's stories in a suite's record.
func (x expectation) runs(t *testing.T, report string) (list []*Run) {
	t.Helper()
	file, err := os.Open(filepath.Join(report, "runs.jsonl"))
	require.NoError(t, err)
	defer file.Close()
	all, err := record.ReadAll(file)
	require.NoError(t, err)
	for _, r := range all {
		if x.Story == "every" || r.Story == x.Story || x.Verdict == Unproven {
			list = append(list, r)
		}
	}
	return list
}

// differs says what is not as expected of one run, or "".
func (x expectation) differs(r *Run) string {
	if r.Verdict() != x.Verdict {
		return "the verdict is " + string(r.Verdict())
	}
	var breaks []string
	for _, ruling := range r.Rulings {
		if ruling.Verdict == Broken {
			breaks = append(breaks, ruling.Promise)
		}
	}
	slices.Sort(breaks)
	if want := slices.Sorted(slices.Values(x.Breaks)); !slices.Equal(breaks, want) {
		return "other promises broke"
	}
	if late := toldAfter(r); x.ToldWithin > 0 && late > x.ToldWithin {
		return "she was told after " + late.String()
	}
	return ""
}

// toldAfter is how long after her first click the screen first told her the
// outcome, in story time.
func toldAfter(r *Run) time.Duration {
	var clicked time.Duration
	for _, e := range r.History {
		switch {
		case clicked == 0 && e.Act != nil && e.Act.Does == observe.Clicks:
			clicked = e.At
		case e.Kind == observe.Screen && (e.View.Says == observe.StatusShipped || e.View.Says == observe.StatusPaid):
			return e.At - clicked
		}
	}
	return time.Duration(1<<63 - 1)
}
