package checkout

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// This file is all that the checkout knows of Stripe's Payment Intents, as docs.stripe.com
// describes them.

func stripeKind() providerKind {
	return providerKind{
		title:      "Stripe",
		currencies: []string{"NOK", "DKK", "EUR", "USD", "GBP"},
		settings: []setting{
			{"CHECKOUT_PAYMENTS_SECRET_KEY", "", "secret key of the test mode, sk_test_…", true, secretKey},
		},
		account: func(facts map[string]string) []string {
			return []string{"CHECKOUT_PAYMENTS_SECRET_KEY=" + facts["secret_key"]}
		},
		new: newStripe,
	}
}

var testKey = regexp.MustCompile(`^(sk|rk)_test_\w+$`)

// secretKey takes no key with which a mistake costs money: this checkout is to be broken.
func secretKey(c *Config, value string) error {
	if !testKey.MatchString(value) {
		return errors.New("no key of the test mode: valid is one that begins with sk_test_ or rk_test_")
	}
	c.Account.SecretKey = value
	return nil
}

// stripeAPI speaks to Stripe. A payment has an id of Stripe's, which nobody knows while
// its creation is unanswered: until then it is found by the reference in its metadata.
type stripeAPI struct {
	cfg    Config
	caller *caller
}

const intentsPath = "/v1/payment_intents"

// withCharge asks for the charge in the answer: it alone says what was paid back.
const withCharge = "expand[]=latest_charge"

func (p *stripeAPI) createRequest(o order, reference string) string {
	return url.Values{
		"amount":                             {strconv.FormatInt(o.price.Value, 10)},
		"currency":                           {strings.ToLower(o.price.Currency)},
		"capture_method":                     {"manual"},
		"automatic_payment_methods[enabled]": {"true"},
		"description":                        {"Order " + o.id},
		"metadata[order]":                    {o.id},
		"metadata[reference]":                {reference},
		"expand[]":                           {"latest_charge"},
	}.Encode()
}

func (p *stripeAPI) request(kind Kind, amount money) string {
	if kind == Capture {
		return url.Values{"amount_to_capture": {strconv.FormatInt(amount.Value, 10)}, "expand[]": {"latest_charge"}}.Encode()
	}
	return url.Values{"amount": {strconv.FormatInt(amount.Value, 10)}}.Encode()
}

func (p *stripeAPI) create(ctx context.Context, key, body string) (answer, error) {
	return p.call(ctx, http.MethodPost, intentsPath, key, body)
}

func (p *stripeAPI) named(a answer, reference string) (string, error) {
	made, err := decodeIntent(a)
	if err == nil && made.Metadata["reference"] != reference {
		err = fmt.Errorf("the provider created the payment %q", trimmed(made.Metadata["reference"]))
	}
	return made.ID, err
}

func (p *stripeAPI) landing(a answer) string {
	i, _ := decodeIntent(a) // it was decoded before
	return i.Next.Redirect.URL
}

func (p *stripeAPI) read(ctx context.Context, reference string) (answer, error) {
	if isIntent(reference) {
		return p.call(ctx, http.MethodGet, intentsPath+"/"+url.PathEscape(reference)+"?"+withCharge, "", "")
	}
	return p.find(ctx, everyIntent, reference)
}

func isIntent(reference string) bool { return strings.HasPrefix(reference, "pi_") }

// everyIntent asks for all payments.
const everyIntent = intentsPath + "?limit=100&expand[]=data.latest_charge"

