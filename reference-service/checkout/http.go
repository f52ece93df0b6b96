package checkout

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/reference-service/page"
)

//go:embed openapi.yaml
var openAPI []byte

// maxBody bounds every request's body, in bytes.
const maxBody = 64 << 10

var (
	basketShape   = regexp.MustCompile(`^[a-z0-9-]{1,24}$`)
	orderShape    = regexp.MustCompile(`^[a-z0-9-]{1,24}-[a-z2-7]{8}$`)
	currencyShape = regexp.MustCompile(`^[A-Z]{3}$`)
)

// methods are the handlers of one path. Their error becomes the answer.
type methods map[string]func(http.ResponseWriter, *http.Request) error

// Handler serves the shop's customers, its provider's webhooks and its people.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for path, m := range map[string]methods{
		"/checkout/{basket}":        {"GET": s.getCheckout, "POST": s.postCheckout},
		"/baskets/{basket}":         {"PUT": s.putBasket},
		"/orders/{id}":              {"GET": s.getOrder, "PUT": s.putOrder},
		WebhookPath(s.cfg.Payments): {"POST": s.postWebhook},
		"/reconciliation":           {"GET": s.getReconciliation},
		"/healthz":                  {"GET": s.getHealth},
		"/openapi.yaml":             {"GET": s.getOpenAPI},
	} {
		mux.Handle(path, s.serve(m))
	}
	mux.Handle("GET /assets/", page.Assets())
	mux.Handle("/", s.serve(nil))
	return mux
}

func (s *Service) serve(m methods) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		handle, known := m[r.Method]
		switch {
		case m == nil:
			s.fail(w, r, &problem{http.StatusNotFound, "There is nothing at this address."})
			return
		case !known:
			valid := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
			w.Header().Set("Allow", valid)
			s.fail(w, r, &problem{http.StatusMethodNotAllowed, "This address takes " + valid + " only."})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		if err := handle(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// writing is the context for what a request writes. A customer who leaves after
// she has clicked has bought all the same, so it outlives her connection, but
// not the patience that the service has with its books.
func (s *Service) writing(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(r.Context()), s.cfg.DatabaseTimeout)
}

// reading is the context for what a request only reads.
func (s *Service) reading(r *http.Request) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), s.cfg.DatabaseTimeout)
}

// readBody reads a body of the one content type that the address takes. Who
// dribbles it is cut off.
func (s *Service) readBody(w http.ResponseWriter, r *http.Request, kind string) ([]byte, error) {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != kind {
		return nil, &problem{http.StatusUnsupportedMediaType, "The body must be of the type " + kind + "."}
	}
	control := http.NewResponseController(w)
	// A server that knows no deadlines has its own way to end a connection.
	_ = control.SetReadDeadline(time.Now().Add(s.cfg.AnswerWithin))
	body, err := io.ReadAll(r.Body)
	_ = control.SetReadDeadline(time.Time{})
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, &problem{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is longer than %d bytes.", maxBody)}
	case err != nil:
		return nil, badRequest("the body broke off")
	}
	return body, nil
}

// decodeStrictly reads one JSON document that has no fields but v's. What we
// publish we may be strict about: a misspelt field is a mistake worth telling.
func decodeStrictly(body []byte, v any) error {
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return badRequest("the body is not the JSON document that is expected here: %s",
			strings.TrimPrefix(trimmed(err.Error()), "json: "))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return badRequest("something follows the JSON document")
	}
	return nil
}

func pathBasket(r *http.Request) (string, error) {
	id := r.PathValue("basket")
	if !basketShape.MatchString(id) {
		return "", badRequest("a basket's id is 1 to 24 of a-z, 0-9 and -")
	}
	return id, nil
}

func pathOrder(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if !orderShape.MatchString(id) {
		return "", badRequest("an order's id is its basket's id, a dash and 8 of a-z and 2-7")
	}
	return id, nil
}

func (s *Service) getHealth(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := s.reading(r)
	defer cancel()
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("ping the database: %w", err)
	}
	writeJSON(w, "application/json", http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

func (s *Service) getOpenAPI(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(openAPI) // its reader may be gone
	return nil
}
