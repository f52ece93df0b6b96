package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/wire"
)

func TestPortsAreFreeAndDiffer(t *testing.T) {
	ports := wire.NewPorts(1)
	first, err := ports.Free()
	require.NoError(t, err)
	second, err := ports.Free()
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.GreaterOrEqual(t, min(first, second), 20000)
}

func TestAReservedPortIsNobodyElses(t *testing.T) {
	first, err := wire.NewPorts(1).Free()
	require.NoError(t, err)
	ports := wire.NewPorts(1)
	ports.Reserve(first)
	next, err := ports.Free()
	require.NoError(t, err)
	require.NotEqual(t, first, next)
}
