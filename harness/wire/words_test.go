package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
)

// A line is cut after it was masked: half a secret would not be known as one.
func TestALineThatIsCutShowsNoHalfOfASecret(t *testing.T) {
	recorder := environment.NewRecorder(units.Wall, nil)
	recorder.AddSecrets("correct horse battery staple 42")
	words := wire.NewWords(recorder.Redact)
	words.Hear([]byte(strings.Repeat("x", 480) + " correct horse battery staple 42 and more of it"))
	require.NotContains(t, words.Last(), "horse")
	require.Contains(t, words.Last(), "xxx")
}

// A terminal shows what a program said, and does not obey it; no colour hides a secret.
func TestWordsAreShownAndNotObeyed(t *testing.T) {
	recorder := environment.NewRecorder(units.Wall, nil)
	recorder.AddSecrets("correct horse battery staple 42")
	words := wire.NewWords(recorder.Redact)
	words.Hear([]byte("\x1b[31mred\x1b[0m\x1b[2J\x1b]0;title\a\r: correct \x1b[1mhorse battery staple 42"))
	require.NotContains(t, words.Last(), "\x1b")
	require.NotContains(t, words.Last(), "\a")
	require.NotContains(t, words.Last(), "horse")
	require.Contains(t, words.Last(), "red")
}

// A program prints a private key line by line, and no line of it shows.
func TestAPrivateKeyIsNotHeard(t *testing.T) {
	words := wire.NewWords(environment.NewRecorder(units.Wall, nil).Redact)
	const mark = "-----"
	for _, line := range []string{"key:", mark + "BEGIN PRIVATE KEY" + mark, "\x1b[31mZm9vYmFy", "Zm9v", mark + "END PRIVATE KEY" + mark, "paid"} {
		words.Hear([]byte(line))
	}
	require.Equal(t, "it last said:\nkey:\n•••\n•••\n•••\n•••\npaid", words.Last())
}

// What went wrong is not pushed out by an access log, whose lines differ in numbers, ids and
// times, and tell of no error.
func TestAnAccessLogLeavesRoomForWhatWentWrong(t *testing.T) {
	words := wire.NewWords(environment.NewRecorder(units.Wall, nil).Redact)
	looks := func(n, status int) {
		for i := range n {
			words.Hear(fmt.Appendf(nil, `127.0.0.1 - - [30/Nov/2026 17:18:%02d] "GET /orders/9b31270b74cd%d HTTP/1.1" %d -`, i, i, status))
		}
	}
	for _, code := range []string{"702", "901", "702"} { // which differ in what matters
		words.Hear([]byte("refused, code " + code))
	}
	looks(20, 200)
	looks(3, 404)
	looks(13, 200)
	require.Equal(t, `it last said:
refused, code 702
refused, code 901
refused, code 702
127.0.0.1 - - [30/Nov/2026 17:18:19] "GET /orders/9b31270b74cd19 HTTP/1.1" 200 -
… 19 more like it
127.0.0.1 - - [30/Nov/2026 17:18:00] "GET /orders/9b31270b74cd0 HTTP/1.1" 404 -
127.0.0.1 - - [30/Nov/2026 17:18:01] "GET /orders/9b31270b74cd1 HTTP/1.1" 404 -
127.0.0.1 - - [30/Nov/2026 17:18:02] "GET /orders/9b31270b74cd2 HTTP/1.1" 404 -
127.0.0.1 - - [30/Nov/2026 17:18:12] "GET /orders/9b31270b74cd12 HTTP/1.1" 200 -
… 12 more like it`, words.Last())
}

// What went wrong stands above the frames of a stack trace, which leave room for it.
func TestAStackLeavesRoomForWhatWentWrong(t *testing.T) {
	words := wire.NewWords(environment.NewRecorder(units.Wall, nil).Redact)
	hear := func(lines ...string) {
		for _, line := range lines {
			words.Hear([]byte(line))
		}
	}
	hear("IllegalStateException: no database")
	for range 25 {
		hear("\tat com.example.Shop.start(Shop.java:12)")
	}
	hear("Caused by: ConnectException: Connection refused", "\tat java.base/sun.nio.ch.Net.connect0(Native Method)", "\t... 25 more")
	hear("Error: no table", "    at open (/shop/db.js:3:9)", "shop.rb:3:in 'start': no port", "\tfrom shop.rb:9:in '<main>'")
	hear("  at 12:00 nobody bought", "  at 12:01 neither")
	require.Equal(t, `it last said:
IllegalStateException: no database
	at com.example.Shop.start(Shop.java:12)
	… 24 more of the stack
Caused by: ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.connect0(Native Method)
	… 1 more of the stack
Error: no table
    at open (/shop/db.js:3:9)
shop.rb:3:in 'start': no port
	from shop.rb:9:in '<main>'
  at 12:00 nobody bought
  at 12:01 neither`, words.Last())
}
