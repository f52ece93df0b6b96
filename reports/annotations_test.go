package reports_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/export"
)

func TestAnnotationsStandBesideTheirStories(t *testing.T) {
	r := brokenRun()
	r.Told = "scenarios/charged_twice_test.go:12"
	list := export.Annotations([]*judge.Run{keptRun(), complaintRun(), r})
	require.Len(t, list, 1, "what is as it should be is not annotated")
	require.True(t, strings.HasPrefix(list[0], "::error file=scenarios/charged_twice_test.go,line=12,title=BROKE customer-2-charged-twice (wire-100 kept)::BROKE"), list[0])
	require.Contains(t, list[0], "charged TWICE (NOK 998.00 instead of NOK 499.00")
	require.Contains(t, list[0], "%0AReplay: ")
	require.NotContains(t, export.Annotations([]*judge.Run{brokenRun()})[0], "file=", "nobody knows where it is told")
}

func TestThereAreTenAnnotationsAtMost(t *testing.T) {
	for n, want := range map[int]int{0: 0, 9: 9, 10: 10, 11: 10, 500: 10} {
		var runs []*judge.Run
		for i := range n {
			r := brokenRun()
			r.Story = fmt.Sprint(i)
			runs = append(runs, r)
		}
		list := export.Annotations(runs)
		require.Len(t, list, want)
		if n > 10 {
			require.Contains(t, list[9], fmt.Sprintf("and %d more", n-9))
		}
	}
}

func TestAnAnnotationIsOneCommandWhateverWasRecorded(t *testing.T) {
	runs := append(hostileRuns(), trapped()...)
	for _, trap := range []string{"x\n::error::y", "a,b:c%0A", "\r::stop-commands::x"} {
		r := withWords(trap)
		r.Told = trap + ":" + trap
		runs = append(runs, r)
	}
	for _, r := range runs {
		for _, line := range export.Annotations([]*judge.Run{r}) {
			require.NotContains(t, line, "\n")
			require.NotContains(t, line, "\r")
			properties, _, found := strings.Cut(strings.TrimPrefix(line, "::error "), "::")
			require.True(t, found)
			for property := range strings.SplitSeq(properties, ",") {
				name, value, _ := strings.Cut(property, "=")
				require.Contains(t, []string{"file", "line", "title"}, name)
				require.NotContains(t, value, ":")
			}
		}
	}
}
