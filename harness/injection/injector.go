package injection

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Point is a message at a phase, as a tap sees it.
type Point struct {
	Hop          observe.Hop
	Operation    observe.Operation // "" where no route spells the message
	Method, Path string            // the path without its query
	Phase        fault.Phase
	N            int    // the tap's number of the message
	Call         string // the caller's name for it
	Process      string // the shop's at an end of the message; "" where it has one only
	Customer     string // who sent it; "" where nobody says so
}

// Hit is a message fault that a tap is to deal, now.
type Hit struct {
	Injection int
	Fault     fault.Fault
	Healed    <-chan struct{} // closed when the injection heals
	// Met is closed when the message that waits for another one is to go on with it. The
	// other one has First, the one that waits, and closes it.
	Met   chan struct{}
	First *Point
}

// Backend does what no tap can: it bends bytes, hits processes and reaches the provider.
// A world has one. Its methods return when the change is in place.
type Backend interface {
	// Install puts a transport fault in place and returns how to take it away.
	Install(Injection) (heal func() error, err error)
	// Processes kill for real. What does not run cannot be killed or paused:
	// ErrNotRunning says so.
	fault.Processes
	// ForgetTokens lets the provider forget the access tokens that it issued.
	ForgetTokens() error
}

// Lids is a Backend with customers who sit at computers.
type Lids interface {
	// CloseLid closes the customer's lid, or that of all customers who are there, where she
	// has no name, and returns how to open what it closed.
	CloseLid(customer string) (open func() error, err error)
}

// ErrNotRunning is a Backend's word that a process is dead already, by another
// injection. The injection did not take effect, and nothing else is wrong.
var ErrNotRunning = errors.New("process not running")

// Injector knows which injections are waiting for which trigger, and deals them.
// Anyone who sees a trigger calls it synchronously, so the injection is in place before
// anything goes on.
type Injector struct {
	see       observe.Observer
	clock     units.Clock
	backend   Backend
	injection []*armed
	fail      func(error)

	mu      sync.Mutex
	stopped bool   // fallen: everything is healed
	again   *armed // whose submits are sent again just now, or nil
	wait    sync.WaitGroup
}

// armed is an injection and how far it has come.
type armed struct {
	Injection
	index int

	seen     int         // messages or observations that fit its trigger
	ordinals map[int]int // message number → its place among those that fit
	injected bool
	meeting  *meeting // of a fault that makes two messages meet
	process  string   // that it hits, of a fault of a process
	healed   chan struct{}
	over     bool
	undo     func() error
	timers   []*time.Timer
}

// NewInjector arms the schedule. fail is called where an injection cannot be staged.
func NewInjector(s Schedule, p units.Clock, see observe.Observer, backend Backend, fail func(error)) *Injector {
	a := &Injector{see: see, clock: p, backend: backend, fail: fail}
	for i, injection := range s {
		a.injection = append(a.injection, &armed{
			Injection: injection, index: i, ordinals: map[int]int{}, healed: make(chan struct{}),
		})
	}
	return a
}

// Start puts every injection in place that waits for nothing, and sets the timers
// of those that wait for a time.
func (a *Injector) Start() {
	for _, s := range a.injection {
		if s.IsMessage() || s.Trigger.Saw != "" || s.Trigger.End || s.Fault.IsDecision() {
			continue
		}
		if s.Trigger.At == 0 {
			a.install(s, Point{})
			continue
		}
		a.after(s, s.Trigger.At, func() { a.install(s, Point{}) })
	}
}

// See is a hook on the recorder: it deals the injections that wait for an entry of
// a ledger.
func (a *Injector) See(e observe.Event) {
	if e.Entry == nil || e.Kind == observe.Order {
		return
	}
	for _, s := range a.injection {
		if s.Trigger.Saw == "" || s.Trigger.Saw != e.Entry.Op {
			continue
		}
		a.mu.Lock()
		s.seen++
		due := !a.stopped && (s.Trigger.N == 0 || s.Trigger.N == s.seen)
		a.mu.Unlock()
		if due {
			a.install(s, Point{})
		}
	}
}

// Meet says what hits the message at this point, after it has put in place
// what the tap cannot deal itself. lost says that a process died with the
// message, so that it must not go on.
func (a *Injector) Meet(p Point) (hits []Hit, lost bool) {
	a.meetAgain(p)
	for _, s := range a.injection {
		if !a.meets(s, p) {
			continue
		}
		switch {
		case s.Fault.IsTransport(), s.Fault.IsProvider(), s.Fault.IsLid():
			a.install(s, p)
		case s.Fault.IsProcess():
			injected := a.install(s, p)
			lost = lost || injected && s.Fault.Spec().Process.LosesMessage && (p.Process == "" || p.Process == s.process)
		default:
			hits = append(hits, s.hit(p))
		}
	}
	return hits, lost
}

