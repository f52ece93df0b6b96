package main

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
	corpus, err := readCorpus(folder)
	require.NoError(t, err)
	defects, harmless := 0, 0
	for _, d := range corpus {
		_, err := d.overlay(root, t.TempDir())
		require.NoError(t, err, d.Name)
		if d.harmless() {
			harmless++
		} else {
			defects++
		}
	}
	require.GreaterOrEqual(t, defects, 30)
	require.GreaterOrEqual(t, harmless, 10)
}

// One defect and one harmless patch, built and hunted for real; “make defects”
// does it with all of them.
func TestADefectIsCaughtAndAHarmlessPatchIsLeftAlone(t *testing.T) {
	corpus, err := readCorpus(folder)
	require.NoError(t, err)
	absolute, err := filepath.Abs(root)
	require.NoError(t, err)
	h := hunt{root: absolute, budget: 60e9, audit: 10, replays: 20}
	for _, d := range corpus {
		switch d.Name {
		case "12-capture-one-too-little":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
			require.Equal(t, "amount-as-shown", got.Promise)
			require.Empty(t, got.Strikes, "it needs no strike")
			require.Equal(t, 20, got.Replayed)
		case "01-local-name":
			got, err := h.one(t.Context(), d)
			require.NoError(t, err)
			require.True(t, got.Good(), "%s", got)
		}
	}
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
			_, err := parseDefect([]byte(row.text))
			require.ErrorContains(t, err, row.words)
		})
	}
}

func TestAPatchThatDoesNotFitIsRefused(t *testing.T) {
	d, err := parseDefect([]byte("Harmless: x\n\n" + patch))
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
		if d, err := parseDefect(text); err == nil {
			require.NotEmpty(t, d.files)
			require.NotEmpty(t, d.Says)
		}
	})
}
