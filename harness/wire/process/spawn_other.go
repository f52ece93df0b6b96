//go:build !linux

package process

import "os/exec"

// Only Linux ties a child to its parent; elsewhere the pipe that is the child's
// input has to do, and any thread may start it.

func spawn(cmd *exec.Cmd) error { return cmd.Start() }

func reaped() {}

// killMarked cannot see other programs' environments here.
func killMarked(string) {}

// Whose child a program is cannot be seen here either.
func astray(int) []int { return nil }
func killAstray([]int) {}
func pauseAstray(int)  {}
func resumeAstray(int) {}

// awaitExit cannot tell an end without reaping (Darwin's waitid returns for
// stopped children, too).
func awaitExit(int) bool { return false }
