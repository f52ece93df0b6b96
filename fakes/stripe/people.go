package stripe

import (
	"maps"
	"time"
)

// customer is a person whom a shop keeps, with the methods that are attached to her.
type customer struct {
	id        string
	created   time.Time
	deleted   bool
	preferred string // invoice_settings[default_payment_method]
	metadata  object
	texts     object // name, email and others that are told as they came
}

// ofCustomers are the parameters that every way to write a customer has.
var ofCustomers = []string{
	"name", "email", "phone", "description", "address", "shipping", "metadata", "preferred_locales", "invoice_settings[default_payment_method]",
}

// createCustomer answers POST /v1/customers. The lock is held, here and below.
func createCustomer(p *Provider, c *call, now time.Time) (object, *refusal) {
	it := &customer{created: now, metadata: object{}, texts: object{}}
	if refused := checkMetadata(nil, c.object("metadata")); refused != nil {
		return nil, refused
	}
	chosen, refused := p.chosenMethod(c, now)
	if refused == nil && chosen != nil {
		refused = attachable(chosen, "")
	}
	if refused != nil {
		return nil, refused
	}
	it.id = p.mint("cus_", 14, c)
	if refused := p.writeCustomer(it, c); refused != nil {
		return nil, refused
	}
	p.customers.put(it.id, it)
	p.note(it.id, c.key, "customer.created", p.customerJSON(it), now)
	if chosen != nil {
		p.attach(chosen, it.id, c.key, now)
	}
	return p.customerJSON(it), nil
}

// writeCustomer writes what a request says of a customer into it, or nothing of it.
func (p *Provider) writeCustomer(it *customer, c *call) *refusal {
	if refused := checkMetadata(it.metadata, c.object("metadata")); refused != nil {
		return refused
	}
	if name, is := c.object("invoice_settings")["default_payment_method"].(string); is {
		if m := p.methods.byID[name]; name != "" && (m == nil || m.customer != it.id && name != c.text("payment_method")) {
			return unknown("PaymentMethod", name, "invoice_settings[default_payment_method]")
		}
		it.preferred = name
	}
	for _, name := range []string{"name", "email", "phone", "description", "shipping"} {
		if c.has(name) {
			it.texts[name] = orNull(c.params[name])
		}
	}
	if c.has("address") {
		it.texts["address"] = nil
		if given := c.object("address"); given != nil {
			it.texts["address"] = addressOf(given)
		}
	}
	if c.has("preferred_locales") {
		it.texts["preferred_locales"] = c.words("preferred_locales")
	}
	merge(it.metadata, c.object("metadata"))
	return nil
}

// aCustomer is the one that a parameter names, if there is one that was not deleted.
func (p *Provider) aCustomer(id string) (*customer, *refusal) {
	if it := p.customers.byID[id]; it != nil && !it.deleted {
		return it, nil
	}
	return nil, unknown("customer", id, "customer")
}

func withCustomer(do func(*Provider, *customer, *call, time.Time) (object, *refusal)) func(*Provider, *call, time.Time) (object, *refusal) {
	return func(p *Provider, c *call, now time.Time) (object, *refusal) {
		it := p.customers.byID[c.id]
		if it == nil || it.deleted {
			return nil, missing("customer", c.id, "id")
		}
		return do(p, it, c, now)
	}
}

// getCustomer tells of one who was deleted, too: that she was.
func getCustomer(p *Provider, c *call, _ time.Time) (object, *refusal) {
	it := p.customers.byID[c.id]
	switch {
	case it == nil:
		return nil, missing("customer", c.id, "id")
	case it.deleted:
		return deletedJSON("customer", it.id), nil
	}
	return p.customerJSON(it), nil
}

func updateCustomer(p *Provider, it *customer, c *call, now time.Time) (object, *refusal) {
	if refused := p.writeCustomer(it, c); refused != nil {
		return nil, refused
	}
	p.note(it.id, c.key, "customer.updated", p.customerJSON(it), now)
	return p.customerJSON(it), nil
}

func deleteCustomer(p *Provider, it *customer, c *call, now time.Time) (object, *refusal) {
	for _, m := range p.methods.list {
		if m.customer == it.id {
			m.customer, m.gone = "", true
		}
	}
	p.note(it.id, c.key, "customer.deleted", p.customerJSON(it), now)
	it.deleted = true
	return deletedJSON("customer", it.id), nil
}

func listCustomers(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return listed(c, p.customers, "customer", "/v1/customers", func(it *customer) string { return it.id }, p.customerJSON,
		func(it *customer) bool {
			return !it.deleted && (!c.has("email") || it.texts["email"] == c.text("email"))
		})
}

func deletedJSON(kind, id string) object { return object{"id": id, "object": kind, "deleted": true} }

