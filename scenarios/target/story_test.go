package target_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// with is the smallest description with something else in it.
func with(t *testing.T, replace ...string) *target.Target {
	t.Helper()
	shop, err := parse([]byte(strings.NewReplacer(replace...).Replace(smallest)))
	require.NoError(t, err)
	return shop
}

func TestAnInjectionHitsTheMessageThatPlaysThePartHere(t *testing.T) {
	shop := with(t,
		"  screens:", "  look: {get: \"/api/${order}/state?full=1\"}\n  screens:",
		"{json: {/status: paid}, says: shipped}", "{json: {/state/name: paid}, says: shipped}",
		"money:", "webhooks: /hooks/payment\nmoney:")
	for from, to := range map[string]struct{ text, method, path string }{
		"Submit #1 answered: hang":                                   {"Submit #1 answered: hang", "POST", "/buy/{id}"},
		"OrderStatus #2 arrives: close":                              {"OrderStatus #2 arrives: close", "GET", "/api/{id}/state"},
		"OpenPage #1 arrives: close":                                 {"OpenPage #1 arrives: close", "GET", "/cart/{id}"},
		"Submit|OrderStatus answered: rename status as orderStatus":  {"Submit answered: rename state as orderStatus", "POST", "/buy/{id}"},
		"Submit|ChangeBasket answered: rename status as orderStatus": {"Submit answered: rename state as orderStatus", "POST", "/buy/{id}"},
		"Submit #1 arrives: latency 1m30s downstream":                {"Submit #1 arrives: latency 1m30s downstream", "POST", "/buy/{id}"},
		"PaymentWebhook #1 arrives: duplicate":                       {"PaymentWebhook #1 arrives: duplicate", "POST", "/hooks/payment"},
		"Capture #1 arrives: hang":                                   {"Capture #1 arrives: hang", "POST", "/epayment/v1/payments/{reference}/capture"},
		"PaymentWebhook hop: down, for 10s":                          {"PaymentWebhook hop: down, for 10s", "", ""},
		"customer>checkout GET /as/written/{id} #1 arrives: close":   {"customer>checkout GET /as/written/{id} #1 arrives: close", "GET", "/as/written/{id}"},
		"customer>checkout: down, for 10s":                           {"customer>checkout: down, for 10s", "", ""},
	} {
		injection, err := injection.ParseInjection(from)
		require.NoError(t, err)
		own, why := shop.Story(Story{ID: "x", Injections: Schedule{injection}})
		require.Empty(t, why)
		require.Equal(t, to.text, own.Injections[0].String())
		resolved, err := own.Injections.Resolve(shop.Routes())
		require.NoError(t, err)
		require.Equal(t, to.method+to.path, resolved[0].Trigger.Method+resolved[0].Trigger.Path)
	}
}

// A story that is played on the provider's page says what is missing for it, and how to say it.
func TestAStoryOnTheProvidersPageSaysWhatItNeeds(t *testing.T) {
	anotherCard := Story{ID: "another-card", Shop: Shop{PaysAtProvider: true, AnotherCard: true}}
	for name, row := range map[string]struct {
		shop *target.Target
		why  string
	}{
		"nobody says where": {with(t, "money:", "payments: {provider: stripe}\nmoney:"), "say capture: {pay: …} under submit or look"},
		"it is said":        {with(t, "money:", "payments: {provider: stripe}\nmoney:", "submit: {post: \"/buy/${order}\"}", "submit: {post: \"/buy/${order}\", capture: {pay: {json: /url}}}"), ""},
		"at a browser":      {atABrowser(t), "it needs a shop that is described by requests"},
	} {
		t.Run(name, func(t *testing.T) {
			_, why := row.shop.Story(anotherCard)
			require.Contains(t, why, row.why)
			require.Equal(t, row.why == "", why == "", why)
		})
	}
}

// Where it is known how long the shop waits for an approval, she is as much later than that
// as at the reference shop.
func TestSheApprovesAfterTheShopGaveUp(t *testing.T) {
	late := Story{ID: "late", Shop: Shop{GivesUpAfter: 3 * time.Minute}, Injections: Schedule{injection.OnPayment(1).ApprovesLate(4 * time.Minute)}}
	_, why := with(t).Story(late)
	require.Equal(t, "it needs a shop of which it is known how long it waits for an approval: say payments: {gives_up_after: 15m}", why)
	own, why := with(t, "money:", "payments: {gives_up_after: 15m}\nmoney:").Story(late)
	require.Empty(t, why)
	require.Equal(t, 15*time.Minute, own.Shop.GivesUpAfter)
	require.Equal(t, "ApproveAtProvider #1: approve_late 16m0s", own.Injections.String())
}

