package process

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// rounds bounds how often we look for programs that start others while we kill.
const rounds = 20

// killMarked kills every program that has the mark in its environment, until
// none is left. A program that writes its title over its environment, as php-fpm and
// nginx do, has none any more: while its ancestor lives, astray finds it.
func killMarked(mark string) {
	for range rounds {
		if !killMarkedOnce([]byte(mark)) {
			return
		}
	}
}

func killMarkedOnce(mark []byte) (any bool) {
	var said kernelSays
	for _, pid := range pids() {
		// Nobody else's environment can be read, and a dead program has none.
		if !contains(said.about(pid, "environ"), mark) {
			continue
		}
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			any = true
		}
	}
	return any
}

// pids are the numbers of all programs. A pattern such as /proc/*/stat would read the
// folder of each of them, too, which takes five times as long.
func pids() (list []int) {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			list = append(list, pid)
		}
	}
	return list
}

// kernelSays reads what the kernel says of one program after the other into the same
// memory: a schedule of an exploration looks at each program that runs, several times.
type kernelSays struct{ text []byte }

// about is what the kernel says of a program, till the next call; nothing where it does
// not live or says it to others only.
func (k *kernelSays) about(pid int, what string) []byte {
	file, err := syscall.Open("/proc/"+strconv.Itoa(pid)+"/"+what, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(file)
	for k.text = k.text[:0]; ; {
		k.text = slices.Grow(k.text, 4096)
		n, err := syscall.Read(file, k.text[len(k.text):cap(k.text)])
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			return k.text
		}
		k.text = k.text[:len(k.text)+n]
	}
}

func contains(environ, mark []byte) bool {
	for pair := range bytes.SplitSeq(environ, []byte{0}) {
		if bytes.Equal(pair, mark) {
			return true
		}
	}
	return false
}

// stat is what the kernel says of a program.
type stat struct{ pid, parent, group, session int }

// programs are all that live now.
func programs() (list []stat) {
	var said kernelSays
	for _, pid := range pids() {
		text := said.about(pid, "stat")
		// The name, in brackets, may have anything in it.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) < 4 || fields[0][0] == 'Z' {
			continue
		}
		s := stat{pid: pid}
		for i, number := range []*int{&s.parent, &s.group, &s.session} {
			*number, _ = strconv.Atoi(string(fields[i+1]))
		}
		list = append(list, s)
	}
	return list
}

// astray are the programs that descend from a living one and left its group: the
// children of children, and all in a group or a session that one of them began.
func astray(leader int) (pids []int) {
	all := programs()
	ours := map[int]bool{leader: true}
	for grew := true; grew; {
		grew = false
		for _, s := range all {
			if !ours[s.pid] && (ours[s.parent] || ours[s.group] || ours[s.session]) {
				ours[s.pid], grew = true, true
			}
		}
	}
	for _, s := range all {
		if ours[s.pid] && s.group != leader {
			pids = append(pids, s.pid)
		}
	}
	return pids
}

// killAstray kills them, and those that they started meanwhile in their sessions.
func killAstray(pids []int) {
	for range rounds {
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		any := false
		for _, s := range programs() {
			if slices.Contains(pids, s.session) && !slices.Contains(pids, s.pid) {
				pids, any = append(pids, s.pid), true
			}
		}
		if !any {
			return
		}
	}
}

func pauseAstray(leader int)  { signalAstray(leader, syscall.SIGSTOP) }
func resumeAstray(leader int) { signalAstray(leader, syscall.SIGCONT) }

func signalAstray(leader int, signal syscall.Signal) {
	for _, pid := range astray(leader) {
		_ = syscall.Kill(pid, signal)
	}
}
