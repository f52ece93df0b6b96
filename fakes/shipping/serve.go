package shipping

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const (
	maxBody = 64 << 10 // more is refused
	cutBody = 1 << 20  // more is not even read: the connection is dropped

	plainJSON   = "application/json"
	problemJSON = "application/problem+json"
)

// answer is a whole answer, as it is checked, kept for a key and sent.
type answer struct {
	status    int
	mediaType string
	body      []byte
}

// kept is what is remembered of a booking for its Idempotency-Key, for good.
type kept struct {
	order  order
	answer answer
}

// order is the body of a booking.
type order struct{ reference, basket string }

// ServeHTTP implements http.Handler.
func (c *Carrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, cutBody)
	c.handler.ServeHTTP(w, r)
}

func (c *Carrier) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // in memory: observe.Server has read it
	operation, id, a := route(r.Method, r.URL.Path)
	terms := c.contract.operations[operation]
	if terms != nil {
		a = c.answer(operation, id, r, body)
	}
	if err := c.contract.checkAnswer(terms, a); err != nil {
		text := "the fake carrier broke its own contract: " + r.Method + " " + r.URL.Path + ": " + err.Error()
		c.cfg.See(observe.Event{Actor: "carrier", Kind: observe.Note, Text: text})
		a = problem(http.StatusInternalServerError, text)
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// route is the operation that is asked for, and the parcel's id where the path
// has one; or no operation and why.
func route(method, path string) (operation, id string, no answer) {
	parts := strings.Split(path, "/")
	switch {
	case path == "/shipments" && method == http.MethodPost:
		return "book", "", answer{}
	case path == "/shipments" && method == http.MethodGet:
		return "list", "", answer{}
	case len(parts) == 4 && parts[1] == "shipments" && parts[3] == "cancel" && method == http.MethodPost:
		return "cancel", parts[2], answer{}
	case path == "/shipments", len(parts) == 4 && parts[1] == "shipments" && parts[3] == "cancel":
		return "", "", problem(http.StatusMethodNotAllowed, "this path does not take "+method)
	}
	return "", "", problem(http.StatusNotFound, "there is nothing at this path")
}

func (c *Carrier) answer(operation, id string, r *http.Request, body []byte) answer {
	if len(body) > maxBody {
		return problem(http.StatusRequestEntityTooLarge, "the body is over 64 KiB")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem(http.StatusBadRequest, "query: "+err.Error())
	}
	terms := c.contract.operations[operation]
	if err := terms.checkParameters(r.Header, query, id); err != nil {
		return problem(http.StatusBadRequest, err.Error())
	}
	switch operation {
	case "book":
		if !isJSON(r.Header.Get("Content-Type")) {
			return problem(http.StatusUnsupportedMediaType, "send application/json")
		}
		asked, err := readOrder(terms, body)
		if err != nil {
			return problem(http.StatusBadRequest, err.Error())
		}
		return c.book(r.Header.Get("Idempotency-Key"), asked)
	case "cancel":
		return c.cancel(id)
	default:
		return c.list(query.Get("reference"))
	}
}

// readOrder decodes a booking's body, which the document must allow.
func readOrder(t *terms, body []byte) (order, error) {
	v, err := decode(body)
	if err != nil {
		return order{}, fmt.Errorf("body: %w", err)
	}
	if err := t.checkBody(v); err != nil {
		return order{}, err
	}
	fields := v.(map[string]any)
	return order{fields["reference"].(string), fields["basket"].(string)}, nil
}

// book books a parcel, or answers as it did when key came before. The carrier
// knows keys only: another key books another parcel, whatever the reference.
func (c *Carrier) book(key string, asked order) (a answer) {
	c.commit(func(now time.Time) {
		if before, used := c.keys[key]; used {
			a = before.answer
			if before.order != asked {
				a = problem(http.StatusConflict, "this Idempotency-Key came before, with another body")
			}
			return
		}
		a = c.bookNew(key, asked, now)
		c.keys[key] = kept{asked, a}
	})
	return a
}

func (c *Carrier) bookNew(key string, asked order, now time.Time) answer {
	if c.cfg.Refuse != nil && c.cfg.Refuse(asked.basket) {
		return problem(http.StatusUnprocessableEntity, "this basket cannot be shipped")
	}
	p := &parcel{id: c.id(key), reference: asked.reference, basket: asked.basket, key: key}
	if c.cfg.HandOverAfter > 0 {
		p.leaves = now.Add(c.cfg.HandOverAfter / time.Duration(c.cfg.Speed))
	}
	c.parcels = append(c.parcels, p)
	c.waiting = append(c.waiting, p)
	c.move(p, booked)
	return answerJSON(http.StatusCreated, struct {
		ID        string `json:"id"`
		Reference string `json:"reference"`
		State     string `json:"state"`
	}{p.id, p.reference, p.state})
}

func (c *Carrier) cancel(id string) (a answer) {
	c.commit(func(time.Time) {
		p := c.find(id)
		switch {
		case p == nil:
			a = problem(http.StatusNotFound, "no parcel has this id")
			return
		case p.state == handedOver:
			a = problem(http.StatusConflict, "the parcel was handed over")
			return
		case p.state == booked:
			c.move(p, cancelled)
		}
		a = answerJSON(http.StatusOK, struct {
			ID    string `json:"id"`
			State string `json:"state"`
		}{p.id, p.state})
	})
	return a
}

func (c *Carrier) find(id string) *parcel {
	for _, p := range c.parcels {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (c *Carrier) list(reference string) answer {
	type shipment struct {
		ID        string `json:"id"`
		Reference string `json:"reference"`
		Key       string `json:"key"`
		State     string `json:"state"`
	}
	all := struct {
		Shipments []shipment `json:"shipments"`
	}{[]shipment{}}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.parcels {
		if p.reference == reference {
			all.Shipments = append(all.Shipments, shipment{p.id, p.reference, p.key, p.state})
		}
	}
	return answerJSON(http.StatusOK, all)
}

func answerJSON(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("shipping: answer of type %T: %v", v, err)) // only plain structs come here
	}
	return answer{status, plainJSON, body}
}

func problem(status int, text string) answer {
	a := answerJSON(status, struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, text})
	a.mediaType = problemJSON
	return a
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == plainJSON
}

// decode reads exactly one JSON value.
func decode(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}
