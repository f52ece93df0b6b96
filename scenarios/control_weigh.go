package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// breach is a promise that control runs broke.
type breach struct {
	judge.Ruling
	run   *judge.Run // an example
	count int        // in so many of the control runs
}

// judge says what the control runs of a shop came to, of which so many were to come to
// their end.
func (c *control) judge(most int, shop *target.Target) {
	last := c.runs[len(c.runs)-1]
	switch {
	case !slices.ContainsFunc(c.runs, sold):
		c.cannot = whyNobodyBought(last, shop)
		return
	case c.all(deaf) && toldOutcome(last):
		c.cannot = whyItNeverRests(last, shop)
		return
	case c.all(deaf):
		c.cannot = whyNobodyWasTold(last, shop)
		return
	case c.finished() < most:
		c.cannot, c.unfinished = c.whyUnfinished(), true
		return
	case !slices.ContainsFunc(c.runs, func(r *judge.Run) bool { return !untold(r) }):
		c.cannot = whyNobodyWasTold(last, shop)
		return
	}
	for _, run := range c.runs {
		for _, ruling := range run.Rulings {
			if ruling.Verdict != judge.Broken {
				continue
			}
			i := slices.IndexFunc(c.broken, func(b breach) bool { return b.Promise == ruling.Promise })
			if i < 0 {
				i = len(c.broken)
				c.broken = append(c.broken, breach{Ruling: ruling, run: run})
			}
			c.broken[i].count++
		}
	}
}

// whyUnfinished says in one sentence that the harness could not finish the control runs,
// though somebody bought, and why.
func (c *control) whyUnfinished() string {
	why := ""
	for _, run := range c.runs {
		if run.Verdict() == judge.Unfinished {
			why = oneLine(run.Failure, 1000)
		}
	}
	return fmt.Sprintf("%d of %s could not be finished, though somebody bought: %s",
		len(c.runs)-c.finished(), counted(len(c.runs), "control run", "control runs"), why)
}

// weighControl takes out of what the control runs came to what the machine may
// have done: a promise about time counts where all of them broke it, and neither
// that nor a sale that did not come counts where it was too slow for all of those.
func (t *runner) weighControl(c *control) {
	if live := t.liveKey(); live != "" { // that is why nobody bought, and no word on the shop
		c.cannot, c.live, c.unfinished = "a live key was refused: "+live, true, false
		return
	}
	if c.cannot != "" {
		bad := func(r *judge.Run) bool { return !t.isNoMachines(r) }
		if c.unfinished {
			bad = func(r *judge.Run) bool { return r.Verdict() == judge.Unfinished }
		}
		if why := t.tooSlowFor(c.runs, bad); why != "" {
			c.cannot = t.endsAsSlow(why)
		}
		return
	}
	proven := slices.ContainsFunc(c.runs, func(r *judge.Run) bool {
		return r.Verdict() == judge.Kept || r.Verdict() == judge.Broken
	})
	for i, run := range c.runs {
		if verdict := run.Verdict(); verdict == judge.Unproven || verdict == judge.Unfinished {
			t.weighUnproven(c, run, i+1, proven)
		}
	}
	c.broken = slices.DeleteFunc(c.broken, func(b breach) bool {
		return slices.Contains(timing(), b.Promise) && !t.isLate(c, b)
	})
}

// tooSlowFor says why the machine was too slow for all runs of that kind, or "".
func (t *runner) tooSlowFor(runs []*judge.Run, kind func(*judge.Run) bool) (why string) {
	for _, run := range runs {
		if kind(run) {
			most := t.bears()
			if heard := looksIn(run); neverTold(run) && heard.answers > heard.errors { // which a moment's wait does not explain
				most = min(2*most, t.bearsAtRest())
			}
			if why = t.lost(run, true, most); why == "" {
				return ""
			}
		}
	}
	return why
}

// weighUnproven weighs the i-th control run, which proves nothing, while somebody bought
// in one of them. Proven says that another one proves something. What is no excuse stays
// red; the run that stands for the story is repeated as such.
func (t *runner) weighUnproven(c *control, run *judge.Run, i int, proven bool) {
	slow, finished := t.slowness(run, true), run.Verdict() == judge.Unproven
	switch {
	case slow == "" && finished && !sold(run): // that others could buy is no excuse
		c.unsold++
		return
	case slow == "" && finished && !proven: // nothing shows that this shop can be judged
		c.open++
		return
	case run == c.asRun:
		return
	case slow != "" && finished && !sold(run):
		t.endsAsSlow(slow)
	case slow != "":
	case finished:
		c.sees(run, fmt.Sprintf("control run %d proves nothing, and others do", i))
	default:
		c.sees(run, fmt.Sprintf("control run %d was repeated: %s", i, oneLine(run.Failure, 300)))
	}
	t.endings.forgive(run)
}

