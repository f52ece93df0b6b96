package tap

import (
	"bytes"
	"fmt"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// refusals reads what net/http says of its connections, and tells of those that ended in
// their handshake, as a caller's that refuses the certificate: no message of it is ever seen.
type refusals struct{ tap *Tap }

// Write implements io.Writer. Some clients say why, and others just leave:
//
//	http: TLS handshake error from 127.0.0.1:1234: remote error: tls: unknown certificate authority
//	http: TLS handshake error from 127.0.0.1:1234: EOF
func (r *refusals) Write(line []byte) (int, error) {
	if _, of, found := bytes.Cut(line, []byte("TLS handshake error from ")); found {
		_, why, _ := bytes.Cut(of, []byte(": "))
		r.tap.See(observe.Event{Actor: string(r.tap.Hop), Kind: observe.Note,
			Text: fmt.Sprintf("a caller on %s ended the connection at its handshake, and sent nothing: %s", r.tap.Hop, bytes.TrimSpace(why))})
	}
	return len(line), nil
}
