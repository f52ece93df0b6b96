package record_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/record"
)

// holds is the lock that this process takes and keeps when it is executed again.
const holds = "RECORD_TEST_HOLDS"

func holdLock(path string) {
	if _, err := record.TakeLock(path); err != nil {
		panic(err)
	}
	fmt.Println("taken")
	_, _ = io.ReadAll(os.Stdin)
	os.Exit(0)
}

// One process has the lock, and the other one learns which. When it ends, the next may
// have it, also where it was killed and left its file.
func TestALockEndsWithItsProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	self, err := os.Executable()
	require.NoError(t, err)
	other := exec.Command(self)
	other.Env = append(os.Environ(), holds+"="+path)
	stdin, err := other.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	out, err := other.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, other.Start())
	_, err = io.ReadFull(out, make([]byte, len("taken\n")))
	require.NoError(t, err)

	_, err = record.TakeLock(path)
	require.Equal(t, record.InUse{Process: other.Process.Pid}, err)
	require.NoError(t, other.Process.Kill())
	require.Error(t, other.Wait())
	require.FileExists(t, path)

	lock, err := record.TakeLock(path)
	require.NoError(t, err)
	_, err = record.TakeLock(path)
	require.Equal(t, record.InUse{Process: os.Getpid()}, err)
	require.NoError(t, lock.Close())
	require.NoFileExists(t, path)
	require.NoError(t, (*record.Lock)(nil).Close(), "none was taken")
}