// customerJSON is a customer as the API tells her.
func (p *Provider) customerJSON(it *customer) object {
	o := object{
		"id": it.id, "object": "customer", "address": nil, "balance": 0, "created": it.created.Unix(), "currency": nil, "customer_account": nil,
		"default_source": nil, "delinquent": false, "description": nil, "discount": nil, "email": nil,
		"invoice_prefix": p.id("", 8, "invoices", it.id), "invoice_settings": object{
			"custom_fields": nil, "default_payment_method": orNull(it.preferred), "footer": nil, "rendering_options": nil,
		},
		"livemode": false, "metadata": maps.Clone(it.metadata), "name": nil, "next_invoice_sequence": 1, "phone": nil, "preferred_locales": []string{},
		"shipping": nil, "tax_exempt": "none", "test_clock": nil,
	}
	maps.Copy(o, it.texts)
	return o
}

// addressOf is an address with all its fields.
func addressOf(given object) object {
	full := object{}
	for _, name := range []string{"city", "country", "line1", "line2", "postal_code", "state"} {
		full[name] = orNull(given[name])
	}
	return full
}

// createMethod answers POST /v1/payment_methods: a card that is described.
func createMethod(p *Provider, c *call, now time.Time) (object, *refusal) {
	if c.text("type") == "" {
		return nil, invalid("parameter_missing", "type", "Missing required param: type.")
	}
	if refused := checkMetadata(nil, c.object("metadata")); refused != nil {
		return nil, refused
	}
	m, refused := p.describedMethod(c, c.params, "", now)
	if refused != nil {
		return nil, refused
	}
	return p.methodJSON(m), nil
}

// attachMethod answers POST …/attach. A test method's name stands for a new one.
func attachMethod(p *Provider, c *call, now time.Time) (object, *refusal) {
	if c.text("customer") == "" {
		return nil, invalid("parameter_missing", "customer", "Missing required param: customer.")
	}
	to, refused := p.aCustomer(c.text("customer"))
	if refused != nil {
		return nil, refused
	}
	m := p.methods.byID[c.id]
	if card := namedCard(c.id); m == nil && card != nil {
		m = p.newMethod(card, p.mint("pm_1", 23, c), now)
	}
	if m == nil {
		return nil, missing("PaymentMethod", c.id, "payment_method")
	}
	if refused := attachable(m, to.id); refused != nil {
		return nil, refused
	}
	p.attach(m, to.id, c.key, now)
	return p.methodJSON(m), nil
}

// attachable says why a method cannot be attached to a customer.
func attachable(m *method, to string) *refusal {
	switch {
	case m.gone:
		return invalid("", "payment_method", "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.")
	case m.customer != "" && m.customer != to:
		return invalid("", "payment_method", "The payment method you provided has already been attached to a customer.")
	case m.declines != nil && !m.laterOnly:
		return &refusal{status: 402, kind: cardError, code: m.declines.code, decline: m.declines.decline, message: m.declines.message}
	}
	return nil
}

func (p *Provider) attach(m *method, to, key string, now time.Time) {
	if m.customer == to {
		return
	}
	m.customer = to
	p.note(m.id, key, "payment_method.attached", p.methodJSON(m), now)
}

func detachMethod(p *Provider, c *call, now time.Time) (object, *refusal) {
	m := p.methods.byID[c.id]
	switch {
	case m == nil:
		return nil, missing("PaymentMethod", c.id, "payment_method")
	case m.customer == "":
		return nil, invalid("", "payment_method", "The payment method you provided is not attached to a customer so detachment is impossible.")
	}
	if owner := p.customers.byID[m.customer]; owner != nil && owner.preferred == m.id {
		owner.preferred = ""
	}
	m.customer, m.gone = "", true
	p.note(m.id, c.key, "payment_method.detached", p.methodJSON(m), now)
	return p.methodJSON(m), nil
}

func listMethods(p *Provider, c *call, _ time.Time) (object, *refusal) {
	return p.methodsOf(c, c.text("customer"), "/v1/payment_methods")
}

func listMethodsOf(p *Provider, it *customer, c *call, _ time.Time) (object, *refusal) {
	return p.methodsOf(c, it.id, "/v1/customers/"+it.id+"/payment_methods")
}

// methodsOf are the methods that are attached to a customer.
func (p *Provider) methodsOf(c *call, id, url string) (object, *refusal) {
	if _, refused := p.aCustomer(id); id != "" && refused != nil {
		return nil, refused
	}
	return listed(c, p.methods, "PaymentMethod", url, func(m *method) string { return m.id }, p.methodJSON,
		func(m *method) bool {
			return m.customer != "" && m.customer == id && (!c.has("type") || c.text("type") == "card")
		})
}

// checkOwner says why an intent of a customer cannot be paid by a method.
func checkOwner(m *method, owner string) *refusal {
	switch {
	case m == nil || m.customer == owner && !m.gone:
		return nil
	case m.gone:
		return attachable(m, owner)
	case m.customer == "":
		return nil
	case owner == "":
		return invalid("", "payment_method", "The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.")
	}
	return invalid("", "payment_method", "The customer does not have a payment method with the ID %s. The payment method must be attached to the customer.", m.id)
}
