package scenarios

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/harness/terminal"
)

// teller says on the terminal how an exploration goes: one live line where there
// is a terminal, and plain lines elsewhere.
type teller struct {
	out     io.Writer
	live    bool
	began   time.Time
	budget  settings.Budget
	stories int

	mu   sync.Mutex
	last time.Time
}

func newTeller(out io.Writer, stories int, b settings.Budget, workers int, s settings.Shard) *teller {
	t := &teller{out: out, live: terminal.Is(out), began: time.Now(), budget: b, stories: stories}
	part := ""
	if s.Of > 1 {
		part = fmt.Sprintf(", part %d of %d", s.I, s.Of)
	}
	limit := b.Time.String()
	if b.Schedules > 0 {
		limit = fmt.Sprintf("%d schedules", b.Schedules)
	}
	fmt.Fprintf(out, "Exploring %s within %s, at most %d schedules at once%s\n", counted(stories, "story", "stories"), limit, workers, part)
	return t
}

// left is what is left of the time, or 0 where that is no limit.
func (t *teller) left() time.Duration {
	return max(0, t.budget.Time-time.Since(t.began))
}

// How often it says how far it has come.
const (
	liveEvery  = 200 * time.Millisecond
	plainEvery = 15 * time.Second
)

func (t *teller) watch(story string) func(explore.Progress) {
	return func(p explore.Progress) {
		t.mu.Lock()
		defer t.mu.Unlock()
		every := plainEvery
		if t.live {
			every = liveEvery
		}
		if time.Since(t.last) < every {
			return
		}
		t.last = time.Now()
		text := fmt.Sprintf("%s, %s: %d of %d schedules, %.1f stories/s, %d broken",
			story, p.Phase, p.Tally.Explored+p.Tally.Pruned+p.Tally.Dead+p.Tally.Unproven, p.Total, float64(p.Enacted)/p.Took.Seconds(), p.Broken)
		if left := t.left(); left > 0 {
			text += fmt.Sprintf(", %s left", left.Round(time.Second))
		}
		if t.live {
			fmt.Fprintf(t.out, "\r\x1b[K%s", text)
			return
		}
		fmt.Fprintln(t.out, text)
	}
}

// wipe takes the live line away.
func (t *teller) wipe() {
	if t.live {
		fmt.Fprint(t.out, "\r\x1b[K")
	}
}

func (t *teller) told(r explore.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wipe()
	all := r.Tally()
	mark := "✔"
	if !r.Good() {
		mark = "✖"
	}
	fmt.Fprintf(t.out, "%s %s: %d schedules (%d single, %d pairs, %d random, %d with an epilogue), %d pruned, %d dead, %d unproven; %d findings; %.1f stories/s\n",
		mark, r.Story, all.Explored, r.Singles.Explored, r.Pairs.Explored, r.Random.Explored, r.Epilogues.Explored, all.Pruned, all.Dead, all.Unproven,
		len(r.Findings), float64(r.Enacted)/r.Took.Seconds())
	if r.Nothing != "" {
		fmt.Fprintf(t.out, "    ! nothing was explored: %s\n", r.Nothing)
	}
	if r.Real {
		fmt.Fprintf(t.out, "    at most %d at once; %d tried again, since the machine was slow; %d not through when the time was over\n", r.AtOnce, r.Again, r.Cut)
	}
	if r.Reset > 0 {
		fmt.Fprintf(t.out, "    %d at a shop that was reset, %d of them compared with one that was started anew\n", r.Reset, r.Anew)
	}
	if r.Waited > 0 {
		fmt.Fprintf(t.out, "    %d ended before the quiet time was over, since they stood as they should; %d such waited for the whole of it\n", r.Short, r.Waited)
		if r.TooShort > 0 {
			fmt.Fprintf(t.out, "    ! %d of these ended sooner than it is known by now that the shop may move again: explore: {whole_quiet: true} lets them wait\n", r.TooShort)
		}
	}
	if r.Folded > 0 {
		fmt.Fprintf(t.out, "    %d more break only what the control run breaks without any fault\n", r.Folded)
	}
	for _, f := range r.Unconfirmed {
		fmt.Fprintf(t.out, "    no finding, %s: %s: %s\n      injected: %s\n      token: %s\n", f.Why, f.Promise, f.Because, f.Injections, f.Replay)
	}
	for _, text := range slices.Concat(r.Unfinished, r.Disagreements) {
		fmt.Fprintf(t.out, "    ! %s\n", strings.ReplaceAll(text, "\n", "\n      "))
	}
}

// unreached says which stories there was no budget left for, or no time.
func (t *teller) unreached(stories []harness.Story) {
	var ids []string
	for _, s := range stories {
		ids = append(ids, s.ID)
	}
	fmt.Fprintf(t.out, "! not explored (out of time): %s\n", strings.Join(ids, ", "))
}

func (t *teller) finding(f explore.Finding, replay, story string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	but := ""
	switch {
	case f.Flaky:
		but = ", flaky: enacted again, it came out otherwise"
	case f.NotMinimized && f.Of > 0:
		but = ", not minimized (out of time)"
	case f.NotMinimized:
		but = ", not minimized (out of time): fewer or weaker injections may do"
	}
	if f.Of > 2 || f.Shown < f.Of {
		but += fmt.Sprintf(", shown %d of %d", f.Shown, f.Of)
	}
	fmt.Fprintf(t.out, "\n✖ %s broke (%d schedules%s): %s\n  %s\n", f.Promise, f.Count, but, f.Sentence, f.Because)
	for _, injection := range f.Injections {
		fmt.Fprintf(t.out, "    %s\n", injection)
	}
	fmt.Fprintf(t.out, "  replay:  %s\n", replay)
	if story != "" {
		fmt.Fprintf(t.out, "  as a story%s\n", story)
	}
	fmt.Fprintln(t.out)
}

