package checkout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/reference-service/page"
)

// document is an order as its customer sees it.
type document struct {
	ID      string `json:"id"`
	Basket  string `json:"basket"`
	Status  string `json:"status"` // the customer's word for it
	State   State  `json:"state"`  // the shop's
	Amount  money  `json:"amount"`
	Updated string `json:"updated"`
	Pay     string `json:"pay,omitempty"` // where she pays, while the shop waits for that
}

func documentOf(o order) document {
	return document{
		ID: o.id, Basket: o.basket, Status: o.state.Status(), State: o.state, Amount: o.price,
		Updated: o.updated.UTC().Format(time.RFC3339Nano),
	}
}

// getCheckout renders the basket's page, which tells how its order stands.
func (s *Service) getCheckout(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBasket(r)
	if err != nil {
		return err
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	b, o, err := s.openBasket(ctx, id)
	if err != nil {
		return err
	}
	price, status := s.priceOf(b.quantity), "ready"
	if o.id != "" {
		price, status = o.price, o.state.Status()
	}
	var html bytes.Buffer
	err = page.Render(&html, page.Data{
		Basket: b.id, Order: b.orderID, Amount: price.Value, Currency: price.Currency,
		Quantity: int(b.quantity), Status: status, Config: s.pageConfig(),
	})
	if err != nil {
		return fmt.Errorf("render the page of the basket %s: %w", id, err)
	}
	if err := s.comesBack(ctx, r, o); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.Write(html.Bytes()) // the customer may be gone; she will look again
	return nil
}

func (s *Service) pageConfig() page.Config {
	inMS := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return page.Config{
		TimeOutMS: inMS(s.cfg.PageTimeout), Resends: s.cfg.PageResends,
		LookAfterMS: inMS(s.cfg.PageLookAfter), LookEveryMS: inMS(s.cfg.PageLookEvery),
		Without: s.cfg.Without,
	}
}

// postCheckout is the submit of a page without JavaScript.
func (s *Service) postCheckout(w http.ResponseWriter, r *http.Request) error {
	basket, err := pathBasket(r)
	if err != nil {
		return err
	}
	body, err := s.readBody(w, r, "application/x-www-form-urlencoded")
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return badRequest("the form cannot be read")
	}
	value, err := strconv.ParseInt(form.Get("amount"), 10, 64)
	if err != nil {
		return badRequest("the form's amount is not a whole number of minor units")
	}
	order := submission{form.Get("order"), basket, money{value, form.Get("currency")}}
	if !orderShape.MatchString(order.id) {
		return badRequest("the form's order is not an order's id")
	}
	if err := order.check(); err != nil {
		return err
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	if _, err := s.submit(ctx, order); err != nil {
		return err
	}
	http.Redirect(w, r, "/checkout/"+basket, http.StatusSeeOther)
	return nil
}

func (s *Service) putBasket(w http.ResponseWriter, r *http.Request) error {
	id, err := pathBasket(r)
	if err != nil {
		return err
	}
	body, err := s.readBody(w, r, "application/json")
	if err != nil {
		return err
	}
	var wish struct {
		Quantity int64 `json:"quantity"`
	}
	if err := decodeStrictly(body, &wish); err != nil {
		return err
	}
	price := s.priceOf(wish.Quantity)
	if wish.Quantity < 1 || wish.Quantity > 99 || price.Value > maxAmount {
		return &problem{http.StatusUnprocessableEntity, "A basket holds 1 to 99 parcels, as far as one payment can pay for them."}
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	if err := s.changeBasket(ctx, id, wish.Quantity); err != nil {
		return err
	}
	writeJSON(w, "application/json", http.StatusOK, map[string]any{
		"basket": id, "quantity": wish.Quantity, "amount": price,
	})
	return nil
}

func (s *Service) putOrder(w http.ResponseWriter, r *http.Request) error {
	id, err := pathOrder(r)
	if err != nil {
		return err
	}
	body, err := s.readBody(w, r, "application/json")
	if err != nil {
		return err
	}
	wish, err := decodeSubmission(id, body)
	if err != nil {
		return err
	}
	ctx, cancel := s.writing(r)
	defer cancel()
	o, err := s.submit(ctx, wish)
	if err != nil {
		return err
	}
	if _, waits := preferredWait(r.Header.Values("Prefer")); waits {
		if o, err = s.await(r, o.id); err != nil {
			return err
		}
	}
	status := http.StatusAccepted
	if o.state.Terminal() {
		status = http.StatusOK
	}
	writeJSON(w, "application/json", status, s.told(o))
	return nil
}

func decodeSubmission(id string, body []byte) (submission, error) {
	var wish struct {
		Basket   string `json:"basket"`
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	if err := decodeStrictly(body, &wish); err != nil {
		return submission{}, err
	}
	w := submission{id, wish.Basket, money{wish.Amount, wish.Currency}}
	return w, w.check()
}

func (w submission) check() error {
	switch {
	case !basketShape.MatchString(w.basket):
		return badRequest("a basket's id is 1 to 24 of a-z, 0-9 and -")
	case w.price.Value < 1 || w.price.Value > maxAmount:
		return &problem{http.StatusUnprocessableEntity, fmt.Sprintf("An amount is from 1 to %d minor units.", maxAmount)}
	case !currencyShape.MatchString(w.price.Currency):
		return &problem{http.StatusUnprocessableEntity, "A currency is three capital letters."}
	}
	return nil
}

func (s *Service) getOrder(w http.ResponseWriter, r *http.Request) error {
	id, err := pathOrder(r)
	if err != nil {
		return err
	}
	o, err := s.await(r, id)
	if errors.Is(err, errNotFound) {
		return &problem{http.StatusNotFound, "No order was submitted under this id."}
	}
	if err != nil {
		return err
	}
	writeJSON(w, "application/json", http.StatusOK, s.told(o))
	return nil
}

// await gives the order as it stands when it has reached an outcome, or when
// the customer does not wait any longer. It looks when a bell rings and never
// in between.
func (s *Service) await(r *http.Request, id string) (order, error) {
	limit, wait := preferredWait(r.Header.Values("Prefer"))
	if s.has(nestedTimeouts) {
		limit = min(limit, s.cfg.AnswerWithin)
	} else if wait {
		limit = math.MaxInt64 // an answer when there is one, even if nobody waits for it
	}
	waiting, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	rings, stop := s.bells.listen(id)
	defer stop()
	for {
		over := waiting.Err() != nil
		o, err := s.currentOrder(r, id)
		if err != nil || o.state.Terminal() || over {
			return o, err
		}
		select {
		case <-rings:
		case <-waiting.Done():
		}
	}
}

func (s *Service) currentOrder(r *http.Request, id string) (order, error) {
	ctx, cancel := s.writing(r)
	defer cancel()
	return loadOrder(ctx, s.db, id)
}

// preferredWait reads how long the customer is willing to wait (RFC 7240). A
// preference that makes no sense is no preference.
func preferredWait(headers []string) (time.Duration, bool) {
	for preference := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		preference, _, _ = strings.Cut(preference, ";")
		name, value, _ := strings.Cut(preference, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "wait") {
			continue
		}
		seconds, err := strconv.ParseFloat(strings.Trim(strings.TrimSpace(value), `"`), 64)
		if err != nil || !(seconds > 0) {
			return 0, false
		}
		return time.Duration(min(seconds, 1e6) * float64(time.Second)), true
	}
	return 0, false
}
