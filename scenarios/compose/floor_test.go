package compose_test

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What one virtual story asks of net/http and of SQLite, counted in a run of
// twoTabsAndARetry.
const (
	exchanges    = 20 // each over two connections: to the tap, and on from there
	statements   = 70
	transactions = 13
)

// BenchmarkFloor is what BenchmarkVirtualStories could not get below if the
// harness, the shop, the page and the fakes took no time at all: as many HTTP
// exchanges over pipes in memory, and as many prepared statements.
func BenchmarkFloor(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	for _, part := range []struct {
		name      string
		http, sql bool
	}{{"http", true, false}, {"sql", false, true}, {"both", true, true}} {
		b.Run(part.name, func(b *testing.B) {
			story := newFloor(b)
			for b.Loop() {
				if part.http {
					story.talk(b)
				}
				if part.sql {
					story.keepBooks(b)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "stories/s")
		})
	}
}

type floor struct {
	client      *http.Client
	books       *sql.DB
	write, read *sql.Stmt
}

func newFloor(b *testing.B) (f floor) {
	f.client, f.books = overPipes(b), books(b)
	var err error
	f.write, err = f.books.PrepareContext(b.Context(), "UPDATE orders SET state = $2 WHERE id = $1")
	require.NoError(b, err)
	f.read, err = f.books.PrepareContext(b.Context(), "SELECT id, amount, state FROM orders WHERE id = $1")
	require.NoError(b, err)
	return f
}

func (f floor) talk(b *testing.B) {
	for range 2 * exchanges {
		res, err := f.client.Post("http://shop/orders/1", "application/json", strings.NewReader(`{"amount":{"value":49900,"currency":"NOK"}}`))
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(b, err)
		require.NoError(b, res.Body.Close())
	}
}

func (f floor) keepBooks(b *testing.B) {
	for i := range transactions {
		tx, err := f.books.BeginTx(b.Context(), nil)
		require.NoError(b, err)
		_, err = tx.StmtContext(b.Context(), f.write).ExecContext(b.Context(), i, "paid")
		require.NoError(b, err)
		require.NoError(b, tx.Commit())
	}
	for i := range statements - transactions {
		var id, amount int
		var state string
		require.NoError(b, f.read.QueryRowContext(b.Context(), i).Scan(&id, &amount, &state))
	}
}

// overPipes is a client whose server is at the other end of a pipe in memory.
func overPipes(b *testing.B) *http.Client {
	ln := pipes{make(chan net.Conn), make(chan struct{})}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":"1","status":"shipped"}`)
	})}
	go func() { _ = server.Serve(ln) }()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		ln.conns <- far
		return near, nil
	}}
	b.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(b, server.Close())
	})
	return &http.Client{Transport: transport}
}

// pipes is a listener to which only overPipes dials.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "shop", Net: "pipe"} }

// books is the database as the virtual world keeps it: one connection to SQLite
// in memory.
func books(b *testing.B) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { require.NoError(b, db.Close()) })
	_, err = db.ExecContext(b.Context(), "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER, state TEXT)")
	require.NoError(b, err)
	for i := range statements {
		_, err = db.ExecContext(b.Context(), "INSERT INTO orders VALUES ($1, 49900, 'new')", i)
		require.NoError(b, err)
	}
	return db
}
