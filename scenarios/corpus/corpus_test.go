package corpus

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	folder = "../testdata/defects"
)

func TestEveryPatchOfTheCorpusFitsTheServiceAndSaysWhereItIsFrom(t *testing.T) {
	list, err := Read(folder)
	require.NoError(t, err)
	defects, harmless := 0, 0
	for _, d := range list {
		_, err := d.overlay(root, t.TempDir())
		require.NoError(t, err, d.Name)
		if d.Harmless() {
			harmless++
		} else {
			defects++
		}
	}
	require.GreaterOrEqual(t, defects, 30)
	require.GreaterOrEqual(t, harmless, 10)
}

const patch = `diff --git a/go.mod b/go.mod
--- a/go.mod
+++ b/go.mod
@@ -1,1 +1,1 @@
-module github.com/unhappypath/unhappypath
+module elsewhere
`

func TestAPatchThatIsNoneIsRefusedInWords(t *testing.T) {
	for name, row := range map[string]struct{ text, words string }{
		"nothing":             {"", "changes no file"},
		"no header":           {patch, "begins with the line"},
		"no source":           {"Defect: x\nBreaks: charged-once\n\n" + patch, "“Source:” and “Breaks:”"},
		"no promise":          {"Defect: x\nSource: y\n\n" + patch, "“Source:” and “Breaks:”"},
		"unknown promise":     {"Defect: x\nSource: y\nBreaks: the-heart\n\n" + patch, "no standard promise"},
		"harmless and breaks": {"Harmless: x\nBreaks: charged-once\n\n" + patch, "“Source:” and “Breaks:”"},
		"damaged":             {"Harmless: x\n\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-y\n", "no patch"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(row.text))
			require.ErrorContains(t, err, row.words)
		})
	}
}

func TestAPatchThatDoesNotFitIsRefused(t *testing.T) {
	d, err := parse([]byte("Harmless: x\n\n" + patch))
	require.NoError(t, err)
	_, err = d.overlay(t.TempDir(), t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
	elsewhere := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(elsewhere, "go.mod"), []byte("module other\n"), 0o600))
	_, err = d.overlay(elsewhere, t.TempDir())
	require.ErrorContains(t, err, "does not fit go.mod any more")
}

func FuzzParseDefect(f *testing.F) {
	f.Add([]byte("Defect: x\nSource: y\nBreaks: charged-once\n\n" + patch))
	f.Add([]byte("Harmless: x\n\n" + patch))
	f.Add([]byte("diff --git a/x b/x\nGIT binary patch\nliteral 1\nIcmZQz\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if d, err := parse(text); err == nil {
			require.NotEmpty(t, d.files)
			require.NotEmpty(t, d.Says)
		}
	})
}
