package observe

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Class is what kind of failure a caller saw. Both worlds must agree on it for
// every fault, and so must every client.
type Class string

const (
	TimedOut  Class = "timeout"   // the caller's own deadline passed
	Reset     Class = "reset"     // the connection was reset (RST)
	Ended     Class = "eof"       // the connection was closed before the whole answer (FIN)
	Refused   Class = "refused"   // nobody listens
	Cancelled Class = "cancelled" // the caller gave up by itself
	Garbled   Class = "garbled"   // an answer came and was not HTTP
	Other     Class = "other"
)

// ErrNoPage is a customer's word that she gave up on a page: it did not come, or
// nobody could read or use it.
var ErrNoPage = errors.New("the page did not come")

// Classify says what kind of failure err is. A nil error has the empty Class.
func Classify(err error) Class {
	var timeout net.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return Cancelled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return Reset
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		// net/http tells of a keep-alive connection that ended under a request
		// by an unexported error only.
		strings.Contains(err.Error(), "server closed idle connection"):
		return Ended
	case strings.Contains(err.Error(), "malformed"):
		return Garbled
	default:
		return Other
	}
}
