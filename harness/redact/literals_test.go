package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/redact"
)

// literal is a secret that looks like none, with all that needs an escape.
const literal = `sw0rd "fish"/+&%41\\<æ😀>'` + "\n"

func without(secrets []string, text string) string { return redact.New(secrets...).Text(text) }

// escaped is what stands between the quotes of a JSON string.
func escaped(text string) string { return inJSON(text)[1 : len(inJSON(text))-1] }

func TestEachFormOfALiteralIsRedacted(t *testing.T) {
	var unescapedHTML bytes.Buffer
	encoder := json.NewEncoder(&unescapedHTML)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(literal))
	forms := map[string]string{
		"itself":               literal,
		"a query":              url.QueryEscape(literal),
		"a path":               url.PathEscape(literal),
		"a query in lowercase": strings.ToLower(url.QueryEscape(literal)),
		"JSON":                 escaped(literal),
		"JSON for no browser":  strings.TrimSpace(strings.Trim(strings.TrimSpace(unescapedHTML.String()), `"`)),
		"JSON in JSON":         escaped(escaped(literal)),
		"JSON in JSON in JSON": escaped(escaped(escaped(literal))),
		"JSON of slashes":      strings.ReplaceAll(escaped(literal), "/", `\/`),
		"JSON in ASCII":        strings.NewReplacer("æ", `\u00e6`, "😀", `\ud83d\uDE00`).Replace(escaped(literal)),
		"JSON in a query":      url.QueryEscape(escaped(literal)),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "<•••>", without([]string{"12345678", literal}, "<"+form+">"))
		})
	}
	for name, form := range map[string]string{
		"itself": literal, "a query": url.QueryEscape(literal), "a path": url.PathEscape(literal), "JSON": escaped(literal),
	} {
		for _, user := range []string{"", "u", "u:", "us:", "use:", "user:"} {
			for _, after := range []string{"", "a", "ab"} {
				for kind, encoding := range map[string]*base64.Encoding{
					"std": base64.StdEncoding, "URL": base64.URLEncoding, "raw": base64.RawStdEncoding, "raw URL": base64.RawURLEncoding,
				} {
					t.Run(fmt.Sprintf("%s in %s base64 after %q before %q", name, kind, user, after), func(t *testing.T) {
						encoded := encoding.EncodeToString([]byte(user + form + after))
						for _, text := range []string{encoded, url.QueryEscape(encoded), strings.ReplaceAll(encoded, "/", `\/`)} {
							masked := without([]string{literal}, text)
							require.Contains(t, masked, redact.Mask)
							// At most what stood beside it is left, and the characters it shared.
							require.LessOrEqual(t, len(masked), len(redact.Mask)+len(user)*4/3+len(after)*4/3+2*len("%3D")+4)
						}
					})
				}
			}
		}
	}
}

func TestLiteralsAreRedactedExactly(t *testing.T) {
	for _, c := range []struct {
		secrets    []string
		text, want string
	}{
		{nil, "hunter2222", "hunter2222"},
		{[]string{""}, "hunter2222", "hunter2222"},
		{[]string{"hunter2"}, "hunter2", "hunter2"}, // 7 characters
		{[]string{"ææææ"}, "ææææ", "ææææ"},          // 4 characters
		{[]string{"hunter22"}, "hunter22", "•••"},
		{[]string{"hunter22"}, "hunter2 hunter22hunter22 Hunter22", "hunter2 •••••• Hunter22"},
		{[]string{"hunter22"}, "hunter2", "hunter2"},
		{[]string{"hunter22", "hunter2222"}, "hunter2222 hunter22", "••• •••"},          // the longest
		{[]string{"abcdefgh", "fghijklm"}, "xabcdefghijklmx", "x•••x"},                  // overlapping
		{[]string{"aaaaaaaa"}, "xaaaaaaaaaaax", "x•••x"},                                // with itself
		{[]string{"abcdefgh"}, `{"x":"abcdefgh","amount":1}`, `{"x":"•••","amount":1}`}, // beside it
		{[]string{"%41%41%41"}, "%41%41%41 %2541%2541%2541", "••• •••"},
		{[]string{"abc%5Cdef", "5C%5C5C5C"}, "abc%5Cdef 5C%5C5C5C %35C%255C5C5C", "••• ••• •••"},
		{[]string{"a b c d e"}, "a+b%20c+d+e", "•••"},
		{[]string{"abcdefgh"}, `\u00zz \ud83d \ud83d\u0041 %zz % \`, `\u00zz \ud83d \ud83d\u0041 %zz % \`},
		{[]string{`abcdefgh\`}, `abcdefgh\`, "•••"},
	} {
		require.Equal(t, c.want, without(c.secrets, c.text), "%q in %q", c.secrets, c.text)
	}
}

// FuzzLiterals: no text panics, and the secret is nowhere in it.
func FuzzLiterals(f *testing.F) {
	f.Add("hunter2222", "x hunter2222 %68unter2222")
	f.Add(literal, escaped(literal))
	f.Fuzz(func(t *testing.T, secret, text string) {
		masked := without([]string{secret}, text+secret+text)
		if len([]rune(secret)) >= 8 && !strings.Contains(redact.Mask+text+redact.Mask, secret) && !strings.Contains(secret, "•") {
			require.NotContains(t, masked, secret)
		}
	})
}

func BenchmarkLiterals(b *testing.B) {
	body := `{"orders":[` + strings.Repeat(`{"orderId":"b-ana-1","amount":{"currency":"NOK","value":49900},"at":"2026-11-22T20:21:22.1Z"},`, 20) + `{}]}`
	for _, n := range []int{0, 1, 10} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			redactor := redact.New()
			for i := range n {
				redactor = redactor.With(base64.StdEncoding.EncodeToString([]byte("secret number " + strconv.Itoa(i*7919))))
			}
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				redactor.Text(body)
			}
		})
	}
}
