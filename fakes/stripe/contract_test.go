package stripe

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// maker makes requests from the document.
type maker struct {
	*rand.Rand
	s *shop
}

// fixed are values of parameters that must name something.
var fixed = map[string][]string{
	"currency":                            {"usd", "NOK", "eur", "jpy"},
	"amount":                              {"1000", "49900", "99999999"},
	"payment_method":                      {"pm_card_visa", "pm_card_mastercard", "pm_card_chargeDeclined", "pm_card_authenticationRequired"},
	"payment_method_data[type]":           {"card"},
	"payment_method_data[card][number]":   {"4242424242424242", "4000000000000002", "5555555555554444"},
	"payment_method_data[card][token]":    nil,
	"payment_method_data[card][networks]": nil,
	"payment_method_types":                {"card"},
	"customer":                            nil,
	"confirmation_token":                  nil,
	"card":                                nil,
	"type":                                {"card"},
	"url":                                 {"https://shop.example/hook", "http://127.0.0.1:9/hook"},
	"email":                               {"ana@example.com"},
	"invoice_settings[default_payment_method]": nil,
	"starting_after":                       nil,
	"expand":                               {"latest_charge", "payment_method"},
	"amount_to_capture":                    {"1000", "49900"},
	"expires_at":                           nil,
	"limit":                                {"1", "100"},
	"client_secret":                        nil,
	"charge":                               nil,
	"payment_intent":                       nil,
	"automatic_payment_methods[enabled]":   {"true"},
	"line_items[0][quantity]":              {"1", "3"},
	"success_url":                          {"https://shop.example/done?id={CHECKOUT_SESSION_ID}"},
	"cancel_url":                           {"https://shop.example/cart"},
	"mode":                                 {"payment"},
	"payment_method_data[card][exp_month]": {"7"},
	"payment_method_data[card][exp_year]":  {"2034"},
	"payment_method_data[billing_details]": nil,
}

// some is a value of the schema, at a name of the form; nil: better none.
func (m *maker) some(s *schema, name string) any {
	if values, is := fixed[name]; is {
		if values == nil {
			return nil
		}
		if s.Type == "array" {
			return object{"0": values[m.IntN(len(values))]}
		}
		return values[m.IntN(len(values))]
	}
	switch {
	case len(s.AnyOf) > 0:
		return m.some(s.AnyOf[0], name)
	case len(s.Enum) > 0:
		words := slices.DeleteFunc(slices.Clone(s.Enum), func(w string) bool { return w == "" })
		return words[m.IntN(len(words))]
	case s.Type == "integer":
		return fmt.Sprint(1 + m.IntN(1000))
	case s.Type == "boolean":
		return []string{"true", "false"}[m.IntN(2)]
	case s.Type == "array":
		if one := m.some(s.Items, name); one != nil {
			return object{"0": one}
		}
		return nil
	case s.Type == "object":
		return m.fields(s, name)
	}
	return []string{"w", "ü x", "a&b=[c]"}[m.IntN(3)]
}

// fields are those that the schema requires, and some others.
func (m *maker) fields(s *schema, name string) any {
	made := object{}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if slices.Contains(s.Required, key) || m.IntN(3) == 0 {
			if value := m.some(s.Properties[key], within(name, key)); value != nil {
				made[key] = value
			}
		}
	}
	if s.Additional.schema != nil {
		made[fmt.Sprintf("k%d", m.IntN(5))] = fmt.Sprintf("v%d", m.IntN(100))
	}
	for _, key := range slices.Sorted(maps.Keys(s.Properties)) {
		if value := m.some(s.Properties[key], within(name, key)); len(made) == 0 && value != nil {
			made[key] = value
		}
	}
	return made
}

// request is a form with what an operation requires, and some of what it plays.
func (m *maker) request(op *operation) object {
	terms := m.s.provider.doc.terms[op.name()]
	made := object{}
	for _, key := range slices.Sorted(maps.Keys(terms.Properties)) {
		nested := slices.ContainsFunc(op.plays, func(p string) bool { return strings.HasPrefix(p, key+"[") })
		if key != "expand" && !nested && !slices.Contains(op.plays, key) || !slices.Contains(terms.Required, key) && m.IntN(3) > 0 {
			continue
		}
		if value := m.some(terms.Properties[key], key); value != nil {
			made[key] = m.playedOnly(value, key, op)
		}
	}
	if m.IntN(2) == 0 {
		m.agree(made, op)
	}
	switch op.path {
	case "/v1/payment_methods":
		if op.method == "POST" {
			made["type"], made["card"] = "card", object{"number": m.some(&schema{}, "payment_method_data[card][number]")}
		}
	case "/v1/payment_methods/{payment_method}/attach":
		made["customer"] = m.customer()
	case "/v1/test_helpers/confirmation_tokens":
		delete(made, "payment_method")
		made["payment_method_data"] = m.playedOnly(nil, "payment_method_data", op)
	case "/v1/webhook_endpoints":
		m.s.provider.endpoints = shelf[*endpoint]{} // there may be 16
	}
	if op.path == "/v1/checkout/sessions" && op.method == "POST" {
		made["success_url"], made["line_items"] = "https://shop.example/", object{"0": object{
			"quantity":   m.some(&schema{}, "line_items[0][quantity]"),
			"price_data": object{"currency": "usd", "unit_amount": m.some(&schema{}, "amount"), "product_data": object{"name": "Parcel"}},
		}}
	}
	return made
}

