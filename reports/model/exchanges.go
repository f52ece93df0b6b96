package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Exchange is a call as it was spoken: what was asked, and what came back.
type Exchange struct {
	Title string
	Facts string
	Parts []part
}

// part is one message of it.
type part struct {
	Event Link
	Title string
	Text  string // its headers, and its body after an empty line
}

// Always are headers that every message of one kind had, told once.
type Always struct{ Who, Text string }

// shownBody is how much of a body the page shows; the record has the rest.
const shownBody = 2 << 10

// speech writes the messages of a run down, each thing once.
type speech struct {
	run    *judge.Run
	at     Address
	common map[string]map[string]string // kind of message → header → value
	bodies map[string]int               // body → the event that had it first
}

// Exchanges are the calls in the order of the history. Of a row of polls the
// first one stands for all.
func Exchanges(r *judge.Run, at Address, f Folds) ([]Exchange, []Always) {
	s := speech{run: r, at: at, common: map[string]map[string]string{}, bodies: map[string]int{}}
	s.findCommon()
	var list []Exchange
	for _, one := range r.Index().Calls() {
		messages := one.Sightings()
		if len(messages) == 0 {
			continue // drift alone: the answer itself was never told of
		}
		x := Exchange{Title: one.Method + " " + one.Path, Facts: outcomeOf(one, r.History) + ", " + string(one.Hop)}
		if fold := f.ByEvent[messages[0]]; fold != nil {
			if one != fold.Calls[0] {
				continue
			}
			x.Facts += fmt.Sprintf("; %d more like it are in the record", len(fold.Calls)-1)
		}
		for k, i := range messages {
			if k > 0 && sameWords(r.History[messages[k-1]], r.History[i]) {
				continue
			}
			x.Parts = append(x.Parts, s.part(i))
		}
		list = append(list, x)
	}
	return list, s.always()
}

// sideOf names the messages that are alike: what is asked on a hop, or answered.
func sideOf(e observe.Event) string {
	if isAnswer(e) {
		return "every answer on " + string(e.Message.Hop)
	}
	return "every request on " + string(e.Message.Hop)
}

func isAnswer(e observe.Event) bool { return e.Kind == observe.Answered || e.Kind == observe.Received }

// findCommon finds the headers that all messages of one kind have alike.
func (s *speech) findCommon() {
	for _, e := range s.run.History {
		if e.Message == nil || len(e.Message.Header) == 0 {
			continue
		}
		side := sideOf(e)
		if s.common[side] == nil {
			s.common[side] = maps.Clone(e.Message.Header)
			continue
		}
		maps.DeleteFunc(s.common[side], func(name, value string) bool { return e.Message.Header[name] != value })
	}
}

func (s *speech) always() []Always {
	var list []Always
	for _, side := range slices.Sorted(maps.Keys(s.common)) {
		if len(s.common[side]) == 0 {
			continue
		}
		text := headers(s.common[side], nil)
		if i := slices.IndexFunc(list, func(a Always) bool { return a.Text == text }); i >= 0 {
			list[i].Who += ", " + side
			continue
		}
		list = append(list, Always{side, text})
	}
	return list
}

// sameWords says whether the second end of the hop saw what the first one did.
func sameWords(a, b observe.Event) bool {
	return a.Kind != b.Kind && isAnswer(a) == isAnswer(b) && b.Kind != observe.Failed &&
		a.Message.Status == b.Message.Status && a.Message.Body == b.Message.Body
}

func (s *speech) part(i int) part {
	e := s.run.History[i]
	m := e.Message
	p := part{Event: s.at.Link(i), Title: string(e.Kind) + ", " + source(e)}
	switch e.Kind {
	case observe.Answered, observe.Received:
		p.Title += ": " + Status(m)
	case observe.Failed:
		p.Title += ": " + NoAnswer(m)
	}
	p.Text = headers(m.Header, s.common[sideOf(e)])
	if m.Body == "" {
		return p
	}
	if first, was := s.bodies[m.Body]; was {
		p.Text += "\nThe same body as " + EventName(first) + "."
		return p
	}
	s.bodies[m.Body] = i
	p.Text += "\n" + shown(m.Body)
	return p
}

// headers are a line each; those of which only the name was kept share one.
func headers(h, common map[string]string) string {
	var text strings.Builder
	var masked []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		switch value := h[name]; {
		case common[name] == value && common != nil, name == "Content-Length":
			// The one is told once, the other is how long the body is.
		case value == redact.Mask:
			masked = append(masked, name)
		default:
			fmt.Fprintf(&text, "%s: %s\n", name, value)
		}
	}
	if len(masked) > 0 {
		fmt.Fprintf(&text, "%s: %s\n", strings.Join(masked, ", "), redact.Mask)
	}
	return text.String()
}

// shown is as much of a body as the page has room for.
func shown(body string) string {
	body = pretty(body)
	if len(body) <= shownBody {
		return body
	}
	cut := strings.ToValidUTF8(body[:shownBody], "")
	return fmt.Sprintf("%s\n… %d bytes more in the record", cut, len(body)-len(cut))
}

// pretty indents JSON; anything else stays as it is.
func pretty(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", " ") != nil {
		return body
	}
	return out.String()
}
