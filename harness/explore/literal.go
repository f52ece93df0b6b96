package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// Literal is a finding as a story to paste into a file of specs, with the
// package harness imported by dot, as stories are. Where several customers act, its
// script is to be filled in: it is the code of the story that was explored. Its id ends
// as the name of the finding's file does, so that no two findings make one story.
func Literal(s StoryHeader, f Finding) string {
	var b strings.Builder
	id := fmt.Sprintf("%s-%s-%s", s.ID, f.Promise, RegressionOf(f, s.ID).digest())
	fmt.Fprintf(&b, "Tell(Story{\n\tID:   %q,\n\tPlot: %q,\n", id, f.Sentence)
	fmt.Fprint(&b, "\tInjections: Schedule{\n")
	for _, injection := range append(s.Injections[:len(s.Injections):len(s.Injections)], f.Injections...) {
		fmt.Fprintf(&b, "\t\t%s,\n", Code(injection))
	}
	fmt.Fprint(&b, "\t},\n\tScript: func(s *Stage) {\n")
	for line := range strings.Lines(cmp.Or(f.Script, "// as in "+s.ID)) {
		fmt.Fprintf(&b, "\t\t%s\n", strings.TrimSuffix(line, "\n"))
	}
	fmt.Fprint(&b, "\t},\n})")
	return b.String()
}

// EntryID names a finding as a story of a description, whose ids have few characters. It
// ends as the name of the finding's file does.
func EntryID(s StoryHeader, f Finding) string {
	return f.Promise + "-" + RegressionOf(f, s.ID).digest()
}

// Code writes an injection as Go, in the words of package harness.
func Code(s injection.Injection) string {
	var b strings.Builder
	message := s.Trigger.Phase != ""
	switch {
	case s.Fault.IsDecision():
		fmt.Fprintf(&b, "OnPayment(%d)", s.Trigger.N)
	case s.Operation != "" && (message || s.Trigger.End):
		fmt.Fprintf(&b, "On(%s)", operationCode(s.Operation))
	case s.Operation != "":
		fmt.Fprintf(&b, "OnHopOf(%s)", operationCode(s.Operation))
	case message:
		fmt.Fprintf(&b, "OnPath(%s, %q, %q)", hopCode(s.Hop), s.Trigger.Method, s.Trigger.Path)
	case s.Fault.Kind == fault.Down:
		fmt.Fprintf(&b, "Down(%s)", hopCode(s.Hop))
	case s.Fault.IsTransport():
		fmt.Fprintf(&b, "Toxic(%s, %s, %s)", hopCode(s.Hop), directionCode(s.Fault), s.Fault.Code())
	default:
		fmt.Fprintf(&b, "Injection{Hop: %s, Fault: Fault{Kind: %q, Process: %q}}", hopCode(s.Hop), s.Fault.Kind, s.Fault.Process)
	}
	if message && s.Trigger.N > 0 {
		fmt.Fprintf(&b, ".Nth(%d)", s.Trigger.N)
	}
	if s.Trigger.Phase == fault.Answered {
		b.WriteString(".Answered()")
	}
	switch {
	case !message && s.Operation == "":
	case s.Fault.Kind == fault.Down:
		b.WriteString(".Down()")
	case s.Fault.IsTransport():
		fmt.Fprintf(&b, ".Toxic(%s, %s)", directionCode(s.Fault), s.Fault.Code())
	default:
		b.WriteString("." + s.Fault.Code())
	}
	if s.Trigger.Saw != "" {
		fmt.Fprintf(&b, ".When(%q, %d)", s.Trigger.Saw, s.Trigger.N)
	}
	if s.Trigger.At != 0 {
		fmt.Fprintf(&b, ".From(%s)", fault.TimeCode(s.Trigger.At))
	}
	if s.For != 0 {
		fmt.Fprintf(&b, ".Lasting(%s)", fault.TimeCode(s.For))
	}
	if s.Times > 0 {
		fmt.Fprintf(&b, ".AtLeast(%d)", s.Times)
	}
	return b.String()
}

// operationCode are the names of operations, which package harness has as constants;
// one that a provider or a shop brought is a text.
func operationCode(o observe.Operation) string {
	var words []string
	for _, one := range o.Each() {
		if slices.Contains(observe.Operations(), one) {
			words = append(words, string(one))
		} else {
			words = append(words, strconv.Quote(string(one)))
		}
	}
	return strings.Join(words, ", ")
}

func directionCode(f fault.Fault) string {
	if f.Direction == fault.Upstream {
		return "Upstream"
	}
	return "Downstream"
}

func hopCode(h observe.Hop) string {
	switch h {
	case observe.CustomerHop:
		return "CustomerHop"
	case observe.ProviderHop:
		return "ProviderHop"
	case observe.ShippingHop:
		return "ShippingHop"
	case observe.WebhookHop:
		return "WebhookHop"
	}
	return fmt.Sprintf("Hop(%q)", h)
}
