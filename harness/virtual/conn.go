package virtual

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// conn is one end of a connection.
type conn struct {
	local, remote net.Addr
	in            *pipe // what we read
	out           *flow // what we say
	abrupt        atomic.Bool
	closed        atomic.Bool
	once          sync.Once
	unserved      bool        // it is a listener's end, from which nobody has read yet
	gone          func(*conn) // tells the owner that it is closed; may be nil
}

// Read implements net.Conn.
func (c *conn) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if c.unserved {
		c.unserved = false
		makeRoom(len(b))
	}
	n, err := c.in.read(b)
	return n, c.dress("read", err)
}

// makeRoom lets the stack of the goroutine that serves a connection, and reads from it
// first, grow at once to what a handler needs. Otherwise it grows step by step in the depth
// of a database, a template or a decoder, and each step moves every frame.
//
//go:noinline
func makeRoom(n int) byte {
	var room [12 << 10]byte
	room[n&0xff] = 1
	return room[n>>1&0xff]
}

// Write implements net.Conn. It never blocks: the network takes everything.
func (c *conn) Write(b []byte) (int, error) {
	if c.closed.Load() {
		return 0, c.dress("write", net.ErrClosed)
	}
	c.out.write(append([]byte(nil), b...))
	return len(b), nil
}

// dress gives an error the form that package net gives it, so that everybody
// sees what they would see on the wire.
func (c *conn) dress(op string, err error) error {
	if isEnd(err) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Close implements net.Conn: a farewell, or a reset after SetLinger(0) or where
// something was left unread, as the kernel does it.
func (c *conn) Close() error {
	c.once.Do(func() {
		c.closed.Store(true)
		how := io.EOF
		if unread := c.in.shut(); unread || c.abrupt.Load() {
			how = syscall.ECONNRESET
		}
		c.out.end(how)
		if c.gone != nil {
			c.gone(c)
		}
	})
	return nil
}

// SetLinger is net.TCPConn's: 0 lets Close reset the connection.
func (c *conn) SetLinger(sec int) error {
	c.abrupt.Store(sec == 0)
	return nil
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn. Writing never blocks, so that only reading
// has one.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { c.in.setDeadline(t); return nil }

// SetWriteDeadline implements net.Conn.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// address is a host's name and port.
type address string

// Network implements net.Addr.
func (address) Network() string { return "tcp" }

// String implements net.Addr.
func (a address) String() string { return string(a) }
