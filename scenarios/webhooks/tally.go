package webhooks

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// tally counts deliveries and their answers.
type tally struct {
	sent, taken, refused, late int
	took                       time.Duration // of those that were answered
	slow                       []string      // events that were not answered in time
}

// tell adds deliveries that were made.
func (s *stage) tell(sent []Sent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &s.tally
	for _, d := range sent {
		t.sent++
		switch {
		case d.accepted():
			t.taken++
		case d.Status != 0:
			t.refused++
		case d.Late:
			t.late++
			if !slices.Contains(t.slow, d.Notice) {
				t.slow = append(t.slow, d.Notice)
			}
		}
		if d.Status != 0 {
			t.took += d.Took
		}
	}
}

// silent is the first of these deliveries that was not answered in time by a handler that
// has answered nothing yet, or nil: nothing can be said of it.
func (s *stage) silent(sent []Sent) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tally.taken+s.tally.refused > 0 {
		return nil
	}
	for _, d := range sent {
		if d.Late {
			return fmt.Errorf("the handler did not answer %s within %s, as long as the provider waits: let it answer with 2xx when the event is safe, and do what takes long afterwards", d.Notice, answerWithin)
		}
	}
	return nil
}

func (t tally) String() string {
	text := fmt.Sprintf("%s sent, %d answered with 2xx, %d with another status", events(t.sent), t.taken, t.refused)
	if t.late > 0 {
		text += fmt.Sprintf(", %d not within %s", t.late, answerWithin)
	}
	return text
}

// mean is how long an answer took.
func (t tally) mean() time.Duration {
	if n := t.taken + t.refused; n > 0 {
		return t.took / time.Duration(n)
	}
	return 0
}

// sayEvery is how often it is told what goes on.
const sayEvery = 5 * time.Second

func (s *search) say(format string, args ...any) {
	if s.Progress == nil {
		return
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	s.told = time.Now()
	s.Progress(harmless(fmt.Sprintf(format, args...)))
}

// now is what was sent and answered so far.
func (s *search) now() tally {
	s.stage.mu.Lock()
	defer s.stage.mu.Unlock()
	return s.tally
}

// tellNowAndThen tells what was sent and answered whenever nothing else was told for some
// seconds, until the function that it returns is called.
func (s *search) tellNowAndThen() (quiet func()) {
	ended := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() {
		every := time.NewTicker(sayEvery)
		defer every.Stop()
		for {
			select {
			case <-ended:
				return
			case <-every.C:
			}
			s.telling.Lock()
			since := time.Since(s.told)
			s.telling.Unlock()
			if since >= sayEvery {
				s.say("%s%s", s.place(), s.now())
			}
		}
	})
	return func() {
		close(ended)
		telling.Wait()
	}
}

// tried remembers at which sequence the search is, and tells of each fiftieth.
func (s *search) tried(n, of int) {
	s.mu.Lock()
	s.at, s.of = n, of
	s.mu.Unlock()
	if n%50 == 0 && n > 0 {
		s.say("%s%s", s.place(), s.now())
	}
}

// place is at which sequence the search is, or "".
func (s *search) place() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d sequences: ", s.at, s.of)
}

// patience is how long a run may take without a word of how long.
const patience = 2 * time.Minute

// expects says how long so many deliveries take at least where the handler is slow to
// answer, or to start.
func (s *search) expects(list []Sequence) {
	n, kills := 0, 0
	for _, seq := range list {
		n += len(seq.all())
		if seq.kills() {
			kills++
		}
	}
	mean := s.now().mean()
	all := mean*time.Duration(n)/time.Duration(s.AtOnce) + s.handler.startup*time.Duration(kills)
	if all > patience {
		s.say("the handler takes %s for an event and %s to start: %s and %s take %s or more; Ctrl-C ends it, and what was found until then is told",
			mean.Round(time.Millisecond), s.handler.startup.Round(time.Millisecond), events(n), several(kills, "start"), all.Round(time.Minute))
	}
}
