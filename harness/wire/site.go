package wire

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// Site is where a shop lives on from one world to the next: the ports at which it is
// reached and finds whom it calls, and its processes. One world at a time is built at it.
//
// A world takes over the processes that the one before it left there, if it would start
// each of them by the same command, arguments and environment. It leaves them if it came to
// rest and all of them run. Otherwise it ends them, and the next world starts its own.
type Site struct {
	ports *Ports
	empty func() error

	mu    sync.Mutex
	at    map[string]int   // ports, by what listens there
	lives map[string]*life // by name of the process; those that no world has
}

// life is a process of the shop from its start to its end.
type life struct {
	*process.Process
	command process.Command
	address string
	hears   sync.Mutex // guards heard
	heard   func(line []byte)
}

func (l *life) hear(line []byte) {
	l.hears.Lock()
	defer l.hears.Unlock()
	l.heard(line)
}

func (l *life) tells(heard func(line []byte)) {
	l.hears.Lock()
	defer l.hears.Unlock()
	l.heard = heard
}

// NewSite is a site at which nothing lives yet. Empty is called when a shop that lived there
// has ended, and before another one starts. Close the site when it is not used any more.
func NewSite(ports *Ports, empty func() error) *Site {
	return &Site{ports: ports, empty: empty, at: map[string]int{}, lives: map[string]*life{}}
}

// Port is the site's port for what listens there under that name, always the same. Nil has
// none: 0 lets the system choose.
func (s *Site) Port(name string) (int, error) {
	if s == nil {
		return 0, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if port, known := s.at[name]; known {
		return port, nil
	}
	port, err := s.ports.Free()
	if err == nil {
		s.at[name] = port
	}
	return port, err
}

// Lives says whether a world left its shop there.
func (s *Site) Lives() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lives) > 0
}

// Close ends what lives there, and gives its ports back.
func (s *Site) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.clear()
	for name, port := range s.at {
		s.ports.GiveBack(port)
		delete(s.at, name)
	}
	return err
}

// end ends what lives there, and leaves nothing of it to the next shop.
func (s *Site) end() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.clear(), s.empty())
}

func (s *Site) clear() error {
	var errs []error
	for name, l := range s.lives {
		errs = append(errs, l.Kill())
		delete(s.lives, name)
	}
	return errors.Join(errs...)
}

// takeOver gives the shop the processes that live there, all of them, or none.
func (s *Site) takeOver(shops []*shop) (taken bool, err error) {
	if s == nil {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lives) == 0 {
		return false, nil
	}
	for _, one := range shops {
		command, err := one.command()
		if err != nil {
			return false, err
		}
		if l := s.lives[one.name]; l == nil || l.ended() || !sameCommand(l.command, command) {
			return false, errors.Join(s.clear(), s.empty())
		}
	}
	for _, one := range shops {
		one.takeOver(s.lives[one.name])
		delete(s.lives, one.name)
	}
	return true, s.clear()
}

// leave keeps the processes of a shop that may live on, and says whether it did.
func (s *Site) leave(shops []*shop) bool {
	if s == nil || slices.ContainsFunc(shops, func(one *shop) bool { return !one.livesOn() }) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range shops {
		if l := one.leave(); l != nil {
			s.lives[one.name] = l
		}
	}
	return true
}

func (l *life) ended() bool {
	select {
	case <-l.Done():
		return true
	default:
		return false
	}
}

// sameCommand says whether two commands start the same.
func sameCommand(a, b process.Command) bool {
	return fmt.Sprintf("%q %q %q %v %v", a.Path, a.Args, a.Dir, a.Everybody, a.Credential) ==
		fmt.Sprintf("%q %q %q %v %v", b.Path, b.Args, b.Dir, b.Everybody, b.Credential) &&
		slices.Equal(slices.Sorted(slices.Values(a.Env)), slices.Sorted(slices.Values(b.Env)))
}
