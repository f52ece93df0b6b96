package vipps

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

const payments = "/epayment/v1/payments"

func TestTheSameKeyAndRequestGetTheSameAnswer(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	create := creation(order, 1000)
	reordered := `{"userFlow":"WEB_REDIRECT", "reference":"` + order + `", "returnUrl":"https://shop.test/back",
		"paymentMethod":{"type":"WALLET"}, "amount":{"value":1000,"currency":"NOK"}}`
	first := s.post("a", payments, create)
	require.Equal(t, 201, first.Status)
	require.Equal(t, first.Body, s.post("a", payments, create).Body)
	require.Equal(t, first.Body, s.post("a", payments, reordered).Body, "the order of fields is no matter")

	for _, what := range []string{"capture", "refund"} {
		first := s.post(what, payments+"/"+order+"/"+what, modification(400))
		require.Equal(t, 200, first.Status)
		require.Equal(t, first.Body, s.post(what, payments+"/"+order+"/"+what, modification(400)).Body)
	}
	cancelled := s.post("cancel", payments+"/"+order+"/cancel", "")
	require.Equal(t, cancelled.Body, s.post("cancel", payments+"/"+order+"/cancel", "").Body)
	require.Equal(t, []string{"created 1000", "authorized 1000", "captured 400", "refunded 400", "cancelled 600"}, s.books())
}

func TestTheSameKeyWithAnotherRequestIsAConflict(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	require.Equal(t, 201, s.post("create", payments, creation(order, 1000)).Status)
	require.Equal(t, 200, s.post("capture", payments+"/"+order+"/capture", modification(400)).Status)
	require.Equal(t, 200, s.post("refund", payments+"/"+order+"/refund", modification(100)).Status)
	require.Equal(t, 200, s.post("cancel", payments+"/"+order+"/cancel", `{}`).Status)
	before := s.books()
	for _, test := range []struct{ name, key, path, body, code string }{
		{"another amount to create", "create", payments, creation(order, 2000), "4020"},
		{"another reference to create", "create", payments, creation("order-0002", 1000), "4020"},
		{"another amount to capture", "capture", payments + "/" + order + "/capture", modification(500), "4010"},
		{"another amount to refund", "refund", payments + "/" + order + "/refund", modification(200), "4150"},
		{"another way to cancel", "cancel", payments + "/" + order + "/cancel", `{"cancelTransactionOnly":true}`, "4020"},
		{"another operation", "create", payments + "/" + order + "/capture", modification(500), "4020"},
	} {
		a := s.post(test.key, test.path, test.body)
		require.Equal(t, 409, a.Status, test.name)
		require.Equal(t, test.code, a.code(), test.name)
	}
	require.Equal(t, before, s.books())
	require.Equal(t, 201, s.post("create", payments, creation(order, 1000)).Status, "the conflict did not unseat the first answer")
}

func TestARefusalStaysForItsKey(t *testing.T) {
	s := open(t, nil)
	s.create(order, 1000)
	early := s.post("too-early", payments+"/"+order+"/capture", modification(1000))
	require.Equal(t, "6080", early.code())
	malformed := s.post("malformed", payments+"/"+order+"/capture", `{}`)
	require.Equal(t, 400, malformed.Status)
	unknown := s.post("unknown", payments+"/order-0002/capture", modification(1000))
	require.Equal(t, "5090", unknown.code())

	require.NoError(t, s.provider.Approve(order))
	s.create("order-0002", 1000)
	require.NoError(t, s.provider.Approve("order-0002"))
	require.Equal(t, early.Body, s.post("too-early", payments+"/"+order+"/capture", modification(1000)).Body)
	require.Equal(t, unknown.Body, s.post("unknown", payments+"/order-0002/capture", modification(1000)).Body)
	require.Equal(t, 409, s.post("malformed", payments+"/"+order+"/capture", modification(1000)).Status)
	require.Equal(t, "1000/0/0/0", s.get(order).sums())
	require.Equal(t, 200, s.modify(order, "capture", 1000).Status, "with a new key it goes")
}

