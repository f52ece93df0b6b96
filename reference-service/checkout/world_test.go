package checkout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// outside is the provider and the carrier with their ledgers, as a transport:
// a call is a function call that takes a little time. It keeps the provider's
// rules on keys and references, so that it can be charged twice only by a shop
// that asks for it twice.
type outside struct {
	mu       sync.Mutex
	payments map[string]*ledger
	answers  map[string]keyed // by idempotency key
	parcels  []*shipment
	charges  int // captures that moved money
	calls    []string

	approveAfter time.Duration // negative: nobody approves
	latency      time.Duration
	// veto says what is refused, for the key that it came with for good.
	veto func(call string) bool
	// inject is asked about every call before and after it is carried out; an
	// error takes the place of the answer, and a passed deadline hangs.
	inject func(call string, arrived bool) error
	// change may change what is answered.
	change func(call string, a *http.Response)
}

type keyed struct {
	request string
	status  int
	body    string
}

type ledger struct {
	price                                     money
	made                                      time.Time
	state                                     string
	authorized, cancelled, captured, refunded int64
}

func newOutside() *outside {
	return &outside{
		payments: make(map[string]*ledger), answers: make(map[string]keyed),
		approveAfter: 3 * time.Second, latency: 37 * time.Millisecond,
	}
}

var errLost = errors.New("the network lost it")

// RoundTrip carries a call there and back.
func (w *outside) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	call := r.Method + " " + r.URL.Path
	if err := sleepOr(r.Context(), w.latency); err != nil {
		return nil, err
	}
	if err := w.injected(r.Context(), call, false); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.calls = append(w.calls, call)
	status, answer := w.serve(r, string(body))
	w.mu.Unlock()
	if err := w.injected(r.Context(), call, true); err != nil {
		return nil, err
	}
	if err := sleepOr(r.Context(), w.latency); err != nil {
		return nil, err
	}
	response := &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/problem+json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(answer)),
	}
	if w.change != nil {
		w.change(call, response)
	}
	return response, nil
}

func (w *outside) setFault(inject func(call string, arrived bool) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inject = inject
}

func (w *outside) injected(ctx context.Context, call string, arrived bool) error {
	w.mu.Lock()
	inject := w.inject
	w.mu.Unlock()
	if inject == nil {
		return nil
	}
	err := inject(call, arrived)
	if errors.Is(err, context.DeadlineExceeded) {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func sleepOr(ctx context.Context, d time.Duration) error {
	if d > 0 && !sleep(ctx, d) {
		return ctx.Err()
	}
	return nil
}

func (w *outside) serve(r *http.Request, body string) (int, string) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return w.carryOut(r, body)
	}
	request := r.Method + r.URL.Path + body
	if a, seen := w.answers[key]; seen {
		if a.request != request {
			return 409, `{"extraDetails":[{"name":"ErrorCode","reason":"4020"}]}`
		}
		return a.status, a.body
	}
	status, answer := w.carryOut(r, body)
	w.answers[key] = keyed{request, status, answer}
	return status, answer
}

func (w *outside) carryOut(r *http.Request, body string) (int, string) {
	path := r.URL.Path
	switch {
	case w.veto != nil && w.veto(r.Method+" "+path):
		return 400, `{"title":"Bad Request"}`
	case path == "/accesstoken/get":
		return 200, `{"access_token":"token","expires_in":"3600"}`
	case strings.HasPrefix(path, "/shipments"):
		return w.carry(r, body)
	case path == "/epayment/v1/payments":
		return w.create(body)
	}
	reference, verb, _ := strings.Cut(strings.TrimPrefix(path, "/epayment/v1/payments/"), "/")
	p := w.payments[reference]
	if p == nil {
		return 404, `{}`
	}
	w.approve(p)
	var m struct{ ModificationAmount money }
	_ = json.Unmarshal([]byte(body), &m)
	free := p.authorized - p.captured - p.cancelled
	switch {
	case verb == "capture" && m.ModificationAmount.Value <= free && free > 0:
		p.captured += m.ModificationAmount.Value
		w.charges++
	case verb == "refund" && m.ModificationAmount.Value <= p.captured-p.refunded:
		p.refunded += m.ModificationAmount.Value
	case verb == "cancel" && p.state == "CREATED":
		p.state = "TERMINATED"
	case verb == "cancel" && p.captured == 0 && free > 0 && !strings.Contains(body, "TransactionOnly"):
		p.cancelled = free
	case verb != "":
		return 400, `{"title":"Bad Request"}`
	}
	return 200, p.tell(reference)
}

func (w *outside) approve(p *ledger) {
	if p.state == "CREATED" && w.approveAfter >= 0 && time.Since(p.made) >= w.approveAfter {
		p.state, p.authorized = "AUTHORIZED", p.price.Value
	}
}

func (p *ledger) tell(reference string) string {
	return fmt.Sprintf(`{"reference":%q,"state":%q,"amount":{"value":%d,"currency":"NOK"},"pspReference":"x",
		"aggregate":{"authorizedAmount":{"value":%d,"currency":"NOK"},"cancelledAmount":{"value":%d,"currency":"NOK"},
		"capturedAmount":{"value":%d,"currency":"NOK"},"refundedAmount":{"value":%d,"currency":"NOK"}}}`,
		reference, p.state, p.price.Value, p.authorized, p.cancelled, p.captured, p.refunded)
}

