package webhooks

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// refunds is a handler of Stripe's webhooks whose refunds are counted, and how much they
// come to.
const refunds = `  command: [node, stripe.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", FLAW: "%s"}
provider: stripe
secret: whsec_corner_shop
events: [payment_intent.succeeded, refund.created, charge.refunded]
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
  %s
settles: 1s
`

const amountToo = `refunded_amount: {get: "/orders/${reference}", json: /money}`

// found runs a handler, and gives what the report says of it.
func found(t *testing.T, d *Description) (*Report, string) {
	t.Helper()
	report, err := d.Run(context.Background(), Options{Sequences: 1, Seed: 1})
	require.NoError(t, err)
	var out bytes.Buffer
	report.Write(&out, "")
	return report, out.String()
}

// alive starts a handler that is never killed, which takes a tenth of the starts: for what
// has nothing to do with kills.
func alive(t *testing.T, d *Description) *Description {
	t.Helper()
	h, err := newHandler(d, func(s string) string { return s })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.close()) })
	require.NoError(t, h.open(context.Background()))
	d.Service = nil
	return d
}

// Of two partial refunds both are booked, and each as much as it gives back.
func TestTwoPartialRefunds(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		flaw, count string
		verdict     judge.Verdict
		says        string
	}{
		"a total taken for a part":    {"sums-totals", amountToo, judge.Broken, "too much was given back: refunded_amount is 37425 instead of 24950"},
		"one for each payment":        {"one-refund", amountToo, judge.Broken, "a refund was lost: refunded_amount is 12475 instead of 24950"},
		"one, and nobody counts more": {"one-refund", "", judge.Unproven, "say count.refunded_amount as well"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, out := found(t, alive(t, shopWith(t, refunds, row.flaw, row.count)))
			require.Equal(t, row.verdict, report.Verdict(), out)
			require.Contains(t, out, row.says)
		})
	}
}

// Stripe tells of one refund by four events. A handler that listens to any of them is right,
// whether it takes each for a part, or for what all refunds come to.
func TestOneEventOfARefundIsEnough(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		refund, count string
		verdict       judge.Verdict
		says          string
	}{
		"refund.created":          {"refund.created", amountToo, judge.Kept, "KEPT"},
		"refund.updated":          {"refund.updated", amountToo, judge.Kept, "KEPT"},
		"charge.refund.updated":   {"charge.refund.updated", amountToo, judge.Kept, "KEPT"},
		"charge.refunded, a part": {"charge.refunded, each", amountToo, judge.Kept, "KEPT"},
		"charge.refunded, a sum":  {"charge.refunded", amountToo, judge.Kept, "KEPT"},
		"nobody counts the money": {"charge.refunded", "", judge.Unproven, "say count.refunded_amount as well, so that their money is judged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, anyRefund, row.refund, row.count)
			if row.refund != "charge.refunded" {
				d = alive(t, d)
			}
			report, out := found(t, d)
			require.Equal(t, row.verdict, report.Verdict(), out)
			require.Contains(t, out, row.says)
		})
	}
}

// anyRefund is a handler that is told of refunds by one event of several.
const anyRefund = `  command: [node, stripe.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", REFUND: "%s"}
provider: stripe
secret: whsec_corner_shop
events: [payment_intent.succeeded, refund.created, charge.refunded, refund.updated, charge.refund.updated]
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
  %s
settles: 1s
`

// A shop may act when money is held or when it is taken, and is told of a refund by one event.
func TestOneEventOfAPaymentIsEnough(t *testing.T) {
	t.Parallel()
	for event, text := range map[string]string{"AUTHORIZED": mobile, "CAPTURED": mobile, "AUTHORISATION": account, "CAPTURE": account} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, text, event)
			if event == "CAPTURED" || event == "AUTHORISATION" {
				d = alive(t, d)
			}
			report, out := found(t, d)
			require.Equal(t, judge.Kept, report.Verdict(), out)
		})
	}
}

// mobile and account are handlers of all events of Vipps MobilePay and Adyen.
const (
	mobile = `  command: [node, vipps.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", PAID: "%s"}
provider: vipps
secret: A0AeKBRG2KRGvnNwJpQlb6IJFk48CKXC` + moneyToo
	account = `  command: [node, adyen.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", PAID: "%s"}
provider: adyen
secret: 44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056` + moneyToo
	moneyToo = `
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
  refunded_amount: {get: "/orders/${reference}", json: /money}
settles: 1s
`
)

// card is a handler of Adyen's webhooks.
const card = `  command: [node, adyen.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", FLAW: "%s"}
provider: adyen
events: [%s]
secret: 44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
  refunded_amount: {get: "/orders/${reference}", json: /money}
settles: 1s
`

// A handler whose notices are signed in their bodies, may say that something failed, and
// may take a capture back.
func TestAHandlerOfAdyensIsJudged(t *testing.T) {
	t.Parallel()
	for flaw, row := range map[string]struct{ events, says string }{
		"":                 {"CAPTURE, CAPTURE_FAILED", "KEPT"},
		"no-signature":     {"CAPTURE", "a forged event was taken"},
		"each-delivery":    {"CAPTURE", "a second effect"},
		"any-success":      {"CAPTURE", "an effect that must not be: paid was counted once, and the purchase is capture-refused"},
		"capture-is-final": {"CAPTURE, REFUND, CAPTURE_FAILED", "an effect was lost: refunded was counted never instead of once"},
	} {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, card, flaw, row.events)
			if flaw != "" {
				d = alive(t, d)
			}
			report, out := found(t, d)
			require.Contains(t, out, row.says)
			if flaw == "" {
				require.Equal(t, judge.Kept, report.Verdict(), out)
				return
			}
			require.Equal(t, judge.Broken, report.Verdict(), out)
			for _, f := range report.Findings {
				require.LessOrEqual(t, f.deliveries(), 3, out)
			}
		})
	}
}

// early is a handler that may be told that a capture failed before it knows of the payment.
const early = `  command: [node, adyen.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", PAID: AUTHORISATION, EARLY: "%s"}
provider: adyen
events: [AUTHORISATION, CAPTURE_FAILED]
secret: 44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056
count:
  paid: {get: "/orders/${reference}", json: /credits}
  refunded: {get: "/orders/${reference}", json: /refunds}
settles: 1s
`

// A handler that hears of a failed capture before the payment may refuse it until then, or
// remember it and send nothing, also where nobody heard its answer. It must not forget it.
func TestACaptureFailsBeforeThePaymentIsKnown(t *testing.T) {
	t.Parallel()
	first, unheard := "capture-failed: CAPTURE_FAILED, AUTHORISATION", "capture-failed: CAPTURE_FAILED unanswered, AUTHORISATION"
	for name, row := range map[string]struct {
		does, text string
		verdict    judge.Verdict
	}{
		"refuses":             {"refuses", first, judge.Kept},
		"refuses, unheard":    {"refuses", unheard, judge.Kept},
		"remembers":           {"remembers", first, judge.Kept},
		"remembers, unheard":  {"remembers", unheard, judge.Kept},
		"forgets what it has": {"forgets", first, judge.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := alive(t, shopWith(t, early, row.does))
			seq, err := ParseSequence(row.text, d.hooks)
			require.NoError(t, err)
			report, err := d.Replay(context.Background(), seq, Options{})
			require.NoError(t, err)
			var out bytes.Buffer
			report.Write(&out, "")
			require.Equal(t, row.verdict, report.Verdict(), out.String())
		})
	}
}
