package target_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/provider"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// smallest is a description with nothing left out that must be there.
const smallest = `version: 1
name: Corner shop
service:
  command: [go, version]
money: {amount: 49900, currency: NOK}
customer:
  open:
    - get: /cart/${basket}
      capture: {order: {json: /order}}
  submit: {post: "/buy/${order}"}
  screens:
    - {json: {/status: paid}, says: shipped}
`

// What a description says of its account, the provider has to know.
func TestAnAccountIsTheProviders(t *testing.T) {
	purse := provider.Catalog{Kinds: map[string]provider.Kind{"purse": {Account: []provider.Fact{{Name: "key", Preset: "a long key", Secret: true}}}}, Default: "purse"}
	_, err := target.Parse("shop.yaml", []byte(strings.Replace(smallest, "money:", "payments: {merchant: \"123456\"}\nmoney:", 1)), purse)
	require.EqualError(t, err, "shop.yaml:5:22: payments.merchant: accounts with this provider have no merchant: want key")
	for account, says := range map[string]string{
		"{kee: long enough}": "shop.yaml:5:27: payments.account.kee: accounts with this provider have no kee: want key",
		"{key: short}":       "shop.yaml:5:27: payments.account.key: a secret has 8 characters or more, for records to redact it",
	} {
		_, err := target.Parse("shop.yaml", []byte(strings.Replace(smallest, "money:", "payments: {account: "+account+"}\nmoney:", 1)), purse)
		require.EqualError(t, err, says)
	}
	shop, err := target.Parse("shop.yaml", []byte(strings.Replace(smallest, "money:", "payments: {account: {key: of this shop}}\nmoney:", 1)), purse)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"key": "of this shop"}, shop.Account())
	shop, err = parse([]byte(strings.Replace(smallest, "money:", "payments: {merchant: \"4711\", account: {client_id: of this shop}}\nmoney:", 1)))
	require.NoError(t, err)
	require.Equal(t, "4711", shop.Account()["merchant"])
	require.Equal(t, "of this shop", shop.Account()["client_id"])
	require.NotEmpty(t, shop.Account()["client_secret"], "a preset")
	_, err = parse([]byte(strings.Replace(smallest, "money:", "payments: {account: {merchant: mine}}\nmoney:", 1)))
	require.ErrorContains(t, err, `payments.account.merchant: invalid serial number "mine": want 4 to 6 digits`)
	_, err = target.Parse("shop.yaml", []byte(strings.Replace(smallest, "[go, version]", "[go, \"${payments.key}\"]", 1)), purse)
	require.NoError(t, err)
	_, err = parse([]byte(strings.Replace(smallest, "[go, version]", "[go, \"${payments.key}\"]", 1)))
	require.ErrorContains(t, err, "nothing is known as ${payments.key}; there are service.port, service.url, service.data, payments.url, payments.merchant,")
}

func parse(text []byte) (*target.Target, error) {
	return target.Parse("shop.yaml", text, fakes.Providers())
}

func TestASmallDescriptionIsEnough(t *testing.T) {
	shop, err := parse([]byte(smallest))
	require.NoError(t, err)
	require.Equal(t, "Corner shop", shop.Name)
	require.Equal(t, units.Wall, shop.StoryClock(), "nobody's time-outs are divided unless he says so")
}

// That nothing is due is something else than that nothing is said of it.
func TestNothingDueCanBeSaid(t *testing.T) {
	for text, want := range map[string]*int64{"": nil, ", due: 0": new(int64)} {
		shop, err := parse([]byte(strings.Replace(smallest, "amount: 49900", "amount: 49900"+text, 1)))
		require.NoError(t, err)
		require.Equal(t, want, shop.Money.Due)
		require.Equal(t, want, shop.FrontEnd(1).Due)
	}
}

