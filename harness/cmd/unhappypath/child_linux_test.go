package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASuiteIsAskedToEndWhenTheToolIsKilled(t *testing.T) {
	tool, folder, _ := stages(t)
	require.NoError(t, tool.Process.Kill())
	_ = tool.Wait()
	require.Equal(t, "TERM", reads(t, filepath.Join(folder, "heard")))
}
