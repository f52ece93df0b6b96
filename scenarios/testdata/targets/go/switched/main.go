// The mended shop with more of what shops have: it releases money that it cannot take,
// and begins another payment where it must. SHOP_DEFECT=name switches one of the defects
// of ../defects.yaml on, and SHOP_TWIN=name the same change made right. With neither it
// keeps its promises.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"shops/journal"
	"shops/partners"
)

var switches = []string{
	"payment-per-submit", "finished-order-forgotten", "parcel-key-per-life", "shipping-not-resumed",
	"refused-while-reserved", "cancel-sent-once", "slow-is-refused", "new-payment-on-5xx",
	"retry-without-pause", "orders-of-the-last-life", "parcel-before-capture",
}

func defect(name string) bool { return os.Getenv("SHOP_DEFECT") == name }
func twin(name string) bool   { return os.Getenv("SHOP_TWIN") == name }
func either(name string) bool { return defect(name) || twin(name) }

var words = map[string]string{
	"shipped":   "Your parcel is on its way.",
	"refused":   "The payment was refused. You were not charged.",
	"cancelled": "We could not take the payment, and have released your money.",
	"changed":   "The basket has changed. Please look at it again.",
	"working":   "We have your order, and are working on it.",
}

// view says it twice, in a word for programs and in a sentence for people: a
// page that finds one of them missing has the other.
func view(id, status, says string) map[string]string {
	if words[status] == "" {
		status = "working"
	}
	if says == "" {
		says = words[status]
	}
	return map[string]string{"id": id, "status": status, "says": says}
}

// stands is the view of an order.
func (d *desk) stands(o *order) map[string]string {
	if o.Status == paying && time.Since(o.Since) > d.slow && either("slow-is-refused") {
		if defect("slow-is-refused") {
			return view(o.ID, refused, "")
		}
		return view(o.ID, o.Status, "The payment takes longer than usual.")
	}
	return view(o.ID, o.Status, "")
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
	if asShown := id == orderOf(asked.Basket) && shown == partners.Price; !asShown && d.order(id) == nil {
		write(w, http.StatusConflict, view(id, "changed", ""))
		return
	}
	write(w, http.StatusAccepted, d.stands(d.put(id, asked.Basket)))
}

func (d *desk) serveGet(w http.ResponseWriter, r *http.Request) {
	o := d.order(r.PathValue("id"))
	if o == nil {
		write(w, http.StatusNotFound, map[string]string{"says": "There is no such order."})
		return
	}
	write(w, http.StatusOK, d.stands(o))
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
	for _, name := range []string{os.Getenv("SHOP_DEFECT"), os.Getenv("SHOP_TWIN")} {
		if name != "" && !slices.Contains(switches, name) {
			log.Fatalf("there is no switch %q: there are %s", name, strings.Join(switches, ", "))
		}
	}
	book, orders, err := journal.Open(filepath.Join(os.Getenv("DATA"), "orders.jsonl"), func(o *order) string { return o.ID })
	if err != nil {
		log.Fatal(err)
	}
	d := &desk{
		Partners: partners.New(setting("TIMEOUT")), journal: book, orders: orders, done: map[string]string{},
		notes: make(chan func()), every: setting("POLL"), slow: setting("SLOW"), life: fmt.Sprintf("%08x", rand.Uint32()),
	}
	d.backOff.first, d.backOff.most = setting("BACK_OFF"), setting("BACK_OFF_MOST")
	go d.run()
	http.HandleFunc("GET /cart/{basket}", serveCart)
	http.HandleFunc("PUT /orders/{id}", d.servePut)
	http.HandleFunc("GET /orders/{id}", d.serveGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