func (a *Injector) meets(s *armed, p Point) bool {
	if !s.IsMessage() || !s.Fits(p.Hop, p.Operation, p.Method, p.Path) {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if p.Phase == fault.Arrives {
		s.seen++
		s.ordinals[p.N] = s.seen
	}
	if a.stopped || s.over || s.Trigger.Phase != p.Phase {
		return false
	}
	switch {
	case s.Fault.Kind == fault.Meet:
		if !s.joins(p) {
			return false
		}
	case s.Trigger.N != 0 && (s.ordinals[p.N] != s.Trigger.N || s.injected):
		return false
	}
	if s.Fault.Spec().Dealt == fault.ByTap {
		// Under the lock, so that the script is over before the fault or heals it.
		first := !s.injected
		s.injected = true
		if first && s.For > 0 {
			a.afterLocked(s, s.For, func() { a.heal(s) })
		}
	}
	return true
}

// Fired tells that a message injection did what it was there for.
func (a *Injector) Fired(injection int, p Point, evidence string) {
	a.see(observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
		Injection: injection, What: observe.Fired, Text: evidence, Call: p.Call, N: p.N, Hop: p.Hop,
	}})
}

// Missed tells why a message injection had no effect on a message that it was to hit.
func (a *Injector) Missed(injection int, p Point, why string) {
	message := "the answer to"
	if p.Phase == fault.Arrives {
		message = "the request"
	}
	a.see(observe.Event{Actor: string(p.Hop), Kind: observe.Note, Text: fmt.Sprintf("%s %s %s %s: %s",
		MissedNote(injection), message, p.Method, p.Path, why)})
}

// missed is how a note begins that says why an injection had no effect.
func MissedNote(injection int) string {
	return fmt.Sprintf("injection %d had no effect on", injection+1)
}

// install puts an injection that no tap deals in place, once, and says whether
// it did so now. p is the message that is its trigger, if one is.
func (a *Injector) install(s *armed, p Point) bool {
	a.mu.Lock()
	if s.injected || a.stopped {
		a.mu.Unlock()
		return false
	}
	s.injected = true
	a.wait.Add(1) // Stop waits for it
	a.mu.Unlock()
	defer a.wait.Done()

	var err error
	switch of := s.Fault.Spec().Process; {
	case of != nil:
		if s.process = s.Fault.Process; s.process == fault.Shop && p.Process != "" {
			s.process = p.Process
		}
		err = of.Begin(a.backend, s.process)
		s.undo = func() error { return of.End(a.backend, s.process) }
	case s.Fault.IsProvider():
		err = a.backend.ForgetTokens()
	case s.Fault.IsLid():
		s.undo, err = a.closeLid(s, p.Customer)
	default:
		s.undo, err = a.backend.Install(s.Injection)
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
	what := observe.Installed
	if s.Fault.IsProcess() || s.Fault.IsLid() {
		what = observe.Fired
	}
	a.see(observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
		Injection: s.index, What: what, Text: s.String(), Call: p.Call, Hop: s.Hop,
	}})
	if s.For > 0 {
		a.after(s, s.For, func() { a.heal(s) })
	}
	return true
}

func (a *Injector) closeLid(s *armed, customer string) (open func() error, err error) {
	lids, can := a.backend.(Lids)
	if !can {
		return nil, fmt.Errorf("injection %q: there is no customer whose lid could be closed", s)
	}
	return lids.CloseLid(customer)
}

func (a *Injector) heal(s *armed) {
	a.mu.Lock()
	if s.over || !s.injected {
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
	again := s.hitsAgain()
	if !again {
		close(s.healed)
	}
	a.see(observe.Event{Actor: "stage", Kind: observe.Injected, Effect: &observe.Effect{
		Injection: s.index, What: observe.Healed, Hop: s.Hop,
	}})
	if again {
		a.mu.Lock()
		defer a.mu.Unlock()
		s.injected, s.over = false, false
	}
}

// hitsAgain says whether it hits what comes after it healed.
func (s *armed) hitsAgain() bool {
	of := s.Fault.Spec().Process
	return of != nil && of.Again && s.Trigger.N == 0
}

// Stop heals every injection and forbids new ones; it returns when all that was
// begun is over. It may be called twice.
func (a *Injector) Stop() {
	a.mu.Lock()
	a.stopped = true
	for _, s := range a.injection {
		for _, t := range s.timers {
			if t.Stop() {
				a.wait.Done()
			}
		}
		s.timers = nil
	}
	a.mu.Unlock()
	a.wait.Wait()
	for _, s := range a.injection {
		a.heal(s)
	}
}

// after does something later in the story, unless the script is over first.
func (a *Injector) after(s *armed, d time.Duration, do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.afterLocked(s, d, do)
}

func (a *Injector) afterLocked(s *armed, d time.Duration, do func()) {
	if a.stopped {
		return
	}
	a.wait.Add(1)
	// A nanosecond for each place in the schedule: where one injection heals as
	// another begins, they do so in the order in which they were written.
	apart := time.Duration(s.index)
	s.timers = append(s.timers, time.AfterFunc(a.clock.Real(d)+apart, func() {
		defer a.wait.Done()
		do()
	}))
}
