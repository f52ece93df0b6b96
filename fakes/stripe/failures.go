package stripe

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Failure is how a request fails that nothing is wrong with.
type Failure string

// The failures that can be asked for. All but Broken happen before the API knows of the
// request: nothing is kept for its idempotency key.
const (
	Broken      Failure = "500"        // the API's own, as JSON; its key is bound to it
	Unavailable Failure = "503"        // the API's, as JSON
	KeyInUse    Failure = "409"        // another request has the idempotency key
	RateLimited Failure = "rate-limit" // 429 rate_limit
	Locked      Failure = "lock"       // 429 lock_timeout: another request has the object
	EdgeHTML    Failure = "503-html"   // the edge's, a page of HTML
	EdgeEmpty   Failure = "503-empty"  // the edge's, without a body
)

// failures are the answers: "Errors", "Rate limits" and "Error codes".
var failures = map[Failure]answer{
	Broken:   brokenFake.answer(),
	KeyInUse: keyInUse.answer(),
	Unavailable: (&refusal{status: http.StatusServiceUnavailable, kind: apiError,
		message: "Stripe is temporarily unavailable. Try again later."}).answer(),
	RateLimited: limited(&refusal{status: http.StatusTooManyRequests, kind: invalidRequest, code: "rate_limit",
		message: "Request rate limit exceeded. Learn more about rate limits here https://docs.stripe.com/rate-limits."}, "global-rate"),
	Locked: limited(&refusal{status: http.StatusTooManyRequests, kind: invalidRequest, code: "lock_timeout",
		message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request."}, "resource-specific"),
	EdgeHTML: {status: http.StatusServiceUnavailable, header: map[string]string{"Content-Type": "text/html"},
		body: []byte("<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")},
	EdgeEmpty: {status: http.StatusServiceUnavailable, header: map[string]string{"Content-Type": ""}},
}

func limited(r *refusal, reason string) answer {
	a := r.answer()
	a.header = map[string]string{"Stripe-Rate-Limited-Reason": reason}
	return a
}

// Failures are the names of all that can be asked for, sorted.
func Failures() (names []string) {
	for _, f := range slices.Sorted(maps.Keys(failures)) {
		names = append(names, string(f))
	}
	return names
}

// CheckFailure says what is wrong with a name of a failure.
func CheckFailure(name string) error {
	if _, known := failures[Failure(name)]; !known {
		return fmt.Errorf("unknown failure %q: want %s", name, strings.Join(Failures(), ", "))
	}
	return nil
}

// Fail lets the next n requests that would change something fail so, before they changed
// anything. It replaces what was asked for before.
func (p *Provider) Fail(n int, how Failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failing, p.failure = n, how
}

// failsAtEdge is the answer to a request that fails before the API knows of it.
func (p *Provider) failsAtEdge(c *call) (answer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failing == 0 || p.failure == Broken || c.method == http.MethodGet {
		return answer{}, false
	}
	p.failing--
	return failures[p.failure], true
}
