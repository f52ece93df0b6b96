package scenarios

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/settings"
)

// progress is how far the suite has come, of the stories that it stages.
type progress struct {
	left  map[string]string // by a spec's text, why it is known not to be staged
	total int               // runs of stories
	at    int
	place string // of the run that is staged, such as “3 of 15”

	stories map[string]bool // that are staged
}

// leaves notes why a story is not staged, as far as that is known beforehand.
func (p *progress) leaves(spec, reason string) {
	if reason == "" {
		return
	}
	if p.left == nil {
		p.left = map[string]string{}
	}
	p.left[spec] = reason
}

// isStaged says whether a spec is a story that will be staged, as far as is known.
func (p *progress) isStaged(r types.SpecReport) bool {
	if r.LeafNodeType != types.NodeTypeIt || len(r.ContainerHierarchyTexts) == 0 || r.State.Is(types.SpecStateSkipped|types.SpecStatePending) {
		return false
	}
	_, known := storyNamed(r.ContainerHierarchyTexts[0])
	return known && p.left[r.FullText()] == ""
}

// count finds out how many stories there are to stage. Ginkgo looks ahead in one
// process only; of several, its own program counts.
func (p *progress) count(config types.SuiteConfig) {
	if config.ParallelTotal > 1 {
		return
	}
	p.stories = map[string]bool{}
	for _, spec := range ginkgo.PreviewSpecs("Checkout stories", config).SpecReports {
		if p.isStaged(spec) {
			p.total++
			p.stories[spec.ContainerHierarchyTexts[0]] = true
		}
	}
}

// begins notes that a spec is begun.
func (p *progress) begins(r types.SpecReport) {
	if p.place = ""; p.total > 0 && p.isStaged(r) {
		p.at++
		p.place = fmt.Sprintf("%d of %d", p.at, p.total)
	}
}

// speaksForItself says whether the suite tells how it goes in its own words. Ginkgo
// does where it is asked for more, and where several processes share a terminal.
func speaksForItself(config types.SuiteConfig, reporter types.ReporterConfig) bool {
	return !config.DryRun && config.ParallelTotal == 1 && !reporter.Verbose && !reporter.VeryVerbose
}

// hushed runs something while Ginkgo's own reporter, which writes to this variable of
// its package and can be set nowhere else, prints nothing.
func hushed(run func()) {
	out := formatter.ColorableStdOut
	formatter.ColorableStdOut = io.Discard
	defer func() { formatter.ColorableStdOut = out }()
	run()
}

// seedOf is the seed of the suite's order: the suite's own, unless Ginkgo's flag names
// another.
func seedOf(config types.SuiteConfig, s settings.Settings) int64 {
	seed := int64(s.Seed)
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "ginkgo.seed" {
			seed = config.RandomSeed
		}
	})
	return seed
}

// heading says what is about to be staged, as far as it is counted.
func (t *runner) heading() {
	if t.progress.stories == nil {
		fmt.Fprintf(t.out, "%s: seed %d\n\n", t.title(), t.Seed)
		return
	}
	what := "none is staged"
	if t.progress.total > 0 {
		what = counted(len(t.progress.stories), "story", "stories")
	}
	if n := t.progress.total; n > len(t.progress.stories) {
		what += " in " + counted(n, "run", "runs")
	}
	fmt.Fprintf(t.out, "%s: %s, seed %d\n\n", t.title(), what, t.Seed)
}

// show prints the line of a run, and keeps what is red for the end.
func (t *runner) show(run *judge.Run) *judge.Run { return t.showAs(run, t.progress.place) }

// placeOfRepeat is where a run of that form stands among all: a repeat is told as one.
func placeOfRepeat(place, form string) string {
	n, repeats := strings.CutPrefix(form, againForm)
	if !repeats {
		return place
	}
	return strings.Join(parts(place, "repeat "+n), ", ")
}

// showAs is show, for a run of that place among all.
func (t *runner) showAs(run *judge.Run, place string) *judge.Run {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := line(run, place)
	head, rest, _ := strings.Cut(text, ":")
	if run.Good() {
		head = t.paint.Good(head)
	} else {
		head = t.paint.Bad(head)
		t.endings.add(run, t.Story == "" && t.control.explains(run)) // one story is staged beside the control run
	}
	fmt.Fprintln(t.out, head+":"+rest)
	return run
}

// line is what the terminal says of a run: its outcome, what happened to the
// customer, and with which faults and processes.
func line(r *judge.Run, place string) string {
	var faults, pids []string
	for i, s := range r.Schedule {
		faults = append(faults, fmt.Sprintf("%s (took effect %d×)", s, len(r.Effects(i))))
	}
	for _, e := range r.History {
		if e.Kind == observe.Process && e.Life.What == observe.ProcessStarted {
			pids = append(pids, fmt.Sprint(e.Life.PID))
		}
	}
	without := ""
	if len(r.Without) > 0 {
		without = " without " + strings.Join(r.Without, ", ")
	}
	if place != "" {
		place += ", "
	}
	text := fmt.Sprintf("%s %s%s (%s%.2f s): %s", r.Outcome(), r.Story, without, place, r.Took.Seconds(), r.Sentence())
	if len(faults) > 0 {
		text += "\n    injected: " + strings.Join(faults, "; ")
	}
	if r.World == "virtual" {
		return text + fmt.Sprintf("\n    world: virtual, seed %d", r.Seed)
	}
	return text + fmt.Sprintf("\n    world: %s, clock ÷%s, seed %d, shop process %s", r.World, r.Clock, r.Seed, cmp.Or(strings.Join(pids, ", "), "none"))
}
