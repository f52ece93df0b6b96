package harness

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Story is one thing that happens to customers of a shop. It is a value: who
// takes part, what they do, what goes wrong on the way, what must still hold.
type Story struct {
	ID     string   // stable, in kebab-case, 43 characters at most: names the story in reports, filters and replays
	Plot   string   // what happens, in the customer's words
	Labels []string // for filters, such as "case"
	Told   string   // file:line, from the repository's root; Tell fills it in

	Browser bool        // the customers sit at a real browser; only where there is one
	Clock   units.Clock // the fastest clock that the story bears; zero: any

	Shop       Shop     // what is special about the shop, the zero value being an ordinary one
	Injections Schedule // what goes wrong
	Script     func(*Stage)

	Promises  []Promise // what must hold beside the standard promises
	Excused   []string  // standard promises that are not judged, by name; the report says so
	Complaint Complaint // what comes true without a safeguard
	// Patience is how long a customer stares at a screen that tells her
	// nothing before she is unhappy; zero: 30 s.
	Patience time.Duration
}

// Check says what is wrong with the story itself, or nil.
func (s Story) Check() error {
	switch {
	case !judge.IsStoryID(s.ID):
		return fmt.Errorf("story id %q: want words in lower case with hyphens between, such as “customer-3-double-click”", s.ID)
	case len(s.ID) > judge.LongestStoryID:
		return fmt.Errorf("story id %q has %d characters: want %d at most", s.ID, len(s.ID), judge.LongestStoryID)
	case strings.TrimSpace(s.Plot) == "":
		return fmt.Errorf("story %s has no Plot: say in a sentence what happens to the customer", s.ID)
	case s.Script == nil:
		return fmt.Errorf("story %s has no Script: let a customer do something", s.ID)
	}
	for _, injection := range s.Injections {
		if err := injection.Check(); err != nil {
			return fmt.Errorf("story %s: %w", s.ID, err)
		}
	}
	judged := judge.PromiseNames()
	for _, p := range s.Promises {
		if slices.Contains(judged, p.Name) {
			return fmt.Errorf("story %s promises %q twice: the standard promises are judged anyway, and each of its own has a name of its own", s.ID, p.Name)
		}
		judged = append(judged, p.Name)
	}
	for _, name := range s.Excused {
		if !slices.ContainsFunc(judge.StandardPromises(), func(p judge.Promise) bool { return p.Name == name }) {
			return fmt.Errorf("story %s excuses %q, which is no standard promise: %s are", s.ID, name, strings.Join(judge.PromiseNames(), ", "))
		}
	}
	return s.Complaint.Check(s.ID, judged)
}

// PatienceOrDefault is the story's patience, 30 s where it says nothing.
func (s Story) PatienceOrDefault() time.Duration {
	if s.Patience == 0 {
		return 30 * time.Second
	}
	return s.Patience
}

// AllPromises are the standard ones and the story's own.
func (s Story) AllPromises() []Promise { return append(judge.StandardPromises(), s.Promises...) }
