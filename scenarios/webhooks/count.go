package webhooks

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// counts are the effects that the shop has counted, by kind.
type counts map[string]int

func (c counts) String() string {
	var list []string
	for _, effect := range slices.Sorted(maps.Keys(c)) {
		list = append(list, fmt.Sprintf("%s %d", effect, c[effect]))
	}
	return strings.Join(list, ", ")
}

// mostCounted is how long an answer with a count may be.
const mostCounted = 1 << 20

// counter asks how many effects there are.
type counter struct {
	d       *Description
	client  *http.Client
	service map[string]string // what a database's path may name

	mu        sync.Mutex
	databases map[string]*sql.DB
}

func newCounter(d *Description, service map[string]string) *counter {
	return &counter{d: d, service: service, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		Timeout:       answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *counter) close() {
	c.client.CloseIdleConnections()
	for _, db := range c.databases {
		_ = db.Close()
	}
}

// read counts all effects of a purchase. What has several counts in one answer is asked
// once.
func (c *counter) read(ctx context.Context, facts map[string]string) (counts, error) {
	all, answers := counts{}, map[string]answer{}
	for effect, how := range c.d.Count {
		n, err := c.one(ctx, how, facts, answers)
		if err != nil {
			return nil, fmt.Errorf("count.%s: %w", effect, err)
		}
		all[effect] = n
	}
	return all, nil
}

// answer is what a request for a count came to.
type answer struct {
	status int
	body   []byte
	err    error
}

func (c *counter) one(ctx context.Context, how Count, facts map[string]string, answers map[string]answer) (int, error) {
	if how.Query != "" {
		return c.ask(ctx, how, facts)
	}
	key := fmt.Sprint(how.Get, how.Headers)
	a, asked := answers[key]
	if !asked {
		a.status, a.body, a.err = c.do(ctx, http.MethodGet, c.d.at(how.Get, facts), how.Headers, nil)
		answers[key] = a
	}
	switch {
	case a.err != nil:
		return 0, a.err
	case a.status == http.StatusNotFound:
		return 0, nil // the shop does not know the purchase
	case a.status != http.StatusOK:
		return 0, fmt.Errorf("GET %s was answered with status %d: want 200 and a number", how.Get, a.status)
	}
	n, err := number(a.body, how.JSON)
	if err != nil {
		return 0, fmt.Errorf("GET %s: %w", how.Get, err)
	}
	return n, nil
}

// nothing says why there is nothing to count, for people, or "": a path or a place that is
// misspelt comes to 0 as well.
func (c *counter) nothing(ctx context.Context, how Count, facts map[string]string) string {
	if how.SQLite != "" {
		if _, err := c.database(how); errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("there is no file %s", how.SQLite)
		}
	}
	if how.Get == "" {
		return ""
	}
	status, body, err := c.do(ctx, http.MethodGet, c.d.at(how.Get, facts), how.Headers, nil)
	switch {
	case err == nil && status == http.StatusNotFound:
		return fmt.Sprintf("GET %s is answered with status 404", how.Get)
	case err == nil && how.JSON != "" && isEmpty(body, how.JSON):
		return fmt.Sprintf("the answer to GET %s has nothing at %q", how.Get, how.JSON)
	}
	return ""
}

// before tells the shop of a purchase.
func (c *counter) before(ctx context.Context, facts map[string]string) error {
	b := c.d.Before
	if b == nil {
		return nil
	}
	var body []byte
	if b.JSON != nil {
		var err error
		if body, err = json.Marshal(filled(b.JSON, facts)); err != nil {
			return err
		}
	}
	status, _, err := c.do(ctx, http.MethodPost, c.d.at(b.Post, facts), b.Headers, body)
	if err == nil && (status < 200 || status > 299) {
		err = fmt.Errorf("POST %s was answered with status %d: want 2xx", b.Post, status)
	}
	if err != nil {
		return fmt.Errorf("before: %w", err)
	}
	return nil
}

func (c *counter) do(ctx context.Context, method, address string, headers map[string]string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(string(body)))
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	resp, err := c.client.Do(r)
	if err != nil {
		return 0, nil, noAnswer(method, r.URL.Path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostCounted+1))
	if err != nil {
		return 0, nil, noAnswer(method, r.URL.Path, err)
	}
	if len(text) > mostCounted {
		return 0, nil, fmt.Errorf("%s %s was answered with more than %d bytes: want a number, or a list", method, r.URL.Path, mostCounted)
	}
	return resp.StatusCode, text, nil
}

func noAnswer(method, path string, err error) error {
	if wait := net.Error(nil); errors.As(err, &wait) && wait.Timeout() {
		return fmt.Errorf("%s %s got no whole answer within %s: let it be quick", method, path, answerWithin)
	}
	return fmt.Errorf("%s %s got no answer, or not all of it", method, path)
}

// pollEvery is how long to wait before a count is asked again.
const pollEvery = 4 * time.Millisecond

// settle counts until the counts are as wanted and stay so for the quiet time, or are
// beyond what they may be, or the limit is over. Without a wish they have to be the least,
// and to stay.
func (c *counter) settle(ctx context.Context, facts map[string]string, base, want, least, most counts, quiet, limit time.Duration) (got counts, at time.Duration, err error) {
	began := time.Now()
	changed := began
	pause := pollEvery
	for {
		now, err := c.read(ctx, facts)
		switch {
		case err != nil && (ctx.Err() != nil || time.Since(began) > limit):
			return nil, 0, err
		case err == nil:
			for effect := range now {
				now[effect] -= base[effect]
			}
			if got == nil || !maps.Equal(got, now) {
				got, changed, pause = now, time.Now(), pollEvery
			}
			if exceeds(got, most) {
				return got, changed.Sub(began), nil
			}
			if rests := time.Since(changed) >= quiet; rests && (want == nil && !lacks(got, least) || maps.Equal(got, want)) || time.Since(began) > limit {
				return got, changed.Sub(began), nil
			}
		}
		select {
		case <-time.After(pause):
			pause = min(pause*3/2, 50*time.Millisecond)
		case <-ctx.Done():
			return got, 0, context.Cause(ctx)
		}
	}
}

func lacks(got, least counts) bool {
	for effect, n := range least {
		if got[effect] < n {
			return true
		}
	}
	return false
}

func exceeds(got, most counts) bool {
	for effect, n := range got {
		if limit, has := most[effect]; has && n > limit {
			return true
		}
	}
	return false
}
