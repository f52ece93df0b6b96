package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// invite takes somebody's own shop in where UNHAPPY_TARGET names its
// description. What the description says of the world goes for the suite.
func (t *theatre) invite() error {
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
		return fmt.Errorf("UNHAPPY_TARGET=%s: %w; valid: %s", t.Target, err, harness.TargetIs)
	}
	if t.guest, err = target.Load(path); err != nil {
		return err
	}
	t.Target = path // a replay finds it from anywhere
	t.Worlds, t.Clock, t.Settings.Database = []string{"wire"}, t.guest.Pace(), "sqlite"
	if t.guest.Database == "postgres" {
		t.Settings.Database = "postgres"
	}
	return nil
}

// findTarget finds the description. “go test” runs a suite in the folder of its
// package, which may be far from where the person is who named the file: so a
// relative name is looked for here, at the module's root, and where whoever
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
	if _, err = file.Read(make([]byte, 1)); err == io.EOF { // that it is empty is told by whoever reads it
		return nil
	}
	return err
}

// title is the suite's in every report.
func (t *theatre) title() string {
	if t.guest != nil {
		return "Checkout stories of " + t.guest.Name
	}
	return "Checkout stories"
}

// tellGuest makes the spec of a story in somebody's own shop.
func (t *theatre) tellGuest(s harness.Story) {
	for round := range t.Rounds {
		name := "is kept by " + t.guest.Name
		if round > 0 {
			name += fmt.Sprintf(", round %d", round+1)
		}
		ginkgo.It(name, func(ctx ginkgo.SpecContext) {
			own, reason := t.asGuest(s)
			reason = cmp.Or(reason, t.tooSlow(s))
			if reason == "" {
				reason = t.lacks(own)
			}
			if reason != "" {
				ginkgo.Skip(reason)
			}
			if run := t.enact(ctx, own, "wire", "kept", nil, t.Seed+uint64(round)); !run.Good() {
				ginkgo.Fail(run.FailureText())
			}
		})
	}
}

// asGuest is a story as it is staged in somebody's own shop, or why it is not.
func (t *theatre) asGuest(s harness.Story) (harness.Story, string) {
	if slices.Contains(s.Labels, Long) {
		return s, "it takes hours, and somebody's own shop lives in real time"
	}
	if s.Browser && slices.Contains(s.Labels, Variant) && t.guest.Customer.Browser != nil {
		return s, "the same story is played at a browser already: all of this shop's are"
	}
	own, reason := t.guest.Story(s)
	return own, reason
}

// tooSlow says why nobody waits for the story in somebody's own shop, or "". One
// that is asked for is waited for.
func (t *theatre) tooSlow(s harness.Story) string {
	canonical := slices.Contains(s.Labels, Case) && !slices.Contains(s.Labels, Variant)
	if t.guest.Pace() == harness.Wall && !canonical && t.Story == "" {
		return "the shop's clock is the wall's, which stages the canonical form of each case only: UNHAPPY_REPLAY=" + s.ID + " stages it"
	}
	return ""
}

// guestStories are those that are explored in somebody's own shop: the plain
// purchase, where nothing goes wrong but what an exploration adds, or the one
// that is asked for. Where there are none, it says why.
func (t *theatre) guestStories() (list []harness.Story, why string) {
	for _, s := range told {
		if t.Story != s.ID && (t.Story != "" || len(s.Strikes) > 0 || slices.Contains(s.Labels, Case)) {
			continue
		}
		own, reason := t.asGuest(s)
		if reason == "" {
			list = append(list, own)
		}
		why = cmp.Or(why, reason)
	}
	return list, why
}

// atOnce is how many schedules are enacted side by side in somebody's own shop:
// they wait, most of the time.
const atOnce = 24

// gatherGuest is the party that explores somebody's own shop, on the wire and in
// this process.
func (t *theatre) gatherGuest() (party, error) {
	if err := t.needs(harness.Story{Browser: t.guest.Customer.Browser != nil}); err != nil {
		return party{}, err
	}
	p := party{workers: atOnce, processes: []string{"checkout"}, audit: -1, budget: harness.Budget{Time: 20 * time.Second}, close: func() error { return nil }}
	if t.guest.Service.URL != "" {
		p.workers, p.processes = 1, nil // there is one of it, and it must live
	}
	p.try = func(ctx context.Context, probe explore.Probe) (explore.Outcome, error) {
		s, known := storyNamed(probe.Story)
		if !known {
			return explore.Outcome{}, fmt.Errorf("there is no story %q", probe.Story)
		}
		own, reason := t.asGuest(s)
		if reason != "" {
			return explore.Outcome{}, fmt.Errorf("%s cannot be explored: %s", probe.Story, reason)
		}
		o := t.options("wire", "kept", nil, probe.Seed)
		o.Sink = nil
		return explore.Look(probe, t.stage(ctx, harness.Replay{Strikes: probe.Strikes}.Of(own), o)), nil
	}
	return p, nil
}
