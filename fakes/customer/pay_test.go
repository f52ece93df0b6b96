package customer_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// atProvider answers the requests of a customer one after the other: a status, "303" with
// a place after it, or "cut" for a connection that ends.
type atProvider struct {
	answers []string
	asked   []string
}

func (a *atProvider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI()+" "+r.PostFormValue("answer"))
	answer := a.answers[0]
	a.answers = a.answers[min(1, len(a.answers)-1):]
	status, place, _ := strings.Cut(answer, " ")
	switch status {
	case "cut":
		panic(http.ErrAbortHandler)
	case "303":
		w.Header().Set("Location", place)
		w.WriteHeader(http.StatusSeeOther)
	case "402", "404":
		code, _ := strconv.Atoi(status)
		w.WriteHeader(code)
	}
}

func TestTheCustomerAnswersAtTheProvider(t *testing.T) {
	const get, yes, no, card = "GET /pay?token=1 ", "POST /pay?token=1 approve", "POST /pay?token=1 decline", "POST /pay?token=1 insufficient_funds"
	for name, row := range map[string]struct {
		answers []string
		yes     bool
		back    string
		asked   []string
		code    string // by which her first card is declined
	}{
		"yes":                          {[]string{"200", "303 http://shop/back"}, true, "http://shop/back", []string{get, yes}, ""},
		"no":                           {[]string{"200", "303 http://shop/back"}, false, "http://shop/back", []string{get, no}, ""},
		"is sent nowhere":              {[]string{"200", "200"}, true, "", []string{get, yes}, ""},
		"it was decided before":        {[]string{"303 http://shop/back"}, true, "http://shop/back", []string{get}, ""},
		"its page is lost":             {[]string{"cut", "200", "303 /b"}, true, "/b", []string{get, get, yes}, ""},
		"the answer to her yes is":     {[]string{"200", "cut", "303 /b"}, true, "/b", []string{get, yes, get}, ""},
		"there is no such page at all": {[]string{"404"}, true, "gives up", nil, ""},
		"her card is declined":         {[]string{"200", "402", "200", "303 /b"}, true, "/b", []string{get, card, get, yes}, "insufficient_funds"},
		"so is that which she has":     {[]string{"200", "402", "200", "303 /b"}, true, "/b", []string{get, yes, get, yes}, ""},
		"that answer is lost":          {[]string{"200", "cut", "200", "402", "200", "303 /b"}, true, "/b", []string{get, card, get, card, get, yes}, "insufficient_funds"},
		"no card is good":              {[]string{"200", "402", "200", "402"}, true, "gives up", nil, ""},
		"a redirect to nowhere":        {[]string{"303 "}, true, "gives up", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pages := &atProvider{answers: row.answers}
			server := httptest.NewUnstartedServer(pages)
			server.Config.ErrorLog = nil
			server.Start()
			defer server.Close()
			hops := map[string]int{}
			p := customer.Provider{
				Person: customer.Person{Customer: "ana", See: func(e observe.Event) {
					if e.Kind != observe.Note {
						hops[fmt.Sprint(e.Actor, " ", e.Message.Hop)]++
					}
				}},
				URL: server.URL, Yes: "answer=approve", No: "answer=decline", Declined: func(code string) string { return "answer=" + code },
				Dial: new(net.Dialer).DialContext, LoadWithin: 10 * time.Second,
				Times: customer.Times{TryAgain: time.Millisecond, GiveUpAfter: 10 * time.Second},
			}
			if row.back == "gives up" {
				p.GiveUpAfter = 20 * time.Millisecond
			}
			back, err := p.Answers(t.Context(), "https://provider.example/pay?token=1", row.yes, row.code)
			if row.back == "gives up" {
				require.ErrorIs(t, err, observe.ErrNoPage)
				return
			}
			require.NoError(t, err)
			require.Equal(t, row.back, back)
			require.Equal(t, row.asked, pages.asked)
			require.Len(t, hops, 1)
			require.Positive(t, hops["ana customer>provider"])
		})
	}
}

// payingPage is a page that sends its customer to the provider.
type payingPage struct{ *page }

func (p payingPage) ToPay(context.Context) (string, error) { return "https://provider.example/", nil }
func (p payingPage) Return(_ context.Context, url, basket string) error {
	p.note("return %s of %s", url, basket)
	return nil
}

func TestOnlyAPageThatSendsHerThereIsLeftToPay(t *testing.T) {
	plain := customer.New(newPage(), times)
	_, err := plain.ToPay(t.Context())
	require.ErrorContains(t, err, "sends nobody to the provider")
	require.ErrorContains(t, plain.Return(t.Context(), "/", "b"), "sends nobody to the provider")

	p := payingPage{newPage()}
	tab := customer.New(p, times)
	_, err = tab.ToPay(t.Context())
	require.ErrorContains(t, err, "sends nobody to the provider", "there is no page to be sent to")
	tab.Provider = &customer.Provider{URL: "http://127.0.0.1:0", Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("nobody listens")
	}, LoadWithin: time.Second, Times: customer.Times{TryAgain: time.Millisecond, GiveUpAfter: time.Millisecond}, Person: customer.Person{See: observe.Nobody}}
	_, err = tab.ToPay(t.Context())
	require.ErrorContains(t, err, "no page is open")
	require.NoError(t, tab.Open(t.Context(), "b"))
	url, err := tab.ToPay(t.Context())
	require.NoError(t, err)
	_, err = tab.Pay(t.Context(), url, true, "")
	require.ErrorIs(t, err, observe.ErrNoPage)
	require.Equal(t, 1, p.closed, "she left the shop's page")
	require.ErrorContains(t, tab.Click(t.Context(), 1), "no page is open")
	require.NoError(t, tab.Return(t.Context(), "/back", "b"))
	require.NoError(t, tab.Click(t.Context(), 1))
}
