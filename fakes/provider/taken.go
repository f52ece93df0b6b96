package provider

import (
	"io"
	"net/http"
)

// Taken makes one attempt to deliver a webhook, and says whether it was taken. Only an
// answer of 2xx takes it: a redirect is not followed, and is a failure.
func Taken(via http.RoundTripper, r *http.Request) bool {
	resp, err := via.RoundTrip(r)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}
