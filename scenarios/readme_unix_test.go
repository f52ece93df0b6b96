//go:build unix

package scenarios_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	readmesOutput = regexp.MustCompile("(?s)```\n\\$ UNHAPPY_WITHOUT=order-identity make stories\n(.*?)```")
	firstRun      = regexp.MustCompile(`\(1 of (\d+), `)
	tallyLine     = regexp.MustCompile(`(?m)^(\d+) runs, (\d+) as they should be; injections took effect `)
	otherRuns     = regexp.MustCompile(`(?m)^  the same promises broke in (\d+) other runs, `)
)

// What README shows of a red suite is what it prints. To stage all of it would take half
// a minute: staged are the two stories that are red, and how many there are is told
// with the first.
func TestReadmeShowsWhatARedSuitePrints(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	block := readmesOutput.FindStringSubmatch(string(text))
	require.NotNil(t, block)
	output, code, _ := run(t, []string{"UNHAPPY_WITHOUT=order-identity"}, "-ginkgo.focus=(customer-2-charged-twice|closes-the-lid) is kept")
	require.Equal(t, 1, code, output)

	_, shown, found := strings.Cut(block[1], "What is not as it should be:\n")
	require.True(t, found)
	_, told, found := strings.Cut(output, "What is not as it should be:\n")
	require.True(t, found, output)
	for _, line := range strings.Split(strings.TrimSpace(shown), "\n") {
		for _, part := range strings.Split(line, "…") { // of which it says itself that it is shortened
			require.Contains(t, told, part, "README shows another line")
		}
	}

	tally, others := tallyLine.FindStringSubmatch(block[1]), otherRuns.FindStringSubmatch(block[1])
	require.NotNil(t, tally)
	require.NotNil(t, others)
	red := 1 + number(t, others[1])
	before, err := filepath.Glob("testdata/regressions/*.json")
	require.NoError(t, err)
	runs := announced(t) + len(before)
	require.Equal(t, fmt.Sprintf("%d runs, %d", runs, runs-red), tally[1]+" runs, "+tally[2])
}

// announced is how many runs the suite says that it stages, beside what was found before.
func announced(t *testing.T) int {
	t.Helper()
	suite := command(t, t.TempDir(), nil)
	out, err := suite.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, suite.Start())
	runs := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if first := firstRun.FindStringSubmatch(lines.Text()); first != nil {
			runs = first[1]
			require.NoError(t, suite.Process.Signal(os.Interrupt))
		}
	}
	require.Error(t, suite.Wait(), "it was interrupted")
	return number(t, runs)
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
