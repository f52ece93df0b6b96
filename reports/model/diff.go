package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Diff is what is otherwise in a run than in one that was good. Times, ids and
// polls differ from run to run and are left out; keys are numbered.
type Diff struct {
	With    string // what it is compared with
	Setting string // what was set otherwise
	Changes []change
	More    int // changes that are not listed
}

// change is one thing that there is more or less of.
type change struct {
	Sign  string // "+" or "−"
	Text  string
	Event []Link // where there is more of it, the last one
}

// mostChanges is how many changes are listed.
const mostChanges = 16

func (c *Suite) Diff(t *Told, at Address) *Diff {
	good, with := c.lastGood(t)
	if good == nil {
		return nil
	}
	d := &Diff{With: fmt.Sprintf("%s (%s, seed %d)", with, good.ID, good.Seed)}
	if a, b := strings.Join(good.Without, ", "), strings.Join(t.Run.Without, ", "); a != b {
		d.Setting = fmt.Sprintf("Safeguards switched off: then %s, now %s.", orNone(a), orNone(b))
	}
	now, then := signsOf(t.Run), signsOf(good)
	told := map[string]bool{}
	for _, text := range slices.Concat(now.order, then.order) {
		a, b := now.at[text], then.at[text]
		if len(a) == len(b) || told[text] {
			continue
		}
		told[text] = true
		one := change{Sign: "−", Text: fmt.Sprintf("%s: %s instead of %s", text, units.FormatCount(len(a)), units.FormatCount(len(b)))}
		if len(a) > len(b) {
			one.Sign = "+"
			one.Event = []Link{at.Link(a[len(a)-1])}
		}
		d.Changes = append(d.Changes, one)
	}
	d.More = max(0, len(d.Changes)-mostChanges)
	d.Changes = d.Changes[:len(d.Changes)-d.More]
	return d
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// signs are a run's events with everything taken out that differs from run to
// run, each with the events it stands for.
type signs struct {
	order []string
	at    map[string][]int
	keys  map[string]int
	run   *judge.Run
}

func signsOf(r *judge.Run) signs {
	s := signs{at: map[string][]int{}, keys: map[string]int{}, run: r}
	for rank := range 3 {
		for i, e := range r.History {
			text := ""
			if weight(e.Kind) == rank {
				text = s.of(e)
			}
			if text == "" {
				continue
			}
			if s.at[text] == nil {
				s.order = append(s.order, text)
			}
			s.at[text] = append(s.at[text], i)
		}
	}
	return s
}

// weight has money first, then what the customer saw, then how it came to it.
func weight(k observe.Kind) int {
	switch k {
	case observe.Money, observe.Parcel:
		return 0
	case observe.Screen:
		return 1
	}
	return 2
}

func (s *signs) of(e observe.Event) string {
	switch e.Kind {
	case observe.Money:
		return fmt.Sprintf("the provider %s %s%s", e.Entry.Op, units.Price(e.Entry.Amount, e.Entry.Currency), s.key(e.Entry.Key))
	case observe.Parcel:
		return "the carrier: a parcel was " + string(e.Entry.Op)
	case observe.Screen:
		return "the screen said “" + string(e.View.Says) + "”"
	case observe.Process:
		return "the process " + e.Life.Process + " was " + string(e.Life.What)
	case observe.Drift:
		return "an answer lacked " + strings.Join(e.Message.Missing, ", ")
	case observe.Action:
		return "the customer " + string(e.Act.Does)
	case observe.Sent, observe.Failed, observe.Received:
		if e.Message.Method == "GET" {
			return ""
		}
		return s.message(e)
	}
	return ""
}

func (s *signs) message(e observe.Event) string {
	text := fmt.Sprintf("%s %s on %s", e.Message.Method, s.template(e.Message.Path), e.Message.Hop)
	switch e.Kind {
	case observe.Failed:
		return text + " got " + NoAnswer(e.Message)
	case observe.Received:
		return text + " got " + Status(e.Message)
	}
	return text + " was sent"
}

// key numbers the idempotency keys in the order in which they came.
func (s *signs) key(key string) string {
	if key == "" {
		return ""
	}
	if s.keys[key] == 0 {
		s.keys[key] = len(s.keys) + 1
	}
	return fmt.Sprintf(" under key %d", s.keys[key])
}

// template is a path with what names this run's purchase left open.
func (s *signs) template(path string) string {
	path, mark := observe.CutMark(WithoutQuery(path))
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if s.run.Index().BasketOf(segment) != "" || slices.Contains(s.run.Baskets(), segment) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/") + mark
}
