package standalone

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// page is what the ledger shows, asked by a method at a host.
func (l *ledger) page(method, host string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, "http://"+host+ledgerPath, nil)
	l.before("fake-nothing", http.NotFoundHandler()).ServeHTTP(w, r)
	return w
}

func TestThePageShowsTheLedger(t *testing.T) {
	l := &ledger{}
	l.add(&observe.Entry{Op: observe.MoneyCaptured, Reference: "pi_1", Key: "k-1", Amount: 49900, Currency: "NOK"}, time.Now())
	l.add(&observe.Entry{Op: observe.MoneyRefunded, Reference: "pi_1", Amount: 5, Currency: "KWD"}, time.Now())
	l.add(&observe.Entry{Op: "booked", Reference: "r", Basket: "b-ana"}, time.Now())
	w := l.page("GET", "127.0.0.1:4321")
	for _, want := range []string{"499.00 NOK", "0.005 KWD", "k-1", "captured", "b-ana", "3 entries", "Ledger of fake-nothing"} {
		require.Contains(t, w.Body.String(), want)
	}
	require.Less(t, strings.Index(w.Body.String(), "refunded"), strings.Index(w.Body.String(), "captured"), "the latest is first")
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.Equal(t, 404, l.page("POST", "127.0.0.1").Code, "the fake's own")
}

// A shop gives any text as a reference and as a key; what else it sends is not shown.
func TestThePageIsHarmlessAndKeepsSecrets(t *testing.T) {
	l := &ledger{}
	hostile := "<script>alert(1)</script>\"'\x1b[31m\u202e\x00"
	l.add(&observe.Entry{Op: "created", Reference: hostile, Key: hostile, Basket: hostile, Amount: 1, Currency: hostile, Names: []string{"canary-of-metadata"}}, time.Now())
	l.add(&observe.Entry{Op: "created", Reference: strings.Repeat("x", 10_000)}, time.Now())
	body := l.page("GET", "localhost").Body.String()
	for _, bad := range []string{"<script", "\x1b", "\x00", "\u202e", "canary-of-metadata"} {
		require.NotContains(t, body, bad)
	}
	require.Contains(t, body, `&lt;script&gt;alert(1)&lt;/script&gt;`)
	require.Less(t, len(body), 5_000)
}

func TestThePageIsShownOnThisMachineOnly(t *testing.T) {
	l := &ledger{}
	for _, host := range []string{"127.0.0.1:1", "localhost:1", "[::1]:1", "localhost"} {
		require.Equal(t, 200, l.page("GET", host).Code, host)
	}
	for _, host := range []string{"shop.example", "127.0.0.1.shop.example:80", "192.0.2.1"} {
		require.Equal(t, 403, l.page("GET", host).Code, host)
	}
}

func TestThePageShowsTheLatestRows(t *testing.T) {
	l := &ledger{}
	for i := range mostRows + 10 {
		l.add(&observe.Entry{Op: "created", Reference: fmt.Sprintf("r-%d", i)}, time.Now())
	}
	body := l.page("GET", "localhost").Body.String()
	require.Contains(t, body, fmt.Sprintf("%d entries, the latest first; %d are shown", mostRows+10, mostRows))
	require.Contains(t, body, fmt.Sprintf("r-%d<", mostRows+9))
	require.NotContains(t, body, "r-9<")
}