func (t *teller) kept(path string) {
	fmt.Fprintf(t.out, "  kept as: %s, which every later run replays first\n\n", path)
}

// sum says what all of it came to, and what of the space was never reached.
func (t *teller) sum(results []explore.Result) {
	var all, alone explore.Tally
	enacted, findings, disagreements := 0, 0, 0
	for _, r := range results {
		all, alone = all.Add(r.Tally()), alone.Add(r.Singles)
		enacted += r.Enacted
		findings += len(r.Findings)
		disagreements += len(r.Disagreements)
	}
	took := time.Since(t.began)
	fmt.Fprintf(t.out, "\n%d distinct schedules explored of which every injection took effect, in %s: %d findings\n", all.Explored, took.Round(time.Second), findings)
	fmt.Fprintf(t.out, "  enacted:   %d stories, %.1f a second\n", enacted, float64(enacted)/took.Seconds())
	fmt.Fprintf(t.out, "  possible:  %d with one injection or two (and random ones with up to five)\n", all.Possible)
	decided := all.Pruned + all.Dead + all.Explored + all.Unproven
	fmt.Fprintf(t.out, "  pruned:    %d, %.1f %% of those come to, which cannot differ from another\n", all.Pruned, percent(all.Pruned, decided))
	fmt.Fprintf(t.out, "  dead:      %d, %.1f %% of those come to: one of their injections would have nothing to hit\n", all.Dead, percent(all.Dead, decided))
	fmt.Fprintf(t.out, "  audited:   %d of the pruned and the dead, which were enacted all the same; %d came out otherwise\n", all.Audited, disagreements)
	fmt.Fprintf(t.out, "  apart:     %d unproven (an injection had no effect), %d duplicates, %d unfinished\n", all.Unproven, all.Duplicates, all.Unfinished)
	t.atEnds(results)
	t.spaces(results)
	t.coverage(results)
}

// resumed says how much of what was enacted was known.
func (t *teller) resumed(n int) {
	fmt.Fprintf(t.out, "  resumed:   %d of the enacted stories were enacted by an earlier exploration\n", n)
}

// spaces says how much was explored of messages, machines and people.
func (t *teller) spaces(results []explore.Result) {
	for i, c := range explore.Cover(results...) {
		name := "  spaces:   "
		if i > 0 {
			name = "            "
		}
		fmt.Fprintf(t.out, "%s %-8s %d schedules (%d of them beside another space), %d of %d injections took effect, %d findings\n",
			name, c.Space, c.Schedules, c.Beside, c.TookEffect, c.Injections, c.Findings)
	}
}

// atEnds says in how many schedules the same submit was sent again when all was over, and
// why in none of a story.
func (t *teller) atEnds(results []explore.Result) {
	var all explore.Tally
	var reasons []string
	stories := map[string]int{}
	for _, r := range results {
		all = all.Add(r.Epilogues)
		if why := r.NoEpilogue; why != "" {
			if stories[why]++; stories[why] == 1 {
				reasons = append(reasons, why)
			}
		}
	}
	fmt.Fprintf(t.out, "  epilogues: %d explored (the same submit again when all was over, after a restart where the shop can be restarted), %d had no effect\n",
		all.Explored, all.Unproven)
	for _, why := range reasons {
		fmt.Fprintf(t.out, "    none for %s: %s\n", counted(stories[why], "story", "stories"), why)
	}
}

// hopsOf are the hops on which something was tried.
func hopsOf(results []explore.Result) (hops []observe.Hop) {
	for _, r := range results {
		for _, c := range r.Cells {
			if !slices.Contains(hops, c.Message.Hop) {
				hops = append(hops, c.Message.Hop)
			}
		}
	}
	slices.SortFunc(hops, observe.CompareHops)
	return hops
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(1, whole)) }

// coverage is the space of faults, hop by hop.
func (t *teller) coverage(results []explore.Result) {
	fmt.Fprintf(t.out, "  coverage of single injections (with those that only retries open):\n")
	for _, hop := range hopsOf(results) {
		var all, tookEffect, pruned int
		messages := map[string]bool{}
		why := map[string]int{}
		for _, r := range results {
			for _, c := range r.Cells {
				if c.Message.Hop != hop {
					continue
				}
				all++
				messages[r.Story+c.Message.String()] = true
				switch c.Reached() {
				case "explored":
					tookEffect++
				case "pruned":
					pruned++
				default:
					why[explore.WhyUnreached(c)]++
				}
			}
		}
		fmt.Fprintf(t.out, "    %-19s %6d injections on %4d messages: %5.1f %% took effect, %4.1f %% only pruned, %4.1f %% unreached",
			hop, all, len(messages), percent(tookEffect, all), percent(pruned, all), percent(all-tookEffect-pruned, all))
		var reasons []string
		for text, n := range why {
			reasons = append(reasons, fmt.Sprintf("%d× %s", n, text))
		}
		slices.Sort(reasons)
		if len(reasons) > 0 {
			fmt.Fprintf(t.out, " (%s)", strings.Join(reasons, "; "))
		}
		fmt.Fprintln(t.out)
	}
}
