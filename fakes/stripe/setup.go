package stripe

import (
	"maps"
	"time"

	"github.com/unhappypath/unhappypath/fakes/agenda"
)

// setup is a setup intent: a method is made ready for payments to come, and no money
// moves. Its states are those of a payment intent.
type setup struct {
	id, secret string
	created    time.Time
	status     status
	usage      string // off_session or on_session
	methods    []string
	automatic  object
	customer   string
	method     *method
	returnURL  string
	texts      object // description
	metadata   object
	failure    object // last_setup_error
	reason     string // of its cancelation
	plan       *agenda.Plan
}

var (
	ofSetups     = []string{"customer", "description", "metadata", "payment_method", "payment_method_types"}
	ofSettingUp  = join(ofCards, "payment_method", "return_url", "use_stripe_sdk", "mandate_data")
	ofNewSetups  = join(ofSetups, append(ofSettingUp, "confirm", "usage", "automatic_payment_methods")...)
	setupsOfList = []string{"limit", "starting_after", "customer", "payment_method"}
)

// createSetup answers POST /v1/setup_intents. The lock is held, here and below.
func createSetup(p *Provider, c *call, now time.Time) (object, *refusal) {
	s := &setup{created: now, usage: orElse(c.text("usage"), "off_session"), metadata: object{}, texts: object{}, methods: c.words("payment_method_types")}
	m := &intent{methods: s.methods}
	s.automatic, s.methods = automaticOf(c, m), m.methods
	if refused := p.writeSetup(s, c, now); refused != nil {
		return nil, refused
	}
	refused := checkConfirmed(c)
	if c.flag("confirm") && refused == nil {
		refused = s.confirmable(c)
	}
	if refused != nil {
		return nil, refused
	}
	s.id = p.mint("seti_1", 23, c)
	s.secret = s.id + "_secret_" + p.id("", 25, "secret", s.id)
	p.setups.put(s.id, s)
	p.note(s.id, c.key, "setup_intent.created", p.setupJSON(s), now)
	if c.flag("confirm") {
		return p.setUp(s, c.key, now)
	}
	return p.setupJSON(s), nil
}

// writeSetup writes what a request says of a setup intent into it, or nothing of it.
func (p *Provider) writeSetup(s *setup, c *call, now time.Time) *refusal {
	for _, kind := range s.methods {
		if kind != "card" {
			return notPlayed("payment methods of the type %q", kind)
		}
	}
	owner := orElse(c.text("customer"), s.customer)
	if _, refused := p.aCustomer(owner); owner != "" && refused != nil {
		return refused
	}
	if refused := checkMetadata(s.metadata, c.object("metadata")); refused != nil {
		return refused
	}
	chosen, refused := p.chosenMethod(c, now)
	if refused == nil {
		refused = checkOwner(chosen, owner)
	}
	if refused != nil {
		return refused
	}
	s.customer = owner
	if c.has("description") {
		s.texts["description"] = orNull(c.params["description"])
	}
	merge(s.metadata, c.object("metadata"))
	if chosen != nil {
		s.method = chosen
	}
	s.status = needsMethod
	if s.method != nil {
		s.status = needsConfirmation
	}
	return nil
}

// confirmable says why s cannot be confirmed as a request asks it.
func (s *setup) confirmable(c *call) *refusal {
	s.returnURL = orElse(c.text("return_url"), s.returnURL)
	redirects, _ := s.automatic["allow_redirects"].(string)
	switch {
	case s.method == nil:
		return s.unexpected(nil, "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.")
	case redirects == "always" && s.returnURL == "" && !c.browser && !c.flag("use_stripe_sdk"):
		return invalid("", "return_url", "This SetupIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`.")
	}
	return nil
}

// setUp asks the bank of s's method.
func (p *Provider) setUp(s *setup, key string, now time.Time) (object, *refusal) {
	s.failure = nil
	if s.method.authenticates {
		s.status = needsAction
		p.note(s.id, key, "setup_intent.requires_action", p.setupJSON(s), now)
		p.awaitSetup(s, now)
		return p.setupJSON(s), nil
	}
	if refused := p.decideSetup(s, key, now); refused != nil {
		return nil, refused
	}
	return p.setupJSON(s), nil
}

// awaitSetup plans that she says yes to what her bank asks.
func (p *Provider) awaitSetup(s *setup, now time.Time) {
	p.agenda.Drop(s.plan)
	switch after := p.cfg.ApproveAfter; {
	case after < 0:
	case after == 0:
		_ = p.decideSetup(s, "", now)
	default:
		s.plan = p.agenda.At(now.Add(p.scaled(after)), func() {
			p.books.Commit(func(now time.Time) {
				if s.status == needsAction {
					_ = p.decideSetup(s, "", now) // she sees a refusal on the page
				}
			})
		})
	}
}

// decideSetup is the bank's answer, once she has said yes where it asks.
func (p *Provider) decideSetup(s *setup, key string, now time.Time) *refusal {
	if d := s.method.declines; d != nil && !s.method.laterOnly {
		refused := &refusal{status: 402, kind: cardError, code: d.code, decline: d.decline, message: d.message, method: p.methodJSON(s.method)}
		p.failSetup(s, refused, key, now)
		refused.setup = p.setupJSON(s)
		return refused
	}
	s.status = succeeded
	if s.customer != "" {
		p.attach(s.method, s.customer, key, now)
	}
	p.note(s.id, key, "setup_intent.succeeded", p.setupJSON(s), now)
	return nil
}

