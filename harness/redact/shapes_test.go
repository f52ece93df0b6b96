package redact_test

import (
	"testing"

	"github.com/stretchr/testify/require"
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
