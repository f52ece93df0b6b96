package shipping

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// answer is as it is checked, kept for a key and sent.
type answer = contract.Answer

// kept is what is remembered of a booking for its Idempotency-Key, for good.
type kept struct {
	order  order
	answer answer
}

// order is the body of a booking.
type order struct{ reference, basket string }

// ServeHTTP implements http.Handler.
func (c *Carrier) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// serve answers r and names the operation that took it.
func (c *Carrier) serve(r *http.Request, body []byte) (operation string, a answer) {
	operation, id, a := route(r.Method, r.URL.Path)
	if operation != "" {
		a = c.answer(operation, id, r, body)
	}
	return operation, a
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
	if len(body) > contract.MaxBody {
		return problem(http.StatusRequestEntityTooLarge, "the body is over 64 KiB")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem(http.StatusBadRequest, "query: "+err.Error())
	}
	terms := c.contract.Terms(operation)
	if wrong := terms.Parameters(r.Header, query, map[string]string{"id": id}); wrong != nil {
		return problem(http.StatusBadRequest, wrong[0].String())
	}
	switch operation {
	case "book":
		if !contract.IsJSON(r.Header.Get("Content-Type")) {
			return problem(http.StatusUnsupportedMediaType, "send application/json")
		}
		if len(body) == 0 { // terms.Body would say "is missing"
			return problem(http.StatusBadRequest, "body: EOF")
		}
		asked, wrong := terms.Body(body)
		if wrong != nil {
			return problem(http.StatusBadRequest, wrong[0].String())
		}
		fields := asked.(map[string]any) // so says the document
		return c.book(r.Header.Get("Idempotency-Key"), order{fields["reference"].(string), fields["basket"].(string)})
	case "cancel":
		return c.cancel(id)
	default:
		return c.list(query.Get("reference"))
	}
}

// book books a parcel, or answers as it did when key came before. The carrier
// knows keys only: another key books another parcel, whatever the reference.
func (c *Carrier) book(key string, asked order) (a answer) {
	c.books.Commit(func(now time.Time) {
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
	c.move(p, observe.ParcelBooked)
	return contract.JSON(http.StatusCreated, struct {
		ID        string          `json:"id"`
		Reference string          `json:"reference"`
		State     observe.EntryOp `json:"state"`
	}{p.id, p.reference, p.state})
}

func (c *Carrier) cancel(id string) (a answer) {
	c.books.Commit(func(time.Time) {
		p := c.find(id)
		switch {
		case p == nil:
			a = problem(http.StatusNotFound, "no parcel has this id")
			return
		case p.state == observe.ParcelHandedOver:
			a = problem(http.StatusConflict, "the parcel was handed over")
			return
		case p.state == observe.ParcelBooked:
			c.move(p, observe.ParcelCancelled)
		}
		a = contract.JSON(http.StatusOK, struct {
			ID    string          `json:"id"`
			State observe.EntryOp `json:"state"`
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
		ID        string          `json:"id"`
		Reference string          `json:"reference"`
		Key       string          `json:"key"`
		State     observe.EntryOp `json:"state"`
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
	return contract.JSON(http.StatusOK, all)
}

func problem(status int, text string) answer {
	return contract.Problem(status, struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", http.StatusText(status), status, text})
}
