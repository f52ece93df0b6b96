package redact_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/redact"
)

// canary must not be seen.
const canary = "c4n4ryXYZ"

// secrets are texts in which a canary, or a number, must be redacted.
var secrets = map[string]string{
	"a JSON field":                  `{"client_secret":"c4n4ryXYZ","reference":"b-ana-1"}`,
	"with spaces":                   `{ "access_token" : "c4n4ryXYZ" }`,
	"in capitals":                   `{"Client_Secret":"c4n4ryXYZ"}`,
	"in camel case":                 `{"accessToken":"c4n4ryXYZ"}`,
	"a header's name":               `{"Ocp-Apim-Subscription-Key":"c4n4ryXYZ"}`,
	"a cookie":                      `{"Set-Cookie":"c4n4ryXYZ"}`,
	"nested":                        `{"a":[{"b":{"token":"c4n4ryXYZ"}}]}`,
	"an escaped quote in the value": `{"token":"a\"c4n4ryXYZ","x":1}`,
	"an escaped backslash before":   `{"token":"c4n4ryXYZ\\","x":"reference"}`,
	"JSON in JSON":                  `{"body":"{\"token\":\"c4n4ryXYZ\"}"}`,
	"JSON in JSON with a quote":     `{"body":"{\"token\":\"a\\\"c4n4ryXYZ\"}"}`,
	"JSON in JSON in JSON":          `{"a":"{\"b\":\"{\\\"token\\\":\\\"c4n4ryXYZ\\\"}\"}"}`,
	"truncated in the value":        `{"x":1,"client_secret":"c4n4ryXYZ`,
	"truncated after an escape":     `{"x":1,"client_secret":"c4n4ryXYZ\`,
	"truncated JSON in JSON":        `{"body":"{\"token\":\"c4n4ryXYZ`,
	"an array":                      `{"token":["c4n4ryXYZ","c4n4ryXYZ"],"x":1}`,
	"an array cut off":              `{"token":["a","c4n4ryXYZ`,
	"an object":                     `{"authorization":{"value":"c4n4ryXYZ","x":["]"]},"y":2}`,
	"a number":                      `{"pan":987650000,"x":1}`,
	"a number in an array":          `{"cvc":[987650000]}`,
	"a form":                        `grant_type=client_credentials&client_secret=c4n4ryXYZ&x=1`,
	"a form's first field":          `client_secret=c4n4ryXYZ`,
	"a query":                       `GET /cb?x=1&access_token=c4n4ryXYZ HTTP/1.1`,
	"a fragment":                    `https://shop.example/#access_token=c4n4ryXYZ`,
	"a header line":                 `Authorization: c4n4ryXYZ`,
	"a bearer":                      `sent "authorization: Bearer c4n4ryXYZ"`,
	"a bearer alone":                `with Bearer c4n4ryXYZ, again`,
	"basic":                         `Basic c4n4ryXYZ==`,
	"a key's header line":           "Ocp-Apim-Subscription-Key: c4n4ryXYZ\nx",
	"a line of cookies":             "Cookie: a=1; session=c4n4ryXYZ; b=c4n4ryXYZ",
	"a printed header":              "map[Authorization:[Bearer c4n4ryXYZ] Cookie:[a=b; c=c4n4ryXYZ]]",
	"a database's address":          "dial postgres://shop:c4n4ryXYZ@127.0.0.1:5432/shop",
	"a prefix":                      "started with CHECKOUT_PAYMENTS_CLIENT_SECRET=c4n4ryXYZ",
	"a prefix in JSON":              `{"CHECKOUT_WEBHOOK_SECRET":"c4n4ryXYZ"}`,
	"a prefix in camel case":        `{"webhookSecret":"c4n4ryXYZ"}`,
	"a key in camel case":           `{"apiKey":"c4n4ryXYZ"}`,
	"a key in snake case":           `{"api_key":"c4n4ryXYZ"}`,
	"a key's header":                `X-Api-Key: c4n4ryXYZ`,
	"keys in a printed header":      `map[X-Api-Key:[abc c4n4ryXYZ] Date:[x]]`,
	"a database's password":         "PGPASSWORD=c4n4ryXYZ psql",
	"a password with separators":    "export PGPASSWORD=a,b;c&'c4n4ryXYZ",
	"a password among settings":     "host=db password=c4n4ryXYZ sslmode=disable",
	"spaces around":                 "client_secret = c4n4ryXYZ",
	"a declaration":                 "token := c4n4ryXYZ; key => c4n4ry; secret=>c4n4ryXYZ; password == c4n4ryXYZ",
	"a quoted value":                `CLIENT_SECRET="a c4n4ryXYZ"`,
	"a value in single quotes":      `password: 'a "c4n4ryXYZ' x`,
	"a quoted value in JSON":        `{"log":"CLIENT_SECRET=\"a c4n4ryXYZ\" x"}`,
	"a quoted value cut off":        `CLIENT_SECRET="a c4n4ryXYZ`,
	"a dictionary":                  `{'client_secret': 'a c4n4ryXYZ'}`,
	"a form's field in brackets":    "user[password]=c4n4ryXYZ",
	"a number after the name":       "CLIENT_SECRET_2=c4n4ryXYZ",
	"a flag":                        "--client-secret=c4n4ryXYZ",
	"a dotted name":                 "checkout.webhook.secret: c4n4ryXYZ",
	"a struct":                      "{Name:shop ClientSecret:c4n4ryXYZ}",
	"a short name after a word":     `{"cardPan":"c4n4ryXYZ","card_cvc":"c4n4ryXYZ","DB_PASS":"c4n4ryXYZ"}`,
	"a proxy's header":              "Proxy-Authorization: Basic a c4n4ryXYZ",
	"a mobile":                      `{"mobile":"98765000","mobileNumber":"98765000","user_msisdn":"98765000"}`,
	"a slash in a password":         "dial postgres://u:p/c4n4ryXYZ@h/db",
	"digits and a slash in one":     "dial postgres://u:12/c4n4ryXYZ@h/db?sslmode=disable",
	"an at sign in a password":      "dial mysql://u:p@c4n4ryXYZ@h/db",
	"a slash in a web password":     "GET https://u:p/c4n4ryXYZ@h/x",
	"an at sign in a web password":  "GET https://u:p@c4n4ryXYZ@h/x",
	"a web address without a slash": "Location: /to/https:/u:c4n4ryXYZ@h/x",
	"a part of a form":              "--b\r\nContent-Disposition: form-data; name=\"password\"\r\nContent-Type: text/plain\r\n\r\nc4n4ryXYZ\r\n--b--\r\n",
	"parts with plain line ends":    "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b\nContent-Disposition: form-data; name=token; filename=\"x\"\n\nc4n4ryXYZ\nc4n4ryXYZ\n--b--",
	"a part cut off":                "Content-Disposition: form-data; name=\"client_secret\"\r\n\r\nc4n4ryXYZ",
	"an element":                    "<login><user>ana</user><password>c4n4ryXYZ</password></login>",
	"an element of a namespace":     `<wsse:Password Type="#PasswordText">c4n4ryXYZ</wsse:Password>`,
	"an element with CDATA":         "<token><![CDATA[<c4n4ryXYZ>]]></token>",
	"an element cut off":            "<accessToken>c4n4ryXYZ",
	"an element's attribute":        `<user secret="c4n4ryXYZ"/>`,
	"a form in JSON":                `{"body":"a=1\u0026client_secret=c4n4ryXYZ\u0026b=2"}`,
	"a form's encoded name":         "user%5Bpassword%5D=c4n4ryXYZ&client%5Fsecret=c4n4ryXYZ",
	"JSON in a form":                "a=1&payload=%7B%22token%22%3A%22c4n4ryXYZ%22%7D&b=2",
	"JSON in a form, cut off":       "a=1&payload=%7B%22token%22%3A%22c4n4ryXYZ",
	"XML in JSON":                   `{"body":"\u003cpassword\u003ec4n4ryXYZ\u003c/password\u003e"}`,
	"a part of a form in JSON":      `{"body":"--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nc4n4ryXYZ\r\n--b--"}`,
	"a part within a head":          "form-data; name=\"a\"\nform-data; name=\"token\"\n\nc4n4ryXYZ",
	"a folded header of a part":     "--b\r\nContent-Disposition: form-data;\r\n name=\"token\"\r\n\r\nc4n4ryXYZ\r\n--b--",
	"a part whose header is broken": "--b\r\nContent-Disposition: form-data; name=\"token\r\n\r\nc4n4ryXYZ\r\n--b--",
	"JSON in a log line":            `level=info msg="got {\"token\":\"c4n4ryXYZ\"}" x=1`,
	"JSON within a text":            `got {"a":1,"token":["c4n4ryXYZ","c4n4ryXYZ"]} and left`,
	"escaped JSON by itself":        `got {\"token\":\"c4n4ryXYZ\",\"x\":1}`,
	"an escaped array by itself":    `got {\"token\":[\"a\",\"c4n4ryXYZ\"]}`,
	"a value of two lines":          "{\"password\":\"a\nc4n4ryXYZ\"}",
	"an object that is not JSON":    `"token": { value: 'c4n4ryXYZ' }`,
	"a stray quote":                 `5" wide, token="a\"c4n4ryXYZ"`,
	"stray quotes":                  `5 " or 6 " with token="c4n4ryXYZ" and "`,
	"a quote in a cut string":       `{"body":"{\"token\":\"c4n4ryXYZ {"body`,
	"a phone":                       "calls +47 98765000",
	"a phone without spaces":        "calls +4798765000.",
	"a phone without a plus":        `{"subscriber":"4798765000"}`,
	"a phone in a sentence":         "2 calls to 47 987 65 000 in vain",
	"a phone with zeros":            "0047 98765000",
	"a foreign phone":               "+1 202-987-65000",
	"a phone in a form":             "to=%2B4798765000",
	"a phone after an escape":       `"{\"to\":\"x\n4798765000\"}"`,
}

const numberCanary = "65000"

var cards = []string{
	"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", // Visa's test number
	"378282246310005", "3782 822463 10005", // American Express
	"5555555555554444", "2223003122003222", "6011 1111 1111 1117", "4222222222222",
}

// harmless texts must stay as they are.
var harmless = map[string]string{
	"a form's other parts":   "--b\r\nContent-Disposition: form-data; name=\"basket\"; filename=\"password\"\r\n\r\nb-ana\r\n--b--\r\n",
	"other elements":         "<p>a token</p><password/><br>b-ana<td>1</td>",
	"a local address":        "file:/home/ana@example and x:/a@b",
	"an amount":              `{"amount":{"currency":"NOK","value":49900}}`,
	"a large amount":         `{"value":123456789}`,
	"an order id":            `{"orderId":"b-ana-1","reference":"b-ana-20261122"}`,
	"an id of digits":        "/orders/b-ana-4111111111111111 and b-ana-4791234567",
	"an idempotency key":     `Idempotency-Key: 550e8400-e29b-41d4-a716-446655440000`,
	"a UUID of digits":       "11111111-2222-4333-8444-555555555555",
	"a long UUID of digits":  "41111111-1111-4111-8111-411111111111",
	"a timestamp":            `{"at":"2026-11-22T20:21:22.123456789Z"}`,
	"a timestamp with zone":  "2026-11-22 20:21:22.123 +0100 CET",
	"a date":                 "2026-11-22 20 21",
	"Unix seconds":           `{"exp":1795378882}`,
	"Unix milliseconds":      `{"exp":1795378882123}`,
	"Unix nanoseconds":       `{"at":1795378882123456782}`,
	"nanoseconds of a story": `{"at":45000000000,"patience":30000000000}`,
	"a fraction":             `{"x":0.4111111111111111}`,
	"a hash":                 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	"an address":             "dial tcp 127.0.0.1:45671: connect: connection refused",
	"null and booleans":      `{"token":null,"secret":true,"password":false}`,
	"words":                  "the signature was good and the token expired",
	"more idempotency keys":  `{"Idempotency-Key":"cap-b-ana-1","idempotencyKey":"k-1","idempotency_key":"k-2","key":"cap-1"}`,
	"keys in a log":          "idempotencyKey=k-1 IDEMPOTENCY_KEY=k-2 key=cap-1 idempotency_token=k-3",
	"what goes with a token": `{"token_type":"Bearer","expires_in":3600,"tokenType":"x","ext_expires_in":"3600"}`,
	"a form beside a token":  "token_type=Bearer&expires_in=3600&orderId=b-ana-1&amount=49900",
	"words with short names": `{"span":12,"timespan":"x","JAPAN":"y","company":"z","bypass":1,"pass":2} pass: 3 span=1`,
	"more of a token":        "secretary: Ana, tokenizer=x passwordless=y mobility: z",
	"an address with an at":  "GET http://127.0.0.1:8080/mail/a@b?x=c@d and https://shop.example/a@b",
	"an empty value":         `{"url":"https://x/?token=","amount":49900}`,
	"an empty list":          "token:[] secret: ",
	"a form":                 "q=a%20b&reference=b-ana-1&note=%22tokens%22",
	"quotes within a text":   `she said "order b-ana-1: paid" and 5" more`,
	"escapes in JSON":        `{"html":"\u003cp class=\"a\"\u003e","slash":"\/a\/b","line":"a\nb"}`,
	"a long row of numbers":  strings.Repeat("1 ", 20_000),
}

// redacted is the text without what is a secret by its name or shape.
func redacted(s string) string { return redact.New().Text(s) }

func TestSecretsInTextAreRedacted(t *testing.T) {
	for name, text := range secrets {
		t.Run(name, func(t *testing.T) {
			masked := redacted(text)
			require.NotContains(t, masked, canary)
			require.NotContains(t, masked, numberCanary)
			require.Contains(t, masked, redact.Mask)
			require.Equal(t, masked, redacted(masked), "redacting again changes nothing")
		})
	}
	for _, card := range cards {
		for _, around := range []string{"%s", "order 12 %s", "paid with %s.", `{"x":"%s"}`, `{"x":%s}`, "%s 49900", "(%s)", "n=%s&x=1"} {
			text := fmt.Sprintf(around, card)
			require.Equal(t, fmt.Sprintf(around, redact.Mask), redacted(text))
		}
	}
}

func TestHarmlessTextStays(t *testing.T) {
	for name, text := range harmless {
		t.Run(name, func(t *testing.T) { require.Equal(t, text, redacted(text)) })
	}
}

func TestTextBesideASecretStays(t *testing.T) {
	require.Equal(t, `{"token":"•••","amount":49900,"orderId":"b-ana-1"}`,
		redacted(`{"token":{"a":["}",1]},"amount":49900,"orderId":"b-ana-1"}`))
	require.Equal(t, `{"body":"{\"token\":\"•••\",\"amount\":49900}"}`,
		redacted(`{"body":"{\"token\":\"a,\\\"b\",\"amount\":49900}"}`))
	for text, masked := range map[string]string{
		`{"log":"X_TOKEN=\"a b\" amount=1"}`:         `{"log":"X_TOKEN=\"•••\" amount=1"}`,
		`{"log":"sent \"authorization: a b\" x"}`:    `{"log":"sent \"authorization: •••\" x"}`,
		"host=db password=x sslmode=disable":         "host=db password=••• sslmode=disable",
		"map[X-Api-Key:[a b] Date:[x]]":              "map[X-Api-Key:[•••] Date:[x]]",
		"postgres://u:p/w@h/db?x=1 order=b-ana-1":    "postgres://•••@h/db?x=1 order=b-ana-1",
		"http://u:p@h/a@b":                           "http://•••@h/a@b",
		`{"apiKey":"x","idempotencyKey":"cap-1"}`:    `{"apiKey":"•••","idempotencyKey":"cap-1"}`,
		"API_SECRET=a,b\nORDER=b-ana-1":              "API_SECRET=•••\nORDER=b-ana-1",
		`{"a":"x?token=","b":"y","token":"z","c":1}`: `{"a":"x?token=","b":"y","token":"•••","c":1}`,
	} {
		require.Equal(t, masked, redacted(text))
	}
	require.Equal(t, "client_secret=•••&amount=49900", redacted("client_secret=x&amount=49900"))
}

// A typical body, of 2 KB: with secrets, and without.
func BenchmarkText(b *testing.B) {
	order := `{"orderId":"b-ana-1","amount":{"currency":"NOK","value":49900},"at":"2026-11-22T20:21:22.123456789Z"},`
	orders := `"orders":[` + strings.Repeat(order, 19) + `{}]}`
	for name, body := range map[string]string{
		"secrets":  `{"access_token":"abc","phoneNumber":"4798765000",` + orders,
		"harmless": `{"token_type":"Bearer","expires_in":3600,` + orders,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				redacted(body)
			}
		})
	}
}

