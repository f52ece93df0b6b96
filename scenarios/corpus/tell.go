package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/reports"
)

// Plain is the story with no injection, no second tab and no hint: where every hunt
// begins.
const Plain = "plain-purchase"

// Line is what the terminal says of one that was looked for.
func Line(t reports.Defect) string {
	mark := "✔"
	if !t.Good() {
		mark = "✖"
	}
	if t.Harmless && t.Because == "" {
		return fmt.Sprintf("%s %-34s left alone in %d schedules: %s", mark, t.Name, t.Schedules, t.Says)
	}
	text := fmt.Sprintf("%s %-34s", mark, t.Name)
	if t.Caught {
		text += fmt.Sprintf(" %s broke in %s after %.1f s (%d schedules), with %d injections, again %d times of %d: %s",
			t.Promise, t.Story, t.After.Seconds(), t.Schedules, len(t.Injections), t.Replayed, t.Replays, t.Sentence)
		for _, s := range t.Injections {
			text += "\n      " + s.String()
		}
	}
	if t.Because != "" {
		text += "\n      " + t.Because
	}
	return text
}

// Sum says what it all came to. It fails where one did not do what it is there for.
func Sum(all []reports.Defect) (text string, err error) {
	var caught, plainly, defects, alone, harmless int
	var after []time.Duration
	var injections []int
	var bad []string
	for _, t := range all {
		if !t.Good() {
			bad = append(bad, t.Name)
		}
		if t.Harmless {
			harmless++
			if t.Good() {
				alone++
			}
			continue
		}
		defects++
		if t.Good() {
			caught++
			after, injections = append(after, t.After), append(injections, len(t.Injections))
			if t.Story == Plain {
				plainly++
			}
		}
	}
	text = fmt.Sprintf("%d of %d defects caught, %d of them by exploring a plain purchase; %d of %d harmless changes left alone\n",
		caught, defects, plainly, alone, harmless)
	if caught > 0 {
		text += fmt.Sprintf("caught after: median %.1f s, worst %.1f s; injections of the minimized schedules: median %d, most %d\n",
			middle(after).Seconds(), slices.Max(after).Seconds(), middle(injections), slices.Max(injections))
	}
	if len(bad) > 0 {
		err = fmt.Errorf("not as they should be: %s", strings.Join(bad, ", "))
	}
	return text, err
}

func middle[T cmp.Ordered](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
