package harness

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Point is a message at a phase, as a tap sees it.
type Point struct {
	Hop          Hop
	Method, Path string // the path without its query
	Phase        Phase
	N            int    // the tap's number of the message
	Call         string // the caller's name for it
}

// Blow is a message fault that a tap is to deal, now.
type Blow struct {
	Strike int
	Fault  Fault
	Healed <-chan struct{} // closed when the strike heals
}

// Crew does what no tap can: it bends bytes and hits processes. A world has
// one. Its methods return when the change is in place.
type Crew interface {
	// Install puts a transport fault in place and returns how to take it away.
	Install(Strike) (heal func() error, err error)
	// Kill kills the process for real; Revive starts it again. What does not run
	// cannot be killed or paused: ErrNotRunning says so.
	Kill(process string) error
	Revive(process string) error
	Pause(process string) error
	Resume(process string) error
}

// ErrNotRunning is a Crew's word that a process is dead already, by another
// strike. The strike did not bite, and nothing else is wrong.
var ErrNotRunning = errors.New("it does not run")

// Armoury knows which strikes are waiting for which cue, and deals them.
// Whoever sees a cue calls it synchronously, so the strike is in place before
// anything goes on.
type Armoury struct {
	see    Observer
	pace   Pace
	crew   Crew
	strike []*armed
	fail   func(error)

	mu      sync.Mutex
	curtain bool // fallen: everything is healed
	wait    sync.WaitGroup
}

// armed is a strike and how far it has come.
type armed struct {
	Strike
	index int

	seen     int         // messages or observations that fit its cue
	ordinals map[int]int // message number → its place among those that fit
	struck   bool
	healed   chan struct{}
	over     bool
	undo     func() error
	timers   []*time.Timer
}

// NewArmoury arms the schedule. fail is called where a strike cannot be staged.
func NewArmoury(s Schedule, p Pace, see Observer, crew Crew, fail func(error)) *Armoury {
	a := &Armoury{see: see, pace: p, crew: crew, fail: fail}
	for i, strike := range s {
		a.strike = append(a.strike, &armed{
			Strike: strike, index: i, ordinals: map[int]int{}, healed: make(chan struct{}),
		})
	}
	return a
}

// Rise puts every strike in place that waits for nothing, and sets the timers
// of those that wait for a time.
func (a *Armoury) Rise() {
	for _, s := range a.strike {
		if s.Cue.Method != "" || s.Cue.Saw != "" {
			continue
		}
		if s.Cue.At == 0 {
			a.install(s, "")
			continue
		}
		a.after(s, s.Cue.At, func() { a.install(s, "") })
	}
}

// See is a hook on the recorder: it deals the strikes that wait for an entry of
// a ledger.
func (a *Armoury) See(e Event) {
	if e.Entry == nil || e.Kind == observe.Order {
		return
	}
	for _, s := range a.strike {
		if s.Cue.Saw == "" || s.Cue.Saw != e.Entry.Op {
			continue
		}
		a.mu.Lock()
		s.seen++
		due := !a.curtain && (s.Cue.N == 0 || s.Cue.N == s.seen)
		a.mu.Unlock()
		if due {
			a.install(s, "")
		}
	}
}

// Meet says what hits the message at this point, after it has put in place
// what the tap cannot deal itself. lost says that a process died with the
// message, so that it must not go on.
func (a *Armoury) Meet(p Point) (blows []Blow, lost bool) {
	for _, s := range a.strike {
		if !a.meets(s, p) {
			continue
		}
		switch {
		case s.Fault.IsTransport():
			a.install(s, p.Call)
		case s.Fault.IsProcess():
			struck := a.install(s, p.Call)
			lost = lost || struck && s.Fault.Kind == KillFault
		default:
			blows = append(blows, Blow{Strike: s.index, Fault: s.Fault, Healed: s.healed})
		}
	}
	return blows, lost
}

func (a *Armoury) meets(s *armed, p Point) bool {
	anyMethod := s.Cue.Method == "*"
	if s.Hop != p.Hop || !anyMethod && s.Cue.Method != p.Method || !MatchPath(s.Cue.Path, p.Path) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.Phase == Arrives {
		s.seen++
		s.ordinals[p.N] = s.seen
	}
	if a.curtain || s.over || s.Cue.Phase != p.Phase {
		return false
	}
	if s.Cue.N != 0 && (s.ordinals[p.N] != s.Cue.N || s.struck) {
		return false
	}
	if !s.Fault.IsTransport() && !s.Fault.IsProcess() {
		// Under the lock, so that the curtain falls before the blow or heals it.
		first := !s.struck
		s.struck = true
		if first && s.For > 0 {
			a.afterLocked(s, s.For, func() { a.heal(s) })
		}
	}
	return true
}

