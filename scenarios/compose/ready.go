package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// askEvery is how often a service is asked whether it is ready.
const askEvery = 10 * time.Millisecond

// await returns when a process listens at the address, or answers at the path where it is
// to be asked.
func await(ctx context.Context, address, path string) (string, error) {
	every := time.NewTicker(askEvery)
	defer every.Stop()
	for {
		if listens(ctx, address, path) {
			return address, nil
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func listens(ctx context.Context, address, path string) bool {
	if path == "" {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	status, err := ask(ctx, time.Second, http.MethodGet, "http://"+address+path)
	return err == nil && status < http.StatusInternalServerError
}

// ask asks the service itself, past every tap and proxy.
func ask(ctx context.Context, within time.Duration, method, address string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, resp.Body.Close()
}

// opened lets a service that listens forget what it knew, where that has to be
// then.
func (g *targetShop) opened(ctx context.Context) error {
	if g.runs() {
		if err := g.forget(ctx, g.facts); err != nil {
			return err
		}
	}
	path := g.target.Reset.Post
	if path == "" {
		return nil
	}
	host := g.target.Service.URL
	if !g.runs() {
		host = "http://" + onLoopback(g.ports[0])
	}
	status, err := ask(ctx, g.target.ReadyWithin(), http.MethodPost, host+path)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	if status >= 300 {
		return fmt.Errorf("reset: POST %s was answered with status %d", path, status)
	}
	return nil
}

// forget runs the command with which the shop is made to forget, to its end.
func (g *targetShop) forget(ctx context.Context, facts target.Facts) error {
	command, is, err := g.target.Forget(facts, g.Clock)
	if !is {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	words := wire.NewWords(g.Redact)
	command.Stdout, command.Stderr = words.Hear, words.Hear
	p, err := process.Start(command)
	if err != nil {
		return fmt.Errorf("reset: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, g.target.ReadyWithin())
	defer cancel()
	select {
	case <-p.Done():
		err = p.ExitError()
	case <-ctx.Done():
		err = errors.Join(fmt.Errorf("it did not end within %s", g.target.ReadyWithin()), p.Kill())
	}
	if err != nil {
		return fmt.Errorf("reset: %w; %s", err, words.Last())
	}
	return nil
}
