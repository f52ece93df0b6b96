package cast_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/scenarios/cast"
)

func TestPortsAreFreeAndDiffer(t *testing.T) {
	ports := cast.NewPorts(1)
	first, err := ports.Free()
	require.NoError(t, err)
	second, err := ports.Free()
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.GreaterOrEqual(t, min(first, second), 20000)
}
