package vipps

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

func TestWhatCanBeDoneToAPayment(t *testing.T) {
	type step struct {
		do     string // approve, refuse, force, capture, refund, cancel, cancel-only-before
		value  int64
		status int
		code   string
	}
	tests := []struct {
		name  string
		steps []step
		state string
		sums  string // authorized/captured/refunded/cancelled
		books string // after "created 1000"
	}{
		{"approved", []step{{do: "approve"}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"approved in the customer's place", []step{{"force", 0, 200, ""}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"refused by the customer", []step{{do: "refuse"}}, "ABORTED", "0/0/0/0", "aborted 1000"},
		{"captured whole stays AUTHORIZED", []step{{do: "approve"}, {"capture", 1000, 200, ""}},
			"AUTHORIZED", "1000/1000/0/0", "authorized 1000, captured 1000"},
		{"captured in parts", []step{{do: "approve"}, {"capture", 400, 200, ""}, {"capture", 600, 200, ""}},
			"AUTHORIZED", "1000/1000/0/0", "authorized 1000, captured 400, captured 600"},
		{"captured before approval", []step{{"capture", 1000, 400, "6080"}}, "CREATED", "0/0/0/0", ""},
		{"captured too much", []step{{do: "approve"}, {"capture", 1001, 400, "6090"}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"captured too much in parts", []step{{do: "approve"}, {"capture", 600, 200, ""}, {"capture", 600, 400, "6090"}},
			"AUTHORIZED", "1000/600/0/0", "authorized 1000, captured 600"},
		{"captured nothing", []step{{do: "approve"}, {"capture", 0, 400, "6010"}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"captured twice whole", []step{{do: "approve"}, {"capture", 1000, 200, ""}, {"capture", 1000, 400, "6170"}},
			"AUTHORIZED", "1000/1000/0/0", "authorized 1000, captured 1000"},
		{"captured after refusal", []step{{do: "refuse"}, {"capture", 1000, 400, "6200"}}, "ABORTED", "0/0/0/0", "aborted 1000"},
		{"refunded in parts stays AUTHORIZED", []step{{do: "approve"}, {"capture", 1000, 200, ""}, {"refund", 300, 200, ""}, {"refund", 700, 200, ""}},
			"AUTHORIZED", "1000/1000/1000/0", "authorized 1000, captured 1000, refunded 300, refunded 700"},
		{"refunded more than captured", []step{{do: "approve"}, {"capture", 500, 200, ""}, {"refund", 501, 400, "6150"}},
			"AUTHORIZED", "1000/500/0/0", "authorized 1000, captured 500"},
		{"refunded twice whole", []step{{do: "approve"}, {"capture", 500, 200, ""}, {"refund", 500, 200, ""}, {"refund", 1, 400, "6180"}},
			"AUTHORIZED", "1000/500/500/0", "authorized 1000, captured 500, refunded 500"},
		{"refunded before approval", []step{{"refund", 1000, 400, "6020"}}, "CREATED", "0/0/0/0", ""},
		{"refunded before capture", []step{{do: "approve"}, {"refund", 1000, 400, "6210"}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"cancelled before approval is TERMINATED", []step{{"cancel", 0, 200, ""}}, "TERMINATED", "0/0/0/1000", "terminated 1000"},
		{"cancelled after approval stays AUTHORIZED", []step{{do: "approve"}, {"cancel", 0, 200, ""}},
			"AUTHORIZED", "1000/0/0/1000", "authorized 1000, cancelled 1000"},
		{"cancelled after a partial capture releases the rest", []step{{do: "approve"}, {"capture", 250, 200, ""}, {"cancel", 0, 200, ""}},
			"AUTHORIZED", "1000/250/0/750", "authorized 1000, captured 250, cancelled 750"},
		{"cancelled after capture", []step{{do: "approve"}, {"capture", 1000, 200, ""}, {"cancel", 0, 400, "6040"}},
			"AUTHORIZED", "1000/1000/0/0", "authorized 1000, captured 1000"},
		{"cancelled twice", []step{{do: "approve"}, {"cancel", 0, 200, ""}, {"cancel", 0, 400, "6190"}},
			"AUTHORIZED", "1000/0/0/1000", "authorized 1000, cancelled 1000"},
		{"terminated twice", []step{{"cancel", 0, 200, ""}, {"cancel", 0, 400, "6190"}}, "TERMINATED", "0/0/0/1000", "terminated 1000"},
		{"cancelled after refusal", []step{{do: "refuse"}, {"cancel", 0, 400, "6050"}}, "ABORTED", "0/0/0/0", "aborted 1000"},
		{"captured after cancel", []step{{do: "approve"}, {"cancel", 0, 200, ""}, {"capture", 1000, 400, "6070"}},
			"AUTHORIZED", "1000/0/0/1000", "authorized 1000, cancelled 1000"},
		{"refunded after a partial capture and cancel", []step{{do: "approve"}, {"capture", 250, 200, ""}, {"cancel", 0, 200, ""}, {"refund", 250, 200, ""}},
			"AUTHORIZED", "1000/250/250/750", "authorized 1000, captured 250, cancelled 750, refunded 250"},
		{"cancelTransactionOnly before approval", []step{{"cancel-only-before", 0, 200, ""}}, "TERMINATED", "0/0/0/1000", "terminated 1000"},
		{"cancelTransactionOnly after approval", []step{{do: "approve"}, {"cancel-only-before", 0, 400, "6060"}},
			"AUTHORIZED", "1000/0/0/0", "authorized 1000"},
		{"forced after approval", []step{{do: "approve"}, {"force", 0, 400, "10020"}}, "AUTHORIZED", "1000/0/0/0", "authorized 1000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, nil)
			s.create(order, 1000)
			for _, step := range test.steps {
				var a reply
				switch step.do {
				case "approve":
					require.NoError(t, s.provider.Approve(order))
					continue
				case "refuse":
					require.NoError(t, s.provider.Refuse(order))
					continue
				case "force":
					a = s.send("POST", "/epayment/v1/test/payments/"+order+"/approve", `{}`, nil)
				case "cancel-only-before":
					a = s.post("", "/epayment/v1/payments/"+order+"/cancel", `{"cancelTransactionOnly":true}`)
				default:
					a = s.modify(order, step.do, step.value)
				}
				require.Equal(t, step.status, a.Status, "%s: %s", step.do, a.Body)
				require.Equal(t, step.code, a.code(), "%s: %s", step.do, a.Body)
			}
			a := s.get(order)
			require.Equal(t, test.state, a.field("state"))
			require.Equal(t, test.sums, a.sums())
			require.Equal(t, strings.TrimSuffix("created 1000, "+test.books, ", "), strings.Join(s.books(), ", "))
		})
	}
}

func TestWhatCanBeAskedFor(t *testing.T) {
	good := creation(order, 1000)
	with := func(old, new string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, new, 1)
	}
	tests := []struct {
		name, body   string
		status       int
		code, detail string
	}{
		{"a payment", good, 201, "", ""},
		{"fields that nobody knows", with(`{"amount"`, `{"colour":"red","amount"`), 201, "", ""},
		{"an app's own way back", with("https://shop.test/back", "shop://back"), 201, "", ""},
		{"a way back to this machine", with("https://shop.test", "http://127.0.0.1:8080"), 201, "", ""},
		{"a way back without https", with("https://shop.test", "http://shop.example"), 400, "4090", ""},
		{"no way back", with(`,"returnUrl":"https://shop.test/back"`, ""), 400, "4140", ""},
		{"a push message to nobody", with("WEB_REDIRECT", "PUSH_MESSAGE"), 400, "4140", ""},
		{"a push message", with(`"WEB_REDIRECT"`, `"PUSH_MESSAGE","customer":{"phoneNumber":"4791234567"}`), 201, "", ""},
		{"a card without a redirect", strings.Replace(with("WALLET", "CARD"), "WEB_REDIRECT", "QR", 1), 400, "5070", ""},
		{"a long-living payment", with(`{"amount"`, `{"expiresAt":"2030-01-01T00:00:00Z","amount"`), 400, "5050", ""},
		{"too little", with(`"value":1000`, `"value":99`), 400, "6010", ""},
		{"the least in euro", with(`"NOK","value":1000`, `"EUR","value":1`), 201, "", ""},
		{"a fraction", with(`"value":1000`, `"value":10.5`), 400, "", "amount.value"},
		{"a number as text", with(`"value":1000`, `"value":"1000"`), 400, "", "amount.value"},
		{"too much", with(`"value":1000`, `"value":65000001`), 400, "", "amount.value"},
		{"a foreign currency", with("NOK", "SEK"), 400, "", "amount.currency"},
		{"a short reference", with(order, "short"), 400, "", "reference"},
		{"a reference with a space", with(order, "order 0001"), 400, "", "reference"},
		{"an unknown flow", with("WEB_REDIRECT", "TELEPATHY"), 400, "", "userFlow"},
		{"fields in capitals", with(`"amount"`, `"Amount"`), 400, "", "amount"},
		{"no JSON", `{"amount":`, 400, "", "body"},
		{"two values", good + `{}`, 400, "", "body"},
		{"nothing", ``, 400, "", "body"},
		{"a list", `[]`, 400, "", "body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, nil)
			a := s.post("", "/epayment/v1/payments", test.body)
			require.Equal(t, test.status, a.Status, a.Body)
			require.Equal(t, test.code, a.code(), a.Body)
			if test.detail != "" {
				require.Contains(t, a.Body, `"name":"`+test.detail+`"`)
			}
			if test.status != 201 {
				require.Empty(t, s.books())
			}
		})
	}
}

func TestAReferenceIsTakenForGood(t *testing.T) {
	s := open(t, nil)
	s.create(order, 1000)
	require.Equal(t, 200, s.modify(order, "cancel", 0).Status)
	a := s.post("another-key", "/epayment/v1/payments", creation(order, 1000))
	require.Equal(t, 409, a.Status)
	require.Equal(t, "4150", a.code())
}

func TestAnotherCurrencyIsNotTheSameMoney(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	s.create(order, 1000)
	euro := strings.Replace(modification(500), "NOK", "EUR", 1)
	require.Equal(t, "4040", s.post("", "/epayment/v1/payments/"+order+"/capture", euro).code())
	require.Equal(t, 200, s.modify(order, "capture", 1000).Status)
	require.Equal(t, "4040", s.post("", "/epayment/v1/payments/"+order+"/refund", euro).code())
}

func TestTheEventLogTellsEverythingOldestFirst(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter = 0 })
	s.create(order, 1000)
	require.Equal(t, 200, s.post("my-capture", "/epayment/v1/payments/"+order+"/capture", modification(600)).Status)
	require.Equal(t, 200, s.modify(order, "cancel", 0).Status)

	a := s.send("GET", "/epayment/v1/payments/"+order+"/events", "", nil)
	require.Equal(t, 200, a.Status)
	var told []string
	psp := make(map[any]bool)
	for _, e := range a.json.([]any) {
		e := e.(map[string]any)
		told = append(told, e["name"].(string))
		psp[e["pspReference"]] = true
		if e["name"] == "CAPTURED" {
			require.Equal(t, "my-capture", e["idempotencyKey"])
			require.Equal(t, 600.0, e["amount"].(map[string]any)["value"])
		}
	}
	require.Equal(t, []string{"CREATED", "AUTHORIZED", "CAPTURED", "CANCELLED"}, told)
	require.Len(t, psp, 4, "each event has a pspReference of its own")
	require.True(t, psp[s.get(order).field("pspReference")], "the payment's is its creation's")
}

