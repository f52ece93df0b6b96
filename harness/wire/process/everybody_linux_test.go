package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every kill looks for what left the group. A look that reads the folder of every program, or
// takes memory for each, takes longer than all else that a schedule of an exploration costs.
func TestALookForProgramsReadsNoFolders(t *testing.T) {
	all := len(pids())
	require.NotZero(t, all)
	require.Less(t, testing.AllocsPerRun(3, func() { programs() })/float64(all), 10.0, "memory for each program")
}
