// A shop as it is often written first. Its happy path works: it takes the money
// and sends the parcel while the customer waits. It writes nothing down, and takes
// every request for a new one: three ways to make a customer unhappy.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"time"

	"shops/partners"
)

type shop struct {
	*partners.Partners
	pollEvery time.Duration
	slow      orders
	shipped   orders
}

// buy charges and ships. Where the customer takes long to approve the payment in
// her app, it answers once that this may take a while, and goes on.
func (s *shop) buy(basket, order string, answer func(int, any)) error {
	reference := fmt.Sprintf("%s-%08x", order, rand.Uint32()) // a new payment for each request
	if err := s.Create(reference); err != nil {
		return err
	}
	for looks := 1; ; looks++ {
		payment, err := s.Look(reference)
		if err != nil {
			return err
		}
		if payment.State == "AUTHORIZED" {
			break
		}
		if looks == 5 && s.slow.add(order) {
			answer(http.StatusAccepted, map[string]string{"status": "pending"})
		}
		time.Sleep(s.pollEvery)
	}
	if err := s.Capture(reference); err != nil {
		return err
	}
	if s.shipped.add(order) { // the order is checked for, the payment was not
		if err := s.Ship(order, basket); err != nil {
			return err
		}
	}
	answer(http.StatusOK, map[string]string{"status": "shipped"})
	return nil
}

// orders is a set of them.
type orders struct {
	mu   sync.Mutex
	seen map[string]bool
}

// add says whether the order is new to it.
func (o *orders) add(order string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.seen[order]
	o.seen[order] = true
	return !before
}

func (s *shop) cart(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, partners.Price)
}

func (s *shop) submit(w http.ResponseWriter, r *http.Request) {
	var once sync.Once
	done := make(chan struct{})
	answer := func(status int, body any) {
		once.Do(func() {
			write(w, status, body)
			close(done)
		})
	}
	go func() {
		if err := s.buy(r.PathValue("basket"), r.PathValue("basket")+"-order", answer); err != nil {
			answer(http.StatusInternalServerError, map[string]string{"error": err.Error()})
		}
	}()
	<-done
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a caller that does not read it has gone away
}

func main() {
	timeOut, err := time.ParseDuration(os.Getenv("TIMEOUT"))
	if err != nil {
		log.Fatal("TIMEOUT: ", err)
	}
	pollEvery, err := time.ParseDuration(os.Getenv("POLL"))
	if err != nil {
		log.Fatal("POLL: ", err)
	}
	s := &shop{
		Partners: partners.New(timeOut), pollEvery: pollEvery,
		slow: orders{seen: map[string]bool{}}, shipped: orders{seen: map[string]bool{}},
	}
	http.HandleFunc("GET /cart/{basket}", s.cart)
	http.HandleFunc("POST /cart/{basket}/buy", s.submit)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