// atABrowser is a shop whose page is played in a real browser.
func atABrowser(t *testing.T) *target.Target {
	t.Helper()
	front, _, _ := strings.Cut(smallest, "customer:")
	shop, err := parse([]byte(front + `customer:
  browser:
    open: /cart/{basket}
    submit: "#submit"
    says: {selector: main}
    sends: POST /buy/{id}
`))
	require.NoError(t, err)
	return shop
}

// byAdyen is a shop that is paid by Adyen, with one more screen.
func byAdyen(t *testing.T, webhooks string, says observe.Status) *target.Target {
	return with(t, "money:", webhooks+"payments: {provider: adyen}\nmoney:", "says: shipped}", "says: shipped}\n    - {json: {/status: over}, says: "+string(says)+"}")
}

// byAdyenAtABrowser is the same with a page that has such words.
func byAdyenAtABrowser(t *testing.T, words string) *target.Target {
	t.Helper()
	front, _, _ := strings.Cut(smallest, "customer:")
	shop, err := parse([]byte(front + `webhooks: /told
payments: {provider: adyen}
customer:
  browser: {open: "/cart/{basket}", submit: button, says: {selector: main}, words: ` + words + `, sends: "POST /buy/{id}"}
`))
	require.NoError(t, err)
	return shop
}

