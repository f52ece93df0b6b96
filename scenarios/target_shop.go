package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/harness/wire"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// invite takes somebody's own shop in where UNHAPPY_TARGET names its
// description. What the description says of the world goes for the suite.
func (t *runner) invite() error {
	if t.Target == "" {
		return nil
	}
	if len(t.Without) > 0 {
		return errors.New("UNHAPPY_WITHOUT switches off safeguards of the reference shop, and UNHAPPY_TARGET names another one: set one of them")
	}
	path, err := findTarget(t.Target)
	if err == nil {
		err = canBeRead(path)
	}
	if err != nil {
		return fmt.Errorf("UNHAPPY_TARGET=%s: %w; valid: %s", t.Target, err, settings.TargetIs)
	}
	if t.targetShop, err = target.Load(path, fakes.Providers()); err != nil {
		return err
	}
	t.machine.pulse = wire.NewPulse()
	t.Target = path // a replay finds it from anywhere
	t.Worlds, t.Clock, t.Settings.Database = []string{"wire"}, t.targetShop.StoryClock(), "sqlite"
	if t.targetShop.Database == "postgres" {
		t.Settings.Database = "postgres"
	}
	return nil
}

// dialWithin is how long a service that runs may take to accept a connection.
const dialWithin = time.Second

// isThere fails where nothing listens at the address of a service that runs already. Its
// customers would wait for a page that cannot come, at the port of a proxy which nobody
// wrote down.
func (t *runner) isThere() error {
	config, _ := ginkgo.GinkgoConfiguration()
	if t.targetShop == nil || t.targetShop.Service.URL == "" || config.DryRun {
		return nil
	}
	address, err := t.targetShop.Address()
	if err != nil {
		return err
	}
	conn, err := net.DialTimeout("tcp", address, dialWithin)
	if err != nil {
		return fmt.Errorf("nothing listens at %s: start the shop, or say service: {command: […]}", t.targetShop.Service.URL)
	}
	return conn.Close()
}

// tellOwn tells the stories that the description has, like those of this package.
func (t *runner) tellOwn() error {
	if t.targetShop == nil || len(t.targetShop.Stories) == 0 {
		return nil
	}
	for _, s := range t.targetShop.OwnStories(filepath.Base(t.Target)) {
		tellAt(s, s.Told)
	}
	return checkStories(told, places)
}

// findTarget finds the description. “go test” runs a suite in the folder of its
// package, which may be far from where the person is who named the file: so a
// relative name is looked for here, at the module's root, and where anyone who
// started us is, as far as the system tells.
func findTarget(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	folders := []string{"."}
	if root, err := moduleRoot(); err == nil {
		folders = append(folders, root)
	}
	if starter, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", os.Getppid())); err == nil {
		folders = append(folders, starter)
	}
	for _, folder := range folders {
		path, err := filepath.Abs(filepath.Join(folder, name))
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no such file where this suite runs; name it from the root, such as UNHAPPY_TARGET=\"$PWD/%s\"", name)
}

func canBeRead(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = file.Read(make([]byte, 1)); err == io.EOF { // that it is empty is told by anyone who reads it
		return nil
	}
	return err
}

// title is the suite's in every report.
func (t *runner) title() string {
	if t.targetShop != nil {
		return "Checkout stories of " + t.targetShop.Name
	}
	return "Checkout stories"
}

// tellTarget makes the spec of a story in somebody's own shop.
func (t *runner) tellTarget(s harness.Story) {
	for round := range t.Rounds {
		name := "is kept by " + t.targetShop.Name
		if round > 0 {
			name += fmt.Sprintf(", round %d", round+1)
		}
		own, reason := t.asTarget(s)
		reason = cmp.Or(reason, t.tooSlow(s))
		t.progress.leaves(s.ID+" "+name, reason)
		ginkgo.It(name, func(ctx ginkgo.SpecContext) {
			if reason == "" {
				reason = t.lacks(own)
			}
			if reason = cmp.Or(reason, t.machine.slow, t.control.lacks(own)); reason != "" {
				ginkgo.Skip(reason)
			}
			t.judgeTarget(ctx, own, round)
		})
	}
}

// judgeTarget stages a story in somebody's own shop, unless nobody can buy there.
func (t *runner) judgeTarget(ctx context.Context, own harness.Story, round int) {
	if t.Story == "" {
		if c := t.controlled(ctx); c.cannot != "" {
			ginkgo.Skip(c.cannot)
		} else if own.ID == controlID && round == 0 && c.asRun != nil {
			again := func(form string) *judge.Run { return t.enactAs(ctx, own, "wire", "kept", nil, t.Seed, form) }
			if breaksAny(c.asRun, c.broken) { // that was repeated already
				again = nil
			}
			t.targetResult(ctx, c.asRun, again)
			return
		}
	}
	seed := t.Seed + uint64(round)
	beside := t.controlBeside(ctx, own.ID)
	run := t.enact(ctx, own, "wire", "kept", nil, seed)
	t.needsSale(beside(), run)
	t.targetResult(ctx, run, func(form string) *judge.Run {
		return t.enactAs(ctx, own, "wire", "kept", nil, seed, form)
	})
}