// find looks for the payment with the reference among all of a list, the newest first. The
// answer is as if it had been asked for by its id.
func (p *stripeAPI) find(ctx context.Context, list, reference string) (answer, error) {
	after := ""
	for {
		a, err := p.call(ctx, http.MethodGet, list+after, "", "")
		if err != nil || a.status != http.StatusOK {
			return a, err
		}
		var page struct {
			Data []json.RawMessage `json:"data"`
			More *bool             `json:"has_more"`
		}
		if err := a.decode(&page); err != nil {
			return answer{}, err
		}
		if page.More == nil {
			return answer{}, fmt.Errorf("the list of payments does not say whether there are more: %v", a)
		}
		last := ""
		for _, text := range page.Data {
			one := answer{status: http.StatusOK, body: text, json: true}
			var made struct {
				ID       string            `json:"id"`
				Metadata map[string]string `json:"metadata"`
			}
			if err := one.decode(&made); err != nil {
				return answer{}, err
			}
			if made.Metadata["reference"] == reference {
				return one, nil
			}
			last = made.ID
		}
		if !*page.More || last == "" {
			return answer{status: http.StatusNotFound}, nil
		}
		after = "&starting_after=" + url.QueryEscape(last)
	}
}

func (p *stripeAPI) change(ctx context.Context, kind Kind, reference, key, body string) (answer, error) {
	if !isIntent(reference) { // nobody knows its id yet
		a, err := p.find(ctx, everyIntent, reference)
		if err != nil || a.status != http.StatusOK {
			return answer{}, cmp.Or(err, fmt.Errorf("the payment %s cannot be changed: %v", reference, a))
		}
		made, err := decodeIntent(a)
		if err != nil {
			return answer{}, err
		}
		reference = made.ID
	}
	at := intentsPath + "/" + url.PathEscape(reference)
	switch kind {
	case Capture:
		return p.call(ctx, http.MethodPost, at+"/capture", key, body)
	case Void:
		return p.call(ctx, http.MethodPost, at+"/cancel", key, withCharge)
	default: // is answered with the refund, which does not say what is left
		a, err := p.call(ctx, http.MethodPost, "/v1/refunds", key, body+"&payment_intent="+url.QueryEscape(reference))
		if err != nil || p.changed(a) != accepted {
			return a, err
		}
		return p.read(ctx, reference)
	}
}

// A payment that is cancelled while its customer approves it is released.
func (p *stripeAPI) cancelUnapproved(ctx context.Context, reference, key string) (answer, error) {
	return p.change(ctx, Void, reference, key, "")
}

func (p *stripeAPI) taken(a answer) reply   { return a.taken() }
func (p *stripeAPI) changed(a answer) reply { return a.taken() }

// intent is a payment, as Stripe tells it.
type intent struct {
	ID        string            `json:"id"`
	Status    string            `json:"status"`
	Amount    *int64            `json:"amount"`
	Currency  string            `json:"currency"`
	Received  *int64            `json:"amount_received"`
	Metadata  map[string]string `json:"metadata"`
	LastError json.RawMessage   `json:"last_payment_error"`
	Charge    json.RawMessage   `json:"latest_charge"`
	Next      struct {
		Redirect struct {
			URL string `json:"url"`
		} `json:"redirect_to_url"`
	} `json:"next_action"`
}

func decodeIntent(a answer) (i intent, err error) {
	if err := a.decode(&i); err != nil {
		return i, err
	}
	if !isIntent(i.ID) || i.Metadata == nil {
		return i, fmt.Errorf("the answer is no payment: %v", a)
	}
	return i, nil
}

func (p *stripeAPI) payment(a answer, reference string) (payment, error) {
	i, err := decodeIntent(a)
	switch {
	case err != nil:
		return payment{}, err
	case i.ID != reference && i.Metadata["reference"] != reference:
		return payment{}, fmt.Errorf("the provider speaks of the payment %q instead of %q", trimmed(i.ID), reference)
	case i.Amount == nil || i.Received == nil || i.Currency == "":
		return payment{}, fmt.Errorf("the provider's answer lacks an amount: %v", a)
	}
	in := func(n int64) money { return money{n, strings.ToUpper(i.Currency)} }
	got := payment{Reference: i.ID, Landing: i.Next.Redirect.URL, Amount: in(*i.Amount), Aggregate: sums{in(0), in(0), in(*i.Received), in(0)}}
	switch i.Status {
	case "requires_payment_method", "requires_confirmation", "requires_action", "processing":
		got.State = "CREATED"
		got.Declined = i.Status == "requires_payment_method" && len(i.LastError) > 0 && string(i.LastError) != "null"
	case "canceled":
		got.State = "TERMINATED"
	case "requires_capture", "succeeded":
		got.State = "AUTHORIZED"
		got.Aggregate.Authorized = in(*i.Amount)
	default:
		return payment{}, fmt.Errorf("the provider tells an unknown state %q", trimmed(i.Status))
	}
	if i.Status == "succeeded" {
		var charge struct {
			Refunded *int64 `json:"amount_refunded"`
		}
		if json.Unmarshal(i.Charge, &charge) != nil || charge.Refunded == nil {
			return payment{}, fmt.Errorf("the provider's answer lacks what was paid back: %v", a)
		}
		got.Aggregate.Refunded = in(*charge.Refunded)
		got.Aggregate.Authorized = in(*i.Received) // the rest was released
	}
	return got, nil
}

