package harness_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
)

// literal is a secret that looks like none, with all that needs an escape.
const literal = `sw0rd "fish"/+&%41\\<æ😀>'` + "\n"

func concealed(secrets []string, text string) string {
	recorder := NewRecorder(Wall, nil)
	recorder.Conceal(secrets...)
	recorder.See(Event{Kind: observe.Note, Text: text})
	return recorder.History()[0].Text
}

func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(quoted[1 : len(quoted)-1])
}

func TestConcealEveryFormOfALiteralSecret(t *testing.T) {
	var unescapedHTML bytes.Buffer
	encoder := json.NewEncoder(&unescapedHTML)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(literal))
	forms := map[string]string{
		"itself":               literal,
		"a query":              url.QueryEscape(literal),
		"a path":               url.PathEscape(literal),
		"a query in lowercase": strings.ToLower(url.QueryEscape(literal)),
		"JSON":                 inJSON(literal),
		"JSON for no browser":  strings.TrimSpace(strings.Trim(strings.TrimSpace(unescapedHTML.String()), `"`)),
		"JSON in JSON":         inJSON(inJSON(literal)),
		"JSON in JSON in JSON": inJSON(inJSON(inJSON(literal))),
		"JSON of slashes":      strings.ReplaceAll(inJSON(literal), "/", `\/`),
		"JSON in ASCII":        strings.NewReplacer("æ", `\u00e6`, "😀", `\ud83d\uDE00`).Replace(inJSON(literal)),
		"JSON in a query":      url.QueryEscape(inJSON(literal)),
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, "<•••>", concealed([]string{"12345678", literal}, "<"+form+">"))
		})
	}
	for name, form := range map[string]string{
		"itself": literal, "a query": url.QueryEscape(literal), "a path": url.PathEscape(literal), "JSON": inJSON(literal),
	} {
		for _, user := range []string{"", "u", "u:", "us:", "use:", "user:"} {
			for _, after := range []string{"", "a", "ab"} {
				for kind, encoding := range map[string]*base64.Encoding{
					"std": base64.StdEncoding, "URL": base64.URLEncoding, "raw": base64.RawStdEncoding, "raw URL": base64.RawURLEncoding,
				} {
					t.Run(fmt.Sprintf("%s in %s base64 after %q before %q", name, kind, user, after), func(t *testing.T) {
						encoded := encoding.EncodeToString([]byte(user + form + after))
						for _, text := range []string{encoded, url.QueryEscape(encoded), strings.ReplaceAll(encoded, "/", `\/`)} {
							masked := concealed([]string{literal}, text)
							require.Contains(t, masked, Masked)
							// At most what stood beside it is left, and the characters it shared.
							require.LessOrEqual(t, len(masked), len(Masked)+len(user)*4/3+len(after)*4/3+2*len("%3D")+4)
						}
					})
				}
			}
		}
	}
}

func TestConcealExactlyWhatIsSecret(t *testing.T) {
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
		require.Equal(t, c.want, concealed(c.secrets, c.text), "%q in %q", c.secrets, c.text)
	}
}

func TestConcealInEverythingRecorded(t *testing.T) {
	const secret = "c4n4ryXYZ"
	var record bytes.Buffer
	recorder := NewRecorder(Wall, nil)
	recorder.Conceal("hunter2222")
	recorder.Conceal(secret, "hunter2222")
	header := map[string]string{"Idempotency-Key": secret, "X-" + secret: "y", "Location": "/a?reference=" + secret}
	message := &observe.Message{
		Hop: "customer>checkout", Method: secret, Path: "/" + secret + "?reference=" + secret, Header: header,
		Body: "x " + secret + " hunter2222", Missing: []string{secret},
	}
	told := []Event{
		{Kind: observe.Sent, Message: message},
		{Kind: observe.Action, Act: &observe.Act{Does: secret, Basket: secret, Order: secret, Money: secret, Tab: secret}},
		{Kind: observe.Screen, View: &observe.View{Says: secret, Text: secret, Basket: secret, Tab: secret, Shot: secret}},
		{Kind: observe.Money, Entry: &observe.Entry{
			Op: secret, Reference: secret, Key: secret, Currency: secret, State: secret, Basket: secret,
		}},
		{Kind: observe.Struck, Blow: &observe.Blow{What: secret, Text: secret}},
		{Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: secret, Text: secret}},
		{Kind: observe.Note, Text: secret},
	}
	for _, e := range told {
		recorder.See(e)
	}
	NewRecord(&record).Write(&Run{ID: "x", History: recorder.History()})
	require.NotContains(t, record.String(), secret)
	require.NotContains(t, record.String(), "hunter2222")
	require.Contains(t, record.String(), `"body":"x ••• •••"`)

	require.Equal(t, secret, header["Idempotency-Key"], "the teller's event stays as it was")
	require.Equal(t, []string{secret}, message.Missing)
	require.Equal(t, "/"+secret+"?reference="+secret, message.Path)
}

