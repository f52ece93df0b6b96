package customer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Pays is a FrontEnd whose page sends its customer to the provider, and to which she can
// come back.
type Pays interface {
	// ToPay waits until the page knows where she pays, and returns that URL.
	ToPay(ctx context.Context) (url string, err error)
	// Return loads the page of the basket at the URL to which the provider sends her back.
	// What was open before is left.
	Return(ctx context.Context, url, basket string) error
}

// Provider is the payment provider's page to a customer's browser.
type Provider struct {
	Person
	// URL is where all such pages are, whatever host the shop names: "http://127.0.0.1:1234".
	URL string
	// Yes and No are the forms that her answers are sent by.
	Yes, No    string
	Declined   func(code string) string // the form that pays with a card which is declined by that code
	Dial       func(ctx context.Context, network, address string) (net.Conn, error)
	LoadWithin time.Duration // how long a page may take to come
	Times
}

// Answers loads the page to which the shop sends her, and gives her answer there. What does
// not come she loads again after a while, as with any page; when she gives up, the error is
// an observe.ErrNoPage. The first card that she tries is declined by that code, "" being none.
// A card that is declined there lets her pay with another one after a while. back is where
// she is sent then; "" is nowhere.
func (p *Provider) Answers(ctx context.Context, at string, yes bool, declined string) (back string, err error) {
	transport := &http.Transport{DialContext: p.Dial, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: &observe.Client{Actor: p.Caller(), Hop: observe.PayingHop, See: p.Sees, Base: transport},
		// Where she is sent is the shop's page.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	form := p.No
	switch {
	case declined != "":
		form = p.Declined(declined)
	case yes:
		form = p.Yes
	}
	tries := p.tries(ctx)
	defer func() { tries.end() }()
	for {
		back, sent, err := p.load(tries.ctx, client, http.MethodGet, at, "")
		if err == nil && !sent {
			back, _, err = p.load(tries.ctx, client, http.MethodPost, at, form)
		}
		if awake := tries.sleeps(ctx, p.Lid); awake != nil {
			return "", awake
		}
		if errors.Is(err, errCardDeclined) {
			p.Notes(p.Customer + "'s card is declined, and she looks for another one")
			form = p.Yes
		}
		switch {
		case err == nil:
			return back, nil
		case ctx.Err() != nil:
			return "", context.Cause(ctx)
		case Wait(tries.ctx, p.TryAgain) != nil:
			return "", fmt.Errorf("%w: %w", observe.ErrNoPage, err)
		}
	}
}

// errCardDeclined is of a page that stays, for another card.
var errCardDeclined = errors.New("her card was declined")

// load loads the page once; sent says that it sends her back.
func (p *Provider) load(ctx context.Context, client *http.Client, method, at, form string) (back string, sent bool, err error) {
	to, err := url.Parse(at)
	if err != nil {
		return "", false, fmt.Errorf("the shop sends her to %q: %w", at, err)
	}
	ctx, done := p.Lid.Within(ctx)
	defer done()
	ctx, cancel := context.WithTimeout(ctx, p.LoadWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, p.URL+to.RequestURI(), strings.NewReader(form))
	if err != nil {
		return "", false, err
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", false, err
	}
	defer answer.Body.Close()
	if _, err = io.Copy(io.Discard, answer.Body); err != nil {
		return "", false, err
	}
	switch {
	case answer.StatusCode == http.StatusSeeOther || answer.StatusCode == http.StatusFound:
		if back = answer.Header.Get("Location"); back == "" {
			return "", false, errors.New("the provider sends her to no page")
		}
		return back, true, nil
	case method == http.MethodPost && answer.StatusCode == http.StatusPaymentRequired:
		return "", false, errCardDeclined
	case answer.StatusCode/100 != 2:
		return "", false, fmt.Errorf("the provider answered %d", answer.StatusCode)
	}
	return "", false, nil
}
