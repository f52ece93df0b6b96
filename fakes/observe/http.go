package observe

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
)

// CallHeader carries the caller's name for a call to the other end of the hop.
// A tap takes it off before it forwards to the service under test.
const CallHeader = "Unhappy-Call"

// Server tells of every request that arrives at next and of its answer, as
// actor, on the hop. It reads the whole request first.
func Server(actor string, hop Hop, see Observer, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := readAll(r.Body, r.ContentLength)
		m := RequestMessage(hop, r, body)
		if err != nil {
			m.Error = Classify(err)
			see(Event{Actor: actor, Kind: Failed, Message: &m})
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		see(Event{Actor: actor, Kind: Arrived, Message: &m})

		held := &answer{header: make(http.Header), status: http.StatusOK}
		next.ServeHTTP(held, r)

		a := AnswerMessage(m, held.status, held.header, held.body.Bytes())
		see(Event{Actor: actor, Kind: Answered, Message: &a})
		for name, values := range held.header {
			w.Header()[name] = values
		}
		w.Header().Set("Content-Length", strconv.Itoa(held.body.Len()))
		w.WriteHeader(held.status)
		// The caller may be gone; what it saw is its own to tell.
		_, _ = w.Write(held.body.Bytes())
	})
}

// answer holds an answer back until it was told of.
type answer struct {
	header http.Header
	status int
	wrote  bool
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if !a.wrote {
		a.status, a.wrote = status, true
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.wrote = true
	return a.body.Write(p)
}

// Client is a RoundTripper that gives every call a name and tells of its fate.
// It reads the whole answer before it returns, unless it Streams.
type Client struct {
	Actor string // who calls; also the first part of each call's name
	Hop   Hop
	See   Observer
	Base  http.RoundTripper
	// Streams leaves reading the answer to the caller: its fate is told when it
	// was read to its end, or was closed before, with what was read of it.
	Streams bool
	calls   atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (c *Client) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.WithContext(r.Context()) // a copy: the caller's is not to be touched
	r.Header = maps.Clone(r.Header)
	r.Header.Set(CallHeader, c.Actor+"-"+strconv.FormatInt(c.calls.Add(1), 10))
	var body []byte
	if r.Body != nil {
		var err error
		body, err = readAll(r.Body, r.ContentLength)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		r.Body = http.NoBody // no length is not an unknown one
		if len(body) > 0 {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	}
	m := RequestMessage(c.Hop, r, body)
	c.See(Event{Actor: c.Actor, Kind: Sent, Message: &m})

	resp, err := c.Base.RoundTrip(r)
	if err == nil && c.Streams {
		resp.Body = &sighted{body: resp.Body, client: c, request: m, status: resp.StatusCode, header: resp.Header.Clone()}
		return resp, nil
	}
	var answer []byte
	if err == nil {
		answer, err = readAll(resp.Body, resp.ContentLength)
		_ = resp.Body.Close()
	}
	if err != nil {
		failed := m
		failed.Body, failed.Error = "", Classify(err)
		c.See(Event{Actor: c.Actor, Kind: Failed, Message: &failed})
		return nil, err
	}
	a := AnswerMessage(m, resp.StatusCode, resp.Header, answer)
	c.See(Event{Actor: c.Actor, Kind: Received, Message: &a})
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	return resp, nil
}

// sighted is the body of an answer whose fate is told at its end.
type sighted struct {
	body    io.ReadCloser
	client  *Client
	request Message
	status  int
	header  http.Header
	read    []byte // at most MaxBody of it
	over    bool
}

func (s *sighted) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	s.read = append(s.read, p[:min(n, MaxBody-len(s.read))]...)
	switch {
	case err == io.EOF:
		s.received()
	case err != nil && !s.over:
		s.over = true
		failed := s.request
		failed.Body, failed.Error = "", Classify(err)
		s.client.See(Event{Actor: s.client.Actor, Kind: Failed, Message: &failed})
	}
	return n, err
}

// Close implements io.Closer: anyone who closes has read enough.
func (s *sighted) Close() error {
	s.received()
	return s.body.Close()
}

func (s *sighted) received() {
	if s.over {
		return
	}
	s.over = true
	a := AnswerMessage(s.request, s.status, s.header, s.read)
	s.client.See(Event{Actor: s.client.Actor, Kind: Received, Message: &a})
}

// readAll reads a body. Its announced length saves copies, unless it is unknown,
// which is negative, or of a request 0, or so long that it may be a lie.
func readAll(body io.Reader, announced int64) ([]byte, error) {
	if announced <= 0 || announced > MaxBody {
		return io.ReadAll(body)
	}
	text := make([]byte, announced)
	n, err := io.ReadFull(body, text)
	return text[:n], err
}

// RequestMessage is the sighting of a request with the given body.
func RequestMessage(hop Hop, r *http.Request, body []byte) Message {
	return Message{
		Hop:    hop,
		Call:   r.Header.Get(CallHeader),
		Method: r.Method,
		Path:   r.URL.RequestURI(),
		Header: flatten(r.Header),
		Body:   keep(body),
	}
}

// AnswerMessage is the sighting of the answer to the request m.
func AnswerMessage(m Message, status int, header http.Header, body []byte) Message {
	m.Status, m.Header, m.Body, m.Error = status, flatten(header), keep(body), ""
	return m
}

func keep(body []byte) string {
	return string(body[:min(len(body), MaxBody)])
}

func flatten(h http.Header) map[string]string {
	flat := make(map[string]string, len(h))
	for name, values := range h {
		if name != CallHeader && len(values) > 0 {
			flat[name] = values[0]
		}
	}
	return flat
}
