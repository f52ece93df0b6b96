package scenarios

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/terminal"
)

// endings are what a red suite ends with: each thing that is red, once.
type endings struct {
	mu   sync.Mutex
	red  []ending
	same []string // stories that break what the control run breaks without any fault
}

// ending is one thing that is red.
type ending struct {
	key    string // what is told once
	alike  string // what it has in common with other stories that broke the same promises; "": nothing
	story  string
	text   string // several lines
	replay string
	more   int // runs that came to the same

	unfinished bool // nobody knows of the shop: the harness failed, or the machine was too slow
}

// isUnfinished says whether the harness failed in the middle of a run. Where nobody did
// anything, the shop could not be started, and that is not the harness's doing; neither is
// a shop that answers with nothing but errors.
func isUnfinished(r *judge.Run) bool {
	return r.Verdict() == judge.Unfinished && !turnedAway(r) && slices.ContainsFunc(r.History, func(e observe.Event) bool { return e.Kind == observe.Action })
}

// areUnfinished says whether nothing is red of which anybody knows that it is the
// shop's doing.
func (e *endings) areUnfinished() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.red) > 0 && len(e.same) == 0 && !slices.ContainsFunc(e.red, func(red ending) bool { return !red.unfinished })
}

// any says whether anything is red.
func (e *endings) any() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.red)+len(e.same) > 0
}

// add notes a run that is not as it should be.
func (e *endings) add(r *judge.Run, asControl bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if asControl {
		if !slices.Contains(e.same, r.Story) {
			e.same = append(e.same, r.Story)
		}
		return
	}
	if i := e.of(r); i >= 0 {
		e.red[i].more++
		return
	}
	e.red = append(e.red, ending{key: endingKey(r), alike: alikeKey(r), story: r.Story, text: r.Brief(), replay: r.Replay, unfinished: isUnfinished(r)})
}

// endingKey is the same for runs that come to the same, by the same promise.
func endingKey(r *judge.Run) string {
	promise := ""
	if i := slices.IndexFunc(r.Rulings, func(ruling judge.Ruling) bool {
		return ruling.Verdict != judge.Kept && ruling.Verdict == r.Verdict()
	}); i >= 0 {
		promise = r.Rulings[i].Promise
	}
	return strings.Join([]string{r.Story, r.Outcome(), promise, strings.Join(r.Without, ","), fmt.Sprint(r.Schedule)}, "\n")
}

// alikeKey is the same for runs of any story that broke the same promises; "": it is told alone.
func alikeKey(r *judge.Run) string {
	if r.Verdict() != judge.Broken || r.Expects == "complaint" { // each complaint differs in a way of its own
		return ""
	}
	key := []string{r.Outcome(), strings.Join(r.Without, ",")}
	for _, ruling := range r.Rulings {
		if ruling.Verdict == judge.Broken {
			key = append(key, ruling.Promise)
		}
	}
	return strings.Join(key, "\n")
}

// of is where the run is told, or -1.
func (e *endings) of(r *judge.Run) int {
	key := endingKey(r)
	return slices.IndexFunc(e.red, func(other ending) bool { return other.key == key })
}

// forgive takes a run back: it is red, and no failure of the suite.
func (e *endings) forgive(r *judge.Run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := e.of(r); i >= 0 && e.red[i].more > 0 {
		e.red[i].more--
	} else if i >= 0 {
		e.red = slices.Delete(e.red, i, i+1)
	}
}

// because adds to what is told of a run why it was staged.
func (e *endings) because(r *judge.Run, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if i := e.of(r); i >= 0 {
		e.red[i].text += "\n  " + text
	}
}

// wrong notes what is red and no run.
func (e *endings) wrong(text, replay string) { e.note(ending{key: text, text: text, replay: replay}) }

// notJudged is why a story is skipped that broke, each time on a machine too slow to tell why.
const notJudged = "this machine was too slow to judge it"

// undecided notes such a story: it was staged, and what it came to is for a quieter machine.
func (e *endings) undecided(r *judge.Run) {
	e.note(ending{
		key: endingKey(r), story: r.Story, replay: r.Replay, unfinished: true,
		text: "? NOT JUDGED, since this machine was too slow each time; alone it may be: " + r.Brief(),
	})
}

// unknown notes why nobody knows whether the shop is as it should be.
func (e *endings) unknown(text string) { e.note(ending{key: text, text: text, unfinished: true}) }

func (e *endings) note(red ending) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.ContainsFunc(e.red, func(other ending) bool { return other.text == red.text }) {
		e.red = append(e.red, red)
	}
}

