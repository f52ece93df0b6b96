package scenarios_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var rewrites = flag.Bool("transcripts", false, "write what the terminal shows to testdata/transcripts")

// volatile is what differs from run to run, and what other tests are about.
var volatile = []struct {
	old *regexp.Regexp
	new string
}{
	{regexp.MustCompile(`\d+\.\d\d s\)`), "… s)"},
	{regexp.MustCompile(`\(\d+\.\d\ds\)`), "(…s)"},
	{regexp.MustCompile(`shop process \d+`), "shop process …"},
	{regexp.MustCompile(`(?m)(^    \{"time":.*\n)+`), "    WORDS\n"},
	{regexp.MustCompile(`took effect \d+ times?`), "took effect … times"},
	{regexp.MustCompile(`took effect \d+`), "took effect …"},
	{regexp.MustCompile(`(?m)( s\)|— [a-z0-9-]+): .*$`), "$1: SENTENCE"},
	{regexp.MustCompile(`(?m)^(  [a-z-]+): .*$`), "$1: BECAUSE"},
}

// What the terminal shows of small runs, whole: nothing glued to a line, no sentence
// twice but where it is red, no BROKE where all is as it should be.
func TestWhatTheTerminalShows(t *testing.T) {
	for name, row := range map[string]struct {
		settings, flags []string
		code            int
	}{
		"green":          {[]string{"UNHAPPY_WORLD=virtual"}, []string{"-ginkgo.focus=customer-3-double-click (is|comes)"}, 0},
		"red":            {[]string{"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=one-payment", "UNHAPPY_ROUNDS=2"}, []string{"-ginkgo.focus=customer-3-double-click (is|comes)"}, 1},
		"skipped":        {[]string{"UNHAPPY_WORLD=virtual"}, []string{"-ginkgo.focus=customer-3-double-click"}, 0},
		"several":        {[]string{"UNHAPPY_WORLD=virtual", "UNHAPPY_WITHOUT=order-identity"}, []string{"-ginkgo.focus=(charged-twice|two-tabs|next-morning) is"}, 1},
		"nothing-staged": {[]string{"UNHAPPY_WORLD=wire", "UNHAPPY_REPLAY=next-morning"}, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			output, code, report := run(t, row.settings, row.flags...)
			require.Equal(t, row.code, code, output)
			if row.code == 0 {
				require.NotContains(t, output, "BROKE")
			}
			if row.code == 1 && name != "nothing-staged" {
				_, told, _ := strings.Cut(output, "What is not as it should be:")
				require.Equal(t, 1, strings.Count(told, "was charged TWICE"), "once for each story: %s", output)
			}
			require.NotContains(t, output, "_test.go:", "nobody needs to know where it was noticed")
			compare(t, name, strings.ReplaceAll(output, report, "REPORT"))
		})
	}
}

// compare holds what was shown to what is written down.
func compare(t *testing.T, name, shown string) {
	t.Helper()
	for _, v := range volatile {
		shown = v.old.ReplaceAllString(shown, v.new)
	}
	path := filepath.Join("testdata", "transcripts", name+".txt")
	if *rewrites {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(shown), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), shown, "go test ./scenarios -run WhatTheTerminalShows -transcripts writes it anew")
}
