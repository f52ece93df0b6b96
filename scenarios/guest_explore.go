package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
)

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
