package judge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Run is one enactment of a story, and what happened to it.
type Run struct {
	ID       string             `json:"id"`    // unique in a record: story, world, form, …
	Story    string             `json:"story"` // the story's id
	Plot     string             `json:"plot"`
	Labels   []string           `json:"labels,omitempty"`
	World    string             `json:"world"`
	Database string             `json:"database,omitempty"` // "sqlite", "postgres"
	Provider string             `json:"provider,omitempty"` // by whom the reference shop is paid; "": its usual one
	Clock    units.Clock        `json:"clock"`
	Seed     uint64             `json:"seed"`
	Without  []string           `json:"without,omitempty"` // safeguards switched off
	Expects  string             `json:"expects"`           // "kept" or "complaint"
	Schedule injection.Schedule `json:"schedule,omitempty"`
	// Routes are how the shop, its provider and its carrier spell operations.
	Routes   observe.Routes `json:"routes,omitempty"`
	Patience time.Duration  `json:"patience"`          // nanoseconds of story time
	Excused  []string       `json:"excused,omitempty"` // standard promises that are not judged
	// Complaint are the safeguards without which the plot comes true: with them it
	// is what a customer complained of, and not what happens.
	Complaint []string  `json:"complaint,omitempty"`
	Began     time.Time `json:"began"`
	// NoCarrier says that nobody was told where the goods are.
	NoCarrier bool `json:"no_carrier,omitempty"`
	// ParcelsEach is in how many parcels an order is sent; 0: in one.
	ParcelsEach int `json:"parcels_each,omitempty"`
	// Fulfilment says that what is counted as parcels are calls, or words of the shop,
	// that mean that goods were sent.
	Fulfilment bool   `json:"fulfilment,omitempty"`
	Replay     string `json:"replay,omitempty"` // a line to paste
	Told       string `json:"told,omitempty"`   // where its story is told: file:line, from the repository's root

	Took time.Duration `json:"took,omitempty"` // real time
	// Uncounted is why the run says nothing of the shop and was enacted again; "": it counts.
	Uncounted string `json:"uncounted,omitempty"`
	Failure   string `json:"failure,omitempty"`   // why the harness could not finish it
	Unsettled string `json:"unsettled,omitempty"` // why the world did not come to rest
	// Mismatch says how a complaint did not come true to the letter.
	Mismatch string   `json:"mismatch,omitempty"`
	Rulings  []Ruling `json:"rulings,omitempty"`

	History History `json:"-"`
	// ScriptOver is when the script ended, in story time, so that no injection began any
	// more; 0: it did not. BooksAt are digests of the shop's books at the moments of
	// messages, where an exploration asked for them. No record has either.
	ScriptOver time.Duration       `json:"-"`
	BooksAt    map[Sighting]uint64 `json:"-"`

	// Redact takes the secrets out of a text of this run, whose history still has them: it
	// must not leave the process. Nil: the history has none.
	Redact func(text string) string `json:"-"`

	index *history.Index // of History, made when it is asked for
}

// Sighting names an event: it is the n-th that its actor told of.
type Sighting struct {
	Actor string
	Seq   int
}

// SightingOf is the event's name.
func SightingOf(e observe.Event) Sighting { return Sighting{e.Actor, e.Seq} }

// What every run is judged by beside its promises.
const (
	EveryInjectionTookEffect = "every-injection-took-effect"
	everyEntryHasAnOwner     = "every-entry-has-an-owner"
	everyRequestHadAnAnswer  = "every-request-had-an-answer"
	somebodyBought           = "somebody-bought"
	cameToRest               = "came-to-rest"
	WasStaged                = "staged"
)

