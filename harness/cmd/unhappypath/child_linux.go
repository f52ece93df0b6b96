package main

import "syscall"

// endWithParent lets the child be asked to end when we are killed: it has a report to write.
func endWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGTERM }
