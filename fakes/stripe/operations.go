package stripe

import (
	"crypto/subtle"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Version is the version of the API that is played, whatever a request asks for.
const Version = "2026-08-26.dahlia"

// Operations that other providers may lack.
const (
	ConfirmPayment observe.Operation = "ConfirmPayment"
	UpdatePayment  observe.Operation = "UpdatePayment"
	GetRefund      observe.Operation = "GetRefund"
	ListRefunds    observe.Operation = "ListRefunds"
	GetCharge      observe.Operation = "GetCharge"
	ListCharges    observe.Operation = "ListCharges"
	GetMethod      observe.Operation = "GetPaymentMethod"
	GetEvent       observe.Operation = "GetEvent"
	ListEvents     observe.Operation = "ListEvents"
	ExpireSession  observe.Operation = "ExpireSession"
	KeepCustomer   observe.Operation = "KeepCustomer"
	GetCustomer    observe.Operation = "GetCustomer"
	DeleteCustomer observe.Operation = "DeleteCustomer"
	KeepMethod     observe.Operation = "KeepPaymentMethod"
	KeepToken      observe.Operation = "KeepConfirmationToken"
	GetToken       observe.Operation = "GetConfirmationToken"
	ListMethods    observe.Operation = "ListPaymentMethods"
	AttachMethod   observe.Operation = "AttachPaymentMethod"
	DetachMethod   observe.Operation = "DetachPaymentMethod"
	CreateSetup    observe.Operation = "CreateSetup"
	GetSetup       observe.Operation = "GetSetup"
	UpdateSetup    observe.Operation = "UpdateSetup"
	ConfirmSetup   observe.Operation = "ConfirmSetup"
	CancelSetup    observe.Operation = "CancelSetup"
	KeepEndpoint   observe.Operation = "KeepWebhookEndpoint"
	GetEndpoint    observe.Operation = "GetWebhookEndpoint"
	DeleteEndpoint observe.Operation = "DeleteWebhookEndpoint"
	GetDispute     observe.Operation = "GetDispute"
)

// operation is one thing that can be asked over HTTP.
type operation struct {
	is      observe.Operation
	method  string
	path    string   // {name} takes any one segment
	plays   []string // its parameters, with all in them, beside expand
	browser bool     // a publishable key and the object's client_secret are enough
	do      func(*Provider, *call, time.Time) (object, *refusal)
}

func (o *operation) name() string { return o.method + " " + o.path }

var (
	// ofIntents are the parameters that every way to write a payment intent has.
	ofIntents = []string{
		"amount", "currency", "customer", "description", "metadata", "payment_method", "payment_method_types",
		"receipt_email", "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
		"capture_method",
	}
	ofCards = []string{
		"payment_method_data[type]", "payment_method_data[card]", "payment_method_data[billing_details]",
		"payment_method_data[allow_redisplay]", "payment_method_data[metadata]",
	}
	ofConfirming = join(ofCards, "payment_method", "return_url", "off_session", "error_on_requires_action", "receipt_email",
		"setup_future_usage", "shipping", "capture_method", "payment_method_types", "use_stripe_sdk", "mandate_data", "confirmation_token")
)

func join(list []string, more ...string) []string { return append(list[:len(list):len(list)], more...) }

// operations are all that are played.
func operations() []*operation { return played }

var played = []*operation{
	{is: observe.CreatePayment, method: "POST", path: "/v1/payment_intents", do: createIntent,
		plays: join(ofIntents, append(ofConfirming, "confirm", "confirmation_method", "automatic_payment_methods")...)},
	{is: observe.GetPayment, method: "GET", path: "/v1/payment_intents/{intent}", plays: []string{"client_secret"}, browser: true, do: withIntent(getIntent)},
	{is: observe.GetPayment, method: "GET", path: "/v1/payment_intents", plays: []string{"limit", "starting_after"}, do: listIntents},
	{is: UpdatePayment, method: "POST", path: "/v1/payment_intents/{intent}", plays: ofIntents, do: withIntent(updateIntent)},
	{is: ConfirmPayment, method: "POST", path: "/v1/payment_intents/{intent}/confirm", plays: join(ofConfirming, "client_secret"), browser: true, do: withIntent(confirmIntent)},
	{is: observe.Capture, method: "POST", path: "/v1/payment_intents/{intent}/capture", do: withIntent(captureIntent),
		plays: []string{"amount_to_capture", "metadata", "statement_descriptor", "statement_descriptor_suffix"}},
	{is: observe.CancelPayment, method: "POST", path: "/v1/payment_intents/{intent}/cancel", plays: []string{"cancellation_reason"}, do: withIntent(cancelIntent)},
	{is: observe.Refund, method: "POST", path: "/v1/refunds", plays: []string{"payment_intent", "charge", "amount", "reason", "metadata"}, do: createRefund},
	{is: GetRefund, method: "GET", path: "/v1/refunds/{refund}", do: getRefund},
	{is: ListRefunds, method: "GET", path: "/v1/refunds", plays: []string{"limit", "starting_after", "payment_intent", "charge"}, do: listRefunds},
	{is: GetCharge, method: "GET", path: "/v1/charges/{charge}", do: getCharge},
	{is: ListCharges, method: "GET", path: "/v1/charges", plays: []string{"limit", "starting_after", "payment_intent"}, do: listCharges},
	{is: GetMethod, method: "GET", path: "/v1/payment_methods/{payment_method}", do: getMethod},
	{is: GetEvent, method: "GET", path: "/v1/events/{id}", do: getEvent},
	{is: ListEvents, method: "GET", path: "/v1/events", plays: []string{"limit", "starting_after", "type"}, do: listEvents},
	{is: observe.CreatePayment, method: "POST", path: "/v1/checkout/sessions", do: createSession,
		plays: []string{"mode", "line_items", "success_url", "cancel_url", "client_reference_id", "customer", "customer_email", "metadata", "expires_at",
			"payment_method_types", "payment_intent_data[metadata]", "payment_intent_data[description]", "payment_intent_data[capture_method]"}},
	{is: observe.GetPayment, method: "GET", path: "/v1/checkout/sessions", plays: []string{"limit", "starting_after"}, do: listSessions},
	{is: observe.GetPayment, method: "GET", path: "/v1/checkout/sessions/{session}", do: withSession(getSession)},
	{is: ExpireSession, method: "POST", path: "/v1/checkout/sessions/{session}/expire", do: withSession(expireSession)},
	{is: KeepCustomer, method: "POST", path: "/v1/customers", plays: join(ofCustomers, "payment_method"), do: createCustomer},
	{is: GetCustomer, method: "GET", path: "/v1/customers/{customer}", do: getCustomer},
	{is: GetCustomer, method: "GET", path: "/v1/customers", plays: []string{"limit", "starting_after", "email"}, do: listCustomers},
	{is: KeepCustomer, method: "POST", path: "/v1/customers/{customer}", plays: ofCustomers, do: withCustomer(updateCustomer)},
	{is: DeleteCustomer, method: "DELETE", path: "/v1/customers/{customer}", do: withCustomer(deleteCustomer)},
	{is: ListMethods, method: "GET", path: "/v1/customers/{customer}/payment_methods", plays: []string{"limit", "starting_after", "type"}, do: withCustomer(listMethodsOf)},
	{is: KeepMethod, method: "POST", path: "/v1/payment_methods", plays: []string{"type", "card", "billing_details", "metadata", "allow_redisplay"}, browser: true, do: createMethod},
	{is: ListMethods, method: "GET", path: "/v1/payment_methods", plays: []string{"limit", "starting_after", "customer", "type"}, do: listMethods},
	{is: AttachMethod, method: "POST", path: "/v1/payment_methods/{payment_method}/attach", plays: []string{"customer"}, do: attachMethod},
	{is: DetachMethod, method: "POST", path: "/v1/payment_methods/{payment_method}/detach", do: detachMethod},
	{is: KeepToken, method: "POST", path: "/v1/test_helpers/confirmation_tokens", browser: true, do: createToken,
		plays: join(ofCards, "payment_method", "return_url", "setup_future_usage", "shipping")},
	{is: GetToken, method: "GET", path: "/v1/confirmation_tokens/{confirmation_token}", do: getToken},
	{is: CreateSetup, method: "POST", path: "/v1/setup_intents", plays: ofNewSetups, do: createSetup},
	{is: GetSetup, method: "GET", path: "/v1/setup_intents/{intent}", plays: []string{"client_secret"}, browser: true, do: withSetup(getSetup)},
	{is: GetSetup, method: "GET", path: "/v1/setup_intents", plays: setupsOfList, do: listSetups},
	{is: UpdateSetup, method: "POST", path: "/v1/setup_intents/{intent}", plays: ofSetups, do: withSetup(updateSetup)},
	{is: ConfirmSetup, method: "POST", path: "/v1/setup_intents/{intent}/confirm", plays: join(ofSettingUp, "client_secret"), browser: true, do: withSetup(confirmSetup)},
	{is: CancelSetup, method: "POST", path: "/v1/setup_intents/{intent}/cancel", plays: []string{"cancellation_reason"}, do: withSetup(cancelSetup)},
	{is: KeepEndpoint, method: "POST", path: "/v1/webhook_endpoints", plays: ofEndpoints, do: createEndpoint},
	{is: GetEndpoint, method: "GET", path: "/v1/webhook_endpoints/{webhook_endpoint}", do: withEndpoint(getEndpoint)},
	{is: GetEndpoint, method: "GET", path: "/v1/webhook_endpoints", plays: []string{"limit", "starting_after"}, do: listEndpoints},
	{is: KeepEndpoint, method: "POST", path: "/v1/webhook_endpoints/{webhook_endpoint}", plays: join(ofEndpoints, "disabled"), do: withEndpoint(updateEndpoint)},
	{is: DeleteEndpoint, method: "DELETE", path: "/v1/webhook_endpoints/{webhook_endpoint}", do: withEndpoint(deleteEndpoint)},
	{is: GetDispute, method: "GET", path: "/v1/disputes/{dispute}", do: getDispute},
	{is: GetDispute, method: "GET", path: "/v1/disputes", plays: []string{"limit", "starting_after", "payment_intent", "charge"}, do: listDisputes},
}

// Played are the operations that are played, as the document names them: "POST
// /v1/refunds".
func Played() (names []string) {
	for _, op := range operations() {
		names = append(names, op.name())
	}
	return names
}

// Routes are how the provider spells its operations. Where it sends webhooks, the shop
// says.
func Routes() observe.Routes {
	list := make(observe.Routes, 0, len(operations()))
	for _, op := range operations() {
		list = append(list, observe.Route{Operation: op.is, Hop: observe.ProviderHop, Method: op.method, Path: op.path})
	}
	for _, path := range []string{sessionPage, bankPage} {
		list = append(list, observe.Route{Operation: observe.PayAtProvider, Hop: observe.PayingHop, Method: "GET", Path: path},
			observe.Route{Operation: observe.ApproveAtProvider, Hop: observe.PayingHop, Method: "POST", Path: path})
	}
	return append(list, scriptRoutes()...)
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
