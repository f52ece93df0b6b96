package script

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sent is the last request of a tab's pages that changes something: a submit.
type sent struct {
	mu   sync.Mutex
	last *submit
}

type submit struct {
	path, method, body string
	header             http.Header
	timeOut            time.Duration
}

func (s *sent) note(one submit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = &one
}

func (s *sent) submit() *submit {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Resubmit implements customer.Repeats.
func (t *Tab) Resubmit(ctx context.Context) error {
	last := t.sent.submit()
	if last == nil {
		return errors.New("the page sent no submit")
	}
	t.ask(ctx, *last)
	return nil
}

// Look implements customer.Repeats: an order is where it was put.
func (t *Tab) Look(ctx context.Context) {
	if last := t.sent.submit(); last != nil {
		t.ask(ctx, submit{path: last.path, method: http.MethodGet, timeOut: last.timeOut})
	}
}

// ask sends a request on a new connection. What comes of it is in the history.
func (t *Tab) ask(ctx context.Context, one submit) {
	t.Chill()
	ctx, cancel := context.WithTimeout(ctx, one.timeOut)
	defer cancel()
	_, _, _ = t.fetch(ctx, one)
}

func (t *Tab) fetch(ctx context.Context, one submit) (int, string, error) {
	var reader io.Reader
	if one.body != "" {
		reader = strings.NewReader(one.body)
	}
	r, err := http.NewRequestWithContext(ctx, one.method, t.URL+one.path, reader)
	if err != nil {
		return 0, "", err
	}
	if one.header != nil {
		r.Header = one.header.Clone()
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}
