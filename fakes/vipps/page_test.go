package vipps

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// landing is a payment's page, to which the shop sends its customer.
func (s *shop) landing(reference string) (path string) {
	at, err := url.Parse(s.get(reference).field("redirectUrl").(string))
	require.NoError(s.t, err)
	require.Equal(s.t, "https://landing.example", at.Scheme+"://"+at.Host)
	return at.RequestURI()
}

func (s *shop) browse(method, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.provider.Pages().ServeHTTP(w, r)
	return w
}

func TestTheCustomerAnswersOnThePage(t *testing.T) {
	for name, row := range map[string]struct {
		answer  string
		decides provider.Decision
		back    bool
		books   []string // a minute later
	}{
		"yes":                     {"approve", provider.Decision{}, true, []string{"created 1000", "authorized 1000"}},
		"no":                      {"decline", provider.Decision{}, true, []string{"created 1000", "aborted 1000"}},
		"neither":                 {"perhaps", provider.Decision{}, false, []string{"created 1000"}},
		"no, where she was to":    {"approve", provider.Decision{Declines: true}, true, []string{"created 1000", "aborted 1000"}},
		"later":                   {"approve", provider.Decision{Late: 30 * time.Second}, false, []string{"created 1000", "authorized 1000"}},
		"nothing, and goes there": {"approve", provider.Decision{Never: true}, false, []string{"created 1000"}},
	} {
		t.Run(name, inStoryTime(func(t *testing.T) {
			took := 0
			s := open(t, func(c *Config) {
				c.Decides = func(string) provider.Decision {
					d := row.decides
					d.Took = func() { took++ }
					return d
				}
			})
			s.create(order, 1000)
			page := s.landing(order)
			shown := s.browse("GET", page, "")
			require.Equal(t, http.StatusOK, shown.Code)
			require.Contains(t, shown.Body.String(), "NOK 10.00, CREATED")
			require.Equal(t, []string{"created 1000"}, s.books(), "to look is to say nothing")

			answered := s.browse("POST", page, "answer="+row.answer)
			require.Equal(t, row.back, answered.Code == http.StatusSeeOther)
			require.Equal(t, row.back, answered.Header().Get("Location") != "")
			require.Equal(t, row.answer != "perhaps", took == 1 || row.answer == "decline")
			pass(time.Minute)
			require.Equal(t, row.books, s.books())
			if row.back {
				require.Equal(t, http.StatusSeeOther, s.browse("POST", page, "answer=approve").Code, "and is sent back again")
				require.Equal(t, row.books, s.books())
			}
		}))
	}
}

func TestThereIsNoPageOfNoPayment(t *testing.T) {
	s := open(t, nil)
	for _, method := range []string{"GET", "POST"} {
		require.Equal(t, http.StatusNotFound, s.browse(method, "/?token=x", "answer=approve").Code)
	}
	var hops []observe.Hop
	for _, r := range Kind().Routes {
		if r.Operation == observe.PayAtProvider || r.Operation == observe.ApproveAtProvider {
			hops = append(hops, r.Hop)
		}
	}
	require.Equal(t, []observe.Hop{observe.PayingHop, observe.PayingHop}, hops)
}
