package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios/samples"
)

var (
	allSamples = filepath.Join("..", "testdata", "targets")
	theList    = filepath.Join(allSamples, "defects.yaml")
)

func read(t *testing.T) []defect {
	t.Helper()
	list, err := readList(theList)
	require.NoError(t, err)
	return list
}

// shopsOf are the samples that the list has a defect in.
func shopsOf(t *testing.T) (list []string) {
	for _, d := range read(t) {
		if !slices.Contains(list, d.Sample) {
			list = append(list, d.Sample)
		}
	}
	return list
}

// prepared are the samples, or the test is skipped where a language is not here.
func prepared(t *testing.T) *shops {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts the sample shops: make test runs it")
	}
	s := newShops(allSamples, t.TempDir())
	t.Cleanup(s.close)
	for _, sample := range shopsOf(t) {
		_, err := s.of(t.Context(), sample)
		if errors.Is(err, samples.ErrMissing) && os.Getenv("CI") != "true" {
			t.Skip(err)
		}
		require.NoError(t, err)
	}
	return s
}

// Each switch is one that the sample knows, and reads as it is listed.
func TestEverySwitchIsInItsSample(t *testing.T) {
	for _, d := range read(t) {
		text := sourceOf(t, d.Sample)
		uses := strings.Count(text, "'"+d.Name+"'") + strings.Count(text, `"`+d.Name+`"`)
		require.GreaterOrEqual(t, uses, 2, "%s: the sample %s lists it, and does something with it", d.Name, d.Sample)
	}
}

// sourceOf is the text of the sample's own program.
func sourceOf(t *testing.T, sample string) string {
	t.Helper()
	language := sampleOf(sample).Language
	var text strings.Builder
	require.NoError(t, fs.WalkDir(os.DirFS(filepath.Join(allSamples, language)), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(path, switched) || strings.HasSuffix(path, ".yaml") {
			return err
		}
		more, err := os.ReadFile(filepath.Join(allSamples, language, path))
		text.Write(more)
		return err
	}))
	require.NotEmpty(t, text.String())
	return text.String()
}

// A name that no sample knows is an error, so that no defect is sought that is not there.
func TestAnUnknownSwitchIsRefused(t *testing.T) {
	s := prepared(t)
	for _, sample := range shopsOf(t) {
		shop, err := s.with(t.Context(), sample, asDefect, "no-such-switch")
		require.NoError(t, err)
		unfinished := func(run *harness.Run) bool { return run.Verdict() == harness.Unfinished }
		run, err := s.enact(t.Context(), shop, defect{}.story(), 1, unfinished)
		require.NoError(t, err)
		require.Equal(t, harness.Unfinished, run.Verdict())
		require.Contains(t, run.Failure, "no-such-switch")
	}
}

// proven are the defects that the ordinary tests stage, none of which a slow machine can
// show or hide; -directed stages all of them.
var proven = []string{"error-page-is-success", "state-missing-is-refused", "payment-per-submit", "submits-known-to-one-replica"}

func TestADefectBreaksAndItsTwinDoesNot(t *testing.T) {
	s := prepared(t)
	for _, d := range read(t) {
		if !slices.Contains(proven, d.Name) {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			p, err := s.prove(t.Context(), d)
			require.NoError(t, err)
			require.True(t, p.good(), p.row())
		})
	}
}

// Without a switch, and without a fault, the shops sell.
func TestTheSwitchedShopsSell(t *testing.T) {
	s := prepared(t)
	for _, sample := range shopsOf(t) {
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			shop, err := s.with(t.Context(), sample, "", "")
			require.NoError(t, err)
			run, err := s.enact(t.Context(), shop, defect{}.story(), 1, (*harness.Run).Good)
			require.NoError(t, err)
			require.True(t, run.Good(), run.FailureText())
			require.Equal(t, 1, run.FinalBook("b-ana").Charges)
			require.Equal(t, 1, run.FinalBook("b-ana").Parcels)
		})
	}
}

func TestARowThatIsNotWholeIsRefused(t *testing.T) {
	const whole = "name: x\n  sample: node\n  wrong: w\n  after: a\n  breaks: [charged-once]\n  schedule: [\"Submit #1 answered: close\"]\n  twin: t\n"
	for name, row := range map[string]struct{ old, new, words string }{
		"whole":              {"", "", ""},
		"bad name":           {"name: x", "name: X y", "invalid name"},
		"no such sample":     {"node", "cobol", "want one of node, python, go"},
		"no sentence":        {"wrong: w", "wrong: ''", "a sentence each"},
		"no promise":         {"[charged-once]", "[]", "a defect breaks a promise"},
		"unknown promise":    {"charged-once", "the-heart", "no standard promise"},
		"no schedule":        {`["Submit #1 answered: close"]`, "[]", "sells correctly"},
		"no injection":       {"Submit #1 answered: close", "Submit", "operation trigger: fault"},
		"unknown customer":   {"twin: t", "twin: t\n  customer: sings", "invalid customer"},
		"unknown key":        {"twin: t", "twin: t\n  colour: red", "colour"},
		"twice the same one": {"twin: t\n", "twin: t\n- " + whole, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "defects.yaml")
			text := "- " + whole
			if row.words != "" {
				text = strings.Replace(text, row.old, row.new, 1)
			}
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			_, err := readList(path)
			if row.words == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.words)
		})
	}
}