// agree makes a request that pays one whose parameters go together.
func (m *maker) agree(form object, op *operation) {
	if op.path == "/v1/checkout/sessions" {
		return
	}
	confirms := strings.HasSuffix(op.path, "/confirm") || form["confirm"] == "true"
	if !confirms && op.is != observe.CreatePayment {
		return
	}
	for _, name := range []string{"payment_method_data", "return_url", "mandate_data", "off_session", "error_on_requires_action", "automatic_payment_methods"} {
		delete(form, name)
	}
	if confirms {
		form["payment_method"], form["return_url"] = m.some(&schema{Type: "string"}, "payment_method"), "https://shop.example/"
	}
}

// playedOnly leaves out what the fake does not play: methods that are no cards.
func (m *maker) playedOnly(v any, name string, op *operation) any {
	if name == "payment_method_data" {
		return object{"type": "card", "card": object{"number": m.some(&schema{Type: "string"}, "payment_method_data[card][number]")}}
	}
	if inner, is := v.(object); is && !slices.Contains(op.plays, name) {
		for key := range inner {
			if name != "expand" && unplayed(object{name: object{key: inner[key]}}, "", op.plays) != "" {
				delete(inner, key)
			}
		}
	}
	return v
}

// path is the operation's, of an object that there is.
func (m *maker) path(op *operation) string {
	at, _, _ := strings.Cut(op.path, "{")
	if at == op.path {
		return at
	}
	_, action, _ := strings.Cut(op.path, "}")
	return at + m.id(at, action) + action
}

// id is that of an object of the kind that the path names, fit for an action on it.
func (m *maker) id(at, action string) string {
	pick := []string{"manual", "manual", "", ""}[m.IntN(4)]
	asks := []string{}
	if pick != "" {
		asks = append(pays("pm_card_visa"), "capture_method="+pick)
	}
	switch at {
	case "/v1/refunds/":
		id := m.s.create(append(pays("pm_card_visa"), "capture_method=automatic", fmt.Sprintf("metadata[n]=%d", m.Int()))...).text("id")
		return m.s.post("/v1/refunds", "payment_intent="+id, "amount=100").text("id")
	case "/v1/payment_methods/":
		if action == "/attach" {
			return m.s.post("/v1/payment_methods", "type=card", "card[token]=tok_visa", fmt.Sprintf("metadata[n]=%d", m.Int())).text("id")
		}
		return m.s.post("/v1/payment_methods/pm_card_visa/attach", "customer="+m.customer()).text("id")
	case "/v1/confirmation_tokens/":
		return m.s.token("payment_method_data[metadata][n]=" + fmt.Sprint(m.Int()))
	case "/v1/charges/":
		a := m.s.create(append(pays("pm_card_visa"), fmt.Sprintf("metadata[n]=%d", m.Int()))...)
		return a.text("latest_charge")
	case "/v1/events/":
		m.s.create(fmt.Sprintf("metadata[n]=%d", m.Int()))
		return m.s.get("/v1/events").text("data.0.id")
	case "/v1/customers/":
		return m.customer()
	case "/v1/setup_intents/":
		return m.s.post("/v1/setup_intents", "payment_method=pm_card_visa", "payment_method_types[0]=card", fmt.Sprintf("metadata[n]=%d", m.Int())).text("id")
	case "/v1/webhook_endpoints/":
		m.s.provider.endpoints = shelf[*endpoint]{}
		return m.s.post("/v1/webhook_endpoints", "url=https://shop.example/hook", "enabled_events[0]=*").text("id")
	case "/v1/disputes/":
		m.disputed()
		return m.s.get("/v1/disputes").text("data.0.id")
	case "/v1/checkout/sessions/":
		return m.s.post("/v1/checkout/sessions", sessionOf("499", fmt.Sprint(m.Int()))...).text("id")
	}
	return m.s.create(append(asks, fmt.Sprintf("metadata[n]=%d", m.Int()))...).text("id")
}

// customer is the id of a new one.
func (m *maker) customer() string {
	return m.s.post("/v1/customers", fmt.Sprintf("metadata[n]=%d", m.Int())).text("id")
}

// disputed lets a customer dispute a payment at once.
func (m *maker) disputed() {
	id := m.s.create(append(pays("pm_card_visa"), "capture_method=automatic", fmt.Sprintf("metadata[n]=%d", m.Int()))...).text("latest_charge")
	m.s.provider.books.Commit(func(now time.Time) { m.s.provider.dispute(m.s.provider.charges.byID[id], now) })
}

