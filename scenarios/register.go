package scenarios

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/reference-service/checkout"
)

// checkStories says what is wrong with the stories themselves, a line each with
// where it is told, before anything is staged.
func checkStories(stories []harness.Story, places []string) error {
	if err := eachHasItsOwnID(stories, places); err != nil {
		return err
	}
	var errs []error
	for i, s := range stories {
		err := s.Check()
		if wrong := checkout.CheckSafeguards(s.Complaint.Off); wrong != nil {
			err = cmp.Or(err, fmt.Errorf("story %s has a complaint without a safeguard that there is: %w", s.ID, wrong))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", places[i], err))
		}
	}
	return errors.Join(errs...)
}

// eachHasItsOwnID says which stories have one id between them, and where they are
// told: nobody could ask for one of them, or tell their runs apart.
func eachHasItsOwnID(stories []harness.Story, places []string) error {
	first := map[string]int{}
	for i, s := range stories {
		if j, taken := first[s.ID]; taken {
			return fmt.Errorf("two stories are called %q, at %s and %s: give one of them an id of its own", s.ID, places[j], places[i])
		}
		first[s.ID] = i
	}
	return nil
}

// say prints a line beside those of the runs.
func (t *runner) say(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintln(t.out, text)
}