// A page in a browser names its price, or the description does.
func TestABrowsersPageHasAPrice(t *testing.T) {
	front, _, _ := strings.Cut(smallest, "money:")
	const page = "customer: {browser: {open: /cart, submit: b, says: {selector: p}, sends: POST /buy"
	for text, want := range map[string]string{
		"money: {amount: 49900, currency: NOK}\n" + page + "}}":                   "",
		page + ", amount: {selector: .total}}}":                                   "",
		page + "}}":                                                               "customer.browser: nobody knows what the page shows: say where, such as amount: {selector: .total}",
		"money: {amount: 49900}\n" + page + "}}":                                  "nobody knows the currency that the page shows",
		"money: {amount: 49900}\n" + page + ", currency: {selector: .currency}}}": "",
	} {
		_, err := parse([]byte(front + text + "\n"))
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

func TestWhatADescriptionMustNotSayIsToldWithItsLineAndWhatToWrite(t *testing.T) {
	for name, row := range map[string]struct{ old, new, want string }{
		"an unknown setting":  {"money:", "monney: 1\nmoney:", `shop.yaml:5:1: monney: unknown key "monney": did you mean "money"? valid are callees, clock, customer, database, explore, fulfilment,`},
		"with a value":        {"money:", "quit: 40s\nmoney:", `shop.yaml:5:1: quit: unknown key "quit": did you mean "quiet"? valid are callees,`},
		"two that are near":   {"submit: {post", `submit: {pst`, `shop.yaml:10:12: customer.submit.pst: unknown key "pst": did you mean "post" or "put"? valid are capture,`},
		"none that is near":   {"money:", "colour: red\nmoney:", `shop.yaml:5:1: colour: unknown key "colour": valid are callees,`},
		"deeper":              {"says: shipped", "sais: shipped", `shop.yaml:12:31: customer.screens.0.sais: unknown key "sais": did you mean "says"? valid are json, says, shows, status, text`},
		"nothing to start":    {"  command: [go, version]", "  folder: x", "shop.yaml:3:1: service: say either command, which starts the service, or url, where it runs already"},
		"a shell's line":      {"[go, version]", "go version", "service.command: got string, want array; The program and its arguments. No shell is involved."},
		"two verbs":           {"submit: {post", `submit: {get: /x, post`, "customer.submit: a request has exactly one of get, post, put or patch"},
		"a path without /":    {"post: \"/buy", "post: \"buy", "a path begins with a slash, such as /orders/${order}"},
		"a bare number":       {"  screens:", "  timeout: 45\n  screens:", "shop.yaml:11:12: customer.timeout: 45 has no unit: write 45s where it is seconds; a duration has a number and a unit"},
		"a tab":               {"  open:", "\topen:", "shop.yaml:7:1: a tab cannot indent a line of YAML: write spaces"},
		"no unit":             {"  screens:", "  timeout: \"45\"\n  screens:", "a duration has a number and a unit, such as 500ms, 20s or 5m"},
		"another word":        {"says: shipped", "says: delivered", "delivered is none of waiting, checking, changed, shipped, paid"},
		"another version":     {"version: 1", "version: 2", "shop.yaml:1:10: version: "},
		"what nobody knows":   {"/buy/${order}", "/buy/${cart}", "shop.yaml:10:3: customer.submit: nothing is known as ${cart} here; known are amount, basket, currency, customer, load, order, run"},
		"a fact that is none": {"  command: [go, version]", "  command: [go, \"${payment.url}\"]", "nothing is known as ${payment.url}; there are service.port,"},
		"no time":             {"  command: [go, version]", "  command: [go, \"${ms soon}\"]", `${ms soon}: "soon" is no time: write ${ms 10s}, say`},
		"no such script":      {"name: ", "payments: {script: true}\nname: ", "this provider has no script that we play"},
		"no browser":          {"name: ", "payments: {provider: stripe, script: true}\nname: ", "a script runs in a browser: say how the page is used, with customer: {browser: …}"},
		"no 3-D Secure":       {"name: ", "payments: {three_d_secure: true}\nname: ", "customers of this provider authenticate no payments by 3-D Secure that we play"},
		"no TLS":              {"  command: [go, version]", "  command: [go, \"${payments.ca}\"]", "there is no ${payments.ca}: say payments: {tls: true}"},
		"no database's port":  {"  command: [go, version]", "  command: [go, \"${database.port}\"]", "there is no ${database.port}: say database: postgres"},
		"no database":         {"  command: [go, version]", "  command: [go, \"${database.url}\"]", "there is no ${database.url}: say database: postgres"},
		"no webhooks":         {"  command: [go, version]", "  command: [go, \"${webhooks.secret}\"]", "say webhooks: with the path"},
		"no amount":           {"money: {amount: 49900, currency: NOK}\n", "money: {currency: NOK}\n", "nobody knows what the page shows: say money: {amount: 49900, currency: NOK}"},
		"less than nothing":   {"amount: 49900", "amount: 49900, due: -1", "shop.yaml:5:29: money.due: "},
		"no carrier":          {"money:", "shipping: none\nmoney:", "the shop tells no carrier, so nobody can know: let it say paid"},
		"elsewhere":           {"  command: [go, version]", "  url: http://example.com", "a service is tested on this machine only"},
		"another provider":    {"money:", "payments: {provider: vip}\nmoney:", `shop.yaml:5:22: payments.provider: unknown provider "vip": want adyen or stripe or vipps`},
		"running, not told":   {"  command: [go, version]", "  url: http://127.0.0.1:3000", "say payments: {port: 8081}, and point it there"},
		"a screen for all":    {"{json: {/status: paid}, says: shipped}", "{says: shipped}", "say which answers the screen is for: status, json or text"},
		"no pointer":          {"{json: {/status: paid}, says", "{json: {result: ok}, says", `shop.yaml:12:23: customer.screens.0.json.result: "result" is no name here: a pointer begins with /, such as /status`},
		"no pointer to take":  {"{order: {json: /order}}", "{order: {json: order}}", "customer.open.0.capture.order.json: a pointer begins with /"},
		"units of no amount":  {"{order: {json: /order}}", "{order: {json: /order, units: major}}", "shop.yaml:9:46: customer.open.0.capture.order.units: units are said of what an open step captures as amount or due"},
		"no such units":       {"{order: {json: /order}}", "{amount: {json: /order, units: cents}}", "cents is none of minor, major"},
		"two places":          {"{order: {json: /order}}", "{order: {json: /order, header: X}}", "say where it stands: one of json, header, cookie and selector"},
		"no selector":         {"{order: {json: /order}}", "{order: {selector: 'a[['}}", "customer.open.0.capture.order.selector: invalid CSS selector \"a[[\""},
		"an attribute alone":  {"{order: {json: /order}}", "{order: {json: /order, attribute: x}}", "attribute"},
		"two bodies":          {"{post: \"/buy/${order}\"}", "{post: \"/buy/${order}\", json: {}, multipart: {a: b}}", "at most one body: json, form or multipart"},
		"no name":             {"{order: {json: /order}}", "{order: {json: /order}, orderId: {json: /order}}", `shop.yaml:9:40: customer.open.0.capture.orderId: "orderId" is no name here: a name has small letters`},
		"no quiet":            {"money:", "quiet: 0s\nmoney:", "shop.yaml:5:8: quiet: a duration has a number and a unit, such as 500ms, 20s or 5m, and is not 0"},
		"no quiet either":     {"money:", "quiet: 0h0.0ms\nmoney:", "and is not 0"},
		"a secret's name":     {"  command: [go, version]", "  command: [go, version]\n  inherit: [\"A B\"]", "service.inherit.0"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, smallest, row.old)
			_, err := parse([]byte(strings.Replace(smallest, row.old, row.new, 1)))
			require.ErrorContains(t, err, row.want)
			for _, line := range strings.Split(err.Error(), "\n") {
				require.Regexp(t, `^shop\.yaml:\d+:\d+: `, line)
			}
		})
	}
}

