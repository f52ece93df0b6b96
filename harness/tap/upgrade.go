package tap

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// wantsSocket says which protocol a request asks to go on with that no HTTP
// answer can stand for: a WebSocket. Other upgrades, such as to HTTP/2, are
// offers that a callee may ignore, and pass as the requests that they are.
func wantsSocket(h http.Header) string {
	if !names(h, "Connection", "upgrade") || !names(h, "Upgrade", "websocket") {
		return ""
	}
	return "websocket"
}

// names says whether a header that is a list has the word in it.
func names(h http.Header, header, word string) bool {
	return slices.ContainsFunc(h.Values(header), func(value string) bool {
		for one := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(one), word) {
				return true
			}
		}
		return false
	})
}

// refuse answers in one sentence that the tap does not carry the protocol.
func (x *exchange) refuse(protocol string) {
	why := fmt.Sprintf("the tap does not carry %s: %s %s", protocol, x.r.Method, x.r.URL.Path)
	x.note(why + " was answered with 501")
	x.reply(&answer{
		status: http.StatusNotImplemented, body: []byte(why + "\n"),
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
	})
}
