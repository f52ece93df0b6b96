//go:build unix

package redact_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// What it takes to redact a text must grow with its length, not with the square: here are
// pieces of secrets, again and again, up to the longest body. A tenth of a second will do. It
// is the processor's time that counts: on a busy machine, any time may pass.

func TestLiteralsInALongTextTakeNoTime(t *testing.T) {
	secrets := []string{strings.Repeat(`\%25`, 100), strings.Repeat("a", 100), strings.Repeat("%", 100), strings.Repeat("+ ", 100), literal}
	for _, piece := range []string{`\`, "%5C", "%25", "%", "+", "a", `\n`, `\u0041`, "%5c%", `\ud83d`} {
		takesNoTime(t, piece, func(text string) { without(secrets, text) })
	}
}

func TestShapesInALongTextTakeNoTime(t *testing.T) {
	for _, piece := range []string{"eyJ", "eyJ-", "eyJ.", ".eyJ", "-eyJx.", "sk_live_", "AKIA", "AKIA ", "sk_test_x ",
		"gh" + "p_", "gh" + "p_a ", "github" + "_pat_", "xo" + "xb-", "xo" + "xb-1 ",
		"-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA ", "-----END PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\\\"", "-----BEGIN PRIVATE KEY-----a-----END PRIVATE KEY-----"} {
		takesNoTime(t, piece, func(text string) { redacted(text) })
	}
}

func TestALongBodyTakesNoTime(t *testing.T) {
	for _, piece := range []string{`{"token":`, `[`, `"token":"`, "1 ", "4111-", `\`, `\"`, "+4", "token=", "a:b@", "://", "http://h:1/", "http://h:1/@", "token=[", "token='", `token=\"`, `"token" : `, "Basic ", "x://a@", "1-", "token='\"",
		`"token":{"a":`, `"a`, ` "\"`, `"\u005c`, "a=%25", "a=%3D", "form-data;", "form-data;\n\n", "form-data;\n", "<token", "<token>", "Bearer", `"a\"=`, ` "a:`} {
		takesNoTime(t, piece, func(text string) { redacted(text) })
	}
}

// takesNoTime fails where it takes 4 s of the processor to redact a body that is a piece, again and again.
func takesNoTime(t *testing.T, piece string, redact func(text string)) {
	t.Helper()
	began := spent(t)
	redact(strings.Repeat(piece, observe.MaxBody/len(piece)))
	require.Less(t, spent(t)-began, 4*time.Second, "%q again and again", piece)
}

// spent is the processor time of this process.
func spent(t *testing.T) time.Duration {
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
