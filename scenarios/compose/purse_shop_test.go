package compose_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/compose"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// purseShop is the first argument that makes this program a shop that is paid through
// the purse. It writes down who wants to buy, and begins anew with all of them when it
// starts: all that it asks for can be asked for again.
const purseShop = "purse-shop"

type shopOfPurse struct {
	client *http.Client
	poll   time.Duration
	mu     sync.Mutex
	status map[string]string // by basket
}

func bePaidByPurse() {
	if len(os.Args) < 2 || os.Args[1] != purseShop {
		return
	}
	timeOut, err := time.ParseDuration(os.Getenv("TIMEOUT"))
	poll, err2 := time.ParseDuration(os.Getenv("POLL"))
	s := &shopOfPurse{client: &http.Client{Timeout: timeOut}, poll: poll, status: map[string]string{}}
	for _, wish := range wishes() {
		s.buy(wish.Name())
	}
	http.HandleFunc("GET /cart", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"amount":49900,"currency":"NOK"}`) })
	http.HandleFunc("PUT /buy/{basket}", func(w http.ResponseWriter, r *http.Request) { s.buy(r.PathValue("basket")); s.tell(w, r) })
	http.HandleFunc("GET /buy/{basket}", s.tell)
	http.HandleFunc("POST /told", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Purse-Proof") != os.Getenv("PROOF") {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	fmt.Println(errors.Join(err, err2, http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil)))
	os.Exit(1)
}

func wishes() []os.DirEntry {
	list, err := os.ReadDir(os.Getenv("DATA"))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	return list
}

func (s *shopOfPurse) tell(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, known := s.status[r.PathValue("basket")]
	if !known {
		w.WriteHeader(http.StatusNotFound)
	}
	fmt.Fprintf(w, `{"status":%q}`, status)
}

func (s *shopOfPurse) is(basket, status string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status[basket] = status
}

// buy sells a basket, once.
func (s *shopOfPurse) buy(basket string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status[basket] != "" {
		return
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("DATA"), filepath.Base(basket)), nil, 0o600); err != nil {
		fmt.Println(err)
	}
	s.status[basket] = "working"
	go func() {
		id := basket
		for n := 1; !s.sell(basket, os.Getenv("PAYMENTS_URL")+"/v2/holds/hold-"+id); n++ {
			id = fmt.Sprintf("%s-%d", basket, n)
		}
	}()
}

// sell says whether it came to an end: a careless shop begins again with another hold.
func (s *shopOfPurse) sell(basket, hold string) bool {
	if vault := os.Getenv("VAULT_URL"); vault != "" {
		s.must("PUT", vault+"/cards/"+basket, "", "stored")
	}
	s.must("PUT", hold, `{"sum":"499.00","unit":"NOK"}`, "asked", "granted", "denied", "settled")
	now := s.must("GET", hold, "", "granted", "denied", "settled")
	if now == "denied" {
		s.is(basket, "refused")
		return true
	}
	if now == "" || s.must("PUT", hold+"/settlement", "", "settled") == "" {
		return false
	}
	for s.must("POST", os.Getenv("SHIPPING_URL")+"/shipments", fmt.Sprintf(`{"reference":"order-%s","basket":%[1]q}`, basket), "booked") == "" {
	}
	s.is(basket, "shipped")
	return true
}

// must asks again until the answer is one of these. A careless shop takes no answer for
// a no.
func (s *shopOfPurse) must(method, url, body string, want ...string) string {
	for ; ; time.Sleep(s.poll) {
		r, _ := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
		r.Header.Set("X-Purse-Key", os.Getenv("KEY"))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", body)
		var said struct{ Now, State string }
		resp, err := s.client.Do(r)
		if err == nil {
			err = json.NewDecoder(resp.Body).Decode(&said)
			resp.Body.Close()
		}
		switch {
		case err == nil && slices.Contains(want, cmp.Or(said.Now, said.State)):
			return cmp.Or(said.Now, said.State)
		case err != nil && os.Getenv("CARELESS") != "":
			return ""
		}
	}
}

const purseDescription = `version: 1
name: A shop with a purse
service:
  command: [%q, %s]
  environment:
    PORT: ${service.port}
    PAYMENTS_URL: ${payments.url}
    DATA: ${service.data}
    KEY: ${payments.key}
    PROOF: ${webhooks.secret}
    SHIPPING_URL: ${shipping.url}
    TIMEOUT: ${ms 10s}ms
    POLL: ${ms 2s}ms
    CARELESS: %q
    VAULT_URL: %q
clock: 20
quiet: 15s
webhooks: /told
payments: {provider: purse, account: {key: canary-of-this-shop}}
customer:
  open: [{get: /cart, capture: {amount: {json: /amount}, currency: {json: /currency}}}]
  submit: {put: "/buy/${basket}"}
  resends: 2
  silence: 5s
  look: {get: "/buy/${basket}"}
  lost: 404
  screens:
    - {json: {/status: shipped}, says: shipped}
    - {json: {/status: refused}, says: refused}
    - {json: {/status: working}, says: checking}
`

// purseTarget hands the purse to the composer, as any provider is handed to it.
func purseTarget(t *testing.T, careless string) *target.Target {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return describeWith(t, fmt.Sprintf(purseDescription, self, purseShop, careless, ""),
		provider.Catalog{Kinds: map[string]provider.Kind{"purse": purseKind}})
}

// Another provider, with other paths, words and states, pays for a purchase without a
// line elsewhere: what breaks nothing, what it costs to find, and what is found.
func TestAnotherProviderPays(t *testing.T) {
	require.NoError(t, purseKind.Check())
	paid := []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized, observe.MoneyCaptured, observe.ParcelBooked}
	denied := aClick
	denied.Shop.Declines = 1
	for name, row := range map[string]struct {
		story Story
		ops   []observe.EntryOp
	}{
		"nothing goes wrong":      {aClick, paid},
		"the customer says no":    {denied, []observe.EntryOp{observe.MoneyCreated, observe.MoneyAborted}},
		"a settlement is lost":    {hit(On(observe.Capture).Nth(1).Answered().Closes()), paid},
		"asking is refused":       {hit(On(observe.CreatePayment).Nth(1).Answers(503)), paid},
		"a look hangs":            {hit(On(observe.GetPayment).Nth(1).Hangs()), paid},
		"no field says how":       {hit(On(observe.GetPayment).Nth(1).Answered().Renames("Now", "Then")), paid},
		"a webhook comes late":    {hit(On(observe.PaymentWebhook).Nth(1).Closes()), paid},
		"killed while it settles": {hit(On(observe.Capture).Nth(1).Kills("checkout").Lasting(5 * time.Second)), paid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := stage(t, purseTarget(t, ""), row.story, compose.Resources{})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			var ops []observe.EntryOp
			for _, e := range run.History {
				if e.Kind == observe.Money || e.Kind == observe.Parcel {
					ops = append(ops, e.Entry.Op)
				}
			}
			require.Equal(t, row.ops, ops)
			require.NotContains(t, fmt.Sprint(run.History), "canary", "what is a secret, the provider says")
		})
	}
}

// A provider may bring a hop: it is hit, seen and reported as any other.
func TestAProviderBringsAHop(t *testing.T) {
	const vault observe.Hop = "checkout>vault"
	kind := purseKind
	kind.Routes = append(kind.Routes[:len(kind.Routes):len(kind.Routes)],
		observe.Route{Operation: "StoreCard", Hop: vault, Method: "PUT", Path: "/cards/{id}"})
	kind.Hops = map[observe.Hop]func(provider.Provider) http.Handler{vault: func(p provider.Provider) http.Handler {
		return observe.Server("vault", vault, p.(*purse).See, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"now":"stored"}`)
		}))
	}}
	require.NoError(t, kind.Check())
	self, err := os.Executable()
	require.NoError(t, err)
	shop := describeWith(t, fmt.Sprintf(purseDescription, self, purseShop, "", "${vault.url}"),
		provider.Catalog{Kinds: map[string]provider.Kind{"purse": kind}})
	for name, injection := range map[string]Injection{
		"an answer is lost": On("StoreCard").Nth(1).Answered().Closes(),
		"by its path":       OnPath(vault, "PUT", "/cards/{id}").Nth(1).Answers(503),
		"slow bytes":        OnHopOf("StoreCard").Toxic(Upstream, Latency(14*time.Second)).Lasting(20 * time.Second),
		"nobody is there":   OnHopOf("StoreCard").Down().Lasting(10 * time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := stage(t, shop, hit(injection), compose.Resources{})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			require.NotEmpty(t, run.Effects(0))
		})
	}
	_, err = hit(OnPath("checkout>volt", "PUT", "/cards/{id}").Closes()).Injections.Resolve(compose.TargetRoutes(shop))
	require.ErrorContains(t, err, `no hop "checkout>volt": the shop has [customer>checkout checkout>provider provider>checkout checkout>shipping checkout>database checkout>vault]`)
}

