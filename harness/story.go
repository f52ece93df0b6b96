package harness

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Story is one thing that happens to customers of a shop. It is a value: who
// takes part, what they do, what goes wrong on the way, what must still hold.
type Story struct {
	ID     string   // stable, in kebab-case, 43 characters at most: names the story in reports, filters and replays
	Plot   string   // what happens, in the customer's words
	Labels []string // for filters, such as "case"
	Told   string   // file:line, from the repository's root; Tell fills it in

	Browser bool  // the customers sit at a real browser; only where there is one
	Clock   Clock // the fastest clock that the story bears; zero: any

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

// Shop is what a story may ask of the shop it is staged in. Zero values leave
// the shop as it is.
type Shop struct {
	PageTimeOut  time.Duration // how long the front end waits for an answer to a submit
	PageSilence  time.Duration // how long it says nothing while none comes
	PageResends  int           // how often it sends it again, or Never
	ApproveAfter time.Duration // how long the customer takes to approve a payment in her app, or Never
	Declines     int           // how many payments, from the first on, the customer's app or bank declines
	Bank         observe.Bank  // what the customer's bank does, where the provider has a price for that
	NoCarrier    bool          // nobody is told where the goods are
	// ChangesBasket says that the story needs a basket that can be changed.
	ChangesBasket bool
	// GoesBack says that the story needs a page that can be left for the one before.
	GoesBack bool
	// ClicksCold says that the story needs a page that can click on a connection of
	// its own.
	ClicksCold bool
}

// Never, as a number of re-sends or a time of approval, is none at all.
const Never = -1

// Complaint is what comes true, to the letter, with safeguards switched off.
type Complaint struct {
	Off  []string // the safeguards
	Want Figures
	// Breaks names the standard promises whose alarm must ring at least.
	Breaks []string
}

// Figures are what can be counted of one wish to buy.
type Figures struct {
	Orders, Charges, Parcels int
	Screen                   observe.Status // the last one
}

// Without begins a Complaint.
func Without(safeguards ...string) Complaint { return Complaint{Off: safeguards} }

// Orders says how many the shop took.
func (c Complaint) Orders(n int) Complaint { c.Want.Orders = n; return c }

// Charges says how many captures the provider's ledger has.
func (c Complaint) Charges(n int) Complaint { c.Want.Charges = n; return c }

// Parcels says how many the carrier's ledger has.
func (c Complaint) Parcels(n int) Complaint { c.Want.Parcels = n; return c }

// Screen says what the customer's screen shows in the end.
func (c Complaint) Screen(says observe.Status) Complaint { c.Want.Screen = says; return c }

// SaysNothing says that the screen never got beyond its spinner.
func (c Complaint) SaysNothing() Complaint { return c.Screen(observe.StatusWaiting) }

// Breaking names standard promises whose alarm must ring.
func (c Complaint) Breaking(promises ...string) Complaint { c.Breaks = promises; return c }

// Is says whether there is a complaint at all.
func (c Complaint) Is() bool { return len(c.Off) > 0 }

// Mismatch says how the figures differ from the complaint's, or "".
func (c Complaint) Mismatch(got Figures) string {
	var wrong []string
	compare := func(what string, got, want any) {
		if got != want {
			wrong = append(wrong, fmt.Sprintf("%s: want %v, got %v", what, want, got))
		}
	}
	compare("orders", got.Orders, c.Want.Orders)
	compare("charges", got.Charges, c.Want.Charges)
	compare("parcels", got.Parcels, c.Want.Parcels)
	compare("screen", got.Screen, c.Want.Screen)
	return strings.Join(wrong, "; ")
}

// LongestStoryID is how many characters an id has at most: what a shop's seed of 64
// characters leaves beside a number and a slash. Files are named after it, too.
const LongestStoryID = 43

var storyID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// IsStoryID says whether a story may have this id: words in lower case with hyphens
// between.
func IsStoryID(id string) bool { return storyID.MatchString(id) }

// Check says what is wrong with the story itself, or nil.
func (s Story) Check() error {
	switch {
	case !storyID.MatchString(s.ID):
		return fmt.Errorf("story id %q: want words in lower case with hyphens between, such as “customer-3-double-click”", s.ID)
	case len(s.ID) > LongestStoryID:
		return fmt.Errorf("story id %q has %d characters: want %d at most", s.ID, len(s.ID), LongestStoryID)
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
	judged := promiseNames()
	for _, p := range s.Promises {
		if slices.Contains(judged, p.Name) {
			return fmt.Errorf("story %s promises %q twice: the standard promises are judged anyway, and each of its own has a name of its own", s.ID, p.Name)
		}
		judged = append(judged, p.Name)
	}
	for _, name := range s.Excused {
		if !slices.ContainsFunc(StandardPromises(), func(p Promise) bool { return p.Name == name }) {
			return fmt.Errorf("story %s excuses %q, which is no standard promise: %s are", s.ID, name, strings.Join(promiseNames(), ", "))
		}
	}
	return s.Complaint.check(s.ID, judged)
}

// check says what is wrong with the complaint of a story that is judged by the
// promises.
func (c Complaint) check(story string, promises []string) error {
	if !c.Is() && (c.Want != Figures{} || len(c.Breaks) > 0) {
		return fmt.Errorf("story %s has a complaint that switches nothing off: begin it with Without and a safeguard", story)
	}
	for _, name := range c.Breaks {
		if !slices.Contains(promises, name) {
			return fmt.Errorf("story %s has a complaint that breaks %q, which is no promise: %s are", story, name, strings.Join(promises, ", "))
		}
	}
	return nil
}

// PatienceOrDefault is the story's patience, 30 s where it says nothing.
func (s Story) PatienceOrDefault() time.Duration {
	if s.Patience == 0 {
		return 30 * time.Second
	}
	return s.Patience
}

// AllPromises are the standard ones and the story's own.
func (s Story) AllPromises() []Promise { return append(StandardPromises(), s.Promises...) }
