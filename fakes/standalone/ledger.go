package standalone

import (
	"fmt"
	"html/template"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// ledgerPath is the page that shows the ledger to a person.
const ledgerPath = "/ledger"

const (
	mostRows = 1000 // that are shown: the latest
	mostText = 120  // characters of a text that a shop gave
)

// ledger is what the fake has written to its books, for a page. It has no secrets: it
// takes of each entry what the fake, its amounts and its keys are called, and nothing of
// what a shop or a customer has sent beside.
type ledger struct {
	mu    sync.Mutex
	rows  []row // the latest first
	count int   // of all that ever were
}

type row struct {
	N                                  int
	At, Op, Reference, Amount, Key, Of string
}

func (l *ledger) add(e *observe.Entry, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	one := row{N: l.count, At: at.Format("15:04:05.000"), Op: string(e.Op), Reference: visible(e.Reference), Key: visible(e.Key), Of: visible(e.Basket)}
	if e.Currency != "" {
		one.Amount = visible(amount(e.Amount, e.Currency))
	}
	l.rows = append([]row{one}, l.rows[:min(len(l.rows), mostRows-1)]...)
}

// amount is money as people write it: "499.00 NOK", of minor units.
func amount(minor int64, currency string) string {
	digits := fmt.Sprintf("%0*d", observe.Decimals(currency)+1, max(minor, -minor))
	if minor < 0 {
		digits = "-" + digits
	}
	if d := observe.Decimals(currency); d > 0 {
		digits = digits[:len(digits)-d] + "." + digits[len(digits)-d:]
	}
	return digits + " " + currency
}

// visible is a text of bounded length in which everything can be seen: a shop may give
// any text as a reference.
func visible(text string) string {
	var b strings.Builder
	for i, r := range []rune(text) {
		if i == mostText {
			b.WriteString("…")
			break
		}
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

var ledgerPage = template.Must(template.New("ledger").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>Ledger of {{.Name}}</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c1c1c; background: #fff }
table { border-collapse: collapse } th, td { padding: .25rem .8rem; text-align: left; border-bottom: 1px solid #ddd; overflow-wrap: anywhere }
td.n { text-align: right; font-variant-numeric: tabular-nums } caption { text-align: left; padding-bottom: .5rem }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } th, td { border-color: #444 } }
</style></head><body>
<h1>Ledger of {{.Name}}</h1>
<table><caption>{{.Count}} {{if eq .Count 1}}entry{{else}}entries{{end}}, the latest first{{if gt .Count (len .Rows)}}; {{len .Rows}} are shown{{end}}. Only the fake writes here.</caption>
<thead><tr><th scope="col">#</th><th scope="col">time</th><th scope="col">what</th><th scope="col">reference</th><th scope="col">amount</th><th scope="col">basket</th><th scope="col">idempotency key</th></tr></thead>
<tbody>{{range .Rows}}
<tr><td class="n">{{.N}}</td><td>{{.At}}</td><td>{{.Op}}</td><td>{{.Reference}}</td><td class="n">{{.Amount}}</td><td>{{.Of}}</td><td>{{.Key}}</td></tr>{{end}}
</tbody></table>
</body></html>
`))

// before serves the page of the ledger, and leaves everything else to the fake. A browser
// that was sent here under another name than this machine's is shown nothing.
func (l *ledger) before(name string, fake http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != ledgerPath || r.Method != http.MethodGet && r.Method != http.MethodHead {
			fake.ServeHTTP(w, r)
			return
		}
		if !isThisMachine(r.Host) {
			http.Error(w, "the ledger is shown on this machine only", http.StatusForbidden)
			return
		}
		l.mu.Lock()
		rows, count := l.rows, l.count
		l.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		_ = ledgerPage.Execute(w, struct { // the browser may be gone
			Name  string
			Count int
			Rows  []row
		}{name, count, rows})
	})
}

// isThisMachine says whether a host, with its port or without, is this machine's.
func isThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
