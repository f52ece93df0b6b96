package webhooks

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/harness/wire/process"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// handler is the process under test; without a service it runs already.
type handler struct {
	service *target.Target // nil: it is never started
	address string         // host and port
	ready   string         // a path, or "": it listens
	facts   target.Facts
	words   *wire.Words

	mu      sync.Mutex
	running *process.Process
	asked   bool // it ends because we want it to
	ends    int  // how often it ended by itself
	kills   int
	data    string
	startup time.Duration // how long its first start took
	ending  sync.WaitGroup
}

// mostEnds is how often a handler may end by itself and is started again.
const mostEnds = 20

func newHandler(d *Description, redact func(string) string) (*handler, error) {
	address, err := url.Parse(d.URL)
	if err != nil {
		return nil, err
	}
	h := &handler{address: address.Host, words: wire.NewWords(redact)}
	if d.Service == nil {
		return h, nil
	}
	if h.data, err = os.MkdirTemp("", "unhappypath-webhooks-"); err != nil {
		return nil, err
	}
	h.service, h.ready = target.Alone(*d.Service, d.folder), d.Service.Ready.Get
	h.facts = serviceFacts(address.Port(), h.data, d.Secret)
	return h, nil
}

// open starts the handler, or finds that it is there.
func (h *handler) open(ctx context.Context) error {
	if h.service == nil {
		if !h.listens(ctx) {
			return fmt.Errorf("nothing listens at %s: start the handler, or say service: {command: […]}", h.address)
		}
		return nil
	}
	if h.listens(ctx) {
		return fmt.Errorf("another program listens at %s already: end it, or leave out service to test that one", h.address)
	}
	began := time.Now()
	err := h.start(ctx)
	h.startup = time.Since(began)
	return err
}

func (h *handler) start(ctx context.Context) error {
	command, err := h.service.Start(h.service.Shop()[0], h.facts, units.Wall)
	if err != nil {
		return err
	}
	command.Stdout, command.Stderr = h.words.Hear, h.words.Hear
	p, err := process.Start(command)
	if err != nil {
		return fmt.Errorf("the handler could not be started: %w", err)
	}
	h.mu.Lock()
	h.running, h.asked = p, false
	h.mu.Unlock()
	limit := time.NewTimer(h.service.ReadyWithin())
	defer limit.Stop()
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for !h.listens(ctx) {
		select {
		case <-every.C:
		case <-p.Done():
			return fmt.Errorf("the handler ended before it listened at %s; %s", h.address, h.words.Last())
		case <-limit.C:
			return errors.Join(fmt.Errorf("the handler did not listen at %s within %s; %s", h.address, h.service.ReadyWithin(), h.words.Last()), h.end())
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), h.end())
		}
	}
	h.ending.Go(func() { h.watch(ctx, p) })
	return nil
}

// watch starts the handler again when it ends by itself, as whatever runs it would.
func (h *handler) watch(ctx context.Context, p *process.Process) {
	<-p.Done()
	h.mu.Lock()
	mine := h.running == p && !h.asked
	if mine {
		h.ends++
	}
	again := mine && h.ends < mostEnds
	h.mu.Unlock()
	if again && ctx.Err() == nil {
		_ = h.start(ctx) // where it cannot be started, nobody answers, and that is seen
	}
}

// kill kills the handler, and says whether it was alive then and ended by that.
func (h *handler) kill() (bool, error) {
	h.mu.Lock()
	h.kills++
	p := h.running
	h.mu.Unlock()
	if err := h.end(); err != nil || p == nil {
		return false, err
	}
	return p.State() != nil && p.State().ExitCode() == endedBySignal, nil
}

// endedBySignal is what os has in place of an exit code.
const endedBySignal = -1

func (h *handler) end() error {
	h.mu.Lock()
	p := h.running
	h.asked = true
	h.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.Kill()
}

// close ends the handler for good, and forgets its data.
func (h *handler) close() error {
	err := h.end()
	h.ending.Wait()
	err = errors.Join(err, h.end())
	if h.data != "" {
		err = errors.Join(err, os.RemoveAll(h.data))
	}
	return err
}

func (h *handler) listens(ctx context.Context) bool {
	if h.ready == "" {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", h.address)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.address+h.ready, nil)
	if err != nil {
		return false
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode < http.StatusInternalServerError
}

// told is how often the handler was killed, and how often it ended by itself.
func (h *handler) told() (kills, ends int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.kills, h.ends
}