// found notes a finding of an exploration.
func (e *endings) found(story string, f explore.Finding, replay string) {
	text := fmt.Sprintf("✖ exploring %s: %s", story, f.Sentence)
	if f.Count > 1 {
		text = fmt.Sprintf("✖ exploring %s, %d schedules: %s", story, f.Count, f.Sentence)
	}
	e.wrong(text+fmt.Sprintf("\n  %s: %s\n  injected: %s", f.Promise, f.Because, f.Injections), replay)
}

// collect notes the failures of specs that no run tells of: a panic, a time-out, a
// program that is missing.
func (e *endings) collect(r ginkgo.Report) {
	for _, spec := range r.SpecReports {
		if !spec.Failed() || spec.State.Is(types.SpecStateInterrupted) {
			continue
		}
		name := spec.FullText()
		if len(spec.ContainerHierarchyTexts) > 0 && spec.State.Is(types.SpecStateFailed) && e.has(spec.ContainerHierarchyTexts[0]) {
			continue
		}
		text := spec.Failure.Message
		if spec.State.Is(types.SpecStatePanicked) {
			text += ": " + spec.Failure.ForwardedPanic + "\n" + spec.Failure.Location.FullStackTrace
		}
		if name != "" {
			text = name + ": " + text
		}
		e.wrong("✖ "+text, "")
	}
}

func (e *endings) has(story string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Contains(e.same, story) || slices.ContainsFunc(e.red, func(other ending) bool { return other.story == story })
}

// tell prints all of it, with where the report tells more.
func (e *endings) tell(out io.Writer, paint terminal.Paint, report string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.red)+len(e.same) == 0 {
		return
	}
	fmt.Fprintf(out, "\n%s\n", paint.Bad("What is not as it should be:"))
	for i := range e.red {
		if e.firstLike(i) == i {
			e.tellOne(out, paint, report, i)
		}
	}
	if len(e.same) > 0 {
		fmt.Fprintf(out, "\nThese break what the control run breaks without any fault: %s\n", strings.Join(e.same, ", "))
	}
	fmt.Fprintln(out)
}

// firstLike is the first of those that came to the same as the i-th, itself included.
func (e *endings) firstLike(i int) int {
	if e.red[i].alike == "" {
		return i
	}
	return slices.IndexFunc(e.red, func(other ending) bool { return other.alike == e.red[i].alike })
}

// tellOne prints the i-th, and which other stories came to the same.
func (e *endings) tellOne(out io.Writer, paint terminal.Paint, report string, i int) {
	red := e.red[i]
	first, rest, more := strings.Cut(strings.TrimRight(red.text, "\n"), "\n")
	fmt.Fprintf(out, "\n%s\n", paint.Bad(first))
	if more {
		fmt.Fprintln(out, rest)
	}
	if red.more > 0 {
		fmt.Fprintf(out, "  and %s that came to the same\n", counted(red.more, "run", "runs"))
	}
	runs, others := 0, []string(nil)
	for j := i + 1; j < len(e.red); j++ {
		if e.firstLike(j) != i {
			continue
		}
		runs += 1 + e.red[j].more
		if !slices.Contains(others, e.red[j].story) {
			others = append(others, e.red[j].story)
		}
	}
	if runs > 0 {
		fmt.Fprintf(out, "  the same promises broke in %s, of: %s\n", counted(runs, "other run", "other runs"), strings.Join(others, ", "))
	}
	if red.replay != "" {
		fmt.Fprintf(out, "Replay: %s\n", red.replay)
	}
	if report != "" && red.story != "" {
		fmt.Fprintf(out, "Report: %s#%s\n", report, red.story)
	}
}

// counted is a number of things.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// unstaged says which stories were not staged, by the reasons. That none was, since
// nobody can buy, is told at the end; how many were begun before an interruption is told
// beside this.
func (t *runner) unstaged(r ginkgo.Report) {
	if t.control.cannot != "" {
		return
	}
	stories := map[string][]string{}
	var reasons []string
	for _, spec := range r.SpecReports {
		reason := spec.Failure.Message
		if !spec.State.Is(types.SpecStateSkipped) || reason == "" || reason == notBegun || reason == notJudged || len(spec.ContainerHierarchyTexts) == 0 {
			continue
		}
		if _, known := storyNamed(spec.ContainerHierarchyTexts[0]); !known {
			continue
		}
		if stories[reason] == nil {
			reasons = append(reasons, reason)
		}
		if name := spec.ContainerHierarchyTexts[0]; !slices.Contains(stories[reason], name) {
			stories[reason] = append(stories[reason], name)
		}
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		fmt.Fprintf(t.out, "Not staged, since %s: %s\n", reason, strings.Join(stories[reason], ", "))
	}
}
