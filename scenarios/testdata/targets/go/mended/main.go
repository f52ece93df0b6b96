// The same shop, mended. What is different:
//
//   - The order has its id before the customer clicks, and a click puts that
//     order: however often the same one comes, it is one order. Another id is
//     refused.
//   - What the shop is about to do is in the journal before it does it. A shop
//     that was killed goes on where the journal ends.
//   - Each call has one key for good, and no answer is no answer: it says neither
//     yes nor no. The shop looks, and asks again with the same key.
//   - The customer is answered at once, and can ask how her order stands.
//
// Left out, for five minutes' sake: webhooks, refunds, and the goods in stock.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"shops/journal"
	"shops/partners"
)

var words = map[string]string{
	"shipped": "Your parcel is on its way.",
	"refused": "The payment was refused. You were not charged.",
	"changed": "The basket has changed. Please look at it again.",
	"working": "We have your order, and are working on it.",
}

// view says it twice, in a word for programs and in a sentence for people: a
// page that finds one of them missing has the other.
func view(id, status string) map[string]string {
	if words[status] == "" {
		status = "working"
	}
	return map[string]string{"id": id, "status": status, "says": words[status]}
}

func (d *desk) servePut(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Basket, Currency string
		Amount           int64
	}
	id := r.PathValue("id")
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		write(w, http.StatusBadRequest, map[string]string{"says": err.Error()})
		return
	}
	shown := partners.Amount{Value: asked.Amount, Currency: asked.Currency}
	if id != orderOf(asked.Basket) || shown != partners.Price {
		write(w, http.StatusConflict, view(id, "changed"))
		return
	}
	write(w, http.StatusAccepted, view(id, d.put(id, asked.Basket)))
}

func (d *desk) serveGet(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	status := d.status(id)
	if status == "" {
		write(w, http.StatusNotFound, map[string]string{"says": "There is no such order."})
		return
	}
	write(w, http.StatusOK, view(id, status))
}

// orderOf gives one basket one order, however often its page is loaded.
func orderOf(basket string) string { return basket + "-order" }

func serveCart(w http.ResponseWriter, r *http.Request) {
	write(w, http.StatusOK, struct {
		Order string `json:"order"`
		partners.Amount
	}{orderOf(r.PathValue("basket")), partners.Price})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that does not read it has gone away
}

func setting(name string) time.Duration {
	d, err := time.ParseDuration(os.Getenv(name))
	if err != nil {
		log.Fatal(name, ": ", err)
	}
	return d
}

func main() {
	book, orders, err := journal.Open(filepath.Join(os.Getenv("DATA"), "orders.jsonl"), func(o *order) string { return o.ID })
	if err != nil {
		log.Fatal(err)
	}
	d := &desk{
		Partners: partners.New(setting("TIMEOUT")), journal: book, orders: orders,
		notes: make(chan func()), every: setting("POLL"),
	}
	d.backOff.first, d.backOff.most = setting("BACK_OFF"), setting("BACK_OFF_MOST")
	go d.run()
	http.HandleFunc("GET /cart/{basket}", serveCart)
	http.HandleFunc("PUT /orders/{id}", d.servePut)
	http.HandleFunc("GET /orders/{id}", d.serveGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