func TestWhatCannotBeStagedIsSaid(t *testing.T) {
	kill := Schedule{OnPath(ProviderHop, "POST", "/x").Kills("checkout")}
	running := []string{"  command: [go, version]", "  url: http://127.0.0.1:3000", "money:", "payments: {port: 8081}\nshipping: {port: 8082}\nmoney:"}
	for name, row := range map[string]struct {
		shop  *target.Target
		story Story
		want  string
	}{
		"a browser":        {with(t), Story{Browser: true}, "sit at a browser"},
		"a price":          {with(t), Story{Shop: Shop{Bank: observe.SilentBank}}, "needs a price"},
		"no such bank":     {with(t), Story{Shop: Shop{Bank: observe.RejectingBank}}, "it needs a provider that plays a bank which is rejecting, and this one does not"},
		"it rejects":       {byAdyen(t, "webhooks: /told\n", "cancelled"), Story{Shop: Shop{Bank: observe.RejectingBank}}, ""},
		"it tells so":      {byAdyen(t, "webhooks: /told\n", "refused"), Story{Shop: Shop{Bank: observe.RejectingBank}}, ""},
		"a page's words":   {byAdyenAtABrowser(t, "{Sorry: refused, Thanks: shipped}"), Story{Shop: Shop{Bank: observe.RejectingBank}}, ""},
		"no such word":     {byAdyenAtABrowser(t, "{Thanks: shipped}"), Story{Shop: Shop{Bank: observe.RejectingBank}}, "no screen says cancelled or refused"},
		"nobody hears it":  {byAdyen(t, "", "cancelled"), Story{Shop: Shop{Bank: observe.RejectingBank}}, "it needs webhooks, and the shop takes none"},
		"nobody tells her": {byAdyen(t, "webhooks: /told\n", "checking"), Story{Shop: Shop{Bank: observe.RejectingBank}}, "no screen says cancelled or refused"},
		"Adyen's price":    {byAdyen(t, "webhooks: /told\n", "cancelled"), Story{Shop: Shop{Bank: observe.SilentBank}}, "needs a price"},
		"another basket":   {with(t), Story{Shop: Shop{ChangesBasket: true}}, "the description has none"},
		"no refunds":       {with(t), Story{Shop: Shop{PaysBack: true}}, "does not say shipping: {refunds: true}"},
		"nothing is sent":  {with(t, "says: shipped", "says: paid", "money:", "shipping: none\nmoney:"), Story{Shop: Shop{PaysBack: true}}, "needs a carrier"},
		"it pays back":     {with(t, "money:", "shipping: {refunds: true}\nmoney:"), Story{Shop: Shop{PaysBack: true}}, ""},
		"a back button":    {with(t), Story{Shop: Shop{GoesBack: true}}, "needs a page with a back button"},
		"a cold click":     {atABrowser(t), Story{Shop: Shop{ClicksCold: true}}, "a browser keeps its connections"},
		"it can go back":   {atABrowser(t), Story{Shop: Shop{GoesBack: true}}, ""},
		"it can be cold":   {with(t), Story{Shop: Shop{ClicksCold: true}}, ""},
		"no look":          {with(t), Story{Injections: Schedule{On(OrderStatus).Closes()}}, "never asks"},
		"no webhooks":      {with(t), Story{Injections: Schedule{Down(WebhookHop)}}, "needs webhooks"},
		"no carrier":       {with(t, "says: shipped", "says: paid", "money:", "shipping: none\nmoney:"), Story{Injections: Schedule{Down(ShippingHop)}}, "needs a carrier"},
		"no such part":     {with(t), Story{Injections: Schedule{On(ChangeBasket).Closes()}}, "a message of the operation ChangeBasket, and this shop has none"},
		"it runs already":  {with(t, running...), Story{Injections: kill}, "this one runs already"},
		"nothing is read":  {with(t, "json: {/status: paid}", "status: 200"), Story{Injections: Schedule{On(Submit, OrderStatus).Answered().Renames("status", "x")}}, "this page reads none"},
		"the same again":   {with(t), Story{Injections: Schedule{On(Submit).ResubmitsAfterRestarting("checkout")}}, ""},
		"its basket":       {with(t, "post: \"/buy/${order}\"", "post: \"/buy/${basket}\""), Story{Injections: Schedule{On(Submit).Resubmits()}}, ""},
		"nothing is named": {with(t, "post: \"/buy/${order}\"", "post: /buy, json: {for: \"${customer}\"}"), Story{Injections: Schedule{On(Submit).Resubmits()}}, "nothing that names the purchase"},
		"a browser's page": {atABrowser(t), Story{Injections: Schedule{On(Submit).Resubmits()}}, "cannot be made to send the same submit again"},
		"no restart there": {with(t, running...), Story{Injections: Schedule{On(Submit).ResubmitsAfterRestarting("checkout")}}, "this one runs already"},
		"no restart here":  {with(t, running...), Story{Injections: Schedule{On(Submit).Resubmits()}}, ""},
		"ours can be shot": {with(t), Story{Injections: kill}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, why := row.shop.Story(row.story)
			if row.want == "" {
				require.Empty(t, why)
				return
			}
			require.Contains(t, why, row.want)
		})
	}
}

// What a story makes slow for the sake of the page's time-out, is as slow for this page.
func TestLatenciesScaleWithThePage(t *testing.T) {
	story := Story{ID: "x", Shop: Shop{PageTimeOut: 45 * time.Second, ScalesWithPage: true},
		Injections: Schedule{OnHopOf(CreatePayment).Toxic(Downstream, Latency(18*time.Second)).Lasting(2 * time.Minute)}}
	for name, row := range map[string]struct {
		shop *target.Target
		want string
	}{
		"as it is":   {with(t), "CreatePayment hop: latency 18s downstream, for 2m0s"},
		"impatient":  {with(t, "  screens:", "  timeout: 15s\n  screens:"), "CreatePayment hop: latency 6s downstream, for 40s"},
		"at browser": {atABrowser(t), "CreatePayment hop: latency 18s downstream, for 2m0s"},
	} {
		own, why := row.shop.Story(story)
		require.Empty(t, why)
		require.Equal(t, row.want, own.Injections.String(), name)
	}
	require.Equal(t, 18*time.Second, story.Injections[0].Fault.Duration)
}

func TestAStoryOfAnotherShopIsNotJudgedByTheReferenceShopsCalls(t *testing.T) {
	seen := CallerSaw(Submit, "reset")
	seen.Reference = true
	story := Story{ID: "x", Shop: Shop{PageTimeOut: time.Minute}, Complaint: Without("one-payment").Orders(2), Promises: []Promise{Clicked(2), seen}}
	own, why := with(t).Story(story)
	require.Empty(t, why)
	require.Len(t, own.Promises, 1)
	require.Len(t, story.Promises, 2)
	require.False(t, own.Complaint.Is(), "a complaint is about the reference shop's safeguards")

	own, _ = with(t, "says: shipped", "says: paid", "money:", "shipping: none\nmoney:").Story(story)
	require.True(t, own.Shop.NoCarrier)
}

