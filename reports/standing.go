package reports

import "github.com/unhappypath/unhappypath/harness"

// standing is a run's verdict, read against what was expected of the run.
type standing struct {
	Class string // of its colour and its icon
	Word  string
	rank  int // in the index; the worst comes first
}

var (
	broke      = standing{"broke", "BROKE", 0}
	missed     = standing{"missed", "NOT REPRODUCED", 1}
	unfinished = standing{"unfinished", "UNFINISHED", 2}
	unproven   = standing{"unproven", "UNPROVEN", 3}
	kept       = standing{"kept", "KEPT", 4}
	reproduced = standing{"reproduced", "COMPLAINT REPRODUCED", 5}
)

// good says whether it is as expected.
func (s standing) good() bool { return s.rank >= kept.rank }

// standingOf says where a run stands. Of a complaint only the letter is good.
func standingOf(r *harness.Run) standing {
	switch {
	case !isDemonstration(r):
		return verdictStanding(r.Verdict())
	case r.Good():
		return reproduced
	}
	return missed
}

func verdictStanding(v harness.Verdict) standing {
	switch v {
	case harness.Kept:
		return kept
	case harness.Broken:
		return broke
	case harness.Unproven:
		return unproven
	}
	return unfinished
}

// isDemonstration says whether the run shows what comes true without a safeguard.
func isDemonstration(r *harness.Run) bool { return r.Expects == "complaint" }
