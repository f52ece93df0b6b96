package scenarios

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// recordFindings gives each finding of an exploration the line that replays it, and
// the run that shows it: the one that was recorded in real time, or, in virtual
// time, another one that comes out the same.
func (t *runner) recordFindings(ctx context.Context, s harness.Story, r explore.Result) {
	for kind, list := range map[string][]explore.Finding{"finding": r.Findings, "unconfirmed": r.Unconfirmed} {
		for i := range list {
			f := &list[i]
			again, err := record.ParseReplay(f.Replay)
			if err != nil { // it was printed by this suite, and is told with the page
				continue
			}
			f.Line = t.ReplayTokenLine(again)
			if f.Record == nil && t.targetShop == nil {
				f.Record = t.stageAgain(ctx, s, again)
			}
			if f.Record == nil {
				continue
			}
			run := *f.Record
			run.ID, run.Replay = fmt.Sprintf("%s/%s/%s-%d", s.ID, run.World, kind, i+1), f.Line
			f.Run, f.Record = run.ID, &run
		}
	}
}

// stageAgain enacts a finding of virtual time once more, or returns nil where that
// does not break.
func (t *runner) stageAgain(ctx context.Context, s harness.Story, r record.Replay) *judge.Run {
	o := t.options("virtual", "kept", r.Without, r.Seed)
	o.Sink = nil
	if run := t.stage(ctx, enact.Replayed(s, r), o); run.Verdict() == judge.Broken {
		return run
	}
	return nil
}

// asStory is a finding as a story to paste: into the description of somebody's own shop, or
// into a file of specs. It is "" where the description cannot say it.
func (t *runner) asStory(s harness.Story, f explore.Finding) string {
	header := explore.Header(s)
	if t.targetShop == nil {
		return ":\n" + explore.Literal(header, f)
	}
	script := f.Script
	if s.ID == controlID { // how long its page took to load is no step of hers
		script = ""
	}
	entry := t.targetShop.Entry(s, target.Broken{
		ID: explore.EntryID(header, f), Plot: f.Sentence, Promise: f.Promise, More: f.Injections, Script: script,
	})
	if entry == "" {
		return ""
	}
	return ", to paste under “stories:” of the description:\n" + entry
}

// writeFindings leaves the record of the findings' runs beside the report, or none
// where there are none.
func (t *runner) writeFindings(runs []*judge.Run) error {
	path := filepath.Join(t.folder, "findings.jsonl")
	if len(runs) == 0 {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	origin := t.origin
	origin.Runs = len(runs)
	return writeRecord(path, origin, runs)
}
