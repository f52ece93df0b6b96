package webhooks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/vipps"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// vault is a right handler of captures and refunds in this process, which runs already. Its
// counts are answered as a test likes.
type vault struct {
	mu    sync.Mutex
	paid  map[string]int
	back  map[string]int
	seen  map[string]bool
	asked int
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request, answer func(v *vault, reference string) string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if r.Method == http.MethodGet {
		v.asked++
		fmt.Fprint(w, answer(v, filepath.Base(r.URL.Path)))
		return
	}
	var n struct {
		Reference, Name, PSPReference string
		Amount                        struct{ Value int }
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || json.Unmarshal(body, &n) != nil || !signed(r, body) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if v.seen[n.PSPReference] {
		return
	}
	v.seen[n.PSPReference] = true
	switch n.Name {
	case "CAPTURED":
		v.paid[n.Reference]++
	case "REFUNDED":
		v.back[n.Reference] += n.Amount.Value
	}
}

const vaultSecret = "corner-shop"

func signed(r *http.Request, body []byte) bool {
	at, err := time.Parse(http.TimeFormat, r.Header.Get("x-ms-date"))
	right := http.Header{}
	vipps.Sign(right, &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path}, body, vaultSecret, at)
	return err == nil && right.Get("Authorization") == r.Header.Get("Authorization")
}

func vaultWith(t *testing.T, count string, answer func(v *vault, reference string) string) *Description {
	t.Helper()
	v := &vault{paid: map[string]int{}, back: map[string]int{}, seen: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { v.ServeHTTP(w, r, answer) }))
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "shop.yaml")
	text := "version: 1\nprovider: vipps\nurl: " + server.URL + "/webhooks\nsecret: " + vaultSecret + "\nsettles: 200ms\ncount:\n" + count
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	return d
}

const (
	ofOne    = `  paid: {get: "/orders/${reference}", json: /paid}` + "\n"
	andMoney = ofOne + `  refunded_amount: {get: "/orders/${reference}", json: /back}` + "\n"
)

// A count that cannot be one of effects is told in one sentence, and is never a verdict
// about the handler.
func TestAnOddCountIsUnproven(t *testing.T) {
	both := func(paid, back any) string { return fmt.Sprintf(`{"paid": %v, "back": %v}`, paid, back) }
	for name, row := range map[string]struct {
		count  string
		answer func(v *vault, reference string) string
		says   string
	}{
		"of all purchases": {ofOne, func(v *vault, _ string) string { return both(len(v.paid), 0) },
			"count.paid of a purchase that nobody made, after another one was paid, is 1: count the effects of one purchase"},
		"an amount": {ofOne, func(v *vault, r string) string { return both(49900*v.paid[r], 0) },
			"count.paid is 49900 after 3 events of one purchase: count its effects, and not an amount or a time"},
		"major units": {andMoney, func(v *vault, r string) string { return both(v.paid[r], v.back[r]/100) },
			"count.refunded_amount is 499 when a purchase is refunded, and 49900 is given back: count money in minor units"},
		"below 0": {andMoney, func(v *vault, r string) string { return both(v.paid[r], -v.back[r]) },
			"count.refunded_amount is -49900 when a purchase is refunded: want 0 or more"},
		"a clock": {ofOne, func(v *vault, _ string) string { return both(v.asked, 0) },
			"count.paid is 1, and 2 a moment later, while no event came: want a count that only events change"},
		"a page": {ofOne, func(*vault, string) string { return "<h1>Sign in</h1>" },
			`count.paid: GET /orders/${reference}: the answer "<h1>Sign in</h1>" is no JSON: want a number at "/paid"`},
		"escapes": {ofOne, func(*vault, string) string { return `{"paid": "\u001b[2J\u202e<script>"}` },
			`the value at "/paid" is "\x1b[2J\u202e<script>": want a whole number`},
		"a place that is not there": {ofOne, func(*vault, string) string { return `{"credits": 1}` },
			`whose effects are not counted (the answer to GET /orders/${reference} has nothing at "/paid")`},
		"a file that is not there": {`  paid: {sqlite: shop.db, query: "SELECT count(*) FROM paid WHERE id = ${reference}"}` + "\n", nil,
			"whose effects are not counted (there is no file shop.db)"},
		"a flag": {ofOne, func(v *vault, r string) string { return both(v.paid[r] > 0, 0) },
			`the value at "/paid" is neither a number nor a list, so it cannot show a second effect`},
		"garbage later": {ofOne, func(v *vault, r string) string {
			if len(v.paid) > 20 {
				return "oops"
			}
			return both(v.paid[r], 0)
		}, `the answer "oops" is no JSON`},
		"too much later": {ofOne, func(v *vault, r string) string {
			if len(v.paid) > 20 {
				return both(4096, 0)
			}
			return both(v.paid[r], 0)
		}, "count.paid is 4096 after"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, err := vaultWith(t, row.count, row.answer).Run(context.Background(), Options{Sequences: 1})
			require.NoError(t, err)
			var out bytes.Buffer
			report.Write(&out, "")
			require.Equal(t, judge.Unproven, report.Verdict(), out.String())
			require.Len(t, report.Doubts, 1, out.String())
			require.Contains(t, report.Doubts[0], row.says)
			require.NotContains(t, out.String(), "\x1b")
		})
	}
}

// The same handler is kept where its counts are counts, so that what is told above is of them.
func TestARunningHandlerIsKept(t *testing.T) {
	t.Parallel()
	d := vaultWith(t, andMoney, func(v *vault, r string) string {
		return fmt.Sprintf(`{"paid": "%d", "back": %d.00}`, v.paid[r], v.back[r])
	})
	report, err := d.Run(context.Background(), Options{Sequences: 1})
	require.NoError(t, err)
	var out bytes.Buffer
	report.Write(&out, "")
	require.Equal(t, judge.Kept, report.Verdict(), out.String())
}

// What a purchase costs tells none from another.
func TestACountByItsPriceIsOfAll(t *testing.T) {
	for path, total := range map[string]bool{
		"/orders/${amount}-${currency}": true, "/orders": true, "/orders/${reference}": false, "/orders/${psp_reference}": false,
	} {
		require.Equal(t, total, vaultWith(t, fmt.Sprintf("  paid: {get: %q}\n", path), nil).total(), path)
	}
}

// A terminal obeys nothing that a description or a handler says.
func TestAReportIsHarmless(t *testing.T) {
	var out bytes.Buffer
	r := &Report{Description: &Description{Name: "shop\x1b]0;title\a\u202e"}, Doubts: []string{"the query: \u009b31mno\r\ntable"}}
	r.Write(&out, "")
	require.True(t, strings.HasPrefix(out.String(), "shop]0;title: "), out.String())
	require.Contains(t, out.String(), "unproven: the query: 31mno\ntable")
}
