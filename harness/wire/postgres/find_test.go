package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// install makes a folder with programs of these names, and returns it.
func install(t *testing.T, dir string, programs ...string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	for _, name := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o755))
	}
	return dir
}

func onUnix(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("PostgreSQL is not looked for on Windows")
	}
}

func TestFindTakesTheHighestVersionThatIsComplete(t *testing.T) {
	onUnix(t)
	t.Setenv("PATH", "")
	root := t.TempDir()
	install(t, filepath.Join(root, "9.6", "bin"), "postgres", "initdb")
	install(t, filepath.Join(root, "14", "bin"), "postgres", "initdb")
	want := install(t, filepath.Join(root, "15", "bin"), "postgres", "initdb")
	install(t, filepath.Join(root, "17", "bin"), "initdb") // a client's package

	got, err := find([]string{filepath.Join(root, "*", "bin")})
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestFindPrefersPathAndFollowsLinks(t *testing.T) {
	onUnix(t)
	root := t.TempDir()
	want := install(t, filepath.Join(root, "15"), "postgres", "initdb")
	install(t, filepath.Join(root, "usual"), "postgres", "initdb")
	links := install(t, filepath.Join(root, "links"))
	require.NoError(t, os.Symlink(filepath.Join(want, "postgres"), filepath.Join(links, "postgres")))
	t.Setenv("PATH", links)

	got, err := find([]string{filepath.Join(root, "usual")})
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestFindSaysWhatIsMissingAndHowToGetIt(t *testing.T) {
	onUnix(t)
	t.Setenv("PATH", "")
	_, err := find([]string{"/nowhere/*/bin"})
	require.ErrorContains(t, err, "postgres and initdb")
	require.ErrorContains(t, err, "/nowhere/*/bin")
	require.ErrorContains(t, err, "install postgresql")
}

func TestWindowsIsToldClearly(t *testing.T) {
	if runtime.GOOS != "windows" {
		t.Skip("only there")
	}
	_, err := Find()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = Start(t.Context())
	require.ErrorIs(t, err, errors.ErrUnsupported)
}
