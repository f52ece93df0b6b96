package compose_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v82"
	"github.com/stripe/stripe-go/v82/client"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	stripefake "github.com/unhappypath/unhappypath/fakes/stripe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// scriptShop is the first argument that makes this program a shop whose page loads the
// provider's script from its host, and confirms the payment in the browser.
const scriptShop = "script-shop"

type shopOfPages struct {
	api    *client.API
	mu     sync.Mutex
	orders map[string][]string // payments by basket
}

func bePaidOnAPage() {
	if len(os.Args) < 2 || os.Args[1] != scriptShop {
		return
	}
	s := &shopOfPages{orders: map[string][]string{}}
	s.api = client.New(os.Getenv("KEY"), &stripe.Backends{API: stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL: stripe.String(os.Getenv("PAYMENTS_URL")), LeveledLogger: &stripe.LeveledLogger{},
	})})
	http.HandleFunc("GET /checkout/{basket}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, scriptPage, r.PathValue("basket"), os.Getenv("PUBLISHABLE_KEY"), os.Getenv("PAYS"))
	})
	http.HandleFunc("POST /orders/{basket}", s.order)
	http.HandleFunc("GET /orders/{basket}", s.tell)
	http.HandleFunc("/", http.NotFound)
	fmt.Println(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
	os.Exit(1)
}

// order creates a payment for a basket and a number of a try: the same for the same.
func (s *shopOfPages) order(w http.ResponseWriter, r *http.Request) {
	basket := r.PathValue("basket")
	if token := r.FormValue("token"); token != "" {
		s.pay(w, basket, token)
		return
	}
	asked := &stripe.PaymentIntentParams{Amount: stripe.Int64(49900), Currency: stripe.String("nok"), Metadata: map[string]string{"order": basket}}
	asked.SetIdempotencyKey("create-" + basket + "-" + r.FormValue("try"))
	payment, err := s.api.PaymentIntents.New(asked)
	if err != nil {
		http.Error(w, "no payment", http.StatusBadGateway)
		return
	}
	s.mu.Lock()
	if !slices.Contains(s.orders[basket], payment.ID) {
		s.orders[basket] = append(s.orders[basket], payment.ID)
	}
	s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"secret": payment.ClientSecret})
}

// pay confirms a payment with the token that the page has, as Stripe has it "on the server":
// one payment for each token, paid or not.
func (s *shopOfPages) pay(w http.ResponseWriter, basket, token string) {
	asked := &stripe.PaymentIntentParams{Amount: stripe.Int64(49900), Currency: stripe.String("nok"), Metadata: map[string]string{"order": basket},
		Confirm: stripe.Bool(true), ConfirmationToken: stripe.String(token), ReturnURL: stripe.String("https://shop.example/back")}
	asked.SetIdempotencyKey("pay-" + token)
	payment, err := s.api.PaymentIntents.New(asked)
	var refused *stripe.Error
	switch {
	case errors.As(err, &refused) && refused.Type == stripe.ErrorTypeCard:
		_ = json.NewEncoder(w).Encode(map[string]string{"status": "refused", "why": refused.Msg})
		return
	case err != nil:
		http.Error(w, "no payment", http.StatusBadGateway)
		return
	}
	s.mu.Lock()
	s.orders[basket] = append(s.orders[basket], payment.ID)
	s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]string{"status": string(payment.Status), "secret": payment.ClientSecret})
}

// tell asks the provider how a basket stands.
func (s *shopOfPages) tell(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	payments := slices.Clone(s.orders[r.PathValue("basket")])
	s.mu.Unlock()
	status, err := "checking", error(nil)
	for _, id := range payments {
		payment, problem := s.api.PaymentIntents.Get(id, nil)
		if err = errors.Join(err, problem); problem == nil && payment.Status == stripe.PaymentIntentStatusSucceeded {
			status = "paid"
		}
	}
	if err != nil {
		http.Error(w, "not known", http.StatusBadGateway)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"status": status})
}

