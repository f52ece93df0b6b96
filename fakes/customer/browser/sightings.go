package browser

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// sightings are what is seen at the customer's end of the hop. A call gets its
// name before it goes out, so that both ends speak of the same one; what
// Chromium's network stack sends again by itself carries the same name.
type sightings struct {
	calls   int
	pending map[network.RequestID]observe.Message
}

// sent tells of a request and lets it go. Of a document that the browser may
// have kept nobody knows yet whether it will be asked for at all.
func (t *Tab) sent(e *fetch.EventRequestPaused) {
	name := ""
	if t.isTold(e.ResourceType) {
		t.sightings.calls++
		name = t.Caller() + "-" + strconv.Itoa(t.sightings.calls)
		m := observe.RequestMessage(observe.CustomerHop, request(e.Request), body(e.Request))
		m.Call = name
		t.sightings.pending[e.NetworkID] = m
		t.See(observe.Event{Actor: t.Customer, Kind: observe.Sent, Message: &m})
	}
	goes := fetch.ContinueRequestParams{RequestID: e.RequestID}
	if name != "" {
		for key, value := range e.Request.Headers {
			goes.Headers = append(goes.Headers, &fetch.HeaderEntry{Name: key, Value: fmt.Sprint(value)})
		}
		goes.Headers = append(goes.Headers, &fetch.HeaderEntry{Name: observe.CallHeader, Value: name})
	}
	// What was cancelled meanwhile cannot go on, and nobody is wronged.
	_, _ = chromedp.Call(t.ctx, fetch.ContinueRequest, goes)
}

func (t *Tab) isTold(kind network.ResourceType) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch kind {
	case network.ResourceTypeFetch, network.ResourceTypeXHR:
		return true
	case network.ResourceTypeDocument:
		return !t.away
	}
	return false
}

// answered takes note of an answer's head; the whole of it may never come.
func (t *Tab) answered(id network.RequestID, status int) {
	if m, known := t.sightings.pending[id]; known {
		m.Status = status
		t.sightings.pending[id] = m
	}
}

// received tells that the whole answer came. Its body is told of at the other
// end: to ask the browser for it would hold the story up.
func (t *Tab) received(id network.RequestID) {
	m, known := t.sightings.pending[id]
	if !known {
		return
	}
	delete(t.sightings.pending, id)
	m.Header, m.Body = nil, ""
	t.See(observe.Event{Actor: t.Customer, Kind: observe.Received, Message: &m})
}

func (t *Tab) failed(e *network.EventLoadingFailed) { t.lost(e.RequestID, classify(e.ErrorText)) }

// dropped tells that a document was left, and with it all that it had under way;
// the browser says so of none of it. The one that took its place has asked for
// itself under the name of its loader.
func (t *Tab) dropped(loader network.RequestID) {
	for _, id := range slices.Sorted(maps.Keys(t.sightings.pending)) {
		if id != loader {
			t.lost(id, observe.Cancelled)
		}
	}
}

func (t *Tab) lost(id network.RequestID, why observe.Class) {
	m, known := t.sightings.pending[id]
	if !known {
		return
	}
	delete(t.sightings.pending, id)
	m.Header, m.Body, m.Status, m.Error = nil, "", 0, why
	t.See(observe.Event{Actor: t.Customer, Kind: observe.Failed, Message: &m})
}

// classify says what kind of failure Chromium's name for it is. A page's own
// time-out is a request that it cancels, and cannot be told from one.
func classify(failure string) observe.Class {
	switch strings.TrimPrefix(failure, "net::ERR_") {
	case "ABORTED":
		return observe.Cancelled
	case "TIMED_OUT", "CONNECTION_TIMED_OUT":
		return observe.TimedOut
	case "CONNECTION_RESET":
		return observe.Reset
	case "CONNECTION_REFUSED":
		return observe.Refused
	case "EMPTY_RESPONSE", "CONNECTION_CLOSED", "CONTENT_LENGTH_MISMATCH", "INCOMPLETE_CHUNKED_ENCODING":
		return observe.Ended
	case "INVALID_HTTP_RESPONSE":
		return observe.Garbled
	}
	return observe.Other
}

func request(r *network.Request) *http.Request {
	where, err := url.Parse(r.URL)
	if err != nil {
		where = &url.URL{}
	}
	header := http.Header{}
	for name, value := range r.Headers {
		header.Set(name, fmt.Sprint(value))
	}
	return &http.Request{Method: r.Method, URL: where, Host: where.Host, Header: header}
}

func body(r *network.Request) (all []byte) {
	for _, entry := range r.PostDataEntries {
		all = append(all, entry.Bytes...)
	}
	return all
}