func TestWhatIsNoDescriptionAtAllIsToldInOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"":              "shop.yaml is empty",
		"a: [":          "shop.yaml is no YAML",
		"a: 1\n---\n{}": "more than one document",
		"- 1":           "want object",
		"just words":    "want object",
		"{1: 2}":        "shop.yaml:1:1: ",
	} {
		_, err := parse([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

func TestPathsStayWhereTheDescriptionLies(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(folder, "out")))
	require.NoError(t, os.Mkdir(filepath.Join(folder, "app"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "app", "notes.txt"), []byte("x"), 0o644))
	for name, row := range map[string]struct{ service, want string }{
		"below":         {"{command: [go, version], folder: app}", ""},
		"above":         {"{command: [go, version], folder: ../..}", "leaves the folder that the file lies in"},
		"out by a link": {"{command: [go, version], folder: out}", "leads out of the folder"},
		"absolute":      {"{command: [go, version], folder: " + t.TempDir() + "}", ""},
		"missing":       {"{command: [go, version], folder: ap}", "no such file or directory"},
		"a file":        {"{command: [go, version], folder: app/notes.txt}", "is no folder"},
		"no program":    {"{command: [no-such-program]}", `there is no program "no-such-program" in PATH`},
		"not runnable":  {"{command: [./app/notes.txt]}", "cannot be run"},
		"program above": {"{command: [../go]}", "leaves the folder"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(folder, "shop.yaml")
			text := strings.Replace(smallest, "service:\n  command: [go, version]", "service: "+row.service, 1)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			_, err := target.Load(path, fakes.Providers())
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
	_, err := target.Load(filepath.Join(folder, "shoop.yaml"), fakes.Providers())
	require.ErrorContains(t, err, "the target's file")
}

// All that is wrong is told at once, each with its line.
func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "shop.yaml")
	for old, wants := range map[string][]string{
		"  command: [go, version]\n  folder: ap":           {"shop.yaml:5:11: service.folder: there is no \"ap\" below the folder", "shop.yaml:12:12: customer.timeout: 45 has no unit: write 45s"},
		"  command: [nosuch, version]\n  folder: ap":       {"shop.yaml:4:13: service.command.0: there is no program \"nosuch\" in PATH", "shop.yaml:5:11: service.folder: there is no"},
		"  command: [sh, version]\n  command: [sh, other]": {"already defined"},
	} {
		text := strings.NewReplacer("  command: [go, version]", old, "  screens:", "  timeout: 45\n  screens:").Replace(smallest)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		_, err := target.Load(path, fakes.Providers())
		for _, want := range wants {
			require.ErrorContains(t, err, want)
		}
	}
	needs(t, "node", "apt-get install nodejs")
	text := strings.Replace(smallest, "[go, version]", "[node, nosuch.js]", 1)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	_, err := target.Load(path, fakes.Providers())
	require.ErrorContains(t, err, `shop.yaml:4:19: service.command.1: there is no file "nosuch.js" in the folder in which node runs`)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "nosuch.js"), nil, 0o644))
	_, err = target.Load(path, fakes.Providers())
	require.NoError(t, err)
}