// Judge judges the run by the promises and by what must be true of every run,
// replacing the rulings that it had. It is pure: from disk it comes to the
// same.
func (r *Run) Judge(promises []Promise) {
	r.Rulings = nil
	rule := func(name string, ruling Ruling) {
		ruling.Promise, ruling.Because = name, redact.Truncate(ruling.Because, redact.LongestText)
		r.Rulings = append(r.Rulings, ruling)
	}
	for _, p := range promises {
		switch {
		case slices.Contains(r.Excused, p.Name):
			rule(p.Name, Ruling{Verdict: Kept, Because: "not judged: the story excuses it"})
		case p.AtRest && r.Failure != "":
			rule(p.Name, Ruling{Verdict: Unfinished, Because: "the run did not come to its end"})
		case p.AtRest && r.Unsettled != "" && !r.lasted(longEnough):
			rule(p.Name, p.beforeRest(r))
		default:
			rule(p.Name, p.judge(r))
		}
	}
	if len(r.Schedule) > 0 {
		rule(EveryInjectionTookEffect, r.everyInjectionTookEffect())
	}
	if ruling := r.everyEntryHasAnOwner(); ruling.Verdict != Kept {
		rule(everyEntryHasAnOwner, ruling)
	}
	if ruling := r.everyRequestHadAnAnswer(); ruling.Verdict != Kept {
		rule(everyRequestHadAnAnswer, ruling)
	}
	if !slices.ContainsFunc(r.History, isClick) && r.Failure == "" {
		rule(somebodyBought, RuleUnproven("%s", r.whyNobodyBought()))
	}
	if r.Unsettled != "" {
		rule(cameToRest, RuleUnproven("%s", r.Unsettled))
	}
	if r.Failure != "" {
		rule(WasStaged, Ruling{Verdict: Unfinished, Because: r.Failure})
	}
	r.withholdWithoutSale()
}

// SomebodyCanBuy names the promise of a purchase without faults that a customer
// can buy. A run that leaves it unproven proves nothing else either.
const SomebodyCanBuy = "somebody-can-buy"

// withholdWithoutSale takes back what broke in a run in which nobody could buy:
// a wrong set-up breaks promises as well as a shop does.
func (r *Run) withholdWithoutSale() {
	sale := r.Ruling(SomebodyCanBuy)
	if sale == nil || sale.Verdict != Unproven {
		return
	}
	for i, ruling := range r.Rulings {
		if ruling.Verdict == Broken {
			r.Rulings[i] = Ruling{Promise: ruling.Promise, Verdict: Unproven, Because: "not judged, since nobody could buy"}
		}
	}
}

// whyNobodyBought says what kept the customers from clicking, if that is known.
func (r *Run) whyNobodyBought() string {
	var lost []string
	for _, basket := range r.Baskets() {
		if r.neverCame(basket) {
			lost = append(lost, r.whose(basket)+"'s page did not load")
		}
	}
	if len(lost) == 0 {
		return "nobody clicked submit, so nothing was put to the test"
	}
	return "nobody clicked submit: " + strings.Join(lost, ", ")
}

// Rejudge judges a run from disk by the standard promises as they are now. What
// its story promised beside them is not on the disk, and its rulings stay.
func (r *Run) Rejudge() {
	standard := append(PromiseNames(), EveryInjectionTookEffect, everyEntryHasAnOwner, everyRequestHadAnAnswer, somebodyBought, cameToRest, WasStaged)
	own := slices.DeleteFunc(slices.Clone(r.Rulings), func(ruling Ruling) bool { return slices.Contains(standard, ruling.Promise) })
	r.Judge(StandardPromises())
	r.Rulings = append(r.Rulings, own...)
	r.withholdWithoutSale()
}

// longEnough is when a story is over even if something still moves: what has
// not come out right by then does not come out right for a customer.
const longEnough = 20 * time.Hour

// lasted says whether so much time of the story passed.
func (r *Run) lasted(d time.Duration) bool {
	return len(r.History) > 0 && r.History[len(r.History)-1].At >= d
}

// Verdict is the worst of the rulings; a run that nobody judged is Unfinished.
func (r *Run) Verdict() Verdict {
	if len(r.Rulings) == 0 {
		return Unfinished
	}
	v := Kept
	for _, ruling := range r.Rulings {
		v = Worse(v, ruling.Verdict)
	}
	return v
}

// Good says whether the run is as expected: kept by a shop with its safeguards,
// or, of a complaint, the complaint to the letter with its injections proven.
func (r *Run) Good() bool {
	if r.Expects != "complaint" {
		return r.Verdict() == Kept
	}
	return r.Mismatch == "" && r.Verdict() == Broken && !r.has(Unproven) && !r.has(Unfinished)
}

func (r *Run) has(v Verdict) bool {
	for _, ruling := range r.Rulings {
		if ruling.Verdict.orUnfinished() == v {
			return true
		}
	}
	return false
}

