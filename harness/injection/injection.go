package injection

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// Trigger is what an injection waits for. The zero Trigger is the start of the script.
// Either a message (Phase), an observation (Saw) or a time (At).
type Trigger struct {
	// Method and Path say which messages of the hop, where the injection names no
	// operation: "PUT" or "*", and "/orders/{id}", in which braces fit any segment.
	// Of an injection on an operation, they are how the shop spells it.
	Method, Path string
	Phase        fault.Phase
	N            int             // the n-th such message, observation or payment; 0: every one
	Saw          observe.EntryOp // an entry of a ledger, such as "captured" or "booked"
	At           time.Duration
	// End waits for the end of the story: the script is over, every injection has healed,
	// and everything rests.
	End bool
}

// Injection is one thing that goes wrong: on which operation, on which trigger, what,
// and for how long. It is plain comparable data: it prints, parses and replays.
type Injection struct {
	// Operation is whose messages are hit, or on whose hop; OneOf puts several
	// together. Where there is none, Hop and Trigger say which messages.
	Operation observe.Operation
	Hop       observe.Hop // of an injection on an operation: once it is resolved
	Trigger   Trigger
	Fault     fault.Fault
	For       time.Duration // heals after so long; 0: when the script is over
	Times     int           // fires at least so often; 0 stands for once
}

// Schedule is what goes wrong in a story, in the order of the list.
type Schedule []Injection

// String writes the schedule one injection a line.
func (s Schedule) String() string {
	lines := make([]string, len(s))
	for i, injection := range s {
		lines[i] = injection.String()
	}
	return strings.Join(lines, "\n")
}

// MustFire is how often the injection must take effect for a run to prove anything.
func (s Injection) MustFire() int { return max(1, s.Times) }

var methodWord = regexp.MustCompile(`^([A-Z]+|\*)$`)

// isOneWord says whether a name can be written in an injection's text and read again.
func isOneWord(s string) bool {
	words := strings.Fields(s)
	return len(words) == 1 && words[0] == s && !strings.HasSuffix(s, ":")
}

// Check says what is wrong with the injection, or nil.
func (s Injection) Check() error {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if s.Operation == "" {
		if err := s.Hop.Check(); err != nil {
			add("%v", err)
		}
	}
	if s.Operation != "" {
		if err := s.Operation.Check(); err != nil {
			add("%v", err)
		}
	}
	message := s.IsMessage()
	switch {
	case message && (s.Trigger.Saw != "" || s.Trigger.At != 0), s.Trigger.Saw != "" && s.Trigger.At != 0:
		add("an injection waits for a message, an observation or a time: for one of them")
	case message && s.Operation != "" && (s.Trigger.Phase == fault.Arrives || s.Trigger.Phase == fault.Answered):
	case message && (s.Trigger.Method == "" || !strings.HasPrefix(s.Trigger.Path, "/")):
		add("a message needs a method and a path that begins with /: %q %q", s.Trigger.Method, s.Trigger.Path)
	case message && (!methodWord.MatchString(s.Trigger.Method) || !isOneWord(s.Trigger.Path)):
		add("a method is in capitals, or *, and a path has no spaces, nor a colon at its end: %q %q", s.Trigger.Method, s.Trigger.Path)
	case message && s.Trigger.Phase != fault.Arrives && s.Trigger.Phase != fault.Answered:
		add("a message is hit when it %q or is %q, not %q", fault.Arrives, fault.Answered, s.Trigger.Phase)
	case s.Hop == observe.DatabaseHop:
		add("nobody can see yet whether an injection on %s takes effect", s.Hop)
	case !message && s.Trigger.Phase != "":
		add("only a message is %q", s.Trigger.Phase)
	case !message && s.Trigger.Saw == "" && s.Trigger.N != 0 && !s.Fault.IsDecision():
		add("#%d needs a message or an observation as its trigger", s.Trigger.N)
	}
	for _, wrong := range []string{s.wrongEnd(), s.wrongDecision(), s.wrongLid()} {
		if wrong != "" {
			add("%s", wrong)
		}
	}
	for _, name := range []string{string(s.Trigger.Saw), s.Fault.Process, s.Fault.Field, s.Fault.As, s.Fault.Value} {
		if name != "" && (!isOneWord(name) || strings.ContainsAny(name, ",:")) {
			add("%q is no name: a name has no spaces, commas or colons", name)
		}
	}
	phase := fault.Phase("")
	if message {
		phase = s.Trigger.Phase
	}
	if err := s.Fault.Check(phase); err != nil {
		add("%v", err)
	}
	if s.Times > 1 && s.Trigger.N > 0 {
		add("the n-th message comes once, so it cannot be hit %d times", s.Times)
	}
	if s.For < 0 || s.Trigger.At < 0 || s.Trigger.N < 0 || s.Times < 0 {
		add("nothing about an injection is negative")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("injection %q: %s", s, strings.Join(wrong, "; "))
	}
	return nil
}

// wrongEnd says what is wrong with an injection that waits for the end of the story, or
// ought to; or "".
func (s Injection) wrongEnd() string {
	switch {
	case s.Trigger.End != s.Fault.IsEpilogue():
		return fmt.Sprintf("%s comes %q and nothing else does: want %q", fault.Resubmit, afterTheStory, On(observe.Submit).Resubmits())
	case !s.Trigger.End:
		return ""
	case s.Trigger != Trigger{End: true} || s.For != 0 || s.Times != 0:
		return fmt.Sprintf("what comes %q has no other trigger, no duration and no number", afterTheStory)
	case s.Operation != observe.Submit:
		return fmt.Sprintf("only a %s comes %q", observe.Submit, afterTheStory)
	}
	return ""
}

// wrongDecision says what is wrong with a customer's decision about a payment, or with
// what is none; or "".
func (s Injection) wrongDecision() string {
	switch {
	case !s.Fault.IsDecision():
		return ""
	case s.Operation != observe.ApproveAtProvider || s.Trigger != Trigger{N: s.Trigger.N} || s.For != 0:
		return fmt.Sprintf("%s is what a customer decides about a payment, once and for all: want %q", s.Fault.Kind, OnPayment(1).Does(s.Fault))
	}
	return ""
}

// wrongLid says what is wrong with a lid that is closed, or "".
func (s Injection) wrongLid() string {
	switch {
	case !s.Fault.IsLid():
		return ""
	case s.For <= 0:
		return fmt.Sprintf("a customer whose lid is closed can do nothing until it is opened: say when, as in %q", On(observe.Submit).Nth(1).Answered().ClosesLid().Lasting(time.Hour))
	case s.Times > 1:
		return "a lid is closed once"
	}
	return ""
}
