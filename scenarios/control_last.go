package scenarios

import (
	"context"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// controlLast enacts one more control run when the stories are over, at a service that
// ran on all the while: it may have sold out, or its token may have died, and a customer
// who is refused then is told the truth.
func (t *runner) controlLast(ctx context.Context) {
	c := &t.control
	if t.targetShop == nil || t.targetShop.Service.URL == "" || t.Story != "" || t.machine.slow != "" || len(c.runs) == 0 || c.cannot != "" {
		return
	}
	s, why := t.controlStory()
	if why != "" {
		return
	}
	o := t.options("wire", "kept", nil, t.Seed)
	o.Form, o.Replay = "control-last", t.Line()
	c.endsWith(t, t.showAs(t.stage(ctx, s, o), "control run at the end"))
}

// endsWith weighs the last control run: what it breaks by a ledger stays red.
func (c *control) endsWith(t *runner, run *judge.Run) {
	if run.Good() || run.Verdict() == judge.Broken && !breaksOnlyTiming(run) {
		return
	}
	t.endings.forgive(run)
	switch slow := t.slowness(run, true); {
	case sold(run):
	case slow != "":
		t.endsAsSlow(slow)
	case run.Verdict() == judge.Unfinished:
		c.lost = "nobody knows whether anybody can buy when the stories are over: " + oneLine(run.Failure, 1000)
		t.endings.unknown("? UNFINISHED: " + c.lost)
	default:
		c.lost = strings.Replace(whyNobodyBought(run, t.targetShop), "could buy", "could buy any more, when the stories were over", 1)
		t.endings.wrong("? UNPROVEN: "+c.lost+"\n  Which of them proves anything is not known.", run.Replay)
	}
}
