package model

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// About is what a report says of itself.
type About struct {
	Title   string    // its heading; "Checkout stories" where empty
	Commit  string    // of what was tested; may be empty
	At      time.Time // when the runs were over
	Shards  int       // how many parts the runs were merged from; 0 or 1: they are whole
	Skipped []Skip    // what was not run
	// Baseline are earlier runs to compare with, of one record or of several.
	// Those of the same story, world and form are a story's history; the last
	// good one of them is what a broken run is compared with.
	Baseline []*judge.Run
}

// Skip is a story that was not run, and why.
type Skip struct{ Name, Reason string }

func (a About) Heading() string {
	if a.Title == "" {
		return "Checkout stories"
	}
	return a.Title
}