func hit(i Injection) Story {
	s := aClick
	s.Injections = Schedule{i}
	return s
}

// A short exploration finds nothing at a good shop, and something at one that asks for
// another hold where it has no answer.
func TestExploringWithAnotherProvider(t *testing.T) {
	for careless, schedules := range map[string]int{"": 16, "yes": 200} {
		t.Run(map[string]string{"": "a good shop", "yes": "a careless shop"}[careless], func(t *testing.T) {
			t.Parallel()
			shop := purseTarget(t, careless)
			own, why := shop.Story(aClick)
			require.Empty(t, why)
			resources := compose.Resources{Ports: wire.NewPorts(os.Getpid())}
			result, err := explore.Explore(t.Context(), explore.Config{
				Story: explore.Header(own), Seed: 1, Workers: 6, Processes: []string{"checkout"}, Audit: -1, Schedules: schedules, StopAtFirst: true, SinglesOnly: true,
				Real: &explore.Real{Begin: 4},
				Try: func(ctx context.Context, trial explore.Trial) (explore.Outcome, error) {
					run := enact.Run(ctx, enact.Replayed(own, record.Replay{Injections: trial.Injections}),
						enact.Options{World: "wire", Clock: shop.StoryClock(), Seed: trial.Seed, Expects: "kept", Routes: compose.TargetRoutes(shop)}, compose.Target(shop, resources))
					return explore.Look(trial, run), nil
				},
			})
			require.NoError(t, err)
			require.NotZero(t, result.Tally().Explored)
			if careless == "" {
				require.Empty(t, result.Findings)
			} else {
				require.NotEmpty(t, result.Findings)
			}
		})
	}
}
