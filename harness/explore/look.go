package explore

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// Trial is one schedule to be tried: a story's own injections and some more.
type Trial struct {
	Story      string             `json:"story"`
	Seed       uint64             `json:"seed"`
	Without    []string           `json:"without,omitempty"`
	Injections injection.Schedule `json:"injections,omitempty"` // beside the story's own
	// Whole asks for what only an exploration's single injections need: which
	// messages there were, and the trace of every call.
	Whole bool `json:"whole,omitempty"`
	// Reset allows a shop that served another trial and was reset then, where there is one.
	Reset bool `json:"reset,omitempty"`
	// Early allows it to end after so much silence, in story time, where nobody is owed
	// anything; 0: it does not. Waits says that it waits for the whole quiet time all the same.
	Early time.Duration `json:"early,omitempty"`
	Waits bool          `json:"waits,omitempty"`
}

// Outcome is what an exploration keeps of a run.
type Outcome struct {
	Verdict judge.Verdict `json:"verdict"`
	Breaks  []string      `json:"breaks,omitempty"`  // the promises that broke
	Because string        `json:"because,omitempty"` // why it is not kept, in one sentence
	Whys    []string      `json:"whys,omitempty"`    // why each of Breaks is broken
	// Busy says that the machine lost half of what it may lose: it bears no more at once.
	Busy bool `json:"busy,omitempty"`
	// Slow says why the machine was too slow to judge what is not kept, or "".
	Slow     string `json:"slow,omitempty"`
	Sentence string `json:"sentence,omitempty"`
	// Reset says that the shop served another trial before, and was reset.
	Reset bool  `json:"reset,omitempty"`
	Quiet Quiet `json:"quiet,omitzero"`
	// Missed are the injections that did not take effect, by their place in the run's
	// whole schedule: the story's own first.
	Missed   []int     `json:"missed,omitempty"`
	Messages []Message `json:"messages,omitempty"`
	// Sign is what happened to everybody: verdicts, ledgers, screens, and how many
	// messages of each kind there were. Two schedules that cannot differ have
	// one sign.
	Sign string `json:"sign,omitempty"`
	// Calls tell of each call apart, so that two histories can be compared
	// without the details of the calls that were hit.
	Calls map[string]call `json:"calls,omitempty"`
	// Spans are when each message was under way, by its name.
	Spans map[string]span `json:"spans,omitempty"`
	Rest  uint64          `json:"rest,omitempty"` // the events that are of no call
	// Tail is what happened to everybody from the moment on in which the last injection was
	// set off, and the ledgers as a whole. How often somebody looks is not of it, and nothing
	// that screens showed is where an injection had no effect: it has no such moment.
	Tail string `json:"tail,omitempty"`
	// Over is when nothing that the injections did was under way any more, and ScriptOver
	// when no other one could begin; 0: never.
	Over       time.Duration `json:"over,omitempty"`
	ScriptOver time.Duration `json:"script_over,omitempty"`
	// Sold says that a customer's last screen says that she bought.
	Sold bool `json:"sold,omitempty"`
	// Script is what the customer did, as Go; see Literal.
	Script string `json:"script,omitempty"`
	// Record is the run itself, of a broken one in real time: in virtual time it can
	// be had again at any moment.
	Record *judge.Run `json:"-"`

	took time.Duration // real time, where that passes
}

// call is a call's trace in the history: all that was seen of it, and the same
// without the bodies that its caller got to read.
type call struct {
	Whole    uint64 `json:"w"`
	Outline  uint64 `json:"o"`
	Injected bool   `json:"s,omitempty"`
}

// span is when a message was first seen, and when it was answered, in story time, and in
// which state everything was then; see situation.
type span struct {
	Seen     time.Duration `json:"s"`
	Answered time.Duration `json:"a"` // never: zero
	// The states; zero: unknown.
	SeenIn     uint64 `json:"si,omitempty"`
	AnsweredIn uint64 `json:"ai,omitempty"`
}

// moment is when an injection could take effect on a message, and in which state
// everything was then. Zero: it never was.
type moment struct {
	at    time.Duration
	state uint64
}

func (s span) moment(p fault.Phase) moment {
	if p == fault.Answered {
		return moment{s.Answered, s.AnsweredIn}
	}
	return moment{s.Seen, s.SeenIn}
}

// Look reduces the run of a trial to what an exploration keeps of it.
func Look(p Trial, r *judge.Run) Outcome {
	o := Outcome{Verdict: r.Verdict(), Sold: isSold(r)}
	for i, s := range r.Schedule {
		if len(r.Effects(i)) < s.MustFire() {
			o.Missed = append(o.Missed, i)
		}
	}
	from := lastTrigger(r)
	if len(o.Missed) > 0 {
		from = math.MaxInt64
	}
	o.Sign, o.Tail = fate(r, 0)+"; "+traffic(r), fate(r, from)
	if r.Redact != nil { // an outcome leaves the process
		o.Sign, o.Tail = r.Redact(o.Sign), r.Redact(o.Tail)
	}
	for _, ruling := range r.Rulings {
		if ruling.Verdict == judge.Broken {
			o.Breaks = append(o.Breaks, ruling.Promise)
			o.Whys = append(o.Whys, ruling.Because)
		}
		if o.Because == "" && ruling.Verdict == o.Verdict && ruling.Verdict != judge.Kept {
			o.Because = ruling.Because
		}
	}
	if o.Verdict == judge.Unfinished && r.Failure != "" {
		o.Because = r.Failure
	}
	if o.Verdict != judge.Kept {
		o.Sentence = r.Sentence()
	}
	if o.Verdict == judge.Broken && r.World != "virtual" {
		o.Record = r
	}
	if p.Whole {
		o.Messages, o.Spans = messagesOf(r)
		o.Over, o.ScriptOver = overAt(r), r.ScriptOver
		o.Script = script(r)
		o.trace(r)
	}
	return o
}

