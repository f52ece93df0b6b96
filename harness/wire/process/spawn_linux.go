package process

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// The kernel sends the parent-death signal when the *thread* that forked the
// child ends, not the whole process. Go starts and ends threads as it likes (a
// goroutine that ends while locked to its thread takes the thread with it), so
// a program started from just any goroutine may be killed in the middle of a
// story. Hence all of them are started from one goroutine, locked to one thread
// for as long as any of its children lives.
//
// With its last child gone the goroutine ends: a test that looks for leaked
// goroutines finds this one exactly where a program was leaked.
var starter struct {
	sync.Mutex
	children int
	work     chan func()
}

func spawn(cmd *exec.Cmd) error {
	starter.Lock()
	if starter.children == 0 {
		starter.work = make(chan func())
		go startThere(starter.work)
	}
	starter.children++
	work := starter.work // stays open while our own child is counted
	starter.Unlock()

	started := make(chan error, 1)
	work <- func() { started <- cmd.Start() }
	err := <-started
	if err != nil {
		reaped()
	}
	return err
}

// reaped is called once for each child that ended.
func reaped() {
	starter.Lock()
	defer starter.Unlock()
	starter.children--
	if starter.children == 0 {
		close(starter.work)
	}
}

func startThere(work <-chan func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread() // childless now: the thread may go its way
	for do := range work {
		do()
	}
}

func dieWithParent(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }

// awaitExit returns when the process has ended but is not yet reaped: its pid,
// and with it the number of its group, cannot have passed to anybody else.
// It says false where the kernel cannot tell.
func awaitExit(pid int) bool {
	const (
		byPID   = 1       // P_PID
		waitFor = 4       // WEXITED
		noReap  = 1 << 24 // WNOWAIT
		infoLen = 128     // sizeof(siginfo_t), on every architecture
	)
	var info [infoLen / 8]uint64
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, byPID, uintptr(pid),
			uintptr(unsafe.Pointer(&info)), waitFor|noReap, 0, 0)
		if errno != syscall.EINTR {
			return errno == 0
		}
	}
}
