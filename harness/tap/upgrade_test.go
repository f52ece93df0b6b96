package tap_test

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/tap"
)

// A WebSocket's handshake, as RFC 6455 has it, is refused in words; a request
// that merely offers another protocol is carried like any other.
func TestOnlyAWebSocketIsRefused(t *testing.T) {
	nonce := make([]byte, 16)
	_, _ = rand.Read(nonce)
	handshake := []string{
		"Upgrade", "websocket", "Connection", "keep-alive, Upgrade",
		"Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(nonce), "Sec-WebSocket-Version", "13",
	}
	for name, row := range map[string]struct {
		header  []string
		status  int
		body    string
		commits int
		notes   []string
	}{
		"a WebSocket": {handshake, 501, "the tap does not carry websocket: GET /ws\n", 0,
			[]string{"the tap does not carry websocket: GET /ws was answered with 501"}},
		"an offer of HTTP/2": {[]string{"Upgrade", "h2c", "Connection", "Upgrade, HTTP2-Settings", "HTTP2-Settings", "AAMAAABk"}, 200, order, 1, nil},
		"no upgrade":         {[]string{"Upgrade", "websocket"}, 200, order, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newLedger(t)
			h := newHop(t, shop.address(), tap.Config{})
			c := dial(t, h.address)
			answer, body, err := c.ask("GET", "/ws?room=1", "", row.header...)
			require.NoError(t, err)
			require.Equal(t, row.status, answer.StatusCode)
			require.Equal(t, row.body, body)
			require.Equal(t, row.commits, shop.commits())
			require.Equal(t, row.notes, h.notes())
			require.Equal(t, observe.Arrived, h.told()[0])
			_, _, err = c.ask("GET", "/", "")
			require.NoError(t, err, "the connection goes on")
		})
	}
}

// A callee that switches protocols unasked speaks no HTTP any more.
func TestACalleeThatSwitchesProtocolsIsGarbled(t *testing.T) {
	callee := newCallee(t, func(in *bufio.Reader, out io.Writer) {
		_, _ = http.ReadRequest(in)
		_, _ = io.WriteString(out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n\x00\x00")
		_, _ = io.Copy(io.Discard, in)
	})
	h := newHop(t, callee, tap.Config{})
	require.Equal(t, observe.Ended, call(within(t, soon), newClient(t), "GET", h.url("/"), "").class)
	e := h.await(t, func(e observe.Event) bool { return e.Kind == observe.Failed })
	require.Equal(t, observe.Garbled, e.Message.Error)
}