func (w *outside) create(body string) (int, string) {
	var c struct {
		Amount    money
		Reference string
	}
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return 400, `{}`
	}
	if w.payments[c.Reference] != nil {
		return 409, `{"extraDetails":[{"name":"ErrorCode","reason":"4150"}]}`
	}
	w.payments[c.Reference] = &ledger{price: c.Amount, made: time.Now(), state: "CREATED"}
	return 201, fmt.Sprintf(`{"reference":%q,"redirectUrl":"https://provider.example/"}`, c.Reference)
}

func (w *outside) carry(r *http.Request, body string) (int, string) {
	switch {
	case r.Method == http.MethodGet:
		list := []shipment{}
		for _, p := range w.parcels {
			if p.Reference == r.URL.Query().Get("reference") {
				list = append(list, *p)
			}
		}
		return 200, frozen(map[string]any{"shipments": list})
	case strings.HasSuffix(r.URL.Path, "/cancel"):
		for _, p := range w.parcels {
			if r.URL.Path == "/shipments/"+p.ID+"/cancel" {
				p.State = "cancelled"
				return 200, frozen(p)
			}
		}
		return 404, `{}`
	}
	var p shipment
	_ = json.Unmarshal([]byte(body), &p)
	p.ID, p.State = fmt.Sprintf("parcel-%d", len(w.parcels)+1), "booked"
	w.parcels = append(w.parcels, &p)
	return 201, frozen(p)
}

// books is what the outside world did in the end.
type books struct {
	Payments, Charges, Parcels int
	Reserved, Kept             int64
}

func (w *outside) books() books {
	w.mu.Lock()
	defer w.mu.Unlock()
	b := books{Payments: len(w.payments), Charges: w.charges}
	for _, p := range w.payments {
		w.approve(p)
		b.Reserved += p.authorized - p.captured - p.cancelled
		b.Kept += p.captured - p.refunded
	}
	for _, p := range w.parcels {
		if p.State == "booked" {
			b.Parcels++
		}
	}
	return b
}

// count says how many calls there were of a kind.
func (w *outside) count(prefix string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, call := range w.calls {
		if strings.HasPrefix(call, prefix) {
			n++
		}
	}
	return n
}

// shop is a checkout at work in the test's bubble.
type shop struct {
	t       *testing.T
	service *Service
	cfg     Config
	path    string
	parts   Parts
	world   *outside
	stop    func()
}

func environment(extra ...string) []string {
	return append([]string{
		"CHECKOUT_DATABASE=unused", "CHECKOUT_PAYMENTS_URL=http://provider", "CHECKOUT_PAYMENTS_MSN=123456",
		"CHECKOUT_PAYMENTS_CLIENT_ID=id", "CHECKOUT_PAYMENTS_CLIENT_SECRET=secret",
		"CHECKOUT_PAYMENTS_SUBSCRIPTION_KEY=subscription", "CHECKOUT_SHIPPING_URL=http://carrier",
		"CHECKOUT_PUBLIC_URL=http://shop", "CHECKOUT_WEBHOOK_SECRET=hush",
	}, extra...)
}

// inBubble runs a test under a virtual clock with a shop on a fresh SQLite file.
func inBubble(t *testing.T, test func(*testing.T, *shop), extra ...string) {
	t.Helper()
	path := t.TempDir() + "/shop.db"
	synctest.Test(t, func(t *testing.T) {
		cfg, err := ParseConfig(environment(extra...))
		require.NoError(t, err)
		world := newOutside()
		s := &shop{t: t, cfg: cfg, path: path, world: world, parts: Parts{
			Dialect: SQLite, Transport: world, Rand: rand.NewChaCha8([32]byte{1}),
		}}
		s.open()
		defer func() {
			s.stop()
			require.NoError(t, s.parts.DB.Close())
		}()
		test(t, s)
	})
}

// crash ends the shop as SIGKILL does: from now on it writes nothing. Whatever
// held must let go of its calls afterwards.
func (s *shop) crash() {
	require.NoError(s.t, s.parts.DB.Close())
}

// open starts the shop, once more if it was stopped or has crashed.
func (s *shop) open() {
	if s.parts.DB == nil || s.parts.DB.Ping() != nil {
		db, err := OpenSQLite(s.path)
		require.NoError(s.t, err)
		// Crashes are of the process here, never of the machine.
		_, err = db.Exec("PRAGMA synchronous = OFF")
		require.NoError(s.t, err)
		s.parts.DB = db
	}
	service, err := New(s.cfg, s.parts)
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = service.Run(ctx)
	}()
	s.service = service
	s.stop = func() { cancel(); <-ended }
}

func (s *shop) ask(method, path, body string, headers ...string) *recorded {
	r := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.service.Handler().ServeHTTP(w, r)
	return w
}

// look opens the basket's page and gives the order's id.
func (s *shop) look(basket string) string {
	w := s.ask("GET", "/checkout/"+basket, "")
	require.Equal(s.t, 200, w.Code, w.Body)
	_, rest, found := strings.Cut(w.Body.String(), `name="order" value="`)
	require.True(s.t, found)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func (s *shop) submit(id, basket string, headers ...string) (int, document) {
	w := s.ask("PUT", "/orders/"+id, fmt.Sprintf(`{"basket":%q,"amount":49900,"currency":"NOK"}`, basket), headers...)
	return w.Code, s.read(w)
}

func (s *shop) get(id string) document { return s.read(s.ask("GET", "/orders/"+id, "")) }

func (s *shop) read(w *recorded) document {
	var d document
	require.NoError(s.t, json.Unmarshal(w.Body.Bytes(), &d), w.Body)
	return d
}

func (s *shop) rows(table string) int {
	var n int
	require.NoError(s.t, s.parts.DB.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

// settle lets everything happen that is going to.
func (s *shop) settle() {
	time.Sleep(48 * time.Hour)
	synctest.Wait()
}
