package tap

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// reply gives the caller its answer, with the headers that it has and no other.
func (x *exchange) reply(a *answer) {
	x.head(a)
	if x.r.Method == http.MethodHead || !hasBody(a.status) {
		x.w.WriteHeader(a.status)
		return
	}
	body, broken := a.body, a.cut || a.broke != nil
	if a.cut {
		body = body[:a.keeps]
	}
	if len(a.trailer) == 0 && !a.endless {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.w.WriteHeader(a.status)
	_, err := x.w.Write(body)
	if broken {
		// Half an answer is more than none: the caller sees that one came.
		_ = http.NewResponseController(x.w).Flush()
	}
	if err == nil && a.stalls != nil {
		x.stall(*a.stalls)
	}
	if err != nil || a.cut {
		panic(http.ErrAbortHandler) // the caller is gone, or is to believe that the callee is
	}
	x.breakOff(a)
	x.trail(a)
}

// head writes the answer's headers.
func (x *exchange) head(a *answer) {
	header := x.w.Header()
	header["Date"], header["Content-Type"] = nil, nil // or net/http would add its own
	for name, values := range a.header {
		header[name] = values
	}
	if a.last {
		header.Set("Connection", "close")
	}
	for name := range a.trailer {
		header.Add("Trailer", name)
	}
}

// trail writes what the callee said after the body.
func (x *exchange) trail(a *answer) {
	for name, values := range a.trailer {
		x.w.Header()[name] = values
	}
}

// breakOff ends the caller's connection in mid-answer as the callee ended its own.
func (x *exchange) breakOff(a *answer) {
	if a.broke != nil {
		x.abort(observe.Classify(a.broke) == observe.Reset)
	}
}

// hasBody says whether an answer of this status may have a body.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// abort ends the caller's connection, with a reset or without, and does not
// return.
func (x *exchange) abort(reset bool) {
	if reset {
		x.pair.linger()
	}
	panic(http.ErrAbortHandler)
}

// invented is an answer that no callee gave, and what it is, in words.
func invented(f fault.Fault) (a *answer, what string) {
	a, what = &answer{status: f.Status}, strconv.Itoa(f.Status)
	switch title := http.StatusText(f.Status); {
	case f.Body == fault.NoBody:
		what += " with an empty body"
	case f.Body == fault.HTML:
		what += " with an HTML page"
		a.header = http.Header{"Content-Type": {"text/html"}}
		a.body = fmt.Appendf(nil, page, f.Status, title)
	case hasBody(f.Status):
		a.header = http.Header{"Content-Type": {"application/problem+json"}}
		a.body = fmt.Appendf(nil, problem, title, f.Status)
	}
	return a, what
}

// What an answer that no callee gave has as its body.
const (
	problem = `{"type":"about:blank","title":%q,"status":%d,"detail":"The network answered in the callee's place."}`
	page    = "<html>\n<head><title>%[1]d %[2]s</title></head>\n<body>\n<center><h1>%[1]d %[2]s</h1></center>\n</body>\n</html>\n"
)