// GraphQL has every operation at one path, and other shops two at one path.
const oneRoute = `version: 1
name: One route
service:
  command: [go, version]
money: {amount: 49900, currency: NOK}
customer:
  open:
    - post: /graphql
      json: {operationName: Cart, variables: {basket: "${basket}"}}
      capture: {order: {json: /data/order}}
  submit:
    post: /graphql
    json: {operationName: Complete, variables: {order: "${order}"}}
    where: {json: {/operationName: Complete}}
  look:
    post: /graphql
    json: {operationName: Order, variables: {order: "${order}"}}
  screens:
    - {json: {/data/status: paid}, says: shipped}
`

func TestASubmitIsToldApart(t *testing.T) {
	const remedy = "shop.yaml:11:3: customer.submit: POST /graphql cannot be told from the open step, POST /graphql: an injection on the submit would hit that; say what only the submit has, such as where: {json: {/operationName: Complete}}"
	whole := "    where: {json: {/operationName: Complete}}\n"
	for name, row := range map[string]struct{ old, new, want string }{
		"as it is":               {"", "", ""},
		"nothing":                {whole, "", remedy},
		"it says something else": {"{/operationName: Complete}", "{/operationName: Buy}", `customer.submit.where: the step itself does not say "Buy" at /operationName of its JSON body`},
		"nor is it known":        {"{/operationName: Complete}", "{/variables/order: \"${order}\"}", "a where names a text that this step always sends"},
		"they say the same":      {"{operationName: Order,", "{operationName: Complete,", "cannot be told from the look step"},
		"a template fits too":    {"submit:\n    post: /graphql", "submit:\n    post: /${order}", ""},
		"and nothing else":       {"submit:\n    post: /graphql\n    json: {operationName: Complete, variables: {order: \"${order}\"}}\n" + whole, "submit:\n    post: /${order}\n", "POST /${order} cannot be told from the open step, POST /graphql: an injection on the submit would hit that; say what only the submit has, such as headers: {X-Step: submit} with where: {header: {X-Step: submit}}"},
		"a header":               {whole, "    headers: {X-Step: buy}\n    where: {header: {x-step: buy}}\n", ""},
		"no such header":         {whole, "    where: {header: {X-Step: buy}}\n", `the step itself does not say "buy" in the header X-Step`},
		"a parameter":            {"submit:\n    post: /graphql\n    json: {operationName: Complete, variables: {order: \"${order}\"}}\n" + whole, "submit:\n    post: /graphql?op=buy\n    where: {query: {op: buy}}\n", ""},
		"two of them":            {whole, "    where: {json: {/operationName: Complete}, query: {a: b}}\n", "customer.submit.where: say one of {json: {/operationName: Complete}}, {header: {X-Step: submit}} and {query: {step: submit}}"},
		"another method":         {whole + "  look:\n    post", "  look:\n    put", "cannot be told from the open step"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, oneRoute, row.old)
			shop, err := parse([]byte(strings.Replace(oneRoute, row.old, row.new, 1)))
			if row.want == "" {
				require.NoError(t, err)
				require.NotEmpty(t, shop.Routes().Of(Submit))
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestAnInjectionNamesTheOperation(t *testing.T) {
	shop, err := parse([]byte(oneRoute))
	require.NoError(t, err)
	own, why := shop.Story(Story{ID: "x", Injections: Schedule{On(Submit).Nth(1).Answered().Hangs()}})
	require.Empty(t, why)
	require.Equal(t, "Submit #1 answered: hang", own.Injections[0].String())
	resolved, err := own.Injections.Resolve(shop.Routes())
	require.NoError(t, err)
	require.Equal(t, "/graphql[operationName=Complete]", resolved[0].Trigger.Path)
	_, why = shop.Story(Story{ID: "x", Injections: Schedule{On(OrderStatus).Nth(1).Closes()}})
	require.Contains(t, why, "cannot be told from the page's load")
	require.Equal(t, observe.Where{JSON: "/operationName", Value: "Complete"}, shop.Routes().Of(Submit)[0].Where)
}

func TestABrowsersSubmitIsToldApart(t *testing.T) {
	const page = `version: 1
name: One route
service:
  command: [go, version]
customer:
  browser: {open: "/shop/{basket}", submit: button, says: {selector: p}, sends: POST /graphql, looks: POST /graphql, amount: {selector: .total}}
`
	_, err := parse([]byte(page))
	require.ErrorContains(t, err, "shop.yaml:6:81: customer.browser.sends: POST /graphql cannot be told from the looks step")
	require.ErrorContains(t, err, "sends: {message: POST /graphql, where: {json: {/operationName: Complete}}}")
	shop, err := parse([]byte(strings.Replace(page, "sends: POST /graphql", "sends: {message: POST /graphql, where: {json: {/operationName: Complete}}}", 1)))
	require.NoError(t, err)
	require.True(t, shop.Routes().Of(Submit)[0].Where.Is())
}

// A path that the shop told has as many segments as it has.
func TestALookLeadsWhereTheShopSays(t *testing.T) {
	where := []string{"submit: {post: \"/buy/${order}\"}", "submit: {post: \"/buy/${order}\", capture: {where: {header: location}}}\n  look: {get: \"/${where}\", headers: {X-Step: look}, where: {header: {X-Step: look}}}"}
	own, why := with(t, where...).Story(Story{ID: "x", Injections: Schedule{On(OrderStatus).Nth(1).Closes()}})
	require.Empty(t, why)
	require.Equal(t, "OrderStatus #1 arrives: close", own.Injections[0].String())
	require.Equal(t, "/{id...}[X-Step=look]", with(t, where...).Routes().Of(OrderStatus)[0].Spelling())
	where[1] = strings.ReplaceAll(where[1], ", headers: {X-Step: look}, where: {header: {X-Step: look}}", "")
	_, why = with(t, where...).Story(Story{ID: "x", Injections: Schedule{On(OrderStatus).Nth(1).Closes()}})
	require.Contains(t, why, "cannot be told from the page's load here: say where, under look")
	_, err := parse([]byte(strings.NewReplacer(where[0], strings.ReplaceAll(where[1], "/${where}", "/${where}/state")).Replace(smallest)))
	require.ErrorContains(t, err, "customer.look: a path that the shop told, such as a Location, stands at the end")
}

// What only some screens read is no drift where it is missing.
func TestOnlyWhatEveryScreenReadsIsMissed(t *testing.T) {
	one := with(t, "{json: {/status: paid}, says: shipped}", "{json: {/status: paid, /error: null}, says: shipped}\n    - {json: {/status: no}, says: refused}")
	require.Equal(t, map[string][]string{"POST /buy/{id}": {"status"}}, one.Reads())
}

// What identifies a purchase is the basket, or something that the page captures: by its
// name, as a key, by which the page looks, or after which the payment is called.
func TestWhatNamesAPurchase(t *testing.T) {
	front := func(name, submit string, more ...string) *target.Target {
		return with(t, append([]string{"{order: {json: /order}}", "{" + name + ": {json: /x}}", "{post: \"/buy/${order}\"}", submit}, more...)...)
	}
	for name, row := range map[string]struct {
		shop  *target.Target
		names bool
	}{
		"an order":        {front("order", `{post: "/buy/${order}"}`), true},
		"a cart, deep":    {front("cart_id", `{post: /buy, json: {lines: [{of: "${cart_id}"}]}}`), true},
		"a form's key":    {front("key", `{post: /buy, form: {k: "${key}"}}`), true},
		"a header's":      {front("x", `{post: /buy, headers: {Idempotency-Key: "${x}"}}`), true},
		"looked for":      {front("x", `{post: "/buy/${x}"}`, "  screens:", "  look: {get: \"/state/${x}\"}\n  screens:"), true},
		"in the payment":  {front("x", `{post: "/buy/${x}"}`, "money:", "payments: {reference: \"${x}-*\"}\nmoney:"), true},
		"a product":       {front("product", `{post: /buy, json: {product: "${product}"}}`), false},
		"a token":         {front("csrf_key", `{post: /buy, form: {token: "${csrf_key}"}}`), false},
		"the same always": {front("x", `{post: "/buy/${run}"}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, row.names, row.shop.NoEpilogue() == "", row.shop.NoEpilogue())
		})
	}
}
