package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Spec is what there is to know of one kind of fault.
type Spec struct {
	Kind Kind
	Does string // what goes wrong, in one line
	// Takes are its parameters, in the order in which text and code write them.
	Takes []Parameter
	// Check says what is wrong beside the ranges of the parameters; optional.
	Check func(Fault, Phase) error

	// Dealt says by whom: a tap knows by the kind what to do with a message, a proxy by
	// Toxic, and of a process Process says it.
	Dealt   Dealt
	Toxic   []Attribute // none: the proxy goes down
	Process *OfProcess

	// Proof is how a run shows that the fault took effect.
	Proof Proof

	// Builder is the word of package harness that makes it, called with what it Takes;
	// Plain is the one without those parameters that may be zero, where they are.
	Builder, Plain string

	// Tries are what an exploration tries on a spot of a message, the weakest first. Nil
	// where Untried says why it tries nothing.
	Tries   func(Spot) []Try
	Untried string

	// Rows are the faults of the kind on a spot that every world must stage alike. Only
	// names the one world that can stage it, and Why says why the others cannot.
	Rows      func(Spot) []Fault
	Only, Why string
}

// Dealt says who deals a fault.
type Dealt string

const (
	ByTap     Dealt = "by a tap"     // it hits one message and knows its phase
	ByProxy   Dealt = "by a proxy"   // it bends bytes and knows no messages
	OnProcess Dealt = "on a process" // it hits a process of the shop
	// AtProvider is what the provider does by itself: it forgets its access tokens.
	AtProvider Dealt = "at the provider"
	// ByCustomer is what is tried when the story is over: a tap sees whether it came.
	ByCustomer Dealt = "by the customer"
	// ByDecision is what a customer decides about a payment, in her app or on the
	// provider's page.
	ByDecision Dealt = "by the customer at the provider"
	// OnLid is what a customer does to the computer that her page is on.
	OnLid Dealt = "on the lid of her computer"
)

// Attribute is an attribute of a toxic of Toxiproxy's, and what it is filled with.
type Attribute struct {
	Name string
	Of   Quantity
}

// Quantity is what an attribute of a toxic counts. Durations are divided by the clock,
// and a rate is multiplied by it.
type Quantity int

// The quantities of Toxiproxy's attributes.
const (
	Milliseconds Quantity = iota
	Microseconds
	KBsOfClock
	BytesOfFault
)

// Processes are what a world can do to a process.
type Processes interface {
	Kill(process string) error
	Revive(process string) error
	Pause(process string) error
	Resume(process string) error
}

// OfProcess is how a fault of a process begins and ends.
type OfProcess struct {
	Begin, End func(Processes, string) error
	// LosesMessage says that the message that was its trigger does not go on.
	LosesMessage bool
	// Again says that it hits each message that fits its trigger, where the trigger counts
	// none, and not just the first one.
	Again bool
}

// Proof is how a run shows that a fault took effect. Just one of Told, Answers, None and
// the others is set.
type Proof struct {
	Told bool // who deals it says that it was dealt to a message, or to a process
	// Answers is a status with which the provider answers a request afterwards.
	Answers int
	// Fails is how a call fails that the fault hit; a fault without it fails no call.
	Fails []observe.Class
	// HoldsUp is how long, at least, it holds up a message of so many bytes; optional.
	HoldsUp func(f Fault, bytes int) time.Duration
	None    string // why nobody can see it in messages
}

// Spot is a place of a message at which a fault can hit.
type Spot struct {
	Of    Place
	Phase Phase
	Name  string // of the field or of the process
	Value string // of the field, where it is the spot
}

// Place is what a Spot is a part of.
type Place string

// The places at which faults hit.
const (
	AMessage Place = "a message"
	AField   Place = "a field of its body"
	AValue   Place = "the value of such a field"
	ABody    Place = "its body"
	AProcess Place = "a process"
	AHop     Place = "the hop that it goes on"
	AToken   Place = "the access token in it"
	ARepeat  Place = "a request that comes again, of this caller or another"
	ACopy    Place = "the value of a field, in a copy of the request"
	AnEnd    Place = "the end of the story" // Name is a process that can be restarted, or ""
	APayment Place = "a payment that waits for its customer"
	AScreen  Place = "the computer of the customer who sent it"
)

