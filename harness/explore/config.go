package explore

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// Config says what is explored, and how far.
type Config struct {
	Story   StoryHeader // its injections stay as they are; others are added
	Seed    uint64
	Without []string // safeguards switched off
	// Try enacts a trial; it is called by as many goroutines as Workers. Its
	// error ends the exploration.
	Try       Try
	Workers   int
	Processes []string // who can be killed
	// The exploration ends after so many schedules of its order, or so much real
	// time; 0 is no limit of that kind. Without any it ends with the pairs.
	Schedules int
	Time      time.Duration
	Shard     settings.Shard
	// Audit is how many of the pruned schedules are run all the same, at least;
	// beyond them one in 20. Negative: nothing is pruned at all, as in a world
	// whose histories are never the same twice.
	Audit int
	// Real is for a world in which real time passes; nil: it does not. With it,
	// Workers is the most that are enacted at once.
	Real *Real
	// Space asks for schedules with one fault at least of a space; "": of any.
	Space       fault.Space
	StopAtFirst bool // a finding is all that is wanted
	SinglesOnly bool // it ends with the singles, whatever the budget
	// Triples asks for so many schedules of three injections instead of pairs; 0: none.
	// Two in one that are dead together, or come out as two others do, are not drawn.
	Triples int
	// Only says which injections are tried; nil: all.
	Only func(injection.Injection) bool
	// Watch is told now and then how far it has come; nil: nobody wants to know.
	Watch func(Progress)
	// Epilogues follow schedules: in one of seven that are tried, the same submit is sent
	// again when all is over. NoEpilogue says why that cannot be here, or "".
	Epilogues  bool
	NoEpilogue string

	same rule // how histories are compared; nil: as they should be
}

// Progress is how far an exploration has come.
type Progress struct {
	Tally   Tally
	Broken  int // schedules that broke a promise, before they are told apart
	Enacted int
	Took    time.Duration
	Left    time.Duration // of Time; 0 where there is no such limit
	Total   int           // of Schedules, or of what is known of them
	Phase   string        // "singles", "pairs", "random", "minimizing"
}