// What the schema says, what the description means and what is on the disk are told
// together, and nothing that comes of another mistake alone. Where a key or the provider is
// unknown, that comes first, and what the description means is told once that is mended.
func TestMistakesOfEveryKindAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.yaml")
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"one of each": {`version: 1
name: Corner shop
shipping: {}
service:
  command: [no-such-program, "${payment.url}"]
  folder: ap
  within: 60
  within: 70s
reset: {command: [no-such-reset]}
clock: fast
quiet: long
payments: {provider: adyen, port: no}
customer:
  timeout: 45
  open:
    - get: /cart/${basket}
      capture: {order: {selector: 'a[['}, orderId: {json: /id}}
  submit: {post: "/buy/${cart}"}
  screens:
    - {status: 200, says: paid}
    - {status: 202, says: delivered}
`, []string{
			"1:1: money: nobody knows the currency",
			"1:1: money: nobody knows what the page shows",
			`5:13: service.command.0: there is no program "no-such-program" in PATH`,
			`5:30: service.command.1: nothing is known as ${payment.url}`,
			`6:11: service.folder: there is no "ap" below the folder`,
			"7:11: service.within: 60 has no unit",
			"8:3: service.within: within is already defined in line 7: keep one of them",
			`9:19: reset.command.0: there is no program "no-such-reset" in PATH`,
			"10:8: clock: say wall, or a whole number from 1 to 1000",
			"11:8: quiet: a duration has a number and a unit",
			"12:35: payments.port: ",
			"14:12: customer.timeout: 45 has no unit",
			`17:35: customer.open.0.capture.order.selector: invalid CSS selector "a[["`,
			`17:43: customer.open.0.capture.orderId: "orderId" is no name here`,
			"18:3: customer.submit: nothing is known as ${cart} here",
			"20:27: customer.screens.0.says: paid is for shops with shipping: none",
			"21:27: customer.screens.1.says: delivered is none of waiting",
		}},
		"a key misspelt, and what it lacks, and what others know of it": {
			strings.Replace(strings.Replace(smallest, "money: {amount: 49900, currency: NOK}\n", "", 1), "capture: {order: {json: /order}}", "captures: {order: {json: /order}, amount: {json: /amount}, currency: {json: /currency}}", 1),
			[]string{`8:7: customer.open.0.captures: unknown key "captures": did you mean "capture"?`},
		},
		"a key without which the mapping is not whole": {strings.Replace(smallest, "says: shipped", "sais: shipped", 1), []string{`12:31: customer.screens.0.sais: unknown key`}},
		"a key of which a place above it speaks": {strings.Replace(smallest, "service:\n  command: [go, version]", "service: {}\nproceses: {web: {command: [go]}}", 1), []string{
			`4:1: proceses: unknown key "proceses": did you mean "processes"?`,
			"3:1: service: say either command",
		}},
		"a provider misspelt": {strings.Replace(smallest, "[go, version]", "[go, \"${payments.secret_key}\"]\n  within: 60\npayments: {provider: Stripe}", 1), []string{
			`6:22: payments.provider: unknown provider "Stripe": want adyen or stripe or vipps`,
			"5:11: service.within: 60 has no unit",
		}},
		"a name misspelt": {strings.Replace(smallest, "money:", "monney:", 1), []string{`5:1: monney: unknown key "monney": did you mean "money"? `}},
		"no front end":    {"version: 1\nname: x\nservice: {command: [go]}\nmoney: {amount: 1, currency: NOK}\ncustomer: {browser: {}}\n", []string{"5:12: customer.browser: it lacks open, submit, says, sends"}},
		"a running one":   {strings.Replace(smallest, "  command: [go, version]", "  url: http://127.0.0.1:1\nreset: {command: [no-such-reset]}\npayments: {port: 8081}\nshipping: none", 1), []string{`5:19: reset.command.0: there is no program`, "15:"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, []byte(row.text), 0o644))
			_, err := target.Load(path, fakes.Providers())
			require.Error(t, err)
			lines := strings.Split(err.Error(), "\n")
			require.Len(t, lines, len(row.want), err.Error())
			for i, want := range row.want {
				require.True(t, strings.HasPrefix(lines[i], "shop.yaml:"+want), "%s\nwant %s", lines[i], want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(smallest))
	for _, path := range []string{"../testdata/targets/node/naive.yaml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("version: &a 1\nname: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		shop, err := target.Parse("x", text, fakes.Providers())
		if err == nil {
			_, _ = shop.Story(Story{ID: "x", Injections: Schedule{OnPath(CustomerHop, "*", "/orders/{id}").Answered().Renames("status", "state")}})
		}
	})
}