// Try is a fault that an exploration tries, for how long, and how soon.
type Try struct {
	Fault
	For  time.Duration
	Turn Turn
}

// Turn is how soon an exploration tries a fault.
type Turn int

// The turns, by how often a fault of the kind shows what a shop has not thought of.
const (
	Early Turn = iota + 1 // what is lost, refused or killed
	Later                 // what is late or comes twice, and other ways to lose it
	Last                  // what is changed
)

// Kinds are all kinds of fault, the weaker ones first: what comes late before what is
// doubled, what is lost before a death. It is the order in which explorations try them.
func Kinds() []Spec {
	return slices.Concat(decisions, lids, messageFaults, processFaults, providerFaults, bodyFaults, transportFaults, epilogues)
}

// Of is what there is to know of a kind.
func Of(k Kind) (spec Spec, known bool) {
	for _, list := range [][]Spec{decisions, lids, messageFaults, processFaults, providerFaults, bodyFaults, transportFaults, epilogues} {
		for i := range list {
			if list[i].Kind == k {
				return list[i], true
			}
		}
	}
	return Spec{}, false
}

func (s Spec) parameter(v value) (Parameter, bool) {
	for _, p := range s.Takes {
		if p.of == v {
			return p, true
		}
	}
	return Parameter{}, false
}

// ChangesField says whether the kind changes one field of a message.
func (s Spec) ChangesField() bool { _, takes := s.parameter(field); return takes }

// Check says what is wrong with the fault, of a message at a phase or, where that is
// empty, of no message.
func (f Fault) Check(at Phase) error {
	s, known := Of(f.Kind)
	if !known {
		return fmt.Errorf("there is no fault %q", f.Kind)
	}
	var wrong []string
	add := func(err error) {
		if err != nil {
			wrong = append(wrong, err.Error())
		}
	}
	for v := process; v <= direction; v++ {
		if p, takes := s.parameter(v); takes {
			add(p.check(f))
		} else if v.isSet(f) {
			add(fmt.Errorf("%s takes no %s", f.Kind, valueNames[v]))
		}
	}
	if s.Dealt == ByTap && at == "" {
		add(fmt.Errorf("%s hits a message: name its method and path", f.Kind))
	}
	if s.Check != nil {
		add(s.Check(f, at))
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return nil
}

// Parse reads what String wrote.
func Parse(text string) (Fault, error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return Fault{}, fmt.Errorf("the fault is missing")
	}
	f := Fault{Kind: Kind(words[0])}
	s, known := Of(f.Kind)
	if !known {
		return f, fmt.Errorf("there is no fault %q", f.Kind)
	}
	for words = words[1:]; len(words) > 0; {
		took, err := s.read(&f, words)
		if err != nil {
			return f, err
		}
		if took == 0 {
			return f, fmt.Errorf("%s: %q is one word too many", f.Kind, words[0])
		}
		words = words[took:]
	}
	return f, nil
}

// read lets the parameter that knows the next words take them. A direction, a new name
// and a new value are told by their words, so they are asked first.
func (s Spec) read(f *Fault, words []string) (took int, err error) {
	for _, v := range []value{direction, newName, newValue, process, status, field, rate, cut, duration, body} {
		if p, takes := s.parameter(v); takes {
			if took, err = p.read(f, words); took > 0 || err != nil {
				return took, err
			}
		}
	}
	return 0, nil
}

// Code writes the fault as Go, in the words of package harness: Delays(5*time.Second).
func (f Fault) Code() string {
	s := f.Spec()
	builder := s.Builder
	var values []string
	for _, p := range s.Takes {
		switch {
		case p.of == direction:
		case s.Plain != "" && p.mayBeZero && !p.of.isSet(f):
			builder = s.Plain
		default:
			values = append(values, p.code(f))
		}
	}
	return builder + "(" + strings.Join(values, ", ") + ")"
}
