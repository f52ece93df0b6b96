package checkout

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
)

// Main runs the checkout as a process until ctx is done, and gives its exit
// code: 0 after a stop that was asked for, 2 after a mistake in the settings,
// which it names in one line on stderr, and 1 after any other failure.
//
// It logs to stdout, one JSON document a line. The line with the message
// "listening" says that it is ready, and where.
func Main(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	if slices.ContainsFunc(args, func(a string) bool { return a == "-help" || a == "--help" || a == "-h" }) {
		writeHelp(stdout)
		return 0
	}
	if len(args) > 0 {
		fmt.Fprintf(stderr, "%q is no argument of this service; -help lists its settings\n", args[0])
		return 2
	}
	cfg, err := ParseConfig(environ)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stdout, nil))
	if err := run(ctx, cfg, log); err != nil {
		log.Error("stopped", "error", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, cfg Config, log *slog.Logger) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	db, dialect, err := open(cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: cfg.Workers + 1}
	defer transport.CloseIdleConnections()
	service, err := New(cfg, Parts{DB: db, Dialect: dialect, Transport: transport, Rand: Randomness(cfg.Seed), Log: log})
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("CHECKOUT_LISTEN: %w", err)
	}
	if cfg.StopOnEOF {
		go func() {
			io.Copy(io.Discard, os.Stdin) // ends when the parent does
			stop()
		}()
	}
	return service.Serve(ctx, listener)
}

// Randomness is what ids and jitter are drawn from: the system's, or with a
// seed the same at every start.
func Randomness(seed string) io.Reader {
	if seed == "" {
		return rand.Reader
	}
	sum := sha256.Sum256([]byte(seed))
	return bytes.NewReader(sum[:])
}

func open(cfg Config) (*sql.DB, Dialect, error) {
	if cfg.DatabaseURL != "" {
		db, err := OpenPostgres(cfg.DatabaseURL)
		return db, PostgreSQL, err
	}
	db, err := OpenSQLite(cfg.Database)
	return db, SQLite, err
}

// Serve serves customers and webhooks on the listener, and works on what is due,
// until ctx is done. It ends in order: no new connections, then the answers in
// progress, whose waits end at once, and the workers. The caller still has the
// database to close.
func (s *Service) Serve(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: s.cfg.PageTimeout,
		// A customer's wait for an outcome ends when the service stops.
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	var ending sync.WaitGroup
	var workErr, shutdownErr error
	ending.Go(func() {
		workErr = s.Run(ctx)
		stop()
	})
	ending.Go(func() {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.AnswerWithin)
		defer cancel()
		shutdownErr = server.Shutdown(limit)
	})
	s.log.Info("listening", "addr", listener.Addr().String())
	err := server.Serve(listener)
	stop()
	ending.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, workErr, shutdownErr)
}