// However many copies of however many requests overlap, each key changes the
// books once, all its copies get one answer, and the sums add up.
func TestAKeyIsExecutedOnceHoweverManyCopiesOverlap(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			s := open(t, func(c *Config) { c.ApproveAfter = 0 })
			s.unlimited()
			draw := rand.New(rand.NewPCG(seed, 0))
			type request struct{ key, path, body string }
			var all []request
			for i := range 4 {
				reference := fmt.Sprintf("order-%04d", i)
				s.create(reference, 1000)
				for _, what := range []string{"capture", "capture", "capture", "refund", "cancel"} {
					body := modification(int64(100 * (1 + draw.IntN(6))))
					if what == "cancel" {
						body = ""
					}
					all = append(all, request{fmt.Sprint(what, "-", len(all)), payments + "/" + reference + "/" + what, body})
				}
			}
			var pool []int
			for i := range all {
				for range 3 {
					pool = append(pool, i)
				}
			}
			draw.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })

			answers := make([]reply, len(pool))
			var everybody sync.WaitGroup
			for n, i := range pool {
				everybody.Go(func() { answers[n] = s.post(all[i].key, all[i].path, all[i].body) })
			}
			everybody.Wait()

			first := make(map[int]reply)
			for n, i := range pool {
				if earlier, any := first[i]; any {
					require.Equal(t, earlier.Body, answers[n].Body)
				} else {
					first[i] = answers[n]
				}
			}
			requireSoundBooks(t, s)
		})
	}
}

// requireSoundBooks checks the ledger against itself, against what was told as
// it happened, and against what the API says.
func requireSoundBooks(t testing.TB, s *shop) {
	t.Helper()
	ledger := s.provider.Ledger()
	told := s.seen.of(observe.Money)
	require.Len(t, told, len(ledger))
	keys := make(map[string]bool)
	sums := make(map[string]map[observe.EntryOp]int64)
	for i, e := range ledger {
		require.Equal(t, e, *told[i].Entry, "told in the ledger's order")
		require.Positive(t, e.Amount)
		if e.Key != "" {
			require.False(t, keys[e.Key], "key %s changed the books twice", e.Key)
			keys[e.Key] = true
		}
		if sums[e.Reference] == nil {
			sums[e.Reference] = make(map[observe.EntryOp]int64)
		}
		sum := sums[e.Reference]
		sum[e.Op] += e.Amount
		require.LessOrEqual(t, sum["captured"]+sum["cancelled"], sum["authorized"])
		require.LessOrEqual(t, sum["refunded"], sum["captured"])
	}
	for reference, sum := range sums {
		s.provider.mu.Lock()
		m := s.provider.payments[reference]
		got := [4]int64{m.authorized, m.captured, m.refunded, m.cancelled}
		s.provider.mu.Unlock()
		require.Equal(t, [4]int64{sum["authorized"], sum["captured"], sum["refunded"], sum["cancelled"] + sum["terminated"]}, got)
	}
}

func TestAChangeIsToldBeforeItsAnswerAndBlocksNobodyElse(t *testing.T) {
	inStoryTime(func(t *testing.T) {
		var s *shop
		hold, release := make(chan struct{}), make(chan struct{})
		s = open(t, func(c *Config) {
			c.ApproveAfter = 0
			see := c.See
			c.See = func(e observe.Event) {
				see(e)
				if e.Kind == observe.Money && e.Entry.Op == "captured" {
					close(hold)
					<-release
				}
			}
		})
		s.create(order, 1000)
		answered := false
		go func() {
			s.modify(order, "capture", 1000)
			answered = true
		}()
		<-hold
		require.False(t, answered)
		// While the watcher is busy, anybody may read, and the change is there.
		require.Equal(t, "1000/1000/0/0", s.get(order).sums())
		require.Len(t, s.provider.Ledger(), 3)
		s.provider.NextDue()
		close(release)
	})(t)
}

