package injection

// meeting is where one message waits for another, so that both go on at once.
type meeting struct {
	first Point
	met   chan struct{} // closed by the other message
	open  bool          // the first one still waits
}

// joins says whether a message takes part: the one that the trigger picks waits, and the
// next one that comes meanwhile lets both go on. The injector's lock is held.
func (s *armed) joins(p Point) bool {
	switch m := s.meeting; {
	case m == nil && (s.Trigger.N == 0 || s.ordinals[p.N] == s.Trigger.N):
		s.meeting = &meeting{first: p, met: make(chan struct{}), open: true}
		return true
	case m != nil && m.open:
		m.open = false
		return true
	}
	return false
}

// hit is what the tap has to do with a message that the injection hit.
func (s *armed) hit(p Point) Hit {
	h := Hit{Injection: s.index, Fault: s.Fault, Healed: s.healed}
	if s.meeting != nil {
		h.Met = s.meeting.met
		if s.meeting.first.N != p.N {
			h.First = &s.meeting.first
		}
	}
	return h
}

// HasMet ends the wait of a message for another one, and says whether that has come.
func (a *Injector) HasMet(injection int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.injection[injection].meeting
	waited := m.open
	m.open = false
	return !waited
}