// FuzzText: no text panics, and redacting twice gives what redacting once gives.
func FuzzText(f *testing.F) {
	for _, list := range []map[string]string{secrets, harmless} {
		for _, text := range list {
			f.Add(text[:min(len(text), 200)])
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked := redacted(text)
		require.Equal(t, masked, redacted(masked))
	})
}

// FuzzJSON: the value of a secret's field is redacted whatever stands in and beside
// it, in JSON, in JSON within JSON and in a form, and wherever that was cut off.
func FuzzJSON(f *testing.F) {
	f.Add("x", 3)
	f.Add(`a "b" \ c: token="d`, 40)
	f.Add("\n{\"a\":[<token>&\u2028=%22", 90)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		for _, whole := range []string{
			inJSON(map[string]any{"a": text, "client_secret": canary + text, "z": text}),
			inJSON(map[string]any{"a": []any{text, map[string]any{"token": []any{canary, text, canary}}}, "b": 1}),
		} {
			within := inJSON(map[string]any{"a": text, "body": whole, "z": 1})
			for _, s := range []string{whole, within, inJSON([]any{within}), "a=1&b=" + url.QueryEscape(whole) + "&c=2"} {
				require.NotContains(t, redacted(s), canary)
				require.NotContains(t, redacted(s[:uint(cut)%uint(len(s))]), canary)
			}
		}
	})
}

func inJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