// Fired tells that a message strike did what it was there for.
func (a *Armoury) Fired(strike int, p Point, evidence string) {
	a.see(Event{Actor: "stage", Kind: observe.Struck, Blow: &observe.Blow{
		Strike: strike, What: "fired", Text: evidence, Call: p.Call, N: p.N, Hop: string(p.Hop),
	}})
}

// Missed tells why a message strike had no effect on a message that it was to hit.
func (a *Armoury) Missed(strike int, p Point, why string) {
	a.see(Event{Actor: string(p.Hop), Kind: observe.Note, Text: fmt.Sprintf("%s the answer to %s %s: %s",
		missed(strike), p.Method, p.Path, why)})
}

// missed is how a note begins that says why a strike had no effect.
func missed(strike int) string { return fmt.Sprintf("injection %d had no effect on", strike+1) }

// install puts a transport or process strike in place, once, and says whether
// it did so now.
func (a *Armoury) install(s *armed, call string) bool {
	a.mu.Lock()
	if s.struck || a.curtain {
		a.mu.Unlock()
		return false
	}
	s.struck = true
	a.wait.Add(1) // Fall waits for it
	a.mu.Unlock()
	defer a.wait.Done()

	var err error
	switch s.Fault.Kind {
	case KillFault:
		err = a.crew.Kill(s.Fault.Process)
		s.undo = func() error { return a.crew.Revive(s.Fault.Process) }
	case PauseFault:
		err = a.crew.Pause(s.Fault.Process)
		s.undo = func() error { return a.crew.Resume(s.Fault.Process) }
	default:
		s.undo, err = a.crew.Install(s.Strike)
	}
	if err != nil {
		s.undo = nil // what was never put in place is not taken away
		a.mu.Lock()
		s.over = true
		a.mu.Unlock()
		if !errors.Is(err, ErrNotRunning) {
			a.fail(err)
		}
		return false
	}
	what := "installed"
	if s.Fault.IsProcess() {
		what = "fired"
	}
	a.see(Event{Actor: "stage", Kind: observe.Struck, Blow: &observe.Blow{
		Strike: s.index, What: what, Text: s.String(), Call: call, Hop: string(s.Hop),
	}})
	if s.For > 0 {
		a.after(s, s.For, func() { a.heal(s) })
	}
	return true
}

func (a *Armoury) heal(s *armed) {
	a.mu.Lock()
	if s.over || !s.struck {
		s.over = true
		a.mu.Unlock()
		return
	}
	s.over = true
	a.mu.Unlock()
	if s.undo != nil {
		if err := s.undo(); err != nil {
			a.fail(err)
		}
	}
	close(s.healed)
	a.see(Event{Actor: "stage", Kind: observe.Struck, Blow: &observe.Blow{
		Strike: s.index, What: "healed", Hop: string(s.Hop),
	}})
}

// Fall heals every strike and forbids new ones; it returns when all that was
// begun is over. It may be called twice.
func (a *Armoury) Fall() {
	a.mu.Lock()
	a.curtain = true
	for _, s := range a.strike {
		for _, t := range s.timers {
			if t.Stop() {
				a.wait.Done()
			}
		}
		s.timers = nil
	}
	a.mu.Unlock()
	a.wait.Wait()
	for _, s := range a.strike {
		a.heal(s)
	}
}

// after does something later in the story, unless the curtain falls first.
func (a *Armoury) after(s *armed, d time.Duration, do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.afterLocked(s, d, do)
}

func (a *Armoury) afterLocked(s *armed, d time.Duration, do func()) {
	if a.curtain {
		return
	}
	a.wait.Add(1)
	// A nanosecond for each place in the schedule: where one strike heals as
	// another begins, they do so in the order in which they were written.
	apart := time.Duration(s.index)
	s.timers = append(s.timers, time.AfterFunc(a.pace.Real(d)+apart, func() {
		defer a.wait.Done()
		do()
	}))
}

// MatchPath says whether a path fits a template such as "/orders/{id}": a
// segment in braces fits any one segment, and a last one with dots before its end,
// such as "{id...}", any rest of the path. A mark behind one (see Apart) must be
// behind the other too.
func MatchPath(template, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	template, wanted := CutMark(template)
	path, marked := CutMark(path)
	if wanted != marked {
		return false
	}
	for more := true; more; {
		var want, got string
		var goesOn bool
		want, template, more = strings.Cut(template, "/")
		got, path, goesOn = strings.Cut(path, "/")
		if !more && strings.HasPrefix(want, "{") && strings.HasSuffix(want, "...}") {
			return got != ""
		}
		any := strings.HasPrefix(want, "{") && strings.HasSuffix(want, "}") && got != ""
		if want != got && !any || more != goesOn {
			return false
		}
	}
	return true
}
