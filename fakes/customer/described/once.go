package described

import (
	"io"
	"net/http"
	"strings"
)

// once sends every request as one message, and unpacks its answer. An http.Transport sends what it takes
// for idempotent again when a warm connection ends under it, and with a body as
// soon as it can have that again: a message that nobody wrote down.
type once struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (o once) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context()) // the caller's is not to be touched
	r.GetBody = nil
	switch r.Method {
	case http.MethodGet:
		if r.Body == nil || r.Body == http.NoBody {
			r.Body = io.NopCloser(strings.NewReader("")) // one that can be read once only, and is not sent
		}
	default:
		for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
			if values, has := r.Header[name]; has { // the Transport knows it by its capitals
				delete(r.Header, name)
				r.Header[strings.ToLower(name)] = values
			}
		}
	}
	resp, err := o.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if err := unpacked(resp); err != nil {
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}
