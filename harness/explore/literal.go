package explore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness"
)

// Literal is a finding as a story to paste into a file of specs, with the
// package harness imported by dot, as stories are. Its script is to be filled
// in: it is the code of the story that was explored. Its id ends as the name of
// the finding's file does, so that no two findings make one story.
func Literal(s StoryHeader, f Finding) string {
	var b strings.Builder
	id := fmt.Sprintf("%s-%s-%s", s.ID, f.Promise, RegressionOf(f, s.ID).digest())
	fmt.Fprintf(&b, "Tell(Story{\n\tID:   %q,\n\tPlot: %q,\n", id, f.Sentence)
	fmt.Fprint(&b, "\tStrikes: Schedule{\n")
	for _, injection := range append(s.Injections[:len(s.Injections):len(s.Injections)], f.Injections...) {
		fmt.Fprintf(&b, "\t\t%s,\n", Code(injection))
	}
	fmt.Fprintf(&b, "\t},\n\tScript: func(s *Stage) { /* as in %s */ },\n})", s.ID)
	return b.String()
}

// Code writes a injection as Go, in the words of package harness.
func Code(s harness.Injection) string {
	var b strings.Builder
	message := s.Trigger.Phase != ""
	switch {
	case s.Operation != "" && message:
		fmt.Fprintf(&b, "On(%s)", operationCode(s.Operation))
	case s.Operation != "":
		fmt.Fprintf(&b, "OnHopOf(%s)", operationCode(s.Operation))
	case message:
		fmt.Fprintf(&b, "OnPath(%s, %q, %q)", hopCode(s.Hop), s.Trigger.Method, s.Trigger.Path)
	case s.Fault.Kind == harness.DownFault:
		fmt.Fprintf(&b, "Down(%s)", hopCode(s.Hop))
	case s.Fault.IsTransport():
		fmt.Fprintf(&b, "Toxic(%s, %s, %s)", hopCode(s.Hop), directionCode(s.Fault), toxicCode(s.Fault))
	default:
		fmt.Fprintf(&b, "Injection{Hop: %s, Fault: %s}", hopCode(s.Hop), faultCode(s.Fault))
	}
	if message && s.Trigger.N > 0 {
		fmt.Fprintf(&b, ".Nth(%d)", s.Trigger.N)
	}
	if s.Trigger.Phase == harness.Answered {
		b.WriteString(".Answered()")
	}
	switch {
	case !message && s.Operation == "":
	case s.Fault.Kind == harness.DownFault:
		b.WriteString(".Down()")
	case s.Fault.IsTransport():
		fmt.Fprintf(&b, ".Toxic(%s, %s)", directionCode(s.Fault), toxicCode(s.Fault))
	default:
		b.WriteString(hitCode(s.Fault))
	}
	if s.Trigger.Saw != "" {
		fmt.Fprintf(&b, ".When(%q, %d)", s.Trigger.Saw, s.Trigger.N)
	}
	if s.Trigger.At != 0 {
		fmt.Fprintf(&b, ".From(%s)", timeCode(s.Trigger.At))
	}
	if s.For != 0 {
		fmt.Fprintf(&b, ".Lasting(%s)", timeCode(s.For))
	}
	if s.Times > 0 {
		fmt.Fprintf(&b, ".AtLeast(%d)", s.Times)
	}
	return b.String()
}

// operationCode are the names of operations, which package harness has as constants;
// one that a provider or a shop brought is a text.
func operationCode(o harness.Operation) string {
	var words []string
	for _, one := range o.Each() {
		if slices.Contains(harness.Operations(), one) {
			words = append(words, string(one))
		} else {
			words = append(words, strconv.Quote(string(one)))
		}
	}
	return strings.Join(words, ", ")
}

func directionCode(f harness.Fault) string {
	if f.Direction == harness.Upstream {
		return "Upstream"
	}
	return "Downstream"
}

func hopCode(h harness.Hop) string {
	switch h {
	case harness.CustomerHop:
		return "CustomerHop"
	case harness.ProviderHop:
		return "ProviderHop"
	case harness.ShippingHop:
		return "ShippingHop"
	case harness.WebhookHop:
		return "WebhookHop"
	}
	return fmt.Sprintf("Hop(%q)", h)
}

func hitCode(f harness.Fault) string {
	switch f.Kind {
	case harness.HangFault:
		return ".Hangs()"
	case harness.CloseFault:
		return ".Closes()"
	case harness.ResetFault:
		return ".Resets()"
	case harness.DuplicateFault:
		if f.Duration > 0 {
			return fmt.Sprintf(".DuplicatesAfter(%s)", timeCode(f.Duration))
		}
		return ".Duplicates()"
	case harness.TruncateFault:
		return ".Truncates()"
	case harness.DropFault:
		return fmt.Sprintf(".Drops(%q)", f.Field)
	case harness.RetypeFault:
		return fmt.Sprintf(".Retypes(%q)", f.Field)
	case harness.PauseFault:
		return fmt.Sprintf(".Pauses(%q)", f.Process)
	case harness.DelayFault:
		return fmt.Sprintf(".Delays(%s)", timeCode(f.Duration))
	case harness.AnswerFault:
		return fmt.Sprintf(".Answers(%d)", f.Status)
	case harness.RenameFault:
		return fmt.Sprintf(".Renames(%q, %q)", f.Field, f.As)
	case harness.KillFault:
		return fmt.Sprintf(".Kills(%q)", f.Process)
	}
	return fmt.Sprintf(".Does(%s)", faultCode(f))
}

func toxicCode(f harness.Fault) string {
	switch f.Kind {
	case harness.LatencyFault:
		return fmt.Sprintf("Latency(%s)", timeCode(f.Duration))
	case harness.BandwidthFault:
		return fmt.Sprintf("Bandwidth(%d)", f.Rate)
	case harness.TimeoutFault:
		return fmt.Sprintf("Silence(%s)", timeCode(f.Duration))
	case harness.ResetPeerFault:
		return fmt.Sprintf("ResetPeer(%s)", timeCode(f.Duration))
	case harness.SlowCloseFault:
		return fmt.Sprintf("SlowClose(%s)", timeCode(f.Duration))
	case harness.SlicerFault:
		return fmt.Sprintf("Slicer(%d, %s)", f.Rate, timeCode(f.Duration))
	case harness.LimitDataFault:
		return fmt.Sprintf("LimitData(%d)", f.Rate)
	}
	return faultCode(f)
}

// faultCode is a fault for which there is no word.
func faultCode(f harness.Fault) string {
	text := fmt.Sprintf("Fault{Kind: %q", f.Kind)
	if f.Field != "" {
		text += fmt.Sprintf(", Field: %q", f.Field)
	}
	if f.Process != "" {
		text += fmt.Sprintf(", Process: %q", f.Process)
	}
	return text + "}"
}

func timeCode(d time.Duration) string {
	for _, unit := range []struct {
		is   time.Duration
		name string
	}{{time.Hour, "time.Hour"}, {time.Minute, "time.Minute"}, {time.Second, "time.Second"}, {time.Millisecond, "time.Millisecond"}} {
		if d != 0 && d%unit.is == 0 {
			return fmt.Sprintf("%d*%s", d/unit.is, unit.name)
		}
	}
	return fmt.Sprintf("%d", d)
}
