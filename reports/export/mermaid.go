package export

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/reports/model"
)

// sequenceLines is how many lines a sequence diagram has at most: more do not
// fit a job's page. The report has all of them.
const sequenceLines = 50

// Sequence draws the run as a mermaid sequence diagram: who clicked, what was
// sent and what came of it, what was written into the ledgers, what went wrong,
// and where the promise broke. Looks that were answered are left out. It is pure,
// and nothing that was recorded can be more than text in it.
func Sequence(r *judge.Run) string {
	own := model.Copies([]*judge.Run{r})[0]
	s := sequence{run: own, ids: map[string]string{}, open: map[*history.Call]*asked{}, broke: firstBreak(own)}
	for i, e := range own.History {
		s.event(i, e)
	}
	var out strings.Builder
	out.WriteString("sequenceDiagram\n")
	for _, name := range s.fromLeft() {
		fmt.Fprintf(&out, "  participant %s as %s\n", s.ids[name], mermaidText(name))
	}
	for _, text := range s.shortened() {
		out.WriteString("  " + text + "\n")
	}
	return out.String()
}

// sequence is a diagram half drawn.
type sequence struct {
	run      *judge.Run
	names    []string // of who takes part, in the order in which they are met
	ids      map[string]string
	rows     []string
	open     map[*history.Call]*asked
	broke    int // the event that broke the first promise, or -1
	brokeRow int
}

// asked is a call that was drawn and whose end was not.
type asked struct{ arrived bool }

// firstBreak is the event that broke the first broken promise, or -1.
func firstBreak(r *judge.Run) int {
	for _, ruling := range r.Rulings {
		if ruling.Verdict != judge.Broken || len(ruling.Evidence) == 0 {
			continue
		}
		if last := slices.Max(ruling.Evidence); last >= 0 && last < len(r.History) {
			return last
		}
	}
	return -1
}

func (s *sequence) event(i int, e observe.Event) {
	switch e.Kind {
	case observe.Sent, observe.Arrived, observe.Received, observe.Failed:
		s.message(i, e)
	case observe.Action:
		s.note(e.At, e.Actor, string(e.Act.Does))
	case observe.Screen:
		s.note(e.At, e.Actor, "sees “"+string(e.View.Says)+"”")
	case observe.Money:
		s.note(e.At, e.Actor, fmt.Sprintf("%s %s", e.Entry.Op, units.Price(e.Entry.Amount, e.Entry.Currency)))
	case observe.Parcel:
		s.note(e.At, "shipping", "parcel "+string(e.Entry.Op))
	case observe.Injected:
		if e.Effect.Injection >= 0 && e.Effect.Injection < len(s.run.Schedule) {
			s.note(e.At, s.run.Schedule[e.Effect.Injection].Hop.Callee(), fmt.Sprintf("⚡ injection %d %s", e.Effect.Injection+1, e.Effect.What))
		}
	case observe.Process:
		s.note(e.At, model.CheckoutLane, strings.TrimSpace(process(e.Life)+" "+string(e.Life.What)))
	}
	if i == s.broke {
		s.note(e.At, e.Actor, "◀ BROKE here")
		s.brokeRow = len(s.rows)
	}
}

// process names one of several.
func process(l *observe.Life) string {
	if l.Process == model.CheckoutLane {
		return ""
	}
	return l.Process
}

// message draws a request where it was first seen, and what happened to it where
// its caller learnt that.
func (s *sequence) message(i int, e observe.Event) {
	m, c := e.Message, s.run.Index().CallOf(i)
	from, to := s.run.Index().CallerOf(c), c.Hop.Callee()
	if m.Method == "GET" && e.Kind != observe.Failed {
		return // she, or the shop, looks again and again
	}
	open := s.open[c]
	switch e.Kind {
	case observe.Sent, observe.Arrived:
		arrives := e.Kind == observe.Arrived
		if open != nil && arrives && !open.arrived {
			open.arrived = true // the other end of what was drawn; one that arrives again was sent again
			return
		}
		s.open[c] = &asked{arrives}
		s.arrow(from, "->>", to, m.Method+" "+m.Path)
	case observe.Received:
		if open != nil {
			s.arrow(to, "-->>", from, model.Status(m))
		}
		delete(s.open, c)
	case observe.Failed:
		s.arrow(to, "--x", from, model.NoAnswer(m))
		delete(s.open, c)
	}
}

func (s *sequence) arrow(from, arrow, to, text string) {
	s.rows = append(s.rows, fmt.Sprintf("%s%s%s: %s", s.id(from), arrow, s.id(to), mermaidText(text)))
}

func (s *sequence) note(at time.Duration, who, text string) {
	s.rows = append(s.rows, fmt.Sprintf("Note over %s: %s", s.id(who), mermaidText(units.FormatDuration(at)+" "+text)))
}

// id is the participant's name within the diagram: what was recorded is its
// label only.
func (s *sequence) id(name string) string {
	switch name {
	case "carrier":
		name = "shipping"
	case "":
		name = "somebody"
	}
	if s.ids[name] == "" {
		s.ids[name] = fmt.Sprintf("p%d", len(s.names))
		s.names = append(s.names, name)
	}
	return s.ids[name]
}

// fromLeft are those who take part, in the order of their lanes in the report.
func (s *sequence) fromLeft() []string {
	order := append([]string{model.CheckoutLane, model.ProviderLane, "shipping"}, model.FurtherCallees(s.run)...)
	place := func(name string) int { return slices.Index(order, name) }
	list := slices.Clone(s.names)
	slices.SortStableFunc(list, func(a, b string) int { return place(a) - place(b) })
	return list
}

// shortened are the rows, and of a long story its beginning and those that lead
// up to the break.
func (s *sequence) shortened() []string {
	if len(s.rows) <= sequenceLines {
		return s.rows
	}
	const beginning = 15
	end := len(s.rows)
	if s.brokeRow > 0 {
		end = min(end, max(s.brokeRow+5, sequenceLines))
	}
	from := max(beginning, end-(sequenceLines-beginning))
	gap := func(n int) []string {
		if n == 0 {
			return nil
		}
		return []string{fmt.Sprintf("Note over p0: … left out here: %d …", n)}
	}
	return slices.Concat(s.rows[:beginning], gap(from-beginning), s.rows[from:end], gap(len(s.rows)-end))
}

// mermaidText writes recorded text so that mermaid sees no syntax in it: what is
// neither a letter, a digit nor plain punctuation is written by its number. A
// code is all that “#” and “;” may be in mermaid.
func mermaidText(text string) string {
	var out strings.Builder
	for _, r := range model.Truncate(oneLine(text), 90) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), strings.ContainsRune(" .,/()-_“”’…÷×⚡◀", r):
			out.WriteRune(r)
		default:
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	if strings.TrimSpace(out.String()) == "" {
		return "…" // a message without a text is none
	}
	return out.String()
}

// oneLine is the text on one line, without what is invisible or turns others round.
func oneLine(text string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd"))
	return strings.Join(strings.Fields(clean), " ")
}