// scriptPage has the basket, the key and how it pays.
const scriptPage = `<!doctype html><title>Checkout</title>
<main data-status="ready"><p class="total">NOK 499.00</p><div id="card"></div><button id="pay">Pay</button><p id="says">Ready.</p></main>
<script src="https://js.stripe.com/v3/"></script>
<script>
const basket = %q, given = %q, how = %q;
const stripe = Stripe(how === 'live' ? ['pk', 'live', '0123456789'].join('_') : given);
const elements = stripe.elements(), card = elements.create('card');
card.mount('#card');
const say = (status, text) => {
  document.querySelector('#says').textContent = text ?? status;
  document.querySelector('main').dataset.status = status;
};
const pause = () => new Promise((go) => setTimeout(go, 300));
const order = async (number) => {
  for (;; await pause()) {
    try {
      const answer = await fetch('/orders/' + basket + '?try=' + number, { method: 'POST' });
      if (answer.ok) return (await answer.json()).secret;
    } catch {}
  }
};
const all = how === 'server' || how === 'anew' ? stripe.elements({ mode: 'payment', amount: 49900, currency: 'nok' }) : null;
all?.create('payment').mount('#card');
const token = async () => {
  await all.submit();
  for (;; await pause()) {
    const { confirmationToken } = await stripe.createConfirmationToken({ elements: all, params: { return_url: location.href } });
    if (confirmationToken) return confirmationToken.id;
  }
};
const paid = async (by, same) => {
  for (let left = 20; left > 0; left--, await pause()) {
    try {
      const answer = await fetch('/orders/' + basket, { method: 'POST', body: new URLSearchParams({ token: by }) });
      const { status, secret, why } = await answer.json();
      if (status === 'refused') return say('refused', why);
      if (status === 'succeeded') return say('paid');
      if (status !== 'requires_action') continue;
      const { paymentIntent } = await stripe.handleNextAction({ clientSecret: secret });
      if (paymentIntent?.status === 'succeeded') return say('paid');
    } catch {}
    if (!same) by = await token();
  }
};
const pays = {
  // An answer that did not come says nothing: it looks, and asks the same payment again.
  careful: async () => {
    const secret = await order(1);
    for (let left = 20; left > 0; left--, await pause()) {
      const { error, paymentIntent } = await stripe.confirmCardPayment(secret, { payment_method: { card } });
      if (error?.type === 'card_error') return say('refused', error.message + ' (' + error.code + ', ' + error.decline_code + ')');
      if ((paymentIntent ?? error.payment_intent)?.status === 'succeeded') return say('paid');
      const now = await stripe.retrievePaymentIntent(secret);
      if (now.paymentIntent?.status === 'succeeded') return say('paid');
    }
  },
  // An answer that did not come is a no to this: it begins anew.
  naive: async () => {
    for (let number = 1; number <= 20; number++) {
      const { error, paymentIntent } = await stripe.confirmCardPayment(await order(number), { payment_method: { card } });
      if (error?.type === 'card_error') return say('refused', error.message);
      if (paymentIntent?.status === 'succeeded') return say('paid');
      await pause();
    }
  },
  // A page of today: the Payment Element, and what comes back without leaving the page.
  element: async () => {
    const secret = await order(1);
    const all = stripe.elements({ clientSecret: secret });
    all.create('payment').mount('#card');
    await all.submit();
    const { error, paymentIntent } = await stripe.confirmPayment({ elements: all, redirect: 'if_required', confirmParams: { return_url: location.href } });
    say(error ? 'refused' : paymentIntent.status === 'succeeded' ? 'paid' : 'checking', error?.message);
  },
  // Her card goes to the shop's server as a token, which confirms the payment there. An answer
  // that did not come is asked for again, with the same token.
  server: async () => paid(await token(), true),
  // This one makes another token then, and another payment.
  anew: async () => paid(await token(), false),
  // What is no error is a payment to this one: it leaves her bank's question to nobody.
  eager: async () => {
    const { error } = await stripe.confirmCardPayment(await order(1), { payment_method: { card } }, { handleActions: false });
    say(error ? 'refused' : 'paid', error?.message);
  },
  bare: async () => {
    try {
      await stripe.createConfirmationToken({ params: { return_url: location.href } });
    } catch (error) {
      say('refused', error.message);
    }
  },
  unplayed: async () => {
    try {
      await stripe.createToken(card);
    } catch (error) {
      say('refused', error.message);
    }
  },
};
document.querySelector('#pay').addEventListener('click', () => { say('checking'); pays[how](); }, { once: true });
</script>`

const scriptDescription = `version: 1
name: A shop with the provider's script on its page
service:
  command: [%q, %s]
  environment:
    PORT: ${service.port}
    PAYMENTS_URL: ${payments.url}
    KEY: ${payments.secret_key}
    PUBLISHABLE_KEY: ${payments.publishable_key}
    PAYS: %q
clock: 5
quiet: 15s
payments: {provider: stripe, script: true, three_d_secure: %t, reference: "${basket}"}
shipping: none
customer:
  browser:
    open: /checkout/{basket}
    submit: "#pay"
    says: {selector: main, attribute: data-status}
    text: {selector: "#says"}
    amount: {selector: .total}
    sends: POST /orders/{id}
    looks: GET /orders/{id}
`

// often are the rows that are staged whenever the package is tested.
var often = []string{"the answer is lost", "the answer is lost, and anew", "the look after her yes is lost, and anew"}

// scriptRow is a way to pay, what happens meanwhile, and what comes of it.
type scriptRow struct {
	pays    string
	story   Story
	verdict judge.Verdict
	ops     []observe.EntryOp
	says    string // the last screen, or the reason of a run that is not finished
}

