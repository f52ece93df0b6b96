package model

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/units"
)

// source names who says that the event happened.
func source(e observe.Event) string {
	switch e.Kind {
	case observe.Money:
		return "provider’s ledger"
	case observe.Parcel:
		return "carrier’s ledger"
	case observe.Order:
		return "told by the checkout"
	case observe.Screen:
		return "on " + e.Actor + "’s screen"
	case observe.Action:
		return "done by " + e.Actor
	}
	if e.ByTap() {
		return "seen by the tap on " + e.Actor
	}
	return "told by " + e.Actor
}

// What says what happened, in the fewest words that are still exact.
func What(e observe.Event) string {
	switch e.Kind {
	case observe.Sent, observe.Arrived:
		return e.Message.Method + " " + e.Message.Path + process(e.Message)
	case observe.Answered, observe.Received:
		return Status(e.Message) + " to " + e.Message.Method + " " + e.Message.Path + process(e.Message)
	case observe.Failed:
		return NoAnswer(e.Message) + " to " + e.Message.Method + " " + e.Message.Path
	case observe.Drift:
		return "the answer lacks " + strings.Join(e.Message.Missing, ", ")
	case observe.Action:
		return act(e.Act)
	case observe.Screen:
		shot := ""
		if e.View.Shot != "" {
			shot = "with a picture"
		}
		return join("“"+string(e.View.Says)+"”", e.View.Text, e.View.Tab, shot)
	case observe.Order:
		return fmt.Sprintf("order %s is %s", e.Entry.Reference, e.Entry.State)
	case observe.Money, observe.Parcel:
		return entry(e.Entry)
	case observe.Injected:
		return join(fmt.Sprintf("injection %d %s", e.Effect.Injection+1, e.Effect.What), e.Effect.Text)
	case observe.Process:
		return join(e.Life.Process+" "+string(e.Life.What), e.Life.Text)
	}
	return e.Text
}

// process says which of the shop's processes sent the message, or got it.
func process(m *observe.Message) string {
	switch {
	case m.Process == "":
		return ""
	case m.Hop.Caller() == CheckoutLane:
		return " by " + m.Process
	}
	return " at " + m.Process
}

// NoAnswer says that none came, and what the caller saw instead.
func NoAnswer(m *observe.Message) string {
	if m.Error == "" {
		return "no answer"
	}
	return "no answer (" + string(m.Error) + ")"
}

func act(a *observe.Act) string {
	text := string(a.Does)
	if a.Amount != 0 {
		text += " at " + units.Price(a.Amount, a.Money)
	}
	return join(text, a.Tab)
}

func entry(e *observe.Entry) string {
	text := string(e.Op)
	if e.Amount != 0 {
		text += " " + units.Price(e.Amount, e.Currency)
	}
	return join(text, e.Reference)
}

func Status(m *observe.Message) string {
	text := http.StatusText(m.Status)
	if text == "" {
		return fmt.Sprint(m.Status)
	}
	return fmt.Sprintf("%d %s", m.Status, text)
}

func join(parts ...string) string {
	var words []string
	for _, p := range parts {
		if p != "" {
			words = append(words, p)
		}
	}
	return strings.Join(words, " · ")
}

// truncate shortens a text to n characters for a picture; the table has all of it.
func Truncate(text string, n int) string {
	letters := []rune(text)
	if len(letters) <= n {
		return text
	}
	return string(letters[:n-1]) + "…"
}

// Exact writes a time of the story to the millisecond, as tables need it.
func Exact(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// unit is a number with its unit after it, or an amount with its currency before.
var unit = regexp.MustCompile(`(\d) (s|parcels?)\b|\b([A-Z]{3}) (\d)`)

// Typeset keeps a number and its unit on one line.
func Typeset(sentence string) string {
	return unit.ReplaceAllString(sentence, "$1$3\u00a0$2$4")
}

// Number is a number of things in words.
func Number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