// grain is how finely two histories are compared in time: below it lies what
// every hop's own speed adds.
const grain = 100 * time.Millisecond

// trace hashes the history: each call for itself, and the rest for each actor
// in its own order.
func (o *Outcome) trace(r *judge.Run) {
	o.Calls = map[string]call{}
	names := map[*history.Call]string{}
	nameless := map[string]int{}
	for _, c := range r.Index().Calls() {
		name := string(c.Hop) + " " + c.Name
		if c.Name == "" {
			name += c.Method + " " + c.Path
			nameless[name]++
			name += fmt.Sprint(" #", nameless[name])
		}
		names[c] = name
		o.Calls[name] = call{Injected: len(c.Hits) > 0}
	}
	rest := map[string]uint64{}
	for i, e := range r.History {
		switch m := e.Message; {
		case e.Kind == observe.Injected: // what it did shows elsewhere
		case m != nil:
			name := names[r.Index().CallOf(i)]
			c := o.Calls[name]
			c.Whole = add(c.Whole, at(e), string(e.Kind), e.Actor, m.Method, m.Path, fmt.Sprint(m.Status), m.Body, string(m.Error))
			if e.ByTap() { // the tap stands with the shop: it reads the truth
				c.Outline = add(c.Outline, at(e), string(e.Kind), m.Method, m.Path, fmt.Sprint(m.Status), m.Body)
			} else {
				c.Outline = add(c.Outline, at(e), string(e.Kind), m.Method, m.Path, fmt.Sprint(m.Status), string(m.Error))
			}
			o.Calls[name] = c
		default:
			rest[e.Actor] = add(rest[e.Actor], at(e), string(e.Kind), payload(e))
		}
	}
	for actor, h := range rest {
		o.Rest += add(h, actor) // a sum knows no order
	}
}

func at(e observe.Event) string { return fmt.Sprint(e.At.Round(grain)) }

func payload(e observe.Event) string {
	switch {
	case e.Act != nil:
		return fmt.Sprint(*e.Act)
	case e.View != nil:
		return string(e.View.Says) + e.View.Text + e.View.Tab
	case e.Entry != nil:
		return fmt.Sprint(*e.Entry)
	case e.Life != nil:
		return e.Life.Process + string(e.Life.What)
	}
	return ""
}

func add(h uint64, words ...string) uint64 {
	f := fnv.New64a()
	fmt.Fprint(f, h)
	for _, w := range words {
		_, _ = io.WriteString(f, w)
		_, _ = f.Write([]byte{0xff})
	}
	return f.Sum64()
}

// injected are the calls that an injection hit.
func (o Outcome) injected() (names []string) {
	for name, c := range o.Calls {
		if c.Injected {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// print is the history's fingerprint without what the callers of these calls
// got to read.
func (o Outcome) print(without []string) uint64 {
	h := o.Rest
	for name, c := range o.Calls {
		if slices.Contains(without, name) {
			h += add(c.Outline, name)
		} else {
			h += add(c.Whole, name)
		}
	}
	return h
}

// fate writes down what happened to everybody, without times: verdicts and ledgers, and
// what was on screens from a moment on.
func fate(r *judge.Run, from time.Duration) string {
	var b strings.Builder
	for _, ruling := range r.Rulings {
		// Whether the injections took effect is of the schedule, not of the story.
		if ruling.Verdict != judge.Kept && ruling.Promise != "every-injection-took-effect" {
			fmt.Fprintf(&b, "%s %s ", ruling.Promise, ruling.Verdict)
		}
	}
	var ledger, screens []string
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Money || e.Kind == observe.Parcel:
			ledger = append(ledger, fmt.Sprintf("%s %d %s", e.Entry.Op, e.Entry.Amount, e.Entry.Currency))
		case e.Kind == observe.Screen && e.At >= from:
			screens = append(screens, string(e.View.Says))
		}
	}
	fmt.Fprintf(&b, "%s; %s", strings.Join(ledger, " "), strings.Join(screens, " "))
	return b.String()
}

// traffic writes down how many messages of each kind there were.
func traffic(r *judge.Run) string {
	counts := map[string]int{}
	for _, counted := range r.Index().Messages() {
		m := r.History[counted.Request].Message
		counts[string(m.Hop)+" "+m.Method+" "+r.Index().PathTemplate(m.Path)]++
	}
	kinds := make([]string, 0, len(counts))
	for kind, n := range counts {
		kinds = append(kinds, fmt.Sprintf("%d× %s", n, kind))
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Compare(a[strings.IndexByte(a, ' '):], b[strings.IndexByte(b, ' '):])
	})
	return strings.Join(kinds, ", ")
}
