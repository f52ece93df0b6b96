package stripe

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Types of errors, as the API names them.
const (
	invalidRequest   = "invalid_request_error"
	cardError        = "card_error"
	idempotencyError = "idempotency_error"
	apiError         = "api_error"
)

// refusal is an answer that says no. Status and texts are those of Stripe's
// documentation, "Errors" and "Error codes".
type refusal struct {
	status                     int
	kind, code, decline, param string
	message                    string
	charge                     string
	intent                     object // the payment intent that it is about
	setup                      object // the setup intent
	method                     object // the payment method
	retry                      string // Stripe-Should-Retry
	unplayed                   string // nobody knows what Stripe would have said to this
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%d %s %s: %s", r.status, r.kind, r.code, r.message)
}

// invalid is the refusal of a parameter.
func invalid(code, param, format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, kind: invalidRequest, code: code, param: param, message: fmt.Sprintf(format, args...)}
}

// missing is the refusal of an id in the path that names nothing.
func missing(what, id, param string) *refusal {
	r := unknown(what, id, param)
	r.status = http.StatusNotFound
	return r
}

// unknown is the refusal of an id in the parameters that names nothing. Stripe answers it with
// 400: seen in reports of shops for a customer, a payment method and starting_after, and taken for
// the rule.
func unknown(what, id, param string) *refusal {
	return invalid("resource_missing", param, "No such %s: '%s'", what, id)
}

// notPlayed is the answer to what the fake has no word for.
func notPlayed(format string, args ...any) *refusal {
	what := fmt.Sprintf(format, args...)
	return &refusal{status: http.StatusNotImplemented, kind: apiError, code: "not_played", unplayed: what,
		message: "The fake Stripe does not play " + what + ": nobody knows what the real one would say."}
}

var (
	keyInUse = &refusal{status: http.StatusConflict, kind: idempotencyError, code: "idempotency_key_in_use", retry: "true",
		message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through). " +
			"Please try again later."}
	keyTooLong = &refusal{status: http.StatusBadRequest, kind: idempotencyError, message: "Idempotency keys can be at most 255 characters long."}
	noKey      = &refusal{status: http.StatusUnauthorized, kind: invalidRequest,
		message: "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."}
	publishableRefused = &refusal{status: http.StatusForbidden, kind: invalidRequest, code: "secret_key_required",
		message: "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys."}
	tooLarge = &refusal{status: http.StatusRequestEntityTooLarge, kind: invalidRequest, message: "The request is larger than the fake reads: 64 KiB."}
	notAForm = &refusal{status: http.StatusBadRequest, kind: invalidRequest,
		message: "Invalid request body. Send application/x-www-form-urlencoded."}
	brokenFake = &refusal{status: http.StatusInternalServerError, kind: apiError, message: "An unknown error occurred"}
)

// keyReused refuses a key that came before with other parameters.
func keyReused(key string) *refusal {
	return &refusal{status: http.StatusBadRequest, kind: idempotencyError,
		message: fmt.Sprintf("Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '%s' if you meant to execute a different request.", key)}
}

// wrongKey refuses a key that opens nothing. Of the key it shows what Stripe does.
func wrongKey(key string) *refusal {
	shown := key
	if len(key) > 12 {
		shown = key[:8] + "********" + key[len(key)-4:]
	}
	return &refusal{status: http.StatusUnauthorized, kind: invalidRequest, message: "Invalid API Key provided: " + shown}
}

// liveKey refuses a key of the live mode.
func liveKey(key string) *refusal {
	err := &LiveKeyError{Prefix: observe.LiveKey(key)}
	return &refusal{status: http.StatusUnauthorized, kind: invalidRequest, code: "livemode_mismatch", message: err.Error(),
		unplayed: "a key of the live mode (" + err.Prefix + "…)"}
}

// answer is a whole answer, as it is kept for a key and sent.
type answer struct {
	status   int
	header   map[string]string // further ones; "" for none of the name
	body     []byte
	retry    string
	unplayed string
}

// says is an answer of JSON.
func says(status int, v any) answer {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("stripe: an answer of type %T: %v", v, err)) // only plain values come here
	}
	return answer{status: status, body: body}
}

// answer is the refusal as the API words it.
func (r *refusal) answer() answer {
	e := object{"type": r.kind, "message": r.message}
	for name, value := range map[string]string{"code": r.code, "decline_code": r.decline, "param": r.param, "charge": r.charge} {
		if value != "" {
			e[name] = value
		}
	}
	if r.code != "" {
		e["doc_url"] = "https://docs.stripe.com/error-codes/" + r.code
	}
	for name, value := range map[string]object{"payment_intent": r.intent, "setup_intent": r.setup, "payment_method": r.method} {
		if value != nil {
			e[name] = value
		}
	}
	a := says(r.status, object{"error": e})
	a.retry, a.unplayed = r.retry, r.unplayed
	return a
}
