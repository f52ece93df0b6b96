package virtual_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/virtual"
	"github.com/unhappypath/unhappypath/harness/worldtest"
)

// streaming is a shop that tells how an order stands in a stream, which it never
// ends.
func streaming(at virtual.Premises) (func(context.Context) error, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for _, status := range []string{"checking", "shipped"} {
			_, _ = io.WriteString(w, "data: {\"status\":\""+status+"\"}\n\n")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-time.After(7 * time.Second):
			case <-r.Context().Done():
				return
			}
		}
		<-r.Context().Done()
	})
	return func(ctx context.Context) error {
		server := &http.Server{Handler: mux}
		stop := context.AfterFunc(ctx, func() { _ = server.Close() })
		defer stop()
		if err := server.Serve(at.Listener); err != http.ErrServerClosed {
			return err
		}
		return nil
	}, nil
}

// reader is a page that shows what a stream says.
type reader struct {
	environment.Setup
	client *http.Client
	leave  context.CancelFunc
	work   sync.WaitGroup
}

func (p *reader) screen(says observe.Status) {
	p.See(Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: says, Basket: "b-ana"}})
}

func (p *reader) Open(context.Context, string) error { return nil }

func (p *reader) Click(context.Context, int) error {
	ctx, leave := context.WithCancel(context.Background())
	p.leave = leave
	p.work.Go(func() {
		r, _ := http.NewRequestWithContext(ctx, "GET", p.ShopURL+"/events", nil)
		answer, err := p.client.Do(r)
		if err != nil {
			return
		}
		defer answer.Body.Close()
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if _, status, is := strings.Cut(lines.Text(), `"status":"`); is {
				p.screen(observe.Status(strings.TrimSuffix(status, `"}`)))
			}
		}
	})
	return nil
}

func (p *reader) Change(context.Context, int) error { return nil }
func (p *reader) Chill() error                      { return nil }

func (p *reader) Close() {
	if p.leave != nil {
		p.leave()
	}
	p.work.Wait()
	p.client.CloseIdleConnections()
}

func readsAStream(ctx context.Context, setup environment.Setup) (virtual.Parts, error) {
	t, err := studio.Compose(ctx, setup)
	t.Shop = streaming
	t.Tab = func(string, string) (environment.Tab, error) {
		return &reader{Setup: setup, client: &http.Client{Transport: &http.Transport{DialContext: setup.Dialer("ana")}}}, nil
	}
	return t, err
}

// In virtual time, too, a stream is passed on while it is told, keeps no world from
// resting, and is told of when the world is taken down: the same every time.
func TestAStreamInVirtualTime(t *testing.T) {
	var last *Run
	differ, where, err := worldtest.Unlike(3, func(seed uint64) *Run {
		last = virtual.Enact(t.Context(), Story{
			ID: "stream", Plot: "Ana's page holds a stream open.",
			Script: func(s *Stage) {
				s.Customer("ana").Submits()
				s.Customer("ana").Waits(10 * time.Second)
			},
		}, enact.Options{World: "virtual", Database: "sqlite", Seed: seed, Expects: "kept"}, readsAStream)
		return last
	})
	require.NoError(t, err)
	require.Empty(t, differ, where)
	require.Empty(t, last.Unsettled)
	at, clicked := map[observe.Status]time.Duration{}, time.Duration(0)
	told := 0
	for _, e := range last.History {
		switch {
		case e.Kind == observe.Action && e.Act.Does == "clicks":
			clicked = e.At
		case e.Kind == observe.Screen:
			at[e.View.Says] = e.At - clicked
		case e.Kind == observe.Answered:
			told++
			require.True(t, e.Message.Stream)
			require.Equal(t, "data: {\"status\":\"checking\"}\n\ndata: {\"status\":\"shipped\"}\n\n", e.Message.Body)
		}
	}
	require.Equal(t, 1, told)
	require.Less(t, at["checking"], time.Second)
	require.InDelta(t, 7*time.Second, at["shipped"], float64(time.Second))
	require.Less(t, last.History[len(last.History)-1].At, 3*time.Minute, "the world did not wait for the stream")
}
