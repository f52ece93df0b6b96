package postgres

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// run starts one of PostgreSQL's programs and keeps the end of what it prints;
// each line is also told to hear, if that is not nil.
func (s *Server) run(
	program string, hear func(line string), args ...string,
) (*process.Process, *tail, error) {
	log := new(tail)
	tell := func(line []byte) {
		log.add(string(line))
		if hear != nil {
			hear(string(line))
		}
	}
	p, err := process.Start(process.Command{
		Path: filepath.Join(s.bindir, program),
		Args: args,
		Dir:  s.dir, // our own may be closed to the user it runs as
		// Ours would bring PGDATA, PGPORT and the like along. Messages in plain
		// English are what we look for.
		Env:        []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"},
		Credential: s.as,
		Stdout:     tell,
		Stderr:     tell,
		// "Immediate shutdown": cut all connections, keep nothing, but wait for
		// the workers, which are out of reach for a kill of the group, and give
		// back shared memory. SIGTERM would wait for clients to leave.
		StopSignal: syscall.SIGQUIT,
		Grace:      stopGrace,
	})
	return p, log, err
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// settings are the server's arguments; what is not said is as initdb left it.
func settings(data string, port int) []string {
	args := []string{"-D", data}
	for _, setting := range []string{
		"port=" + strconv.Itoa(port),
		"listen_addresses=" + loopback,
		"unix_socket_directories=", // nothing must get around a proxy
		"max_connections=200",      // many stories at once, each with a pool

		// The files die with the run.
		"fsync=off",
		"synchronous_commit=off",
		"full_page_writes=off",

		// No database lives long enough to need it, and its workers would take
		// turns on the processor from the story.
		"autovacuum=off",

		// In the data folder, so that a server that was killed leaves nothing of
		// it elsewhere.
		"dynamic_shared_memory_type=mmap",

		"logging_collector=off", // we read its log, not a file
		"lc_messages=C",
	} {
		args = append(args, "-c", setting)
	}
	return args
}

// whom to run as: PostgreSQL refuses root.
func whom() (*process.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		// Darwin's nobody is -2.
		uid, uidErr := strconv.ParseInt(u.Uid, 10, 64)
		gid, gidErr := strconv.ParseInt(u.Gid, 10, 64)
		if err := errors.Join(uidErr, gidErr); err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &process.Credential{UID: uint32(uid), GID: uint32(gid)}, nil
	}
	return nil, errors.New("it does not run as root, and there is no user postgres or nobody")
}

// own gives a path to whom the server runs as.
func (s *Server) own(path string) error {
	if s.as == nil {
		return nil
	}
	return os.Chown(path, int(s.as.UID), int(s.as.GID))
}

// freePort is free at this moment; somebody may take it in the next.
func freePort() (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, "0"))
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// A tail is the last lines of a program's output.
type tail struct {
	mu    sync.Mutex
	lines []string
}

const tailLines = 30

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == tailLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, line)
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}

func (t *tail) has(text string) bool { return strings.Contains(t.String(), text) }

// explain adds the output to an error that does not speak for itself.
func (t *tail) explain(err error) error { return fmt.Errorf("%w\n%s", err, t) }
