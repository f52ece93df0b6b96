package export

import (
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// mostAnnotations is how many GitHub shows of a step.
const mostAnnotations = 10

// Annotations are GitHub's workflow commands, a line each, that put the runs
// which are not as they should be beside the lines of their stories: ten at most,
// the worst first. It is pure, and nothing that was recorded can be a command of
// its own.
func Annotations(runs []*judge.Run) []string {
	var list []string
	failing := failures(runs)
	for i, r := range failing {
		if i == mostAnnotations-1 && len(failing) > mostAnnotations {
			return append(list, fmt.Sprintf("::error title=Checkout stories::and %d more are not as they should be: see the summary", len(failing)-i))
		}
		list = append(list, annotation(r))
	}
	return list
}

func annotation(r *judge.Run) string {
	var about []string
	if file, line, found := strings.Cut(r.Told, ":"); found {
		about = append(about, "file="+property(file), "line="+property(line))
	}
	about = append(about, "title="+property(model.Truncate(oneLine(model.StandingOf(r).Word+" "+r.Story+" ("+junitName(r)+")"), 200)))
	text := model.Truncate(r.FailureText(), 3000)
	return "::error " + strings.Join(about, ",") + "::" + data(text)
}

// data escapes a command's text, as GitHub's toolkit does; line ends would begin
// another command.
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(strings.ToValidUTF8(text, "\ufffd"))
}

// property escapes the value of a command's property.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
