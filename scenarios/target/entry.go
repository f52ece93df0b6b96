package target

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Broken is what broke a promise: more injections in a story of the suite.
type Broken struct {
	ID, Plot, Promise string
	More              injection.Schedule // beside the story's own
	Script            string             // what she did, as lines of Go; "": what she does by default
}

// longestPlot is how many bytes of a sentence become a plot, which has 500 characters at most.
const longestPlot = 480

// entry is how a story is written into a description.
type entry struct {
	ID         string   `yaml:"id"`
	Plot       string   `yaml:"plot"`
	Injections []string `yaml:"injections,omitempty"`
	Steps      []string `yaml:"steps,omitempty"`
	Patience   string   `yaml:"patience,omitempty"`
}

// Entry is what broke in a story as an entry under “stories:”, or "" where none can say it:
// one in which another promise than the standard ones broke, in which the shop is special,
// or of which the steps or an injection cannot be written.
func (t *Target) Entry(s harness.Story, b Broken) string {
	e := entry{ID: b.ID, Plot: redact.Truncate(b.Plot, longestPlot)}
	for _, one := range slices.Concat(s.Injections, b.More) {
		e.Injections = append(e.Injections, one.String())
	}
	if s.Patience != 0 {
		e.Patience = s.Patience.String()
	}
	var known bool
	if e.Steps, known = t.stepsOf(s, b.Script); !known || !slices.Contains(judge.PromiseNames(), b.Promise) {
		return ""
	}
	own, mistakes := t.ownStory(story{ID: e.ID, Plot: e.Plot, Injections: e.Injections, Steps: e.Steps, Patience: duration(s.Patience)})
	if len(mistakes) > 0 {
		return ""
	}
	if own, _ = t.Story(own); own.Shop != s.Shop {
		return ""
	}
	var text strings.Builder
	write := yaml.NewEncoder(&text)
	write.SetIndent(2)
	if err := write.Encode([]entry{e}); err != nil {
		panic(err) // strings
	}
	return "  " + strings.ReplaceAll(strings.TrimSpace(text.String()), "\n", "\n  ")
}

// stepsOf are the steps of a story, which are known of one that the description has; of
// another one, its script says them. None are those by default.
func (t *Target) stepsOf(s harness.Story, script string) (steps []string, known bool) {
	if slices.Contains(s.Labels, Own) {
		at := slices.IndexFunc(t.Stories, func(own story) bool { return own.ID == s.ID })
		return t.Stories[at].Steps, true
	}
	for line := range strings.Lines(script) {
		does := scriptLine.FindStringSubmatch(line)
		if does == nil {
			return nil, false
		}
		switch who, verb, value := does[1], does[2], does[3]; {
		case verb == "Customer":
		case verb == "NewTab":
			steps = append(steps, who+" opens another tab")
		case verb == "Opens" && len(steps) > 0 && steps[len(steps)-1] == who+" opens another tab": // which opens the page
		case stepForms[verb] == "":
			return nil, false
		default:
			value = goTimes.Replace(value)
			steps = append(steps, who+" "+strings.NewReplacer("TIME", value, "N", value).Replace(stepForms[verb]))
		}
	}
	return steps, true
}

// scriptLine is a line of a script: “ana := s.Customer("ana")” or “ana.Waits(10*time.Second)”.
var scriptLine = regexp.MustCompile(`^([a-z0-9]+)(?: := s)?\.([A-Za-z]+)\((.*)\)\n?$`)

// goTimes rewrites a time in Go, which names one unit.
var goTimes = strings.NewReplacer("*time.Hour", "h", "*time.Minute", "m", "*time.Second", "s", "*time.Millisecond", "ms", "*time.Microsecond", "us")

// stepForms are the verbs that a script has, by their names in Go.
var stepForms = map[string]string{
	"Opens": "opens the page", "Reloads": "reloads", "Submits": "submits", "DoubleClicks": "double-clicks",
	"Waits": "waits TIME", "WaitsToBeTold": string(observe.WaitsToBeTold), "TurnsTo": "turns to tab N", "GoesBack": string(observe.GoesBack),
	"ClosesLid": closesLid, "Leaves": "goes away",
}
