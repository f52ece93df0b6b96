package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
)

// event is a row of the event table.
type event struct {
	ID, Name string // ID is its anchor
	At       string
	Actor    string
	Kind     string
	What     string
	Source   string
	Class    string
	Broke    []string // the promises that broke here
	Note     string   // where the pictures show it, if not by itself
}

func events(r *harness.Run, anchor string, c calls, f folds, pins []pin) []event {
	list := make([]event, 0, len(r.History))
	for i, e := range r.History {
		row := event{
			ID: anchor + "/" + eventName(i), Name: eventName(i), At: exact(e.At),
			Actor: e.Actor, Kind: string(e.Kind), What: what(e), Source: source(e),
		}
		for _, p := range pins {
			if p.event == i {
				row.Class, row.Broke = "pinned", append(row.Broke, p.promise)
			}
		}
		if fold := f.byEvent[i]; fold != nil && fold.first != i {
			row.Class, row.Note = "folded", "with "+eventName(fold.first)
		}
		if first, again := f.repeat[i]; again {
			row.Class, row.Note = "folded", "as in "+eventName(first)
		}
		list = append(list, row)
	}
	return list
}

// exchange is a call as it was spoken: what was asked, and what came back.
type exchange struct {
	Title   string
	Hop     string
	Outcome string
	Folded  int // like calls that are not shown
	Parts   []part
}

// part is one message of it.
type part struct {
	Event   link
	At      string
	Title   string
	Headers []header
	Body    string
	Cut     int // bytes that are not shown
}

type header struct{ Name, Value string }

// shownBody is how much of a body the page shows; the record has the rest.
const shownBody = 4 << 10

// exchanges are the calls in the order of the history. Of a row of polls the
// first and the last one stand for all.
func exchanges(r *harness.Run, anchor string, c calls, f folds) []exchange {
	var list []exchange
	for _, one := range c.list {
		messages := one.messages()
		if len(messages) == 0 {
			continue // drift alone: the answer itself was never told of
		}
		x := exchange{Title: one.method + " " + one.path, Hop: one.hop, Outcome: one.outcome(r.History)}
		if fold := f.byEvent[messages[0]]; fold != nil {
			if one != fold.calls[0] && one != fold.calls[len(fold.calls)-1] {
				continue
			}
			if one == fold.calls[0] {
				x.Folded = len(fold.calls) - 2
			}
		}
		for k, i := range messages {
			if k > 0 && sameWords(r.History[messages[k-1]], r.History[i]) {
				continue
			}
			x.Parts = append(x.Parts, newPart(r.History[i], i, anchor))
		}
		list = append(list, x)
	}
	return list
}

// sameWords says whether the second end of the hop saw what the first one did.
func sameWords(a, b harness.Event) bool {
	isAnswer := func(e harness.Event) bool { return e.Kind == observe.Answered || e.Kind == observe.Received }
	return a.Kind != b.Kind && isAnswer(a) == isAnswer(b) && b.Kind != observe.Failed &&
		a.Message.Status == b.Message.Status && a.Message.Body == b.Message.Body
}

func newPart(e harness.Event, i int, anchor string) part {
	m := e.Message
	p := part{Event: link{eventHref(anchor, i), eventName(i)}, At: exact(e.At), Title: string(e.Kind) + ", " + source(e)}
	switch e.Kind {
	case observe.Answered, observe.Received:
		p.Title = status(m) + " — " + p.Title
	case observe.Failed:
		p.Title = string(m.Error) + " — " + p.Title
	default:
		p.Title = m.Method + " " + m.Path + " — " + p.Title
	}
	for _, name := range slices.Sorted(maps.Keys(m.Header)) {
		p.Headers = append(p.Headers, header{name, m.Header[name]})
	}
	p.Body = pretty(m.Body)
	if len(p.Body) > shownBody {
		cut := strings.ToValidUTF8(p.Body[:shownBody], "")
		p.Cut, p.Body = len(p.Body)-len(cut), cut
	}
	return p
}

// pretty indents JSON; anything else stays as it is.
func pretty(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}

// Facts says how many messages the exchange has, for its heading.
func (x exchange) Facts() string {
	if x.Folded > 0 {
		return fmt.Sprintf("%s; %d more like it are not shown", x.Outcome, x.Folded)
	}
	return x.Outcome
}
