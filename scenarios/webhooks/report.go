package webhooks

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/unhappypath/unhappypath/harness/judge"
)

// Report is what a run came to.
type Report struct {
	Description *Description
	Seed        uint64
	Began       time.Time
	Took        time.Duration

	Controls  []control
	Planned   int
	Tried     int
	Delivered int
	By        map[string]int // sequences, by what was in them
	Kills     int
	SlowStart bool               // so the handler was killed at fewer moments
	AtWork    map[string]killsOf // before an answer, by notice
	Ends      int                // how often the handler ended by itself
	Words     string             // what it said then

	Tally tally

	Findings []*Finding
	More     int      // failures that were not minimized
	Once     []string // what was wrong once, and never again when it was run alone
	Doubts   []string // why nothing, or not all, can be said
	Last     *result  // of a replay in which nothing was wrong
	Tries    int      // of that replay
	Redact   func(string) string
}

// control is what a purchase comes to when all is well.
type control struct {
	Purchase string
	Got      counts
	Took     time.Duration
}

// Finding is a sequence after which a count is wrong: confirmed and minimized.
type Finding struct {
	*result
	wrong     wrong
	Times, Of int
	Explained int      // further sequences with the same cause
	Also      []string // other effects that were wrong in them
}

// Verdict is what it comes to: what broke comes before what is unknown.
func (r *Report) Verdict() judge.Verdict {
	switch {
	case len(r.Findings) > 0:
		return judge.Broken
	case len(r.Doubts) > 0:
		return judge.Unproven
	}
	return judge.Kept
}

// Write writes the report for people. replay is the command that replays a sequence,
// without the sequence.
func (r *Report) Write(out io.Writer, replay string) {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s: webhooks of %s at %s", r.Description.Name, r.Description.Provider, r.Description.URL)
	for _, c := range r.Controls {
		line("  control run, %s: %s after %s", c.Purchase, c.Got, c.Took.Round(time.Millisecond))
	}
	if r.Tried > 0 {
		line("  %s with %s in %s (%s); the handler was killed %s", several(r.Tried, "sequence"), several(r.Delivered, "delivery"), r.Took.Round(100*time.Millisecond), r.by(), times(r.Kills))
	}
	if k := r.killedAtWork(); k.Tried > 0 {
		line("  killed before its answer in %d of %d sequences; in the others it answered first", k.Done, k.Tried)
	}
	if r.SlowStart && r.Kills > 0 {
		line("  it takes more than %s to start, so it was killed at fewer moments", longStart)
	}
	for _, f := range r.Findings {
		line("")
		line("✖ BROKE — %s (%d of %d times, %s)", f.wrong.says(f.result), f.Times, f.Of, events(f.deliveries()))
		r.timeline(f.result, line)
		if f.Explained > 0 {
			line("  It explains %s", f.others())
		}
		line("  Replay: %s '%s'", replay, f.Sequence)
	}
	if r.Last != nil {
		line("")
		line("Nothing was wrong in %d tries:", r.Tries)
		r.timeline(r.Last, line)
	}
	r.rest(line)
	text := b.String()
	if r.Redact != nil {
		text = r.Redact(text)
	}
	_, _ = io.WriteString(out, harmless(text))
}

// harmless is a text without what a terminal obeys, or shows in another order.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// rest is what is to be known beside the failures, and the verdict.
func (r *Report) rest(line func(string, ...any)) {
	line("")
	if r.More > 0 {
		line("%d further sequences broke otherwise and were not minimized: mend the %d above first", r.More, len(r.Findings))
	}
	for _, text := range r.Once {
		line("%s", text)
	}
	if r.Ends > 0 {
		line("the handler ended by itself %s, and was started again; %s", times(r.Ends), r.Words)
	}
	if t := r.Tally; t.late > 0 {
		line("the handler took longer than %s to answer %s, %s: the provider stops waiting then, and sends the event again; let it answer with 2xx when the event is safe, and do what takes long afterwards", answerWithin, strings.Join(t.slow, ", "), times(t.late))
	}
	if r.Description.Service == nil && r.Tried > 0 {
		line("the handler was not killed: say service: {command: […]} for that")
	}
	for _, text := range r.Doubts {
		line("unproven: %s", text)
	}
	switch r.Verdict() {
	case judge.Kept:
		line("KEPT: one effect for each purchase that was paid, however its events came")
	case judge.Broken:
		line("BROKE: %s", failures(len(r.Findings)))
	default:
		line("UNPROVEN: nothing is known of the handler")
	}
}

// others are the sequences that a failure explains, in words.
func (f *Finding) others() string {
	text := several(f.Explained, "further sequence")
	if len(f.Also) > 0 {
		text += fmt.Sprintf(", some of them with a wrong count of %s", strings.Join(slices.Sorted(slices.Values(f.Also)), ", "))
	}
	return text
}

// deliveries are those that the sequence asks for, and the repeats that it causes.
func (s Sequence) deliveries() int {
	n := 0
	for _, d := range s.all() {
		n++
		if d.Manner == Unanswered || d.Manner.AtWork() {
			n++
		}
	}
	return n
}

// several is so many of a thing.
func several(n int, thing string) string {
	switch stem, ends := strings.CutSuffix(thing, "y"); {
	case n == 1:
		return "1 " + thing
	case ends:
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func events(n int) string { return several(n, "event") }

func failures(n int) string { return several(n, "failure") }

// timeline is what was delivered, and how it was answered.
func (r *Report) timeline(one *result, line func(string, ...any)) {
	for i, d := range one.Sent {
		answer := d.Err
		if d.Status != 0 {
			answer = fmt.Sprintf("status %d", d.Status)
		}
		how := ""
		if words := r.explain(d.Manner); words != "" {
			how = ", " + words
		}
		if d.Again {
			how = ", delivered again since it was not taken"
		}
		line("  %d. %s%s → %s after %s", i+1, d.Notice, how, answer, d.Took.Round(time.Millisecond))
	}
	line("  counted: %s", one.Got)
}

// explain is what a manner means, in words.
func (r *Report) explain(m Manner) string {
	if words, has := manners[m]; has {
		return words
	}
	if m.AtWork() {
		return fmt.Sprintf("the handler is killed at %d %% of the time that it takes, before its answer, and started again", m.perCent())
	}
	return r.Description.hooks.Forgeries[strings.TrimPrefix(string(m), forged)].Is
}

func (r *Report) doubt(text string) { r.Doubts = append(r.Doubts, text) }

// by is what was tried, for people.
func (r *Report) by() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(r.By)) {
		list = append(list, fmt.Sprintf("%s %d", name, r.By[name]))
	}
	return strings.Join(list, ", ")
}
