package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// rounds bounds how often we look for programs that start others while we kill.
const rounds = 20

// killMarked kills every program that has the mark in its environment, until
// none is left.
func killMarked(mark string) {
	for range rounds {
		if !killMarkedOnce([]byte(mark)) {
			return
		}
	}
}

func killMarkedOnce(mark []byte) (any bool) {
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		// Nobody else's environment can be read, and a dead program has none.
		environ, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !contains(environ, mark) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(folder)); err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
			any = true
		}
	}
	return any
}

func contains(environ, mark []byte) bool {
	for pair := range bytes.SplitSeq(environ, []byte{0}) {
		if bytes.Equal(pair, mark) {
			return true
		}
	}
	return false
}