// judgeAgain stages what a token says in somebody's own shop.
func (t *runner) judgeAgain(ctx context.Context, s harness.Story, r record.Replay, world string) {
	beside := t.controlBeside(ctx, "")
	run := t.again(ctx, s, r, world, "replay")
	t.needsSale(beside(), run)
	t.targetResult(ctx, run, func(form string) *judge.Run { return t.again(ctx, s, r, world, form) })
}

// needsSale ends a story that proves nothing, since nobody could buy in the control run.
// What a story breaks in which somebody bought stands for itself.
func (t *runner) needsSale(c *control, run *judge.Run) {
	switch {
	case c.cannot == "" || sold(run) && run.Verdict() == judge.Broken:
	case c.cannot == t.machine.slow:
		t.endings.forgive(run)
		ginkgo.Skip(c.cannot)
	default:
		t.endings.forgive(run) // the control run tells it
		ginkgo.Fail(c.says())
	}
}

// needsControl ends a story that came out well, where the control run did not.
func (t *runner) needsControl() {
	if t.Story != "" && t.controlIsRed() { // elsewhere the suite fails with it
		ginkgo.Fail("it is kept, and the control run is not: see above")
	}
}

// targetResult fails with a run that is not good, if it is red again alone. What the
// control run breaks without any fault was told already.
func (t *runner) targetResult(ctx context.Context, run *judge.Run, again func(form string) *judge.Run) {
	if run.Good() {
		t.tellBrokenBefore(run)
		t.needsControl()
		return
	}
	if sale := run.Ruling(judge.SomebodyCanBuy); sale != nil && sale.Verdict == judge.Unproven {
		t.unsold(run)
	}
	if again != nil && !t.control.explains(run) && ctx.Err() == nil {
		found, proof, text := t.repeat(ctx, run, t.repeats(ctx, again))
		switch run = found; proof {
		case unjudged:
			t.endsAsSlow(text)
			t.endings.undecided(run)
			ginkgo.Skip(notJudged)
		case notAgain:
			if t.seenOnce(run, text) {
				ginkgo.Fail(text)
			}
			t.needsControl()
			return
		default:
			t.endings.because(run, text)
		}
	}
	if t.control.explains(run) {
		ginkgo.Fail(fmt.Sprintf("%s — %s: as the control run, which breaks the same without any fault", run.Verdict(), run.Story))
	}
	ginkgo.Fail(run.FailureText())
}

// unsold fails with a purchase without faults in which nobody could buy. That somebody
// could another time is no excuse; that the machine was too slow for it is.
func (t *runner) unsold(run *judge.Run) {
	if why := t.slowness(run, true); why != "" && !t.isNoMachines(run) {
		t.endings.forgive(run)
		ginkgo.Skip(t.endsAsSlow(why))
	}
	ginkgo.Fail(run.FailureText())
}

// seenOnce tells of a run that is red and came out well when it was repeated alone:
// that is listed, and red for anyone who is strict.
func (t *runner) seenOnce(run *judge.Run, text string) (red bool) {
	text = fmt.Sprintf("%s — %s: %s: see %s in the report", run.Verdict(), run.Story, text, run.ID)
	if t.Strict {
		t.endings.wrong("✖ "+text, run.Replay)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintln(t.out, text)
	return t.Strict
}

// asTarget is a story as it is staged in somebody's own shop, or why it is not.
func (t *runner) asTarget(s harness.Story) (harness.Story, string) {
	if slices.Contains(s.Labels, Long) {
		return s, "it takes hours, and somebody's own shop lives in real time"
	}
	if s.Browser && slices.Contains(s.Labels, Variant) && t.targetShop.AtBrowser() {
		return s, "the same story is played at a browser already: all of this shop's are"
	}
	own, reason := t.targetShop.Story(s)
	if own.ID == controlID {
		own.Promises = append(slices.Clip(own.Promises), somebodyCanBuy(t.targetShop))
	}
	return own, reason
}

// tooSlow says why nobody waits for the story in somebody's own shop, or "". One
// that is asked for is waited for.
func (t *runner) tooSlow(s harness.Story) string {
	canonical := slices.Contains(s.Labels, Case) && !slices.Contains(s.Labels, Variant) || slices.Contains(s.Labels, target.Own)
	if t.targetShop.StoryClock() == units.Wall && !canonical && t.Story == "" {
		return "the shop's clock is the wall's, which stages the canonical form of each case only: " + t.With("UNHAPPY_REPLAY", s.ID) + " stages it"
	}
	return ""
}
