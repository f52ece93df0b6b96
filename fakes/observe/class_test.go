package observe_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// peer listens on the loopback and treats its first connection as told, after
// it has read a request.
func peer(t *testing.T, treat func(*net.TCPConn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		treat(conn.(*net.TCPConn))
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// get asks the address once, on a connection of its own, and reads the answer.
func get(ctx context.Context, client *http.Client, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	return err
}

func TestFailuresOfRealConnectionsAreTold(t *testing.T) {
	hang := func(c *net.TCPConn) { _, _ = c.Read(make([]byte, 1)) } // until the caller leaves
	says := func(text string) func(*net.TCPConn) {
		return func(c *net.TCPConn) { _, _ = io.WriteString(c, text) }
	}
	half := "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
	for name, c := range map[string]struct {
		treat func(*net.TCPConn)
		want  observe.Class
	}{
		"the connection is reset":               {func(c *net.TCPConn) { _ = c.SetLinger(0) }, observe.Reset},
		"the connection ends before the answer": {func(*net.TCPConn) {}, observe.Ended},
		"it ends between two header lines":      {says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n"), observe.Ended},
		// net/http does not tell half of a header's name from a wrong one.
		"it ends within a header's name": {says("HTTP/1.1 200 OK\r\nContent-Le"), observe.Garbled},
		"it ends within the body":        {says(half), observe.Ended},
		"it ends within a chunk":         {says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf"), observe.Ended},
		"the answer never comes":         {hang, observe.TimedOut},
		"the body never ends":            {func(c *net.TCPConn) { says(half)(c); hang(c) }, observe.TimedOut},
		"the answer is no HTTP":          {says("SSH-2.0-OpenSSH\r\n\r\n"), observe.Garbled},
		"the answer has no number":       {says("HTTP/1.1 OK\r\n\r\n"), observe.Garbled},
		"all is well":                    {says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &http.Transport{DisableKeepAlives: true}
			defer transport.CloseIdleConnections()
			limit := 10 * time.Second
			if c.want == observe.TimedOut {
				limit = 100 * time.Millisecond
			}
			err := get(t.Context(), &http.Client{Transport: transport, Timeout: limit}, peer(t, c.treat))
			require.Equal(t, c.want, observe.Classify(err), "%v", err)
			if c.want == observe.TimedOut {
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				err = get(ctx, &http.Client{Transport: transport}, peer(t, c.treat))
				require.Equal(t, observe.TimedOut, observe.Classify(err), "a context's deadline too: %v", err)
			}
		})
	}
}

func TestAConnectionIsResetWithinTheBody(t *testing.T) {
	half := make(chan struct{})
	address := peer(t, func(c *net.TCPConn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
		<-half // a reset overtakes what was not read yet
		_ = c.SetLinger(0)
	})
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://" + address)
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.ReadFull(resp.Body, make([]byte, len("half")))
	close(half)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	require.Equal(t, observe.Reset, observe.Classify(err), "%v", err)
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	err = get(t.Context(), &http.Client{Transport: transport}, l.Addr().String())
	require.Equal(t, observe.Refused, observe.Classify(err), "%v", err)
}

func TestTheCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := peer(t, func(c *net.TCPConn) { cancel(); _, _ = c.Read(make([]byte, 1)) })
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	err := get(ctx, &http.Client{Transport: transport, Timeout: time.Minute}, address)
	require.Equal(t, observe.Cancelled, observe.Classify(err), "%v", err)
}

func TestClassify(t *testing.T) {
	for class, errs := range map[observe.Class][]error{
		"":                {nil},
		observe.TimedOut:  {context.DeadlineExceeded, os.ErrDeadlineExceeded, &net.DNSError{IsTimeout: true}, syscall.ETIMEDOUT},
		observe.Cancelled: {context.Canceled},
		observe.Refused:   {syscall.ECONNREFUSED},
		observe.Reset:     {syscall.ECONNRESET, syscall.EPIPE},
		observe.Ended:     {io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, errors.New("http: server closed idle connection")},
		observe.Garbled:   {errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "x"`)},
		observe.Other:     {errors.New("oh dear"), &net.DNSError{IsNotFound: true}},
	} {
		for _, err := range errs {
			require.Equal(t, class, observe.Classify(err), "%v", err)
			if err != nil {
				require.Equal(t, class, observe.Classify(fmt.Errorf("put: %w", &net.OpError{Op: "read", Err: err})), "wrapped: %v", err)
			}
		}
	}
}
