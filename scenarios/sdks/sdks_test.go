package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/injection"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tries is a client that sends so many requests, each under the key that it is told.
func tries(most int, key func(try int) string) buyer {
	return func(ctx context.Context, address string, facts map[string]string, _ time.Duration) (heard, error) {
		http := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		said := heard{Version: "1"}
		for try := range most {
			r, err := newPayment(ctx, address, facts, key(try))
			if err != nil {
				return said, err
			}
			answer, err := http.Do(r)
			if err != nil {
				said.Heard = "an error"
				continue
			}
			_ = answer.Body.Close()
			if said.Heard, said.Status = "an error", answer.StatusCode; answer.StatusCode == 200 {
				return heard{Version: "1", Heard: "a payment"}, nil
			}
		}
		return said, nil
	}
}

func newPayment(ctx context.Context, address string, facts map[string]string, key string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, "POST", address+"/v1/payment_intents", strings.NewReader("amount=49900&currency=nok"))
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth(facts["secret_key"], "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return r, nil
}

// What a client does is seen on the wire and in the ledger, whatever its caller heard.
func TestEachWayToTryAgainIsTold(t *testing.T) {
	const lost, html, limited = 1, 8, 10
	kind, err := fakes.Providers().Find("stripe")
	require.NoError(t, err)
	same := func(int) string { return "k" }
	other := func(try int) string { return fmt.Sprint("k-", try) }
	none := func(int) string { return "" }
	for name, c := range map[string]struct {
		fault int
		buys  buyer
		want  string
	}{
		"nothing goes wrong":  {0, tries(3, same), "1 one 1 a payment"},
		"the same key":        {lost, tries(3, same), "3 the same 1 an error"},
		"another key":         {lost, tries(2, other), "2 a new one each 2 an error"},
		"no key":              {lost, tries(2, none), "2 none 2 an error"},
		"one try":             {lost, tries(1, same), "1 one 1 an error"},
		"a page of HTML":      {html, tries(2, same), "2 the same 0 an error, status 503"},
		"the provider's word": {limited, tries(2, same), "2 the same 0 an error, status 429"},
	} {
		s, err := measure(t.Context(), kind, faults()[c.fault], nil, c.buys)
		require.NoError(t, err, name)
		require.Equal(t, c.want, fmt.Sprint(s.requests, " ", s.keyed(), " ", s.payments, " ", s.heard), name)
	}
}

// A client that waits until the connection ends is told from one that has a time-out of the body.
func TestAClientThatWaitsForAnAnswerThatStallsIsTold(t *testing.T) {
	kind, err := fakes.Providers().Find("stripe")
	require.NoError(t, err)
	reads := func(ctx context.Context, address string, facts map[string]string, timeout time.Duration) (heard, error) {
		r, err := newPayment(ctx, address, facts, "k")
		if err != nil {
			return heard{}, err
		}
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: timeout}).Do(r)
		if err != nil {
			return heard{}, err
		}
		defer answer.Body.Close()
		if _, err = io.ReadAll(answer.Body); err == nil {
			return heard{Heard: "a payment"}, nil
		}
		return heard{Heard: "an error"}, nil
	}
	stalls := injection.On(observe.CreatePayment).Stalls()
	for want, w := range map[string]wrong{
		"an error, when the connection ends": {inject: stalls.Lasting(100 * time.Millisecond)},
		"an error":                           {inject: stalls.Lasting(time.Hour), timeout: 100 * time.Millisecond},
	} {
		s, err := measure(t.Context(), kind, w, nil, reads)
		require.NoError(t, err, want)
		require.Equal(t, want, s.hears())
	}
}

// A client that asks nothing proves nothing.
func TestAFaultThatHitNothingIsAnError(t *testing.T) {
	kind, err := fakes.Providers().Find("stripe")
	require.NoError(t, err)
	_, err = measure(t.Context(), kind, faults()[1], nil, tries(0, nil))
	require.ErrorContains(t, err, "had no effect on 0 requests")
}

// The page is about the versions that are pinned.
func TestThePageHasThePinnedVersions(t *testing.T) {
	page, err := os.ReadFile("../../docs/clients.md")
	require.NoError(t, err)
	for _, pin := range []struct{ file, text, title string }{
		{"package.json", `"npm:stripe@18.5.0"`, "## stripe for Node 18.5.0"},
		{"package.json", `"npm:stripe@23.1.0"`, "## stripe for Node 23.1.0"},
		{"package.json", `"@vippsmobilepay/sdk": "2.4.2"`, "## @vippsmobilepay/sdk for Node 2.4.2"},
		{"package.json", `"@adyen/api-library": "31.0.0"`, "## @adyen/api-library for Node 31.0.0"},
		{"go/go.mod", "stripe-go/v82 v82.5.1", "## stripe-go 82.5.1"},
		{"go/go.mod", "stripe-go/v85 v85.0.0", "## stripe-go 85.0.0"},
	} {
		text, err := os.ReadFile("testdata/clients/" + pin.file)
		require.NoError(t, err)
		require.Contains(t, string(text), pin.text)
		require.Contains(t, string(page), pin.title+"\n")
	}
	require.Contains(t, string(page), mark)
}

func TestTheFirstDifferenceIsTold(t *testing.T) {
	for want, pair := range map[string][2]string{
		`"b" is now "c"`:   {"a\nb\n", "a\nc\n"},
		`it lacks "b"`:     {"a", "a\nb"},
		`it ends with "b"`: {"a\nb", "a"},
	} {
		require.Equal(t, want, firstDifference(pair[0], pair[1]))
	}
}
