package harness

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Hop is one way that messages travel, from caller to callee.
type Hop = observe.Hop

// The hops of a shop. Every message of a story travels on one of them.
const (
	CustomerHop = observe.CustomerHop
	ProviderHop = observe.ProviderHop
	ShippingHop = observe.ShippingHop
	WebhookHop  = observe.WebhookHop
	// DatabaseHop cannot be hit: nobody reads messages there, so nothing would
	// prove that a injection took effect.
	DatabaseHop = observe.DatabaseHop
)

// Hops lists those of an ordinary shop in the order in which reports draw them.
func Hops() []Hop {
	return []Hop{CustomerHop, ProviderHop, WebhookHop, ShippingHop, DatabaseHop}
}

// CompareHops orders hops as reports draw them: those of an ordinary shop, then others
// by name.
func CompareHops(a, b Hop) int {
	rank := func(h Hop) int {
		if i := slices.Index(Hops(), h); i >= 0 {
			return i
		}
		return len(Hops())
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// Phase is the moment of a message at which a injection hits it.
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

// FaultKind names what goes wrong.
type FaultKind string

// Transport faults are Toxiproxy's: they bend bytes and know no messages.
const (
	LatencyFault   FaultKind = "latency"
	BandwidthFault FaultKind = "bandwidth"
	TimeoutFault   FaultKind = "timeout"
	ResetPeerFault FaultKind = "reset_peer"
	SlowCloseFault FaultKind = "slow_close"
	SlicerFault    FaultKind = "slicer"
	LimitDataFault FaultKind = "limit_data"
	DownFault      FaultKind = "down"
)

// Message faults are the tap's: they hit one message and know its phase.
const (
	HangFault      FaultKind = "hang"      // never goes on; the connection stays open
	CloseFault     FaultKind = "close"     // the connection ends (FIN)
	ResetFault     FaultKind = "reset"     // the connection is reset (RST)
	DelayFault     FaultKind = "delay"     // goes on after Duration
	DuplicateFault FaultKind = "duplicate" // the callee gets the request twice
	AnswerFault    FaultKind = "answer"    // the caller gets Status instead of the true answer
	TruncateFault  FaultKind = "truncate"  // the answer ends after half of its body
	RenameFault    FaultKind = "rename"    // the JSON field Field is called As
	DropFault      FaultKind = "drop"      // the JSON field Field is missing
	RetypeFault    FaultKind = "retype"    // the JSON field Field is a list of what it was
)

// Process faults hit a process of the shop.
const (
	KillFault  FaultKind = "kill"  // SIGKILL; restarted after For
	PauseFault FaultKind = "pause" // SIGSTOP; goes on after For
)

// Fault is what goes wrong. Which fields count depends on Kind.
type Fault struct {
	Kind      FaultKind
	Direction Direction     // of a transport fault
	Duration  time.Duration // how long; of a duplicate, how long after the first it comes
	Rate      int64         // bandwidth: KB a second; slicer, limit_data: bytes
	Status    int           // answer: the HTTP status
	// Field is whose name, value or place rename, drop and retype change: a field at the
	// top of a JSON body or of a form, or, with a slash before it, a JSON Pointer. As is
	// its new name.
	Field, As string
	Process   string // kill, pause: whom
}

// IsTransport says whether a proxy of bytes stages the fault.
func (f Fault) IsTransport() bool {
	return slices.Contains([]FaultKind{
		LatencyFault, BandwidthFault, TimeoutFault, ResetPeerFault,
		SlowCloseFault, SlicerFault, LimitDataFault, DownFault,
	}, f.Kind)
}

// IsProcess says whether the fault hits a process.
func (f Fault) IsProcess() bool { return f.Kind == KillFault || f.Kind == PauseFault }

// Trigger is what a injection waits for. The zero Trigger is the start of the script.
// Either a message (Phase), an observation (Saw) or a time (At).
type Trigger struct {
	// Method and Path say which messages of the hop, where the injection names no
	// operation: "PUT" or "*", and "/orders/{id}", in which braces fit any segment.
	// Of an injection on an operation, they are how the shop spells it.
	Method, Path string
	Phase        Phase
	N            int             // the n-th such message or observation; 0: every one
	Saw          observe.EntryOp // an entry of a ledger, such as "captured" or "booked"
	At           time.Duration
}

// Injection is one thing that goes wrong: on which operation, on which trigger, what,
// and for how long. It is plain comparable data: it prints, parses and replays.
type Injection struct {
	// Operation is whose messages are hit, or on whose hop; OneOf puts several
	// together. Where there is none, Hop and Trigger say which messages.
	Operation Operation
	Hop       Hop // of an injection on an operation: once it is resolved
	Trigger   Trigger
	Fault     Fault
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

// pointer is a JSON Pointer (RFC 6901) to a field.
var pointer = regexp.MustCompile(`^(/([^~/]|~[01])*)+$`)

// isOneWord says whether a name can be written in a injection's text and read again.
func isOneWord(s string) bool {
	words := strings.Fields(s)
	return len(words) == 1 && words[0] == s && !strings.HasSuffix(s, ":")
}

// stray names a value that is set and means nothing to this kind of fault.
func (f Fault) stray() string {
	takes := func(kinds ...FaultKind) bool { return slices.Contains(kinds, f.Kind) }
	switch {
	case f.Direction != "" && !f.IsTransport():
		return "direction"
	case f.Duration != 0 && !takes(LatencyFault, TimeoutFault, ResetPeerFault, SlowCloseFault, SlicerFault, DelayFault, DuplicateFault):
		return "duration"
	case f.Rate != 0 && !takes(BandwidthFault, SlicerFault, LimitDataFault):
		return "rate or size"
	case f.Status != 0 && !takes(AnswerFault):
		return "status"
	case f.Field != "" && !takes(RenameFault, DropFault, RetypeFault):
		return "field"
	case f.As != "" && !takes(RenameFault):
		return "new name"
	case f.Process != "" && !f.IsProcess():
		return "process"
	}
	return ""
}

// The ranges within which Toxiproxy does what it documents: beyond them a rate runs
// over, a slicer without a size ends the whole process, and a time that is no whole
// number of its units becomes zero, which means something else.
const (
	mostRate = 1 << 30 // KB a second, with room for a clock
	mostSize = 1<<31 - 1
)

// inRange says which value of a transport fault lies beyond what its toxic can do.
func (f Fault) inRange() error {
	unit := time.Millisecond
	if f.Kind == SlicerFault {
		unit = time.Microsecond
	}
	switch {
	case f.IsTransport() && f.Duration > 0 && f.Duration < unit:
		return fmt.Errorf("invalid duration %s of %s: want at least %s", f.Duration, f.Kind, unit)
	case f.Kind == BandwidthFault && (f.Rate < 1 || f.Rate > mostRate):
		return fmt.Errorf("invalid rate %d of %s: want 1 to %d KB/s", f.Rate, f.Kind, mostRate)
	case f.Kind == SlicerFault && (f.Rate < 1 || f.Rate > mostSize):
		return fmt.Errorf("invalid size %d of %s: want 1 to %d bytes", f.Rate, f.Kind, mostSize)
	}
	return nil
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
	message := s.isMessage()
	switch {
	case message && (s.Trigger.Saw != "" || s.Trigger.At != 0), s.Trigger.Saw != "" && s.Trigger.At != 0:
		add("a injection waits for a message, an observation or a time: for one of them")
	case message && s.Operation != "" && (s.Trigger.Phase == Arrives || s.Trigger.Phase == Answered):
	case message && (s.Trigger.Method == "" || !strings.HasPrefix(s.Trigger.Path, "/")):
		add("a message needs a method and a path that begins with /: %q %q", s.Trigger.Method, s.Trigger.Path)
	case message && (!methodWord.MatchString(s.Trigger.Method) || !isOneWord(s.Trigger.Path)):
		add("a method is in capitals, or *, and a path has no spaces, nor a colon at its end: %q %q", s.Trigger.Method, s.Trigger.Path)
	case message && s.Trigger.Phase != Arrives && s.Trigger.Phase != Answered:
		add("a message is hit when it %q or is %q, not %q", Arrives, Answered, s.Trigger.Phase)
	case s.Hop == DatabaseHop:
		add("nobody can see yet whether a injection on %s takes effect", s.Hop)
	case !message && s.Trigger.Phase != "":
		add("only a message is %q", s.Trigger.Phase)
	case !message && s.Trigger.Saw == "" && s.Trigger.N != 0:
		add("the %d-th of what? Only messages and observations are counted", s.Trigger.N)
	}
	for _, name := range []string{string(s.Trigger.Saw), s.Fault.Process, s.Fault.Field, s.Fault.As} {
		if name != "" && (!isOneWord(name) || strings.ContainsAny(name, ",:")) {
			add("%q is no name: a name has no spaces, commas or colons", name)
		}
	}
	switch f := s.Fault; {
	case f.IsTransport():
		if f.Kind != DownFault && f.Direction != Upstream && f.Direction != Downstream {
			add("%s goes %q or %q, not %q", f.Kind, Upstream, Downstream, f.Direction)
		}
	case f.IsProcess():
		if f.Process == "" {
			add("%s needs the name of a process", f.Kind)
		}
	case slices.Contains([]FaultKind{HangFault, CloseFault, ResetFault, DelayFault, DuplicateFault}, f.Kind):
	case slices.Contains([]FaultKind{AnswerFault, TruncateFault, RenameFault, DropFault, RetypeFault}, f.Kind):
		if f.Kind == TruncateFault && s.Trigger.Phase == Arrives {
			add("%s cuts an answer: use it when the message is %q", f.Kind, Answered)
		}
	default:
		add("there is no fault %q", f.Kind)
	}
	if !s.Fault.IsTransport() && !s.Fault.IsProcess() && !message {
		add("%s hits a message: name its method and path", s.Fault.Kind)
	}
	if s.Fault.Kind == AnswerFault && (s.Fault.Status < 200 || s.Fault.Status > 599) {
		add("an answer has a status of 200 to 599, not %d", s.Fault.Status)
	}
	switch f := s.Fault; {
	case f.Kind == RenameFault && (f.Field == "" || f.As == ""):
		add("rename needs the field's name and its new one")
	case (f.Kind == DropFault || f.Kind == RetypeFault) && f.Field == "":
		add("%s needs the field's name", f.Kind)
	case strings.HasPrefix(f.Field, "/") && !pointer.MatchString(f.Field):
		add("invalid JSON Pointer %q: want names that follow a slash each, with ~1 for a slash in one and ~0 for ~", f.Field)
	case (f.Kind == LatencyFault || f.Kind == SlowCloseFault || f.Kind == DelayFault) && f.Duration == 0:
		add("%s needs a duration: without one it does nothing", f.Kind)
	case f.Kind == DuplicateFault && f.Duration > 0 && s.Trigger.Phase == Answered:
		add("a copy that comes %s after the first is sent when the message %q", f.Duration, Arrives)
	}
	if err := s.Fault.inRange(); err != nil {
		add("%v", err)
	}
	if stray := s.Fault.stray(); stray != "" {
		add("%s takes no %s", s.Fault.Kind, stray)
	}
	if s.Times > 1 && s.Trigger.N > 0 {
		add("the n-th message comes once, so it cannot be hit %d times", s.Times)
	}
	if s.Fault.Duration < 0 || s.For < 0 || s.Trigger.At < 0 || s.Trigger.N < 0 || s.Times < 0 || s.Fault.Rate < 0 {
		add("nothing about a injection is negative")
	}
	if len(wrong) > 0 {
		return fmt.Errorf("injection %q: %s", s, strings.Join(wrong, "; "))
	}
	return nil
}
