package model

import (
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Standing is a run's verdict, read against what was expected of the run.
type Standing struct {
	Class string // of its colour and its icon
	Word  string
	Rank  int // in the index; the worst comes first
}

var (
	Broke      = Standing{"broke", "BROKE", 0}
	Missed     = Standing{"missed", "NOT REPRODUCED", 1}
	Unfinished = Standing{"unfinished", "UNFINISHED", 2}
	Unproven   = Standing{"unproven", "UNPROVEN", 3}
	Kept       = Standing{"kept", "KEPT", 4}
	Reproduced = Standing{"reproduced", "COMPLAINT REPRODUCED", 5}
)

// good says whether it is as expected.
func (s Standing) good() bool { return s.Rank >= Kept.Rank }

// StandingOf says where a run stands. Of a complaint only the letter is good.
func StandingOf(r *judge.Run) Standing {
	switch {
	case !isDemonstration(r):
		return VerdictStanding(r.Verdict())
	case r.Good():
		return Reproduced
	}
	return Missed
}

func VerdictStanding(v judge.Verdict) Standing {
	switch v {
	case judge.Kept:
		return Kept
	case judge.Broken:
		return Broke
	case judge.Unproven:
		return Unproven
	}
	return Unfinished
}

// isDemonstration says whether the run shows what comes true without a safeguard.
func isDemonstration(r *judge.Run) bool { return r.Expects == "complaint" }
