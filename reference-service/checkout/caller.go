package checkout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// caller makes single HTTP calls: no retries, no redirects, no call that waits
// longer than timeout. Whether to ask again is decided where it is known what
// asking again would do.
//
// One retry is beyond its reach. Go's transport sends a POST that carries an
// Idempotency-Key once more when a kept-alive connection breaks before the
// answer. The key and the body are the same then, which is what we would do.
type caller struct {
	client  *http.Client
	timeout time.Duration
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// answer is a complete HTTP answer.
type answer struct {
	status     int
	body       []byte
	json       bool
	retryAfter time.Duration
	// later is the name of a change that was only received: what came of it is told later,
	// and in payment.NotDone.
	later string
}

// call makes one HTTP call. An error means that it is unknown what happened.
func (c *caller) call(ctx context.Context, method, url string, header http.Header, body string) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var reader io.Reader = http.NoBody
	if body != "" {
		reader = bytes.NewReader([]byte(body))
		if header.Get("Content-Type") == "" {
			header.Set("Content-Type", "application/json")
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: %w", method, url, err)
	}
	request.Header = header
	response, err := c.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: the answer broke off: %w", method, url, err)
	}
	if len(text) > maxAnswer {
		return answer{}, fmt.Errorf("%s %s: the answer is longer than %d bytes", method, url, maxAnswer)
	}
	a := answer{status: response.StatusCode, body: text}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	a.json = kind == "application/json" || strings.HasSuffix(kind, "+json")
	if seconds, err := strconv.ParseFloat(response.Header.Get("Retry-After"), 64); err == nil && seconds > 0 {
		a.retryAfter = time.Duration(min(seconds, 1e6) * float64(time.Second))
	}
	return a, nil
}

// reply is how the other side took a request to do something.
type reply int

const (
	unclear  reply = iota // it may have done it, or may yet
	accepted              // it says it did; its words are still to be checked
	refused               // it says it did not and will not
)

// taken reads an answer to a request to do something by its status.
func (a answer) taken() reply {
	switch {
	case a.status >= 200 && a.status < 300:
		return accepted
	case a.status < 400 || a.status >= 500:
		return unclear
	case a.status == http.StatusUnauthorized, a.status == http.StatusRequestTimeout, a.status == http.StatusConflict,
		a.status == http.StatusLocked, a.status == http.StatusTooEarly, a.status == http.StatusTooManyRequests:
		return unclear
	default:
		return refused
	}
}

func (a answer) String() string {
	return trimmed(fmt.Sprintf("status %d: %s", a.status, a.body))
}

// decode reads a JSON answer. What the other side adds is ignored; what it
// leaves out is for the caller to miss.
func (a answer) decode(v any) error {
	if !a.json {
		return fmt.Errorf("the answer is not JSON: %v", a)
	}
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("the answer makes no sense: %w", err)
	}
	return nil
}

// miss turns an unclear answer into a verdict that respects the wish to be
// left alone for a while. It is bounded by our own idea of the provider's rate
// limit, so that no header can put a customer off for a day.
func (s *Service) miss(a answer, err error) verdict {
	if err != nil {
		return verdict{outcome: unknown, reason: err.Error()}
	}
	v := verdict{outcome: unknown, reason: a.String()}
	if a.status == http.StatusTooManyRequests {
		v.after = s.cfg.RateWindow
	}
	if a.retryAfter > 0 {
		v.after = min(a.retryAfter, s.cfg.RateWindow)
	}
	return v
}
