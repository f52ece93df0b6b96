package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
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
	ports := wire.NewPorts(1)
	first, err := ports.Free()
	require.NoError(t, err)
	ports.Reserve(first + 1)
	ports.GiveBack(first)
	next, err := ports.Free()
	require.NoError(t, err)
	require.NotContains(t, []int{first, first + 1}, next)
}

// A shop may take a while until it listens: until it is given back, its port is
// given to no other shop, however many ask for one.
func TestATakenPortIsGivenToNobodyElse(t *testing.T) {
	ports := wire.NewPorts(1)
	given := map[int]bool{}
	for range 450 {
		port, err := ports.Free()
		require.NoError(t, err)
		require.False(t, given[port], "%d twice", port)
		given[port] = true
	}
}

const askForPorts = "UNHAPPY_TEST_ASKS_FOR_PORTS"

// Two suites on one machine begin at the same place, and no port is both's: not
// even one at which nobody listens yet.
func TestTwoSuitesShareNoPort(t *testing.T) {
	if os.Getenv(askForPorts) != "" {
		ports := wire.NewPorts(7)
		for range 150 {
			port, err := ports.Free()
			require.NoError(t, err)
			fmt.Println("port", port)
		}
		_, _ = io.Copy(io.Discard, os.Stdin) // its leases last until it ends
		return
	}
	given := map[int]int{}
	for suite := range 2 {
		other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestTwoSuitesShareNoPort$")
		other.Env = append(os.Environ(), askForPorts+"=1")
		in, err := other.StdinPipe()
		require.NoError(t, err)
		out, err := other.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, other.Start())
		defer func() { _ = in.Close(); _ = other.Wait() }()
		lines := bufio.NewScanner(out)
		for n := 0; n < 150 && lines.Scan(); {
			if text, is := strings.CutPrefix(lines.Text(), "port "); is {
				port, err := strconv.Atoi(text)
				require.NoError(t, err)
				require.Zero(t, given[port], "%d is both's", port)
				given[port] = suite + 1
				n++
			}
		}
	}
	require.Len(t, given, 300)
}