// Each played operation takes a hundred random requests that the document allows; what
// it answers the document allows, too: send sees to that. Most of them it carries out.
func TestRandomRequestsAreAnswered(t *testing.T) {
	for _, op := range operations() {
		t.Run(op.name(), func(t *testing.T) {
			m := &maker{rand.New(rand.NewPCG(1, 2)), open(t, nil)}
			statuses := map[int]int{}
			for range 100 {
				form := m.request(op)
				if op.path == "/v1/refunds" && op.method == "POST" {
					form["payment_intent"] = m.s.create(append(pays("pm_card_visa"), "capture_method=automatic", fmt.Sprintf("metadata[n]=%d", m.Int()))...).text("id")
				}
				a := m.s.send(op.method, m.path(op), encodeForm(form))
				require.NotContains(t, []int{404, 500, 501}, a.Status, "%v\n%s", form, a.Body)
				require.NotContains(t, []string{"parameter_unknown", "parameter_missing"}, a.text("error.code"), "%v\n%s", form, a.Body)
				statuses[a.Status]++
			}
			require.GreaterOrEqual(t, statuses[200]+statuses[402], 20, statuses)
		})
	}
}

// What the document does not allow is refused, with the parameter's name, and changes
// nothing: 1,000 requests at least, over all operations.
func TestRequestsAgainstTheDocumentAreRefused(t *testing.T) {
	refused := 0
	for _, op := range operations() {
		m := &maker{rand.New(rand.NewPCG(3, 4)), open(t, nil)}
		path := m.path(op)
		before := m.s.books()
		for range 20 {
			for _, wrong := range m.spoiled(op) {
				a := m.s.send(op.method, path, encodeForm(wrong.form))
				require.Equal(t, 400, a.Status, "%s %v: %s", op.name(), wrong.form, a.Body)
				require.Equal(t, wrong.param, a.text("error.param"), "%s %v: %s", op.name(), wrong.form, a.Body)
				refused++
			}
		}
		require.Equal(t, before, m.s.books(), op.name())
	}
	require.GreaterOrEqual(t, refused, 1000)
	t.Log(refused, "refused")
}

type spoiled struct {
	form  object
	param string
}

// spoiled are requests, each with one thing that the document does not allow.
func (m *maker) spoiled(op *operation) (list []spoiled) {
	terms := m.s.provider.doc.terms[op.name()]
	with := func(name string, value any) object {
		form := object{}
		for _, key := range terms.Required {
			form[key] = m.some(terms.Properties[key], key)
		}
		if value == nil {
			delete(form, name)
		} else {
			form[name] = value
		}
		return form
	}
	list = append(list, spoiled{with("aaa", fmt.Sprint(m.Int())), "aaa"}, spoiled{with("amountt", "1"), "amountt"})
	for _, key := range terms.Required {
		list = append(list, spoiled{with(key, nil), key})
	}
	for _, key := range slices.Sorted(maps.Keys(terms.Properties)) {
		s := terms.Properties[key]
		switch {
		case s.Type == "integer":
			list = append(list, spoiled{with(key, "1.5"), key}, spoiled{with(key, fmt.Sprintf("x%d", m.IntN(99))), key})
		case s.Type == "boolean":
			list = append(list, spoiled{with(key, "yes"), key})
		case len(s.Enum) > 0 && !slices.Contains(s.Enum, ""):
			list = append(list, spoiled{with(key, "nothing of the kind"), key}, spoiled{with(key, ""), key})
		case s.Type == "string" && s.MaxLength > 0 && s.MaxLength < 1000:
			list = append(list, spoiled{with(key, strings.Repeat("x", s.MaxLength+1)), key})
		case s.Type == "string":
			list = append(list, spoiled{with(key, object{"a": "b"}), key})
		case s.Type == "array", s.Type == "object":
			list = append(list, spoiled{with(key, "a text"), key})
		}
	}
	return list
}

// The alarm rings: an answer that breaks the document is seen.
func TestABreachIsSeen(t *testing.T) {
	good := open(t, nil).create()
	require.NoError(t, breach("POST", intents, good))
	for name, change := range map[string]func(object){
		"a field too few": func(o object) { delete(o, "status") },
		"another status":  func(o object) { o["status"] = "paid" },
		"a text":          func(o object) { o["amount"] = "1000" },
	} {
		it := maps.Clone(good.json.(object))
		change(it)
		require.Error(t, breach("POST", intents, reply{Status: 200, json: it}), name)
	}
	require.Error(t, breach("POST", intents, reply{Status: 400, json: object{"message": "x"}}))
}

// sessionOf is a request for a checkout session of one thing.
func sessionOf(amount, order string) []string {
	return []string{"mode=payment", "success_url=https://shop.example/done?id={CHECKOUT_SESSION_ID}", "cancel_url=https://shop.example/cart",
		"client_reference_id=" + order, "line_items[0][quantity]=1", "line_items[0][price_data][currency]=nok",
		"line_items[0][price_data][unit_amount]=" + amount, "line_items[0][price_data][product_data][name]=Parcel"}
}