// Ruling returns the ruling on the named promise, or nil.
func (r *Run) Ruling(promise string) *Ruling {
	for i := range r.Rulings {
		if r.Rulings[i].Promise == promise {
			return &r.Rulings[i]
		}
	}
	return nil
}

// everyEntryHasAnOwner makes sure that no money and no parcel escapes the books
// because nobody knows whose it is.
func (r *Run) everyEntryHasAnOwner() Ruling {
	if nobodys := r.Entries("", observe.Money, observe.Parcel); len(nobodys) > 0 {
		e := r.History[nobodys[0]]
		return RuleBroken(nobodys[:1], "%s wrote “%s” under %q, which is no customer's: a reference begins with a basket's name and a hyphen",
			e.Actor, e.Entry.Op, e.Entry.Reference)
	}
	return RuleKept()
}

// everyRequestHadAnAnswer makes sure that the shop was told nothing that nobody wrote: a
// service that is described says 404 to what its description has no answer to, and
// another service may not; a fake says 501 to what it does not play, and nothing is known
// of the shop then. What an injection changed on its way is no request of the shop's.
func (r *Run) everyRequestHadAnAnswer() Ruling {
	if i := r.firstUnplayed(); i >= 0 {
		return Ruling{Verdict: Unfinished, Evidence: []int{i}, Because: NotPlayed(r.History[i].Message)}
	}
	for i, e := range r.History {
		m := e.Message
		if m == nil || !m.Unanswered {
			continue
		}
		if c := r.Index().CallOf(i); c != nil && len(c.Hits) > 0 {
			continue
		}
		path, _, _ := strings.Cut(m.Path, "?")
		return RuleUnproven("%s was asked %s %s, and its description has no answer: add one to callees.%s.answers",
			m.Hop.Callee(), m.Method, path, m.Hop.Callee())
	}
	return RuleKept()
}

// firstUnplayed is the first event of the history in which a fake was asked for what it
// does not play, by no injection's doing, or -1.
func (r *Run) firstUnplayed() int {
	for i, e := range r.History {
		if e.Message == nil || e.Message.Unplayed == "" {
			continue
		}
		if c := r.Index().CallOf(i); c == nil || len(c.Hits) == 0 {
			return i
		}
	}
	return -1
}

// Unplayed says what a fake was asked for and does not play, or "". Whatever else did not
// come to its end in such a run follows from it.
func (r *Run) Unplayed() string {
	if i := r.firstUnplayed(); i >= 0 {
		return NotPlayed(r.History[i].Message)
	}
	return ""
}

// NotPlayed is the sentence about a request of something that a fake does not play.
func NotPlayed(m *observe.Message) string {
	return "the fake " + m.Hop.Callee() + " was asked for " + m.Unplayed + ", which it does not play"
}

// LiveKey says where a live key was seen, or "". Such a run says nothing of the shop but
// that it was called with the wrong key.
func (r *Run) LiveKey() string {
	for _, e := range r.History {
		if e.Message != nil && e.Message.LiveKey != "" {
			return WithLiveKey(e.Message)
		}
	}
	return ""
}

// WithLiveKey is the sentence about a request that carries a live key.
func WithLiveKey(m *observe.Message) string {
	path, _, _ := strings.Cut(m.Path, "?")
	return fmt.Sprintf("%s: %s %s carries a live key (%s), with which real money is moved: a test never has one; give the shop a test key (…_test_…)",
		m.Hop, m.Method, path, m.LiveKey)
}

// Index is what the history says, read once for all who ask.
func (r *Run) Index() *history.Index {
	if r.index == nil || !r.index.IsOf(r.History) {
		r.index = history.Read(r.History)
	}
	return r.index
}

// Baskets are the customers' wishes to buy, in the order in which they were
// first opened or clicked.
func (r *Run) Baskets() []string { return r.Index().Baskets }

// OwnerOf says whose money or parcel an entry of a ledger is, or "".
func (r *Run) OwnerOf(e *observe.Entry) string { return r.Index().OwnerOf(e) }

// LongestStoryID is how many characters an id has at most: what a shop's seed of 64
// characters leaves beside a number and a slash. Files are named after it, too.
const LongestStoryID = 43

var storyID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// IsStoryID says whether a story may have this id: words in lower case with hyphens
// between.
func IsStoryID(id string) bool { return storyID.MatchString(id) }
