package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

const (
	superuser = "postgres"
	loopback  = "127.0.0.1"

	// portTries bounds how often another program may snatch the port between
	// our finding it free and the server's taking it.
	portTries = 10

	// stopGrace is longer than the 5 s after which the server kills those of its
	// workers that did not stop when told to.
	stopGrace = 10 * time.Second
)

var errPortTaken = errors.New("port is taken")

// A Server is a running PostgreSQL. Its methods may be called concurrently.
type Server struct {
	bindir   string
	dir      string // holds all its files; ours to remove
	as       *process.Credential
	password string
	addr     string
	process  *process.Process
	log      *tail
	created  atomic.Int64

	mu   sync.Mutex
	conn *pgx.Conn // for exec; nil until needed
}

// Start makes a database cluster in a temporary folder and runs a server on it,
// ready for queries. The context bounds the start alone: the server runs until
// Close. After an error nothing is left behind.
func Start(ctx context.Context) (_ *Server, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("start PostgreSQL: %w", err)
		}
	}()
	s := &Server{password: rand.Text()}
	if s.bindir, err = Find(); err != nil {
		return nil, err
	}
	if s.as, err = whom(); err != nil {
		return nil, err
	}
	if s.dir, err = os.MkdirTemp("", "unhappy-postgres-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err = s.own(s.dir); err != nil {
		return nil, err
	}
	if err = s.initialise(ctx); err != nil {
		return nil, err
	}
	for range portTries {
		var port int
		if port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.launch(ctx, port); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Addr is the server's host:port; a proxy may stand before it.
func (s *Server) Addr() string { return s.addr }

// NewDatabase creates an empty database and returns its URL, password included.
// It lives until DropDatabase or Close, at some 8 MB.
func (s *Server) NewDatabase(ctx context.Context) (url string, err error) {
	name := "story_" + strconv.FormatInt(s.created.Add(1), 10)
	if err := s.exec(ctx, "CREATE DATABASE "+name); err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	return s.URL(name, s.addr), nil
}

// DropDatabase removes a database, given by its URL or name, and cuts its
// connections. A run of few stories need not care.
func (s *Server) DropDatabase(ctx context.Context, db string) error {
	name := databaseName(db)
	err := s.exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
	if err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	return nil
}

// URL is where a database, given by its URL or name, is found through another
// address (host:port), such as that of a proxy before the server.
func (s *Server) URL(db, addr string) string {
	u := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(superuser, s.password),
		Host:   addr,
		Path:   databaseName(db),
		// The server has no certificate, and clients that ask first would make a
		// second connection where a story counts them.
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

func databaseName(db string) string {
	if u, err := url.Parse(db); err == nil && u.Scheme != "" {
		return strings.TrimPrefix(u.Path, "/")
	}
	return db
}

// Close stops the server, cutting all connections, and removes its files. It
// may be called again.
func (s *Server) Close() error {
	var stopped error
	if s.process != nil {
		stopped = s.process.Stop(context.Background())
	}
	s.mu.Lock() // a statement under way has failed by now
	defer s.mu.Unlock()
	s.hangUp()
	if err := errors.Join(stopped, os.RemoveAll(s.dir)); err != nil {
		return fmt.Errorf("close PostgreSQL: %w", err)
	}
	return nil
}

// exec runs one statement on the connection that we keep to ourselves: on a new
// one CREATE DATABASE takes three times as long (140 ms for 40), as each worker
// of the server has to warm up.
func (s *Server) exec(ctx context.Context, sql string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A story may have cut it, and a cancelled call closes it.
	if s.conn == nil || s.conn.Ping(ctx) != nil {
		if err := s.connect(ctx); err != nil {
			return err
		}
	}
	_, err := s.conn.Exec(ctx, sql)
	return err
}

func (s *Server) connect(ctx context.Context) error {
	s.hangUp()
	conn, err := pgx.Connect(ctx, s.URL(superuser, s.addr))
	if err == nil {
		s.conn = conn
		return nil
	}
	select {
	case <-s.process.Done():
		return s.log.explain(fmt.Errorf("the server has stopped: %w", err))
	default:
		return err
	}
}

func (s *Server) hangUp() {
	if s.conn != nil {
		_ = s.conn.Close(context.Background()) // mostly it is broken already
		s.conn = nil
	}
}

// initialise makes the cluster's files.
func (s *Server) initialise(ctx context.Context) error {
	// A file, since arguments are there for all to read.
	secret := filepath.Join(s.dir, "password")
	if err := os.WriteFile(secret, []byte(s.password), 0o600); err != nil {
		return err
	}
	if err := s.own(secret); err != nil {
		return err
	}
	p, log, err := s.run("initdb", nil,
		"--pgdata="+s.data(), "--username="+superuser,
		"--auth=scram-sha-256", "--pwfile="+secret,
		"--encoding=UTF8", "--locale=C", "--no-sync",
	)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		return errors.Join(ctx.Err(), p.Kill())
	}
	if err := p.ExitError(); err != nil {
		return log.explain(err)
	}
	return os.Remove(secret)
}

// launch runs the server and returns when it has answered a query.
func (s *Server) launch(ctx context.Context, port int) error {
	// The server says when it is ready; asking until it answers would need a
	// pause in between.
	ready := make(chan struct{})
	say := sync.OnceFunc(func() { close(ready) })
	p, log, err := s.run("postgres", func(line string) {
		if strings.Contains(line, "database system is ready to accept connections") {
			say()
		}
	}, settings(s.data(), port)...)
	if err != nil {
		return err
	}
	s.process, s.log = p, log
	s.addr = net.JoinHostPort(loopback, strconv.Itoa(port))
	select {
	case <-ready:
		return s.exec(ctx, "SELECT 1")
	case <-p.Done():
		err := fmt.Errorf("postgres ended at once: %v", p.State())
		if log.has("Address already in use") {
			err = fmt.Errorf("port %d: %w: %w", port, errPortTaken, err)
		}
		return log.explain(err)
	case <-ctx.Done():
		return ctx.Err() // Start closes the server
	}
}
