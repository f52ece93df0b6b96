package tap_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// echo answers with the request as it came.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "message/http")
	head, _ := httputil.DumpRequest(r, false)
	_, _ = w.Write(head)
}

func TestWhatIsSignedPassesUnchanged(t *testing.T) {
	const body = `{ "amount" : 49900,  "note":"two  spaces, and æøå" }`
	digest := sha256.Sum256([]byte(body))
	shop := newLedger(t, echo)
	h := newHop(t, shop.address(), tap.Config{Hop: observe.WebhookHop})
	signed := map[string]string{
		"X-Ms-Date":           "Mon, 30 Mar 2026 08:38:32 GMT",
		"X-Ms-Content-Sha256": base64.StdEncoding.EncodeToString(digest[:]),
		"Authorization":       "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=c2lnbmF0dXJl",
		"Accept-Encoding":     "br",
	}
	var list []string
	for name, value := range signed {
		list = append(list, name, value)
	}
	_, got, err := dial(t, h.address).ask("POST", "/webhooks/vipps?a=1&b=%2F", body, list...)
	require.NoError(t, err)
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(got)))
	require.NoError(t, err)
	require.Equal(t, "shop.example", r.Host)
	require.Equal(t, "/webhooks/vipps?a=1&b=%2F", r.RequestURI)
	for name, value := range signed {
		require.Equal(t, []string{value}, r.Header[name], name)
	}
	require.Equal(t, []string{body}, shop.committed)
}

func TestARequestGainsNothingOnItsWay(t *testing.T) {
	for name, request := range map[string]string{
		"no body":       "GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
		"an empty body": "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"two values":    "GET /a HTTP/1.1\r\nHost: x\r\nAccept: a/b\r\nAccept: c/d\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHop(t, newLedger(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
				echo := fmt.Sprintf("%s %v %v", r.Method, r.Header, r.TransferEncoding)
				_, _ = io.WriteString(w, echo)
			}).address(), tap.Config{})
			c := dial(t, h.address)
			_, err := io.WriteString(c, request)
			require.NoError(t, err)
			answer, err := http.ReadResponse(c.in, nil)
			require.NoError(t, err)
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			direct, err := http.ReadRequest(bufio.NewReader(strings.NewReader(request)))
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("%s %v %v", direct.Method, direct.Header, direct.TransferEncoding), string(body))
		})
	}
}

func TestAnAnswerHasTheHeadersThatItsCalleeGaveItAndNoOther(t *testing.T) {
	for name, row := range map[string]struct {
		method string
		answer http.HandlerFunc
		want   http.Header
		body   string
	}{
		"a bare answer": {"GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"], w.Header()["Content-Type"] = nil, nil
			_, _ = io.WriteString(w, "<html>")
		}, http.Header{"Content-Length": {"6"}}, "<html>"},
		"the length of what HEAD asks about": {"HEAD", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"], w.Header()["Content-Length"] = nil, []string{"1234"}
		}, http.Header{"Content-Length": {"1234"}}, ""},
		"no content": {"PUT", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"] = nil
			w.WriteHeader(http.StatusNoContent)
		}, http.Header{}, ""},
		"two cookies": {"GET", func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Date"], w.Header()["Set-Cookie"] = nil, []string{"a=1", "b=2"}
		}, http.Header{"Content-Length": {"0"}, "Set-Cookie": {"a=1", "b=2"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHop(t, newLedger(t, row.answer).address(), tap.Config{})
			answer, body, err := dial(t, h.address).ask(row.method, "/", "")
			require.NoError(t, err)
			require.Equal(t, row.want, answer.Header)
			require.Equal(t, row.body, body)
		})
	}
}

func TestTheNameOfACallEndsAtTheServiceAndBeginsBehindIt(t *testing.T) {
	header := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get(observe.CallHeader))
	}
	callOf := func(h *hop) (names []string) {
		for _, e := range h.History() {
			names = append(names, string(e.Kind)+" "+e.Message.Call)
		}
		return names
	}
	t.Run("towards the service it is taken off", func(t *testing.T) {
		h := newHop(t, newLedger(t, header).address(), tap.Config{})
		saw := call(within(t, soon), newClient(t), "GET", h.url("/"), "", observe.CallHeader, "ana-1")
		require.Empty(t, saw.body)
		require.Equal(t, []string{"arrived ana-1", "answered ana-1"}, callOf(h))
	})
	t.Run("from the service it is put on", func(t *testing.T) {
		h := newHop(t, newLedger(t, header).address(), tap.Config{Hop: observe.ProviderHop, Caller: true})
		saw := call(within(t, soon), newClient(t), "GET", h.url("/"), "", observe.CallHeader, "forged")
		require.Equal(t, "checkout>provider#1", saw.body)
		require.Equal(t, []string{"sent checkout>provider#1", "received checkout>provider#1"}, callOf(h))
	})
}

func TestLargeBodiesPassWholeBothWays(t *testing.T) {
	const size = 4 << 20
	big := strings.Repeat("0123456789abcdef", size/16)
	shop := newLedger(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, big) })
	h := newHop(t, shop.address(), tap.Config{})
	saw := call(within(t, 3*soon), newClient(t), "PUT", h.url("/"), big)
	require.Empty(t, saw.class)
	require.True(t, saw.body == big && shop.committed[0] == big, "a byte was lost or changed")
	for _, e := range h.History() {
		require.LessOrEqual(t, len(e.Message.Body), observe.MaxBody, "what is recorded is bounded")
	}
}

func TestARequestBeyondAllMeasureIsNotForwarded(t *testing.T) {
	shop := newLedger(t)
	h := newHop(t, shop.address(), tap.Config{})
	saw := call(within(t, 3*soon), newClient(t), "PUT", h.url("/"), strings.Repeat("x", 16<<20+1))
	require.NotEmpty(t, saw.class)
	require.Zero(t, shop.commits())
}

func TestAnEarlyAnswerIsHeardThoughTheRequestWasNotRead(t *testing.T) {
	shop := newLedger(t)
	shop.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	h := newHop(t, shop.address(), tap.Config{})
	answer, _, err := dial(t, h.address).ask("PUT", "/", strings.Repeat("x", 1<<20))
	require.NoError(t, err)
	require.Equal(t, 413, answer.StatusCode)
}

func TestAHundredConnectionsAtOnceMixUpNothing(t *testing.T) {
	shop := newLedger(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.URL.Path) })
	h := newHop(t, shop.address(), tap.Config{}, injection.OnPath(observe.CustomerHop, "PUT", "/5/{n}").Duplicates())
	const callers, requests = 100, 5
	var at sync.WaitGroup
	for i := range callers {
		c := newClient(t)
		at.Go(func() {
			for j := range requests {
				path := fmt.Sprintf("/%d/%d", j+1, i)
				if saw := call(t.Context(), c, "PUT", h.url(path), path); saw.body != path {
					t.Errorf("PUT %s: %+v", path, saw)
				}
			}
		})
	}
	at.Wait()
	require.Equal(t, callers*(requests+1), shop.commits())
	numbers := map[int]int{}
	for _, e := range h.History() {
		if e.Kind == observe.Arrived {
			numbers[e.Message.N]++
		}
	}
	require.Len(t, numbers, callers*(requests+1), "each message has a number of its own")
	require.Zero(t, h.InFlight())
}