// sees takes note of what a control run showed, which is no finding.
func (c *control) sees(run *judge.Run, text string) {
	c.seen = append(c.seen, fmt.Sprintf("%s — %s: %s: see %s in the report", run.Verdict(), run.Story, text, run.ID))
}

// isLate says whether a promise about time counts as broken. Where it does not, the runs
// that break nothing else are forgiven.
func (t *runner) isLate(c *control, b breach) bool {
	broke := func(r *judge.Run) bool { return breaks(r, b.Promise) }
	why := t.tooSlowFor(c.runs, func(r *judge.Run) bool { return broke(r) && !looksIn(r).inVain() })
	if why != "" {
		t.endsAsSlow(why)
	}
	finished := c.finished()
	if why == "" && b.count == finished && b.count >= controls {
		return true
	}
	for _, run := range c.runs {
		if !broke(run) {
			continue
		}
		if breaksOnlyTiming(run) {
			t.endings.forgive(run)
		}
		if why == "" {
			c.sees(run, fmt.Sprintf("%s, seen in %d of %d control runs; a promise about time counts where %d of %d break it", b.Promise, b.count, finished, controls, controls))
		}
	}
	return false
}

// breaksOnlyTiming says whether all that a run breaks is about time.
func breaksOnlyTiming(r *judge.Run) bool {
	return !slices.ContainsFunc(r.Rulings, func(ruling judge.Ruling) bool {
		return ruling.Verdict == judge.Broken && !slices.Contains(timing(), ruling.Promise)
	})
}

// tellControl prints what the control runs came to, once.
func (t *runner) tellControl(c *control) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, text := range c.seen {
		if fmt.Fprintln(t.out, text); t.Strict {
			t.endings.wrong("✖ "+text, "")
		}
	}
	if c.cannot == "" {
		for _, b := range c.broken {
			fmt.Fprintf(t.out, "\n%s\n  replay: %s\n\n", b.text(c.finished()), b.run.Replay)
		}
		return
	}
	red := ending{key: controlID, story: t.Story, text: "? " + c.says(), unfinished: c.unfinished}
	for _, run := range c.runs {
		t.endings.forgive(run) // this tells of all of them
		red.replay = run.Replay
	}
	if t.Story == "" {
		red.text += "\n  Nothing else was staged."
	}
	if t.controlFailed() { // else the end tells it
		t.endings.note(red)
	}
}

// says is why nothing proves anything, with the verdict. A live key is no verdict on a shop.
func (c *control) says() string {
	if c.live {
		return "CALLED WRONGLY: " + c.cannot
	}
	if c.unfinished {
		return string(judge.Unfinished) + ": " + c.cannot
	}
	return string(judge.Unproven) + ": " + c.cannot
}

// text is the finding of a control run, with what may tell why.
func (b breach) text(of int) string {
	text := fmt.Sprintf("✖ %s broke in %d of %d control runs, without any fault: %s\n  %s\n", b.Promise, b.count, of, b.Because, b.run.Sentence())
	if words := looksIn(b.run).words(); words != "" {
		text += "  " + words + "\n"
	}
	text += b.run.Asides()
	return strings.TrimRight(text, "\n")
}

// isBroken says whether the control runs broke the promise.
func (c *control) isBroken(promise string) bool {
	return slices.ContainsFunc(c.broken, func(b breach) bool { return b.Promise == promise })
}

// breaksAny says whether the run breaks one of these.
func breaksAny(r *judge.Run, list []breach) bool {
	return slices.ContainsFunc(list, func(b breach) bool { return breaks(r, b.Promise) })
}

// explains says whether the run breaks nothing but what the control runs broke
// without any fault. Of those it says nothing: they are the first to show it.
func (c *control) explains(r *judge.Run) bool {
	return len(c.broken) > 0 && !slices.Contains(c.runs, r) && !slices.ContainsFunc(r.Rulings, func(ruling judge.Ruling) bool {
		return ruling.Verdict != judge.Kept && !c.isBroken(ruling.Promise)
	})
}