func (p *stripeAPI) call(ctx context.Context, method, path, key, body string) (answer, error) {
	h := http.Header{"Authorization": {"Bearer " + p.cfg.Account.SecretKey}}
	if body != "" {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if key != "" {
		h.Set("Idempotency-Key", key)
	}
	return p.caller.call(ctx, method, p.cfg.PaymentsURL+path, h, body)
}

// signed reads the header Stripe-Signature: t=UNIX SECONDS,v1=HMAC-SHA256 in hex, of the
// time, a dot and the body; one v1 for each secret while a secret is being changed.
func (p *stripeAPI) signed(r *http.Request, body []byte, now time.Time) error {
	var sent string
	var signatures []string
	for part := range strings.SplitSeq(r.Header.Get("Stripe-Signature"), ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "t":
			sent = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		return errors.New("the header Stripe-Signature holds no time")
	}
	tolerance := p.cfg.WebhookTolerance + time.Second // the header tells whole seconds
	if age := now.Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return errors.New("the webhook was not signed just now")
	}
	mac := hmac.New(sha256.New, []byte(p.cfg.WebhookSecret))
	fmt.Fprintf(mac, "%s.%s", sent, body)
	want := hex.EncodeToString(mac.Sum(nil))
	for _, signature := range signatures {
		if hmac.Equal([]byte(want), []byte(signature)) {
			return nil
		}
	}
	return errors.New("the webhook's signature is not the provider's")
}

// stripeEvents are what happened to a payment, by the types of Stripe's events. Others are
// no news of one.
var stripeEvents = map[string]string{
	"payment_intent.created": "CREATED", "payment_intent.amount_capturable_updated": "AUTHORIZED",
	"payment_intent.succeeded": "CAPTURED", "payment_intent.canceled": "TERMINATED",
	"payment_intent.payment_failed": "FAILED", "charge.refunded": "REFUNDED",
}

// stripeEvent is a webhook's: what happened to an intent, a charge or a session.
type stripeEvent struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Object struct {
			ID       string            `json:"id"`
			Intent   string            `json:"payment_intent"` // of a charge
			Metadata map[string]string `json:"metadata"`
		} `json:"object"`
	} `json:"data"`
}

func (p *stripeAPI) notice(body []byte) (notice, error) {
	return noticeOf(body, stripeEvents, isIntent, func(e stripeEvent) string { return cmp.Or(e.Data.Object.Intent, e.Data.Object.ID) })
}

// noticeOf reads a webhook. Of names, it has those that are news; it must be about what is
// one of ours.
func noticeOf(body []byte, names map[string]string, ours func(string) bool, about func(stripeEvent) string) (notice, error) {
	var e stripeEvent
	if err := json.Unmarshal(body, &e); err != nil {
		return notice{}, badRequest("the webhook is not the JSON document that is expected here")
	}
	name, known := names[e.Type]
	if !known {
		return notice{}, nil
	}
	n := notice{Reference: about(e), Name: name, ID: e.ID, Ours: e.Data.Object.Metadata["reference"]}
	if !ours(n.Reference) || n.ID == "" || len(n.event())+len(n.Ours) > 300 || strings.ContainsRune(n.event()+n.Ours, 0) {
		return notice{}, badRequest("the webhook lacks its id or its payment")
	}
	return n, nil
}
