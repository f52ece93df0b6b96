package scenarios

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/export"
)

// tellGitHub adds the runs to the job's summary and annotates their stories,
// where this is a job of GitHub's.
func tellGitHub(out io.Writer, runs []*judge.Run, about reports.About) error {
	if os.Getenv("GITHUB_ACTIONS") == "true" {
		// A command is one at the beginning of a line, and Ginkgo has begun this one.
		fmt.Fprintln(out)
		for _, line := range export.Annotations(runs) {
			fmt.Fprintln(out, line)
		}
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = file.Write(export.Summary(runs, about))
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fmt.Errorf("the job's summary (GITHUB_STEP_SUMMARY): %w", err)
	}
	return nil
}

// toldAt is where the caller of Tell stands: its file, from the root of its
// repository, and its line; "" where the sources are not on this machine.
func toldAt(skip int) string {
	_, file, line, ok := runtime.Caller(skip + 1)
	if !ok {
		return ""
	}
	for root := filepath.Dir(file); root != filepath.Dir(root); root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
			return fmt.Sprintf("%s:%d", filepath.ToSlash(strings.TrimPrefix(file[len(root):], string(filepath.Separator))), line)
		}
	}
	return ""
}

// placeOf is where the caller stands, in whatever folder that was built.
func placeOf(skip int) string {
	_, file, line, _ := runtime.Caller(skip + 1)
	return fmt.Sprintf("%s:%d", file, line)
}
