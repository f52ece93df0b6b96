package fault

import (
	"strconv"
	"strings"
	"time"
)

// Kind names what goes wrong.
type Kind string

// Phase is the moment of a message at which an injection hits it.
type Phase string

const (
	Arrives  Phase = "arrives"  // the request was sent, and the callee has not seen it
	Answered Phase = "answered" // the callee did its work, and the caller has not heard of it
)

// Direction is a direction in which bytes travel on a hop.
type Direction string

const (
	Upstream   Direction = "upstream"   // requests: from the caller to the callee
	Downstream Direction = "downstream" // answers: from the callee to the caller
)

// Body is what an answer that no callee gave has as its body; the zero one is a problem
// in JSON (RFC 9457). Clients of payment providers go by it: on the same status, they
// retry after one body and give up after another.
type Body string

const (
	HTML   Body = "html"  // a gateway's page
	NoBody Body = "empty" // no byte
)

// Cut is where an answer is cut or stalls inside. The zero one is after half of its body.
type Cut int64

// After is after so many bytes of the body: after none, the caller has the status line
// and the headers.
func After(bytes int64) Cut { return Cut(bytes + 1) }

// Of is how much of a body of so many bytes comes.
func (c Cut) Of(bytes int) int {
	if c == 0 {
		return bytes / 2
	}
	return int(min(int64(bytes), c.bytes()))
}

func (c Cut) bytes() int64 { return int64(c) - 1 }

// Fault is what goes wrong. Which fields count depends on Kind.
type Fault struct {
	Kind      Kind
	Direction Direction     // of a transport fault
	Duration  time.Duration // how long; of a duplicate, how long after the first it comes
	Rate      int64         // bandwidth: KB a second; slicer, limit_data: bytes
	Status    int           // answer: the HTTP status
	Body      Body          // answer: what comes with it
	Cut       Cut           // truncate, stall: where
	// Field is whose name, value or place rename, drop, retype and replace change: a field
	// at the top of a JSON body or of a form, or, with a slash before it, a JSON Pointer.
	// As is its new name, and Value its new value.
	Field, As, Value string
	Process          string // kill, pause: whom; resubmit: who is restarted first, if anybody
}

// Spec is what there is to know of the fault's kind; the zero Spec where there is no
// such kind.
func (f Fault) Spec() Spec {
	s, _ := Of(f.Kind)
	return s
}

// IsTransport says whether a proxy of bytes stages the fault.
func (f Fault) IsTransport() bool { return f.Spec().Dealt == ByProxy }

// IsEpilogue says whether a customer does it when the story is over.
func (f Fault) IsEpilogue() bool { return f.Spec().Dealt == ByCustomer }

// IsDecision says whether it is what a customer decides about a payment at the provider.
func (f Fault) IsDecision() bool { return f.Spec().Dealt == ByDecision }

// IsLid says whether a customer does it to her computer.
func (f Fault) IsLid() bool { return f.Spec().Dealt == OnLid }

// IsProcess says whether the fault hits a process.
func (f Fault) IsProcess() bool { return f.Spec().Dealt == OnProcess }

// IsProvider says whether the provider deals the fault by itself.
func (f Fault) IsProvider() bool { return f.Spec().Dealt == AtProvider }

// String writes a fault with those of its values that are set, as Parse reads it.
func (f Fault) String() string {
	words := []string{string(f.Kind)}
	if f.Process != "" {
		p, _ := f.Spec().parameter(process)
		words = append(append(words, p.follows...), f.Process)
	}
	if f.Status != 0 {
		words = append(words, strconv.Itoa(f.Status))
	}
	if f.Body != "" {
		words = append(words, string(f.Body))
	}
	if f.Field != "" {
		words = append(words, f.Field)
	}
	if f.As != "" {
		words = append(words, "as", f.As)
	}
	if f.Value != "" {
		words = append(words, "with", f.Value)
	}
	if f.Rate != 0 {
		words = append(words, strconv.FormatInt(f.Rate, 10)+f.rateUnit())
	}
	if f.Cut != 0 {
		words = append(words, strconv.FormatInt(f.Cut.bytes(), 10)+"B")
	}
	if f.Duration != 0 {
		words = append(words, f.Duration.String())
	}
	if f.Direction != "" {
		words = append(words, string(f.Direction))
	}
	return strings.Join(words, " ")
}

func (f Fault) rateUnit() string {
	if p, takes := f.Spec().parameter(rate); takes {
		return p.unit
	}
	return "B"
}
