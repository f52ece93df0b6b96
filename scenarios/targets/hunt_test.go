package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/reports"
)

func TestTheSmallestListedFindingCounts(t *testing.T) {
	d := defect{Breaks: []string{"charged-once"}}
	one, two := make(harness.Schedule, 1), make(harness.Schedule, 2)
	best, found := d.best([]explore.Finding{
		{Cause: "other", Promise: "told-in-time", Injections: one},
		{Cause: "large", Promise: "charged-once", Injections: two},
		{Cause: "small", Promise: "charged-once", Injections: one},
	})
	require.True(t, found)
	require.Equal(t, "small", best.Cause)
	best, found = d.best([]explore.Finding{{Cause: "other", Promise: "told-in-time", Injections: one}})
	require.True(t, found, "what is not listed is found as well")
	require.Equal(t, "other", best.Cause)
	_, found = d.best(nil)
	require.False(t, found)
}

func TestARowSaysWhatCameOfADefect(t *testing.T) {
	d := defect{Name: "x", Sample: "node"}
	require.Equal(t, "| x | node | ✖ nobody became unhappy |  | 0 of 0 | 9 | 0 | left alone |",
		rowOf(d, reports.Defect{Name: "x", Schedules: 9, Because: "nobody became unhappy"}, "left alone"))
	require.Contains(t, rowOf(d, reports.Defect{}, ""), "| not explored |")
	d.Excused = "nobody does that"
	require.Contains(t, rowOf(d, reports.Defect{Name: "x", Because: "nobody became unhappy"}, ""), "| excused |")
	require.Contains(t, rowOf(d, reports.Defect{Name: "x", Caught: true, Promise: "charged-once", Replayed: 9, Replays: 10}, ""), "| charged-once |  | 9 of 10 |")
}
