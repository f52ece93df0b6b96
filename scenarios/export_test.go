package scenarios

import (
	"io"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// Line is what the terminal says of a run.
var Line = line

// Told are the stories of this suite.
func Told() []harness.Story { return told }

// ShareOf is one story's share of an exploration's budget.
var ShareOf = shareOf

// LackedBy says which step of a story no control run had.
func LackedBy(s harness.Story, controls ...*judge.Run) string {
	c := control{runs: controls}
	return c.lacks(s)
}

// TellFindings tells and keeps the findings of a story, with reports in a folder.
func TellFindings(out io.Writer, folder string, s harness.Story, r explore.Result) error {
	return TellFindingsOf(out, folder, nil, s, r)
}

// TellFindingsOf is TellFindings at somebody's own shop.
func TellFindingsOf(out io.Writer, folder string, shop *target.Target, s harness.Story, r explore.Result) error {
	t := &runner{out: out, folder: folder, targetShop: shop}
	return t.tellFindings(newTeller(out, 1, settings.Budget{Schedules: 1}, 1, settings.Shard{}), s, r)
}