// The ids do not depend on the order in which requests arrive.
func TestIdsDependOnTheSeedAndOnNamesAlone(t *testing.T) {
	ids := func(seed byte, references ...string) map[string]any {
		s := open(t, func(c *Config) { c.Rand = rand.NewChaCha8([32]byte{seed}) })
		all := make(map[string]any)
		for _, reference := range references {
			s.post("key-"+reference, payments, creation(reference, 1000))
			all[reference] = s.get(reference).field("pspReference")
		}
		return all
	}
	require.Equal(t, ids(1, "order-0001", "order-0002"), ids(1, "order-0002", "order-0001"))
	require.NotEqual(t, ids(1, order), ids(2, order))
}

// FuzzRequests throws anything at the provider. It never breaks its contract
// (a 500), and its books stay sound.
func FuzzRequests(f *testing.F) {
	f.Add("POST", payments, creation("order-0002", 1000), "key")
	f.Add("POST", payments+"/"+order+"/capture", modification(1000), "key")
	f.Add("POST", payments+"/"+order+"/refund", `{"modificationAmount":{"currency":"NOK","value":1e2}}`, "key")
	f.Add("POST", payments+"/"+order+"/cancel", `{"cancelTransactionOnly":null}`, "key")
	f.Add("POST", "/epayment/v1/test/payments/"+order+"/approve", `{"customer":{}}`, "")
	f.Add("POST", "/webhooks/v1/webhooks", `{"url":"https://shop.test/","events":["epayments.payment.created.v1"]}`, "")
	f.Add("GET", payments+"/"+order+"/events", "", "")
	f.Add("DELETE", "/webhooks/v1/webhooks/x", "", "")
	f.Fuzz(func(t *testing.T, method, path, body, key string) {
		if !fitsRequestLine(method, path) || strings.ContainsAny(key, "\r\n\x00") {
			return
		}
		s := open(t, func(c *Config) { c.ApproveAfter = 0 })
		defer s.provider.Close()
		s.create(order, 1000)
		for range 2 {
			a := s.send(method, path, body, map[string]string{"Idempotency-Key": key, "Content-Type": "application/json"})
			require.NotEqual(t, 500, a.Status, a.Body)
		}
		require.Empty(t, s.seen.of(observe.Note))
		requireSoundBooks(t, s)
	})
}

func fitsRequestLine(method, path string) bool {
	for _, r := range method {
		if r < 'A' || r > 'Z' {
			return false
		}
	}
	for _, r := range path {
		if r <= ' ' || r >= 0x7f || r == '%' || r == '#' || r == '?' {
			return false
		}
	}
	return method != "" && method != "CONNECT" && strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//")
}

// One replayed capture: the whole way but the network.
func BenchmarkCall(b *testing.B) {
	s := open(b, func(c *Config) { c.ApproveAfter, c.See = 0, observe.Nobody })
	s.unlimited()
	s.create(order, 1000)
	r := httptest.NewRequest("POST", "https://provider.test"+payments+"/"+order+"/capture", nil)
	r.Header = s.header.Clone()
	r.Header.Set("Idempotency-Key", "key")
	b.ReportAllocs()
	for b.Loop() {
		r.Body = io.NopCloser(strings.NewReader(modification(1000)))
		w := httptest.NewRecorder()
		if s.provider.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}

func BenchmarkContract(b *testing.B) {
	s := open(b, func(c *Config) { c.ApproveAfter = 0 })
	s.create(order, 1000)
	terms := s.provider.contract.Terms("capturePayment")
	asked := []byte(modification(1000))
	vars := map[string]string{"reference": order}
	s.header.Set("Idempotency-Key", "key")
	done := s.modify(order, "capture", 1000)
	a := answer{Status: done.Status, MediaType: done.Header.Get("Content-Type"), Body: []byte(done.Body)}
	b.ReportAllocs()
	for b.Loop() {
		_, wrong := terms.Body(asked)
		if wrong != nil || terms.Parameters(s.header, nil, vars) != nil || s.provider.contract.Check("capturePayment", a) != nil {
			b.Fatal("refused")
		}
	}
}