// What the shop's money does.
var (
	sold      = []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized, observe.MoneyCaptured}
	soldTwice = slices.Repeat(sold, 2)
	unsold    = []observe.EntryOp{observe.MoneyCreated}
)

// In a real Chromium, a page loads the provider's script from where it always is, and pays
// by it; nothing of that leaves this machine.
func TestACustomerPaysByTheProvidersScript(t *testing.T) {
	answer := On(observe.ApproveAtProvider).Nth(1).Answered()
	payByScript(t, false, map[string]scriptRow{
		"nothing goes wrong":              {"careful", aClick, Kept, sold, "paid"},
		"the payment element":             {"element", aClick, Kept, sold, "paid"},
		"her card is declined":            {"careful", hit(OnPayment(1).Declines()), Kept, []observe.EntryOp{observe.MoneyCreated, observe.MoneyDeclined}, "Your card was declined. (card_declined, generic_decline)"},
		"the answer is lost":              {"careful", hit(answer.Closes()), Kept, sold, "paid"},
		"the answer is reset":             {"careful", hit(answer.Resets()), Kept, sold, "paid"},
		"the answer is cut":               {"careful", hit(answer.Truncates()), Kept, sold, "paid"},
		"the answer is lost, and anew":    {"naive", hit(answer.Closes()), Broken, soldTwice, "paid"},
		"naive, and nothing goes wrong":   {"naive", aClick, Kept, sold, "paid"},
		"no error is taken for paid":      {"eager", aClick, Kept, sold, "paid"},
		"on the server":                   {"server", aClick, Kept, sold, "paid"},
		"on the server, she declines":     {"server", hit(OnPayment(1).Declines()), Kept, []observe.EntryOp{observe.MoneyCreated, observe.MoneyDeclined}, "Your card was declined."},
		"her token is lost":               {"server", hit(On(stripefake.KeepToken).Nth(1).Answered().Closes()), Kept, sold, "paid"},
		"the shop's answer is lost":       {"server", hit(On(observe.Submit).Nth(1).Answered().Closes()), Kept, sold, "paid"},
		"the shop's answer, and anew":     {"anew", hit(On(observe.Submit).Nth(1).Answered().Truncates()), Broken, soldTwice, "paid"},
		"a token, and no elements":        {"bare", aClick, Kept, nil, "want elements"},
		"what the stand-in does not play": {"unplayed", aClick, judge.Unfinished, nil, "the fake provider was asked for stripe.createToken of Stripe.js, which it does not play"},
		"a key of the live mode":          {"live", aClick, judge.Unfinished, nil, "pk_live_… in its address"},
	})
}

// Where her bank asks her (3-D Secure), her yes is one more request that may be lost, and the
// shop's page knows nothing until it has looked.
func TestACustomerAuthenticatesByTheProvidersScript(t *testing.T) {
	yes := hit(On(observe.ApproveAtProvider).Nth(2).Answered().Closes())
	look := hit(On(stripefake.LookAtPayment).Nth(1).Answered().Truncates())
	payByScript(t, true, map[string]scriptRow{
		"nothing goes wrong":                       {"careful", aClick, Kept, sold, "paid"},
		"at the payment element":                   {"element", aClick, Kept, sold, "paid"},
		"on the server":                            {"server", aClick, Kept, sold, "paid"},
		"the answer to her yes is lost":            {"careful", yes, Kept, sold, "paid"},
		"the look after her yes is lost":           {"careful", look, Kept, sold, "paid"},
		"the look after her yes is lost, and anew": {"naive", look, Broken, soldTwice, "paid"},
		"no error is taken for paid":               {"eager", aClick, Broken, unsold, "paid"},
	})
}

func payByScript(t *testing.T, threeDSecure bool, rows map[string]scriptRow) {
	_, err := browser.Find()
	lacks(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if os.Getenv("SCRIPTS") != "all" && !slices.Contains(often, name) {
				t.Skip("a browser for each row: make scripts runs them all")
			}
			shop := describeWith(t, fmt.Sprintf(scriptDescription, self, scriptShop, row.pays, threeDSecure), fakes.Providers())
			run := stage(t, shop, row.story, compose.Resources{})
			require.Equal(t, row.verdict, run.Verdict(), run.FailureText())
			var ops []observe.EntryOp
			last := ""
			for _, e := range run.History {
				switch e.Kind {
				case observe.Money:
					ops = append(ops, e.Entry.Op)
				case observe.Screen:
					last = e.View.Text
				}
				if e.Message != nil {
					require.NotRegexp(t, `_secret_[0-9A-Za-z]{8}|live_[0-9]`, fmt.Sprint(*e.Message))
				}
			}
			require.Equal(t, row.ops, ops, run.FailureText())
			if row.verdict == judge.Unfinished {
				last = run.FailureText()
			}
			require.Contains(t, last, row.says)
			require.NotEmpty(t, strings.TrimSpace(last))
		})
	}
}
