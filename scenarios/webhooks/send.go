package webhooks

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// answerWithin is how long a handler may take to answer: providers wait ten seconds or
// more.
const answerWithin = 10 * time.Second

// otherSecret signs what the provider did not send, and what it sends during a rotation.
const otherSecret = "unhappypath-another-secret"

// attempt is a delivery on its way.
type attempt struct {
	Delivery
	raw  []byte // the request as it is written; with a cut, as much of it
	conn net.Conn
}

// attempts makes the requests of one step and connects, so that nothing but writing is
// left to do.
func (d *Description) attempts(ctx context.Context, step []Delivery, bodies map[string][]byte) (list []*attempt, err error) {
	address, err := url.Parse(d.URL)
	if err != nil {
		return nil, err
	}
	for _, one := range step {
		raw, err := d.request(address, one.Manner, bodies[one.Notice])
		if err != nil {
			return nil, err
		}
		a := &attempt{Delivery: one, raw: raw}
		if a.conn, err = (&net.Dialer{Timeout: answerWithin}).DialContext(ctx, "tcp", address.Host); err != nil {
			a.conn = nil // nobody answers, and that is the delivery's answer
		}
		list = append(list, a)
	}
	return list, nil
}

// request writes the request of a delivery.
func (d *Description) request(to *url.URL, m Manner, body []byte) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, to.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "unhappypath")
	sent := d.sign(r, m, body, time.Now())
	switch m {
	case forged + altered:
		sent = alteredBody(sent)
	case forged + unsigned:
		sent = body
		r.Header = http.Header{"Content-Type": r.Header["Content-Type"], "User-Agent": {"unhappypath"}}
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(sent)), int64(len(sent))
	r.Close = true
	var raw bytes.Buffer
	if err := r.Write(&raw); err != nil {
		return nil, err
	}
	if m == Cut {
		return raw.Bytes()[:raw.Len()-len(sent)/2], nil
	}
	return raw.Bytes(), nil
}

// sign signs as the manner of a delivery has it, and returns the body to send.
func (d *Description) sign(r *http.Request, m Manner, body []byte, now time.Time) []byte {
	switch m {
	case forged + missigned:
		return d.hooks.Sign(r, body, now, otherSecret)
	case forged + unkeyed:
		return d.hooks.Sign(r, body, now, "")
	case forged + stale:
		return d.hooks.Sign(r, body, now.Add(-2*d.hooks.Tolerance), d.Secret)
	case Rotated:
		return d.hooks.Sign(r, body, now, otherSecret, d.Secret)
	default:
		sent := d.hooks.Sign(r, body, now, d.Secret)
		if forgery, own := d.hooks.Forgeries[strings.TrimPrefix(string(m), forged)]; own && m.Forged() {
			forgery.Forge(r, body, now, d.Secret)
		}
		return sent
	}
}

// amountForm is an amount of money as providers write it.
var amountForm = regexp.MustCompile(`("(?:value|amount[a-z_]*)":)([0-9]+)`)

// alteredBody is a notice with another price, as long as the one that was signed.
func alteredBody(body []byte) []byte {
	return amountForm.ReplaceAllFunc(body, func(found []byte) []byte {
		parts := amountForm.FindSubmatch(found)
		to := bytes.Repeat([]byte("9"), len(parts[2]))
		if bytes.Equal(to, parts[2]) {
			to = bytes.Repeat([]byte("8"), len(to))
		}
		return slices.Concat(parts[1], to)
	})
}

// reply is what came of an attempt.
type reply struct {
	Status int    // 0: no answer
	Err    string // why not
	Late   bool   // nor within the time that a provider waits
	Took   time.Duration
}

const nobodyListens = "nobody listens"

func (r reply) accepted() bool { return r.Status >= 200 && r.Status < 300 }

// send writes the request, and waits for the answer where somebody would. It calls written,
// unless it is nil, when all of the request is sent.
func (a *attempt) send(ctx context.Context, written func()) (r reply) {
	began := time.Now()
	defer func() { r.Took = time.Since(began) }()
	if a.conn == nil {
		return reply{Err: nobodyListens}
	}
	defer a.conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = a.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_ = a.conn.SetDeadline(began.Add(answerWithin))
	if _, err := a.conn.Write(a.raw); err != nil {
		return reply{Err: "the connection ended"}
	}
	if written != nil {
		written()
	}
	if a.Manner == Cut || a.Manner == Unanswered {
		return reply{Err: "the connection was ended"}
	}
	resp, err := http.ReadResponse(bufio.NewReader(a.conn), nil)
	switch {
	case err == nil:
		_, _ = io.CopyN(io.Discard, resp.Body, 1<<20)
		return reply{Status: resp.StatusCode}
	case errors.As(err, new(net.Error)) && time.Since(began) >= answerWithin:
		return reply{Err: fmt.Sprintf("no answer within %s", answerWithin), Late: true}
	default:
		return reply{Err: "the connection ended before an answer"}
	}
}
