package vipps

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/unhappypath/unhappypath/fakes/contract"
)

// answer is as it is checked, kept for a key and sent.
type answer = contract.Answer

// detail is one of a problem's extraDetails: the name of a field and what is
// wrong with it, or "ErrorCode" and one of the provider's codes.
type detail struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// details tell of breaches.
func details(wrong []contract.Breach) (all []detail) {
	for _, breach := range wrong {
		all = append(all, detail(breach))
	}
	return all
}

// problem is RFC 7807 with the provider's additions.
type problem struct {
	Type         string   `json:"type"`
	Title        string   `json:"title"`
	Status       int      `json:"status"`
	Detail       string   `json:"detail,omitempty"`
	Instance     string   `json:"instance,omitempty"`
	TraceID      string   `json:"traceId"`
	ExtraDetails []detail `json:"extraDetails,omitempty"`
}

// refusal is a reason of the domain to say no: a status, one of the provider's
// published error codes, and words.
type refusal struct {
	status int
	code   int // 0: none
	title  string
	detail string
}

// The codes are the published ones. Which status goes with which code is
// published only in part; 400 is the rule, as in the published examples.
var (
	captureKeyReused   = &refusal{409, 4010, "Capture idempotency conflict", "This Idempotency-Key came before, with another capture."}
	keyReused          = &refusal{409, 4020, "Idempotency error", "This Idempotency-Key came before, with another request."}
	refundKeyReused    = &refusal{409, 4150, "Refund idempotency conflict", "This Idempotency-Key came before, with another refund."}
	referenceTaken     = &refusal{409, 4150, "Reference exists", "A payment with this reference exists."}
	wrongCurrency      = &refusal{400, 4040, "Invalid amount", "The currency is not the payment's."}
	urlInvalid         = &refusal{400, 4090, "Invalid URL", "Use https or an app's own scheme; http only for hosts that the Internet cannot know."}
	returnURLMissing   = &refusal{400, 4140, "Missing required parameter", "WEB_REDIRECT needs a returnUrl."}
	customerMissing    = &refusal{400, 4140, "Missing required parameter", "PUSH_MESSAGE needs a customer."}
	cardNeedsRedirect  = &refusal{400, 5070, "Payment cannot be created", "CARD goes with WEB_REDIRECT only."}
	longLivingRefused  = &refusal{400, 5050, "Long-living payment not allowed", "This sales unit may not set expiresAt."}
	referenceUnknown   = &refusal{404, 5090, "Reference not found", "No payment has this reference."}
	amountTooSmall     = &refusal{400, 6010, "Amount too small", "The least is 100 for NOK, 1 for DKK and EUR, in minor units."}
	refundTooEarly     = &refusal{400, 6020, "Attempted refund before reservation", "The customer has not approved the payment."}
	cancelCaptured     = &refusal{400, 6040, "Cannot cancel a captured payment", "All of it is captured. Refund instead."}
	cancelNotReserved  = &refusal{400, 6050, "Cannot cancel a non-reserved payment", "The payment ended without a reservation."}
	cancelAuthorized   = &refusal{400, 6060, "Cannot cancel authorized payment", "cancelTransactionOnly was asked and the customer has approved."}
	captureCancelled   = &refusal{400, 6070, "Cannot capture a cancelled payment", "What was reserved has been released."}
	captureTooEarly    = &refusal{400, 6080, "Cannot capture before reservation", "The customer has not approved the payment."}
	captureTooHigh     = &refusal{400, 6090, "Capture amount too high", "More than what is still reserved."}
	refundTooHigh      = &refusal{400, 6150, "Not enough refundable", "More than what is captured and not yet refunded."}
	processing         = &refusal{423, 6160, "Order processing", "Another operation holds the payment. Try again with the same key."}
	capturedBefore     = &refusal{400, 6170, "Payment already captured", "All of it is captured."}
	refundedBefore     = &refusal{400, 6180, "Payment already refunded", "All that was captured is refunded."}
	cancelWrongState   = &refusal{400, 6190, "Payment cannot be cancelled", "It is cancelled already."}
	captureWrongState  = &refusal{400, 6200, "Payment cannot be captured", "The payment ended without a reservation."}
	refundWrongState   = &refusal{400, 6210, "Payment cannot be refunded", "Nothing of it is captured."}
	approveFailed      = &refusal{400, 10010, "Approve failed", "The customer's bank said no."}
	approveNotAllowed  = &refusal{400, 10020, "Approve not allowed", "The payment does not wait for its customer."}
	tooManyRequests    = &refusal{429, 0, "Too Many Requests", "Too many calls of this kind for this reference within a minute."}
	tokenInvalid       = &refusal{401, 0, "Unauthorized", "The access token is missing, unknown or expired."}
	credentialsInvalid = &refusal{401, 0, "Unauthorized", "client_id or client_secret is wrong."}
	subscriptionWrong  = &refusal{401, 0, "Unauthorized", "The subscription key is missing or wrong."}
	merchantForbidden  = &refusal{403, 0, "Forbidden", "These keys are not for that Merchant-Serial-Number."}
	tooLarge           = &refusal{413, 0, "Payload Too Large", "The body is over 64 KiB."}
	notJSON            = &refusal{415, 0, "Unsupported Media Type", "Send application/json."}
	tooManyWebhooks    = &refusal{400, 0, "Bad Request", "At most 5 webhooks can be registered for an event."}
	noWebhook          = &refusal{404, 0, "Not Found", "No webhook has this id."}
	noPath             = &refusal{404, 0, "Not Found", "There is nothing at this path."}
	noMethod           = &refusal{405, 0, "Method Not Allowed", "This path does not take this method."}
)

func (r *refusal) Error() string {
	return fmt.Sprintf("%s: %s (%d)", r.title, r.detail, r.code)
}

// refuse is the answer that says no to c.
func (p *Provider) refuse(c *call, r *refusal) answer {
	var extra []detail
	if r.code != 0 {
		extra = []detail{{"ErrorCode", strconv.Itoa(r.code)}}
	}
	return p.problem(c, r.status, r.title, r.detail, extra)
}

// invalid is the answer to a request that the document does not allow.
func (p *Provider) invalid(c *call, wrong []detail) answer {
	return p.problem(c, http.StatusBadRequest, "Bad Request", "See extraDetails.", wrong)
}

func (p *Provider) problem(c *call, status int, title, text string, extra []detail) answer {
	return contract.Problem(status, problem{
		Type:         "https://httpstatuses.io/" + strconv.Itoa(status),
		Title:        title,
		Status:       status,
		Detail:       text,
		Instance:     c.path,
		TraceID:      p.id("trace", c.method, c.path, c.key, strconv.Itoa(status), strconv.FormatInt(c.at.UnixNano(), 10)),
		ExtraDetails: extra,
	})
}
