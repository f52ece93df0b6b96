package redact_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/redact"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl-_x"

func TestShapesAreRedacted(t *testing.T) {
	for text, want := range map[string]string{
		"sent " + jwt + ", again":                         "sent •••, again",
		`{"x":"` + jwt + `","orderId":"b-ana-1"}`:         `{"x":"•••","orderId":"b-ana-1"}`,
		"cut off: " + jwt[:32]:                            "cut off: •••",
		jwt[:39] + ". unsigned":                           "••• unsigned",
		"key AKIAIOSFODNN7EXAMPLE.":                       "key •••.",
		"sk_live_4eC39HqLyjWDarjtT1":                      "•••",
		`{"log":"no\nsk_test_4eC39HqLyjWDarjtT1 b"}`:      `{"log":"no\n••• b"}`,
		"at /x?a=1%26whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo":     "at /x?a=1%26•••",
		"cut off: sk_live_4e":                             "cut off: •••",
		"intent pi_3kpeb pi_3kpeb_secret_n2sYjUGcy8 made": "intent pi_3kpeb ••• made",
		`saved "seti_1Q_secret_n2sYjUGcy8"`:               `saved "•••"`,
		"cut off: pi_3kpeb_secret_n2":                     "cut off: •••",
		"STRIPE_KEY=x1 ORDER=b-ana-1":                     "STRIPE_KEY=••• ORDER=b-ana-1",
		`{"sessionId":"x1","pin":1234,"otp":"5","x":1}`:   `{"sessionId":"•••","pin":"•••","otp":"•••","x":1}`,
		`{"auth":"x1","PHPSESSID":"x2","cardPin":"x3"}`:   `{"auth":"•••","PHPSESSID":"•••","cardPin":"•••"}`,
	} {
		require.Equal(t, want, redacted(text))
		require.Equal(t, want, redacted(want), "redacting again changes nothing")
	}
}

// What follows is put together, so that no scanner takes it for a real one.
var (
	letters = strings.Repeat("aB3", 12)
	gitHubs = "gh" + "p_" + letters
	slacks  = "xo" + "xb-" + "123456789012-123456789012-" + letters[:24]
	inPEM   = func(kind string) string {
		mark := "-----"
		body := strings.Repeat(strings.Repeat("Zm9v", 16)+"\n", 3) + "YmFy==\n"
		return mark + "BEGIN " + kind + mark + "\n" + body + mark + "END " + kind + mark
	}
)

func TestTokensOfGitHubAndSlackAreRedacted(t *testing.T) {
	for _, token := range []string{
		gitHubs, "gh" + "o_" + letters, "gh" + "u_" + letters, "gh" + "s_" + letters, "gh" + "r_" + letters,
		"github" + "_pat_" + letters[:22] + "_" + letters,
		slacks, "xo" + "xa-" + letters, "xo" + "xp-" + letters, "xo" + "xr-" + letters, "xo" + "xs-" + letters,
		"AK" + "IA" + strings.Repeat("A2", 8), "AS" + "IA" + strings.Repeat("A2", 8),
	} {
		for _, around := range []string{"%s", "pushed by %s.", `{"x":"%s","amount":1}`, `{"log":"a\n%s b"}`, "x=%s&y=1", "at https://h/%s/x", "(%s)", "/x?a=1%%26%s"} {
			require.Equal(t, fmt.Sprintf(around, redact.Mask), redacted(fmt.Sprintf(around, token)))
		}
	}
	for _, token := range []string{gitHubs, slacks, "github" + "_pat_" + letters} {
		require.Equal(t, "cut off: •••", redacted("cut off: "+token[:13]))
	}
	for _, text := range []string{
		"ghp_x, ghs_of_the_shop and github_pat_x of", "xoxb-x and xoxo-hugs-and-kisses", "my" + gitHubs + " and a-" + slacks,
		"xox, ghp, github_pats",
	} {
		require.Equal(t, text, redacted(text))
	}
}

func TestPrivateKeysAreRedacted(t *testing.T) {
	for _, kind := range []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"} {
		key := inPEM(kind)
		for text, want := range map[string]string{
			"read " + key + "\nand " + key + "\nwell":                         "read •••\nand •••\nwell",
			"cut off: " + key[:len(key)/2]:                                    "cut off: •••",
			strings.ReplaceAll(key, "\n", "\r\n"):                             "•••",
			strings.ReplaceAll(key, "\n", `\n`):                               "•••", // as an environment has it
			`{"pem":` + inJSON(key) + `,"amount":1}`:                          `{"pem":"•••","amount":1}`,
			`{"body":` + inJSON(`{"pem":`+inJSON(key[:len(key)/2])+`}`) + `}`: `{"body":"{\"pem\":\"•••\"}"}`,
			`{"pem":` + inJSON(key[:len(key)/2]) + `,"amount":1}`:             `{"pem":"•••","amount":1}`,
			"a=1&pem=" + url.QueryEscape(key) + "&b=2":                        "a=1&pem=•••&b=2",
		} {
			require.Equal(t, want, redacted(text))
			require.Equal(t, want, redacted(want), "redacting again changes nothing")
		}
	}
	for _, text := range []string{
		inPEM("CERTIFICATE"), inPEM("PUBLIC KEY"), "a PRIVATE KEY is missing", "-----END PRIVATE KEY----- stands alone",
	} {
		require.Equal(t, text, redacted(text))
	}
}

// Of a key that is printed line by line, each line is a text of its own.
func TestPrivateKeysAreRedactedLineByLine(t *testing.T) {
	key := strings.Split(inPEM("RSA PRIVATE KEY"), "\n")
	for name, row := range map[string]struct{ lines, want []string }{
		"whole": {
			append(append([]string{"starts", "key: " + key[0]}, key[1:]...), "paid"),
			[]string{"starts", "key: •••", "•••", "•••", "•••", "•••", "•••", "paid"},
		},
		"two":         {append(key[:len(key):len(key)], key...), slices.Repeat([]string{"•••"}, 2*len(key))},
		"a sentence":  {[]string{"there is no " + key[0] + " in key.pem", "paid"}, []string{"there is no " + key[0] + " in key.pem", "paid"}},
		"another end": {[]string{key[len(key)-1], "paid"}, []string{key[len(key)-1], "paid"}},
	} {
		var keys redact.KeyLines
		for i, line := range row.lines {
			require.Equal(t, row.want[i], keys.Line(line), name)
		}
	}
	var keys redact.KeyLines
	keys.Line(key[0])
	for range 250 {
		require.Equal(t, redact.Mask, keys.Line("never ends"))
	}
	require.Equal(t, "paid", keys.Line("paid"), "a key without an end is not all that is printed for ever")
}

func TestWordsLikeSecretsStay(t *testing.T) {
	for _, text := range []string{
		"IDEMPOTENCY_KEY=cap-b-ana-1 X_IDEMPOTENCY_KEY=k key=k-2 Key: k-3",
		"eyJ in a word, heyJude.x.y, eyJhbGciOi.x and eyJ.",
		"AKIA, AKIAIOSFODNN7EXAMPL, AKIAIOSFODNN7EXAMPLES and AKIAIOSFODNN7example",
		"pi_3kpeb, api_pi_secret_something, pi_client_secret_x and pi_3_secret_x of",
		"task_test_something, sk_test_x and risk_live_something",
		`{"shipping":1,"spin":2,"author":"Ana","path":"/x","hotp":3,"oauth":4}`,
		"pk_live_4eC39HqLyjWDarjtT1 may be seen",
	} {
		require.Equal(t, text, redacted(text))
	}
}
