//go:build !unix

package main

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// pass does nothing: a console tells all of its programs, and there is no other signal here.
func pass(*os.Process, os.Signal) {}