func TestWhatIsNotThere(t *testing.T) {
	s := open(t, nil)
	for _, test := range []struct {
		method, path, body string
		status             int
		code               string
	}{
		{"GET", "/epayment/v1/payments/order-0009", "", 404, "5090"},
		{"GET", "/epayment/v1/payments/order-0009/events", "", 404, "5090"},
		{"POST", "/epayment/v1/payments/order-0009/capture", modification(1), 404, "5090"},
		{"POST", "/epayment/v1/test/payments/order-0009/approve", "", 404, "5090"},
		{"GET", "/epayment/v1/payments/no", "", 400, ""},
		{"GET", "/epayment/v1/refunds", "", 404, ""},
		{"PUT", "/epayment/v1/payments/order-0009", "", 405, ""},
		{"DELETE", "/webhooks/v1/webhooks/497f6eca-6276-4993-bfeb-53cbbbba6f08", "", 404, ""},
		{"DELETE", "/webhooks/v1/webhooks/1", "", 400, ""},
	} {
		a := s.send(test.method, test.path, test.body, map[string]string{"Idempotency-Key": test.path})
		require.Equal(t, test.status, a.Status, test.path)
		require.Equal(t, test.code, a.code(), test.path)
		require.Equal(t, contract.ProblemJSON, a.Header.Get("Content-Type"))
	}
	require.Error(t, s.provider.Approve("order-0009"))
	require.Error(t, s.provider.Refuse("order-0009"))
}

func TestTheFirstPaymentsAreDeclined(t *testing.T) {
	s := open(t, func(c *Config) { c.ApproveAfter, c.Declines = 0, 2 })
	for i, want := range []string{"ABORTED", "ABORTED", "AUTHORIZED"} {
		reference := fmt.Sprintf("%s-%d", order, i)
		require.Equal(t, 201, s.post(reference, "/epayment/v1/payments", creation(reference, 1000)).Status)
		require.Contains(t, string(s.get(reference).Body), want)
	}
}