// failSetup takes the method off, with the reason.
func (p *Provider) failSetup(s *setup, why *refusal, key string, now time.Time) {
	s.status, s.method = needsMethod, nil
	s.failure = object{"type": why.kind, "code": why.code, "message": why.message,
		"doc_url": "https://docs.stripe.com/error-codes/" + why.code, "payment_method": why.method}
	if why.decline != "" {
		s.failure["decline_code"] = why.decline
	}
	p.note(s.id, key, "setup_intent.setup_failed", p.setupJSON(s), now)
}

// withSetup is an operation on a setup intent that exists. A browser names its
// client_secret.
func withSetup(do func(*Provider, *setup, *call, time.Time) (object, *refusal)) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		s := p.setups.byID[c.id]
		switch {
		case s == nil:
			return nil, missing("setupintent", c.id, "intent")
		case c.browser && !c.has("client_secret"):
			return nil, invalid("parameter_missing", "client_secret", "Missing required param: client_secret.")
		case c.has("client_secret") && !equal(c.text("client_secret"), s.secret):
			return nil, invalid("setup_intent_invalid_parameter", "client_secret", "The client_secret provided does not match the client_secret associated with the SetupIntent.")
		}
		return do(p, s, c, now)
	}
}

func getSetup(p *Provider, s *setup, _ *call, _ time.Time) (object, *refusal) {
	return p.setupJSON(s), nil
}

func (s *setup) isOpen() bool {
	return s.status == needsMethod || s.status == needsConfirmation || s.status == needsAction
}

func updateSetup(p *Provider, s *setup, c *call, now time.Time) (object, *refusal) {
	if !s.isOpen() {
		return nil, s.unexpected(p, "This SetupIntent could not be updated because it has a status of %s.", s.status)
	}
	if c.has("payment_method_types") {
		s.methods, s.automatic = c.words("payment_method_types"), nil
	}
	if refused := p.writeSetup(s, c, now); refused != nil {
		return nil, refused
	}
	return p.setupJSON(s), nil
}

func confirmSetup(p *Provider, s *setup, c *call, now time.Time) (object, *refusal) {
	if !s.isOpen() {
		return nil, s.unexpected(p, "You cannot confirm this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following statuses may be confirmed: requires_payment_method, requires_confirmation, requires_action.", s.status)
	}
	if refused := p.writeSetup(s, c, now); refused != nil {
		return nil, refused
	}
	if refused := s.confirmable(c); refused != nil {
		return nil, refused
	}
	return p.setUp(s, c.key, now)
}

func cancelSetup(p *Provider, s *setup, c *call, now time.Time) (object, *refusal) {
	if !s.isOpen() {
		return nil, s.unexpected(p, "You cannot cancel this SetupIntent because it has a status of %s. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.", s.status)
	}
	p.agenda.Drop(s.plan)
	s.status, s.reason = canceled, c.text("cancellation_reason")
	p.note(s.id, c.key, "setup_intent.canceled", p.setupJSON(s), now)
	return p.setupJSON(s), nil
}

func listSetups(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.setups, "setupintent", "/v1/setup_intents", func(s *setup) string { return s.id }, p.setupJSON, func(s *setup) bool {
		return (!c.has("customer") || s.customer == c.text("customer")) &&
			(!c.has("payment_method") || s.method != nil && s.method.id == c.text("payment_method"))
	})
}

// unexpected refuses what s's status does not allow.
func (s *setup) unexpected(p *Provider, format string, args ...any) *refusal {
	refused := invalid("setup_intent_unexpected_state", "", format, args...)
	if p != nil {
		refused.setup = p.setupJSON(s)
	}
	return refused
}

// setupJSON is a setup intent as the API tells it.
func (p *Provider) setupJSON(s *setup) object {
	var method, next any
	if s.method != nil {
		method = s.method.id
	}
	if at := "https://hooks.stripe.com/3d_secure_2/hosted?setup_intent=" + s.id; s.status == needsAction && s.returnURL != "" {
		next = object{"type": "redirect_to_url", "redirect_to_url": object{"url": at, "return_url": s.returnURL}}
	} else if s.status == needsAction {
		next = object{"type": "use_stripe_sdk", "use_stripe_sdk": object{"type": "three_d_secure_redirect", "stripe_js": at, "source": "src_" + s.id}}
	}
	it := object{
		"id": s.id, "object": "setup_intent", "application": nil, "automatic_payment_methods": nullable(s.automatic), "cancellation_reason": orNull(s.reason),
		"client_secret": s.secret, "created": s.created.Unix(), "customer": orNull(s.customer), "customer_account": nil, "description": nil,
		"excluded_payment_method_types": nil, "flow_directions": nil, "last_setup_error": nullable(s.failure), "latest_attempt": nil, "livemode": false,
		"mandate": nil, "metadata": maps.Clone(s.metadata), "next_action": next, "on_behalf_of": nil, "payment_method": method,
		"payment_method_configuration_details": nil,
		"payment_method_options":               object{"card": object{"mandate_options": nil, "network": nil, "request_three_d_secure": "automatic"}},
		"payment_method_types":                 s.methods, "single_use_mandate": nil, "status": string(s.status), "usage": s.usage,
	}
	maps.Copy(it, s.texts)
	return it
}
