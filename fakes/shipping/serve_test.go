package shipping

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/contract"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMalformedRequestsLeaveNoTrace(t *testing.T) {
	const good = `{"reference":"r","basket":"b"}`
	long := strings.Repeat("x", 201)
	tests := []struct {
		name, method, target, body, key, media string
		status                                 int
	}{
		{"no key", "POST", "/shipments", good, "", "application/json", 400},
		{"a long key", "POST", "/shipments", good, long, "application/json", 400},
		{"no media type", "POST", "/shipments", good, "k", "", 415},
		{"a form", "POST", "/shipments", good, "k", "application/x-www-form-urlencoded", 415},
		{"no JSON", "POST", "/shipments", `{"reference"`, "k", "application/json", 400},
		{"two values", "POST", "/shipments", good + good, "k", "application/json", 400},
		{"a field too few", "POST", "/shipments", `{"reference":"r"}`, "k", "application/json", 400},
		{"a field too many", "POST", "/shipments", `{"reference":"r","basket":"b","colour":"red"}`, "k", "application/json", 400},
		{"fields in capitals", "POST", "/shipments", `{"Reference":"r","basket":"b"}`, "k", "application/json", 400},
		{"a number", "POST", "/shipments", `{"reference":"r","basket":1}`, "k", "application/json", 400},
		{"an empty reference", "POST", "/shipments", `{"reference":"","basket":"b"}`, "k", "application/json", 400},
		{"too much", "POST", "/shipments", good + strings.Repeat(" ", contract.MaxBody), "k", "application/json", 413},
		{"a list of everything", "GET", "/shipments", "", "", "", 400},
		{"a broken query", "GET", "/shipments?reference=%zz", "", "", "", 400},
		{"another method", "PUT", "/shipments", good, "k", "application/json", 405},
		{"another path", "GET", "/parcels", "", "", "", 404},
		{"cancelling by GET", "GET", "/shipments/x/cancel", "", "", "", 405},
		{"cancelling nothing", "POST", "/shipments//cancel", "", "", "", 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, nil)
			header := http.Header{}
			if test.key != "" {
				header.Set("Idempotency-Key", test.key)
			}
			if test.media != "" {
				header.Set("Content-Type", test.media)
			}
			status, body := s.send(test.method, test.target, test.body, header)
			require.Equal(t, test.status, status, body)
			require.Empty(t, s.books())
			require.Empty(t, s.seen(observe.Note))
			status, _ = s.book("k", "r", "b")
			require.Equal(t, 201, status, "the key is still free")
		})
	}
}

// The alarm rings: an answer that breaks the document does not go out.
func TestAnAnswerThatBreaksTheContractIsCaught(t *testing.T) {
	c := open(t, nil).carrier.contract
	for name, a := range map[string]answer{
		"an undeclared status": {Status: 204, MediaType: contract.PlainJSON},
		"another media type":   {Status: 201, MediaType: "text/plain", Body: []byte(`{}`)},
		"a wrong state":        {Status: 201, MediaType: contract.PlainJSON, Body: []byte(`{"id":"x","reference":"r","state":"lost"}`)},
		"no JSON":              {Status: 201, MediaType: contract.PlainJSON, Body: []byte(`{`)},
	} {
		require.Error(t, c.Check("book", a), name)
	}
}

func TestAChangeIsToldBeforeItsAnswerAndBlocksNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold, release := make(chan struct{}), make(chan struct{})
		s := open(t, func(c *Config) {
			see := c.See
			c.See = func(e observe.Event) {
				if see(e); e.Kind == observe.Parcel {
					close(hold)
					<-release
				}
			}
		})
		answered := false
		go func() { s.book("k", "r", "b"); answered = true }()
		<-hold
		require.False(t, answered)
		require.Contains(t, s.list("r"), "booked")
		close(release)
	})
}

// FuzzBookings throws anything at the carrier. It never breaks its contract (a
// 500), and one key is one parcel at most.
func FuzzBookings(f *testing.F) {
	f.Add("POST", "/shipments", `{"reference":"r","basket":"b"}`, "k")
	f.Add("POST", "/shipments", `{"reference":"r","basket":"piano"}`, "k")
	f.Add("POST", "/shipments", `{"reference":"r","reference":"s","basket":"b"}`, "k")
	f.Add("GET", "/shipments", "", "")
	f.Add("POST", "/shipments/x/cancel", "", "")
	f.Fuzz(func(t *testing.T, method, path, body, key string) {
		if !strings.HasPrefix(path, "/") {
			return
		}
		s := open(t, func(c *Config) { c.Refuse = func(basket string) bool { return basket == "piano" } })
		header := http.Header{"Idempotency-Key": {key}, "Content-Type": {"application/json"}}
		r := httptest.NewRequest("POST", "http://carrier.test", nil)
		for range 2 {
			r.Method, r.URL, r.Header = method, &url.URL{Path: path, RawQuery: "reference=" + url.QueryEscape(key)}, header
			r.Body = http.NoBody
			if body != "" {
				r.Body = readCloser{strings.NewReader(body)}
			}
			w := httptest.NewRecorder()
			s.carrier.ServeHTTP(w, r)
			require.NotEqual(t, 500, w.Code, w.Body)
		}
		require.Empty(t, s.seen(observe.Note))
		require.LessOrEqual(t, len(s.books()), 1)
	})
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
