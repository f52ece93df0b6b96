// Package partners makes the calls to the payment provider and to the carrier
// that a purchase needs. Both shops here make the same ones; they differ in when,
// and in what they take an answer for.
package partners

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// Amount is money, in minor units.
type Amount struct {
	Value    int64  `json:"value"`
	Currency string `json:"currency"`
}

// Price is what everything costs here.
var Price = Amount{49900, "NOK"}

// Payment is how a payment stands. What the provider did not say is nil, which
// is not the same as nothing.
type Payment struct {
	State     string
	Aggregate struct {
		CapturedAmount, CancelledAmount *Amount
	}
}

// Refused is an answer that is no yes. What it means depends on its status.
type Refused struct{ Status int }

func (r Refused) Error() string { return fmt.Sprintf("it was answered with status %d", r.Status) }

// SaysNo says whether the answer is a no for good. A 4xx is one, unless it says to
// come back.
func SaysNo(err error) bool {
	var r Refused
	if !errors.As(err, &r) || r.Status < 400 || r.Status >= 500 {
		return false
	}
	switch r.Status {
	case http.StatusUnauthorized, http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return true
}

// NotFound says whether there is no such thing, for sure.
func NotFound(err error) bool {
	var r Refused
	return errors.As(err, &r) && r.Status == http.StatusNotFound
}

// Partners are where the environment says.
type Partners struct {
	timeOut time.Duration
	mu      sync.Mutex
	token   string // good for many calls
}

// New makes Partners whose calls take so long at most.
func New(timeOut time.Duration) *Partners { return &Partners{timeOut: timeOut} }

// send asks and reads the answer into into. An error says that there is none, or
// that it is no yes.
func (p *Partners) send(method, url string, header map[string]string, body, into any) error {
	ctx, cancel := context.WithTimeout(context.Background(), p.timeOut)
	defer cancel()
	var text bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&text).Encode(body); err != nil {
			return err
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, url, &text)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return Refused{answer.StatusCode}
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

func account(more map[string]string) map[string]string {
	more["Ocp-Apim-Subscription-Key"] = os.Getenv("PAYMENTS_SUBSCRIPTION_KEY")
	more["Merchant-Serial-Number"] = os.Getenv("PAYMENTS_MERCHANT")
	return more
}

func (p *Partners) logIn() (string, error) {
	p.mu.Lock()
	token := p.token
	p.mu.Unlock()
	if token != "" {
		return token, nil
	}
	var said struct {
		Token string `json:"access_token"`
	}
	err := p.send("POST", os.Getenv("PAYMENTS_URL")+"/accesstoken/get", account(map[string]string{
		"client_id": os.Getenv("PAYMENTS_CLIENT_ID"), "client_secret": os.Getenv("PAYMENTS_CLIENT_SECRET"),
	}), nil, &said)
	if err == nil && said.Token == "" {
		err = errors.New("the provider gave no token")
	}
	p.keep(said.Token)
	return said.Token, err
}

func (p *Partners) keep(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.token = token
}

func (p *Partners) provider(method, path, key string, body, into any) error {
	token, err := p.logIn()
	if err != nil {
		return err
	}
	header := account(map[string]string{"Authorization": "Bearer " + token})
	if key != "" {
		header["Idempotency-Key"] = key
	}
	err = p.send(method, os.Getenv("PAYMENTS_URL")+"/epayment/v1/payments"+path, header, body, into)
	if errors.Is(err, Refused{http.StatusUnauthorized}) {
		p.keep("") // it ran out: the next call gets a new one
	}
	return err
}

// Create asks for a payment, which the customer has to approve.
func (p *Partners) Create(reference string) error {
	return p.provider("POST", "", "create-"+reference, map[string]any{
		"amount": Price, "reference": reference, "paymentMethod": map[string]string{"type": "WALLET"},
		"userFlow": "WEB_REDIRECT", "returnUrl": os.Getenv("PUBLIC_URL") + "/done", "paymentDescription": "One parcel",
	}, new(any))
}

// Look says how a payment stands.
func (p *Partners) Look(reference string) (payment Payment, err error) {
	return payment, p.provider("GET", "/"+reference, "", nil, &payment)
}

// Capture takes the money.
func (p *Partners) Capture(reference string) error {
	return p.provider("POST", "/"+reference+"/capture", "capture-"+reference,
		map[string]any{"modificationAmount": Price}, new(any))
}

// Cancel releases what is reserved.
func (p *Partners) Cancel(reference string) error {
	return p.provider("POST", "/"+reference+"/cancel", "cancel-"+reference, map[string]any{}, new(any))
}

// Ship books a parcel.
func (p *Partners) Ship(order, basket string) error { return p.ShipAs("ship-"+order, order, basket) }

// ShipAs books a parcel under a key: one key, one parcel.
func (p *Partners) ShipAs(key, order, basket string) error {
	return p.send("POST", os.Getenv("SHIPPING_URL")+"/shipments", map[string]string{"Idempotency-Key": key},
		map[string]string{"reference": order, "basket": basket}, new(any))
}
