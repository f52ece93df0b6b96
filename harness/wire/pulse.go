package wire

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

const (
	// beat is how often the pulse of the machine is felt.
	beat = 20 * time.Millisecond
	// standstill is how late a beat is where the machine, not the shop, is slow.
	standstill = 200 * time.Millisecond
)

// feelPulse tells when this machine stood still: on a clock that is divided,
// half a second of it is most of a minute, and anyone who reads a red run should
// know that before he looks for the fault elsewhere.
func (w *world) feelPulse(stop <-chan struct{}) {
	everyBeat(stop, beat, func(late time.Duration) {
		if late > standstill {
			w.recorder.See(observe.Event{Actor: judge.Machine, Kind: observe.Note, Text: fmt.Sprintf(
				"this machine stood still for %s, which is %s of the story", late.Round(time.Millisecond), units.FormatDuration(w.clock.Story(late)))})
		}
	})
}

func everyBeat(stop <-chan struct{}, beat time.Duration, felt func(late time.Duration)) {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		now := time.Now()
		felt(now.Sub(last) - beat)
		last = time.Now()
	}
}

// Pulse is the machine's: how late it wakes who sleeps, and how long it keeps those
// waiting who have work to do. The first is what our own proxies suffer, and the
// second what a shop does, which is a process of its own.
type Pulse struct {
	stop    chan struct{}
	beating sync.WaitGroup
	mu      sync.Mutex
	lates   []late // the newest last
	works   []late // the newest last: what the last pieces of work took longer than at best
	best    time.Duration
}

// late is one time at which the machine kept somebody waiting.
type late struct {
	at   time.Time
	wait time.Duration
}

const (
	// workBeat is how often a piece of work is done, and workSize how much: longer
	// than the share of time that a system gives to one of many at once.
	workBeat = 250 * time.Millisecond
	workSize = 4 * time.Millisecond
	// noticed is how long a wait is that is remembered, and remembered for how long.
	noticed    = 2 * time.Millisecond
	remembered = 15 * time.Minute
	// lastWorks is of how many pieces of work it is known whether the cores are taken.
	lastWorks = 40
)

// NewPulse feels the pulse until it is closed.
func NewPulse() *Pulse {
	p := &Pulse{stop: make(chan struct{})}
	p.beating.Go(func() { everyBeat(p.stop, beat, p.note) })
	p.beating.Go(p.work)
	return p
}

// Close ends it.
func (p *Pulse) Close() {
	close(p.stop)
	p.beating.Wait()
}

// Worst is the longest that anybody was kept waiting since then.
func (p *Pulse) Worst(since time.Time) (worst time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lates {
		if l.at.After(since) {
			worst = max(worst, l.wait)
		}
	}
	return worst
}

// CoresAreTaken says whether the last pieces of work since then took three times as long as at
// best, most of them: who has work to do waits for a core then, so that more who work at once get
// nothing done sooner.
func (p *Pulse) CoresAreTaken(since time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, late := 0, 0
	for _, w := range p.works {
		if w.at.Before(since) {
			continue
		}
		all++
		if w.wait >= 2*p.best {
			late++
		}
	}
	return 2*late > all
}

func (p *Pulse) note(wait time.Duration) {
	if wait < noticed {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for len(p.lates) > 0 && now.Sub(p.lates[0].at) > remembered {
		p.lates = p.lates[1:]
	}
	p.lates = append(p.lates, late{now, wait})
}

// work does the same piece of work now and then, and takes what it takes longer
// than at best for a wait.
func (p *Pulse) work() {
	rounds := roundsWithin(workSize)
	everyBeat(p.stop, workBeat, func(time.Duration) {
		began := time.Now()
		runtime.KeepAlive(spin(rounds))
		p.note(p.worked(began, time.Since(began)))
	})
}

// worked takes note of what a piece of work took, and says how much of that was a wait.
func (p *Pulse) worked(began time.Time, took time.Duration) (wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.best == 0 || took < p.best {
		p.best = took
	}
	wait = took - p.best
	p.works = append(p.works[max(0, len(p.works)-lastWorks+1):], late{began, wait})
	return wait
}

// roundsWithin is how many rounds of work this machine does in a time, at best.
func roundsWithin(d time.Duration) int {
	const few = 200_000
	best := time.Hour
	for range 5 {
		began := time.Now()
		runtime.KeepAlive(spin(few))
		best = min(best, time.Since(began))
	}
	return max(few, int(int64(few)*int64(d)/int64(max(best, time.Microsecond))))
}

// spin keeps a core busy. Its result keeps the compiler from leaving it out.
func spin(rounds int) (x uint64) {
	x = 88172645463325252
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