// A secret may be a word like "checkout": what the harness calls things stays.
func TestConcealLeavesTheHarnesssNamesAlone(t *testing.T) {
	recorder := NewRecorder(Wall, nil)
	recorder.Conceal("checkout", "customer")
	recorder.See(Event{Actor: "customer>checkout", Kind: observe.Sent, Message: &observe.Message{
		Hop: "customer>checkout", Call: "checkout-1", Path: "/x",
	}})
	recorder.See(Event{Actor: "x", Kind: observe.Process, Life: &observe.Life{Process: "checkout", What: "ready"}})
	history := recorder.History()
	require.Equal(t, "customer>checkout", history[0].Actor)
	require.Equal(t, "customer>checkout", history[0].Message.Hop)
	require.Equal(t, "checkout-1", history[0].Message.Call)
	require.Equal(t, "checkout", history[1].Life.Process)
}

func TestConcealWhileOthersAreSeen(t *testing.T) {
	recorder := NewRecorder(Wall, nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			secret := "hunter2222" + strconv.Itoa(i)
			recorder.Conceal(secret)
			recorder.See(Event{Kind: observe.Note, Text: secret})
		})
	}
	all.Wait()
	for _, e := range recorder.History() {
		require.NotContains(t, e.Text, "hunter")
	}
}

func TestConcealInALongTextInNoTime(t *testing.T) {
	secrets := []string{strings.Repeat(`\%25`, 100), strings.Repeat("a", 100), strings.Repeat("%", 100), strings.Repeat("+ ", 100), literal}
	for _, piece := range []string{`\`, "%5C", "%25", "%", "+", "a", `\n`, `\u0041`, "%5c%", `\ud83d`} {
		began := time.Now()
		concealed(secrets, strings.Repeat(piece, observe.MaxBody/len(piece)))
		require.Less(t, time.Since(began), 20*time.Second, "%q again and again", piece)
	}
}

// FuzzConceal: no text panics, and the secret is nowhere in it.
func FuzzConceal(f *testing.F) {
	f.Add("hunter2222", "x hunter2222 %68unter2222")
	f.Add(literal, inJSON(literal))
	f.Fuzz(func(t *testing.T, secret, text string) {
		masked := concealed([]string{secret}, text+secret+text)
		if len([]rune(secret)) >= 8 && !strings.Contains(Masked+text+Masked, secret) && !strings.Contains(secret, "•") {
			require.NotContains(t, masked, secret)
		}
	})
}

func BenchmarkConceal(b *testing.B) {
	body := `{"orders":[` + strings.Repeat(`{"orderId":"b-ana-1","amount":{"currency":"NOK","value":49900},"at":"2026-11-22T20:21:22.1Z"},`, 20) + `{}]}`
	for _, n := range []int{0, 1, 10} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			recorder := NewRecorder(Wall, nil)
			for i := range n {
				recorder.Conceal(base64.StdEncoding.EncodeToString([]byte("secret number " + strconv.Itoa(i*7919))))
			}
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				recorder.See(Event{Kind: observe.Note, Text: body})
			}
		})
	}
}
