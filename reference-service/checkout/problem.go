package checkout

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// problem is an answer that says what is wrong with a request (RFC 9457).
type problem struct {
	status int
	detail string
}

func (p *problem) Error() string { return p.detail }

func conflict(format string, args ...any) error {
	return &problem{http.StatusConflict, sentence(format, args...)}
}

func badRequest(format string, args ...any) error {
	return &problem{http.StatusBadRequest, sentence(format, args...)}
}

// sentence makes a sentence of what is written like a Go error.
func sentence(format string, args ...any) string {
	text := fmt.Sprintf(format, args...)
	if text[0] >= 'a' && text[0] <= 'z' {
		text = string(text[0]-'a'+'A') + text[1:]
	}
	return text + "."
}

// fail answers with err. What is wrong with the shop is for its log only.
func (s *Service) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	if !errors.As(err, &p) {
		s.log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		p = &problem{http.StatusServiceUnavailable, "The shop cannot answer at the moment; try again."}
	}
	writeJSON(w, "application/problem+json", p.status, map[string]any{
		"type": "about:blank", "title": http.StatusText(p.status), "status": p.status, "detail": p.detail,
	})
}

func writeJSON(w http.ResponseWriter, kind string, status int, document any) {
	body, err := json.Marshal(document)
	if err != nil {
		panic(err) // documents are of our own making: cannot fail
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(append(body, '\n')) // the customer may be gone; she will ask again
}
