package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// needServer skips where PostgreSQL is missing, but not where nobody would read
// why.
func needServer(t *testing.T) {
	t.Helper()
	if _, err := Find(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

func started(t *testing.T) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts PostgreSQL: make test runs it")
	}
	needServer(t)
	s, err := Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func newDatabase(t *testing.T, s *Server) string {
	t.Helper()
	url, err := s.NewDatabase(t.Context())
	require.NoError(t, err)
	return url
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string) (answer T) {
	t.Helper()
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&answer))
	return answer
}

func TestDatabasesAreIsolated(t *testing.T) {
	s := started(t)
	one, two := newDatabase(t, s), newDatabase(t, s)
	require.NotEqual(t, one, two)
	a, b := connect(t, one), connect(t, two)

	run(t, a, "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)")
	require.Equal(t, 1, ask[int](t, a, "SELECT count(*) FROM orders"))
	require.False(t, ask[bool](t, b, "SELECT to_regclass('orders') IS NOT NULL"))

	require.NoError(t, s.DropDatabase(t.Context(), one), "in use or not")
	_, err := pgx.Connect(t.Context(), one)
	require.ErrorContains(t, err, "does not exist")
	require.Equal(t, 1, ask[int](t, b, "SELECT 1"))
}

func TestManyDatabasesAtOnce(t *testing.T) {
	s := started(t)
	urls := make([]string, 16)
	var all sync.WaitGroup
	for i := range urls {
		all.Go(func() {
			var err error
			if urls[i], err = s.NewDatabase(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, url := range urls {
		connect(t, url)
	}
}

func TestADatabaseIsFoundThroughAProxy(t *testing.T) {
	s := started(t)
	direct := newDatabase(t, s)
	run(t, connect(t, direct), "CREATE TABLE orders (id int)")

	proxy, passed := forward(t, s.Addr())
	through := s.URL(direct, proxy)
	require.Contains(t, through, proxy)
	require.True(t, ask[bool](t, connect(t, through), "SELECT to_regclass('orders') IS NOT NULL"))
	require.NotEmpty(t, passed)
	require.Equal(t, direct, s.URL(databaseName(direct), s.Addr()), "by its name, too")
}

// forward passes one connection on to target.
func forward(t *testing.T, target string) (addr string, passed chan struct{}) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	passed = make(chan struct{}, 1)
	var all sync.WaitGroup
	all.Go(func() {
		in, err := l.Accept()
		if err != nil {
			return
		}
		passed <- struct{}{}
		out, err := net.Dial("tcp", target)
		if err != nil {
			t.Error(err)
			return
		}
		all.Go(func() { _, _ = io.Copy(out, in); _ = out.Close() })
		_, _ = io.Copy(in, out)
		_ = in.Close()
	})
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	return l.Addr().String(), passed
}

func TestNobodyGetsInWithoutThePassword(t *testing.T) {
	s := started(t)
	for _, password := range []string{"", "wrong"} {
		config, err := pgx.ParseConfig(newDatabase(t, s))
		require.NoError(t, err)
		config.Password = password
		_, err = pgx.ConnectConfig(t.Context(), config)
		require.ErrorContains(t, err, "password authentication failed")
	}
}

func TestTheServerIsSetUpForStories(t *testing.T) {
	conn := connect(t, newDatabase(t, started(t)))
	for setting, want := range map[string]string{
		"fsync":                   "off",
		"unix_socket_directories": "",
		"listen_addresses":        "127.0.0.1",
		"max_connections":         "200",
		"password_encryption":     "scram-sha-256",
		"server_encoding":         "UTF8",
		"TimeZone":                "UTC",
	} {
		require.Equal(t, want, ask[string](t, conn, "SHOW "+setting), setting)
	}
}

func TestCloseLeavesNoProcessAndNoFolder(t *testing.T) {
	s := started(t)
	conn := connect(t, newDatabase(t, s)) // an open connection must not hold it up
	worker := ask[int](t, conn, "SELECT pg_backend_pid()")
	require.DirExists(t, s.dir)
	require.True(t, lives(t, s.process.PID()))
	require.True(t, lives(t, worker))

	require.NoError(t, s.Close())
	require.True(t, s.process.State().Exited(), "killed, not stopped: %v", s.process.State())
	require.False(t, lives(t, s.process.PID()))
	require.False(t, lives(t, worker))
	require.NoDirExists(t, s.dir)

	require.NoError(t, s.Close(), "a second time")
	_, err := s.NewDatabase(t.Context())
	require.ErrorContains(t, err, "the server has stopped")
}

func lives(t *testing.T, pid int) bool {
	t.Helper()
	p, err := os.FindProcess(pid)
	require.NoError(t, err)
	err = p.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

func TestAPortThatIsTakenIsRecognised(t *testing.T) {
	other := started(t)
	s := started(t)
	require.NoError(t, s.process.Stop(t.Context()))
	again := &Server{bindir: s.bindir, dir: s.dir, as: s.as, password: s.password}

	_, port, err := net.SplitHostPort(other.Addr())
	require.NoError(t, err)
	taken, err := net.LookupPort("tcp", port)
	require.NoError(t, err)
	err = again.launch(t.Context(), taken)
	require.ErrorIs(t, err, errPortTaken)
	require.ErrorContains(t, err, "could not bind", "with the server's own words")

	free, err := freePort()
	require.NoError(t, err)
	require.NoError(t, again.launch(t.Context(), free), "and the next one will do")
	require.NoError(t, again.Close())
}

func TestTheServerAnswersAgainAfterAllConnectionsWereCut(t *testing.T) {
	s := started(t)
	conn := connect(t, newDatabase(t, s))
	run(t, conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
	newDatabase(t, s)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.NewDatabase(gone)
	require.ErrorIs(t, err, context.Canceled)
	newDatabase(t, s)
}

func TestAStartThatIsCutShortLeavesNothing(t *testing.T) {
	needServer(t)
	temp, err := os.MkdirTemp("", "cut-short-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	require.NoError(t, os.Chmod(temp, 0o755)) // the server's user has to get in
	t.Setenv("TMPDIR", temp)

	for _, after := range []time.Duration{0, 30 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		_, err := Start(ctx)
		cancel()
		require.ErrorIs(t, err, context.DeadlineExceeded)
		left, err := os.ReadDir(temp)
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

func TestAFailedStartTellsWhatTheProgramSaid(t *testing.T) {
	needServer(t)
	bindir, err := Find()
	require.NoError(t, err)
	port, err := freePort()
	require.NoError(t, err)
	s := &Server{bindir: bindir, dir: t.TempDir()} // no data, and maybe as root
	err = s.launch(t.Context(), port)
	require.ErrorContains(t, err, "ended at once")
	said := strings.Contains(err.Error(), `"root" execution`) ||
		strings.Contains(err.Error(), "could not access directory") ||
		strings.Contains(err.Error(), "does not exist")
	require.True(t, said, err)
}
