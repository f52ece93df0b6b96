package explore

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

const (
	doubleClick = 500 * time.Millisecond // the longest time between its two clicks
	shortWait   = time.Second            // between two acts, what is shorter is not written down
)

// script is what the customer of a run did, as the lines of a story's script in Go, or
// "" where that cannot be told from the history: several customers act side by side,
// and how many of it were put into a basket is not written down.
func script(r *judge.Run) string {
	var s scribe
	for _, e := range r.History {
		if e.Kind == observe.Action && !isAtEnd(e) && !isOfInjection(r, e) && !s.write(e) {
			return ""
		}
	}
	return strings.Join(s.lines, "\n")
}

// isOfInjection says whether an injection did it to her: no script has that.
func isOfInjection(r *judge.Run, e observe.Event) bool {
	lid := e.Act.Does == observe.ClosesLid || e.Act.Does == observe.OpensLid
	return lid && slices.ContainsFunc(r.Schedule, func(one injection.Injection) bool { return one.Fault.IsLid() })
}

// isAtEnd says whether an act is of an epilogue, which no script has.
func isAtEnd(e observe.Event) bool {
	return e.Act.Does == observe.SendsAgain || e.Act.Does == observe.LooksAgain
}

// scribe writes the script of one customer.
type scribe struct {
	who    string
	lines  []string
	last   observe.Event
	tabs   []string
	opened map[string]bool
}

// write adds an act, and says whether it could.
func (s *scribe) write(e observe.Event) bool {
	if s.who == "" {
		s.who, s.opened = e.Actor, map[string]bool{}
		s.does("%s := s.Customer(%q)", e.Actor, e.Actor)
	} else if e.Act.Does == observe.OpensLid && e.Actor == s.who && s.last.Act.Does == observe.ClosesLid {
		s.does("%s.ClosesLid(%s)", s.who, fault.TimeCode((e.At - s.last.At).Round(100*time.Millisecond)))
		s.last = e
		return true
	} else if gap := e.At - s.last.At; gap >= shortWait && s.last.Act.Does != observe.WaitsToBeTold {
		s.does("%s.Waits(%s)", s.who, fault.TimeCode(gap.Round(100*time.Millisecond)))
	}
	if e.Actor != s.who || e.Act.Does == observe.ChangesBasket {
		return false
	}
	if e.Act.Does == observe.ClosesLid {
		s.last = e
		return true
	}
	s.sitsAt(e.Act.Tab)
	switch e.Act.Does {
	case observe.Opens:
		verb := "Opens"
		if s.opened[e.Act.Tab] {
			verb = "Reloads"
		}
		s.opened[e.Act.Tab] = true
		s.does("%s.%s()", s.who, verb)
	case observe.Clicks:
		submits := s.who + ".Submits()"
		if s.last.Act != nil && s.last.Act.Does == observe.Clicks && e.At-s.last.At < doubleClick && s.lines[len(s.lines)-1] == submits {
			s.lines[len(s.lines)-1] = s.who + ".DoubleClicks()"
			break
		}
		s.does("%s", submits)
	case observe.WaitsToBeTold:
		s.does("%s.WaitsToBeTold()", s.who)
	case observe.GoesBack:
		s.does("%s.GoesBack()", s.who)
	case observe.Leaves:
		s.does("%s.Leaves()", s.who)
	default:
		return false
	}
	s.last = e
	return true
}

// sitsAt turns to the tab, which is a new one or known.
func (s *scribe) sitsAt(tab string) {
	n := 0
	for i, known := range s.tabs {
		if known == tab {
			n = i + 1
		}
	}
	switch {
	case n == 0 && len(s.tabs) > 0:
		s.does("%s.NewTab()", s.who)
	case n > 0 && s.last.Act != nil && s.last.Act.Tab != tab:
		s.does("%s.TurnsTo(%d)", s.who, n)
	}
	if n == 0 {
		s.tabs = append(s.tabs, tab)
	}
}

func (s *scribe) does(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf(format, args...))
}
