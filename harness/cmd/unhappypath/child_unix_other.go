//go:build unix && !linux

package main

import "syscall"

// Only Linux tells a child that its parent was killed.
func endWithParent(*syscall.SysProcAttr) {}
