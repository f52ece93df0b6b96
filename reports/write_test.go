package reports_test

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
)

type suites struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Cases    []struct {
		Class   string  `xml:"classname,attr"`
		Name    string  `xml:"name,attr"`
		Failure *string `xml:"failure"`
		Error   *string `xml:"error"`
		Skipped *string `xml:"skipped"`
	} `xml:"testsuite>testcase"`
}

func junit(t *testing.T, runs []*judge.Run, about reports.About) suites {
	t.Helper()
	text, err := export.JUnit(runs, about)
	require.NoError(t, err)
	var s suites
	require.NoError(t, xml.Unmarshal(text, &s))
	return s
}

func TestJUnitHasACaseARun(t *testing.T) {
	text, err := export.JUnit(allRuns(), about())
	require.NoError(t, err)
	golden(t, "junit.golden", string(text))

	s := junit(t, allRuns(), about())
	require.Equal(t, []int{7, 3, 1}, []int{s.Tests, s.Failures, s.Errors})
	verdicts := map[string]string{}
	for _, c := range s.Cases {
		verdict := "good"
		switch {
		case c.Failure != nil:
			verdict = "failure"
		case c.Error != nil:
			verdict = "error"
		case c.Skipped != nil:
			verdict = "skipped"
		}
		verdicts[c.Class+": "+c.Name] = verdict
	}
	require.Equal(t, map[string]string{
		"customer-1-slow-provider: virtual kept":           "good",
		"customer-2-charged-twice: virtual complaint":      "good",
		"customer-2-charged-twice: wire-100 kept":          "failure",
		"customer-3-lost-capture: virtual kept":            "failure",
		"customer-4-crash: virtual kept":                   "error",
		"customer-5-double-click: virtual complaint":       "failure",
		"customer-2-charged-twice in the browser: skipped": "skipped",
	}, verdicts)
}

func TestJUnitIsWellFormedWhateverWasRecorded(t *testing.T) {
	s := junit(t, hostileRuns(), hostileAbout())
	require.Equal(t, len(hostileRuns())+len(hostile), s.Tests)
	require.Equal(t, s.Tests, len(s.Cases))
}

func TestJUnitNamesAreUnique(t *testing.T) {
	s := junit(t, []*judge.Run{keptRun(), keptRun()}, about())
	require.Equal(t, "virtual kept", s.Cases[0].Name)
	require.Equal(t, "virtual kept 2", s.Cases[1].Name)
}

func TestWritePutsAllReportsIntoTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports", "today")
	for range 2 { // the second time it replaces them
		path, err := reports.Write(dir, allRuns(), about())
		require.NoError(t, err)
		require.True(t, filepath.IsAbs(path), path)
		require.Equal(t, filepath.Join(dir, "report.html"), path)
		require.ElementsMatch(t, []string{"report.html", "junit.xml", "ctrf.json", "summary.md"}, names(t, dir))
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	require.NoError(t, err)
	require.Equal(t, build(t, allRuns(), about()), string(page))
}

func TestWriteReturnsAnAbsolutePathForARelativeFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	path, err := reports.Write("out", nil, about())
	require.NoError(t, err)
	require.True(t, filepath.IsAbs(path), path)
	require.FileExists(t, path)
}

func TestWriteLeavesNothingHalfDone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "report.html", "in the way"), 0o755))
	_, err := reports.Write(dir, allRuns(), about())
	require.ErrorContains(t, err, "the report could not be written")
	for _, name := range names(t, dir) {
		require.False(t, strings.HasSuffix(name, ".tmp"), name)
	}

	blocked := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(blocked, nil, 0o644))
	_, err = reports.Write(blocked, allRuns(), about())
	require.ErrorContains(t, err, "the folder of the report")
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}
