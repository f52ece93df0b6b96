package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// Exploration is what exploring the stories came to.
type Exploration struct {
	At      time.Time
	Commit  string
	Results []explore.Result // one a story
}

// Runs are those that show the findings, as far as there are any.
func (e Exploration) Runs() (list []*judge.Run) {
	for _, r := range e.Results {
		for _, f := range slices.Concat(r.Findings, r.Unconfirmed) {
			if f.Record != nil {
				list = append(list, f.Record)
			}
		}
	}
	return list
}

// explorationPage is what the template reads.
type explorationPage struct {
	frame
	Title, When, Commit string
	Figures             []figure
	Shards              string // those that are missing, in words
	Groups              []columnGroup
	Rows                []spaceRow
	Findings            []findingRow
	Unconfirmed         []findingRow
	Slow                []string // why the machine was too slow, by story
	Spaces              []explore.Covered
	Stories             []tallyRow
	Sum                 tallyRow
	Unreached           []unreachedRow
	Nothing             []string // stories of which nothing was explored, and why
	NoEpilogue          []string // stories at whose end nothing was sent again, and why
	Disagreements       []string
	Unfinished          []string

	atEnd int // schedules with an epilogue
}

type (
	// columnGroup are the faults of one moment.
	columnGroup struct {
		Name   string
		Faults []string
	}
	// spaceRow is one kind of message, and what was done to it.
	spaceRow struct {
		Hop, Message string
		Cells        []spaceCell
	}
	// spaceCell are all injections of one kind on it: of every time, field and
	// status, on every message of the kind, in every story.
	spaceCell struct {
		Class, Word                          string // the state that counts; "" where there is no such injection
		N                                    int
		Says                                 string
		finding, explored, pruned, unreached int
	}
	findingRow struct {
		explore.Finding
		Story    string
		Schedule []string
		Replay   string
		Timeline string // the way to the run that shows it, or ""
		Seen     string // how often, of how many times
	}
	tallyRow struct {
		Story string
		explore.Tally
		Findings, Enacted int
		Took              string
		Cut               bool
	}
	// unreachedRow are the injections that never took effect for one reason.
	unreachedRow struct {
		Why      string
		N        int
		Examples []string
	}
)

// BuildExploration draws what exploring came to. It is pure.
func BuildExploration(e Exploration) ([]byte, error) {
	p := explorationPage{frame: aloneFrame(), Title: "What was explored, and what it showed", When: stamp(e.At), Commit: e.Commit}
	p.space(e.Results)
	p.Spaces = explore.Cover(e.Results...)
	for _, r := range e.Results {
		p.result(r)
	}
	p.Sum.Story = "All stories"
	slices.SortStableFunc(p.Findings, func(a, b findingRow) int {
		return cmp.Or(cmp.Compare(len(a.Schedule), len(b.Schedule)), cmp.Compare(b.Count, a.Count))
	})
	t := p.Sum.Tally
	found := figure{fmt.Sprint(len(p.Findings)), "findings", "broke"}
	if len(p.Findings) == 1 {
		found.Says = "finding"
	}
	if len(p.Findings) == 0 {
		found.Class = "kept"
	}
	p.Figures = []figure{
		found,
		{fmt.Sprint(t.Explored), "schedules explored, of which every injection took effect", ""},
		{fmt.Sprint(t.Pruned), "pruned: they cannot differ from another", ""},
		{fmt.Sprint(t.Dead), "dead: one of their injections would have nothing to hit", ""},
		{fmt.Sprint(t.Audited), "of the pruned and the dead enacted all the same", ""},
		{fmt.Sprint(t.Unproven), "in which an injection had no effect", ""},
		{fmt.Sprint(t.Unfinished), "that the harness could not finish", ""},
	}
	if p.atEnd > 0 {
		p.Figures = slices.Insert(p.Figures, 2, figure{fmt.Sprint(p.atEnd), "of these, after which the same submit was sent again", ""})
	}
	return draw("exploration", p)
}

func (p *explorationPage) result(r explore.Result) {
	row := tallyRow{
		Story: r.Story, Tally: r.Tally(), Findings: len(r.Findings), Enacted: r.Enacted,
		Took: fmt.Sprintf("%.1f s", r.Took.Seconds()), Cut: r.Interrupted,
	}
	p.Stories = append(p.Stories, row)
	p.Sum.Tally = p.Sum.Tally.Add(row.Tally)
	p.Sum.Findings += row.Findings
	p.Sum.Enacted += row.Enacted
	for _, f := range r.Findings {
		p.Findings = append(p.Findings, newFindingRow(r.Story, f))
	}
	for _, f := range r.Unconfirmed {
		p.Unconfirmed = append(p.Unconfirmed, newFindingRow(r.Story, f))
	}
	if r.TooSlow != "" {
		p.Slow = append(p.Slow, r.Story+": "+r.TooSlow)
	}
	for _, c := range r.Cells {
		if c.Reached() == "unreached" {
			p.unreached(explore.WhyUnreached(c), r.Story+": "+c.Injection.String())
		}
	}
	p.atEnd += r.Epilogues.Explored
	if r.NoEpilogue != "" {
		p.NoEpilogue = append(p.NoEpilogue, r.Story+": "+r.NoEpilogue)
	}
	if r.Nothing != "" {
		p.Nothing = append(p.Nothing, r.Story+": "+r.Nothing)
	}
	for _, d := range r.Disagreements {
		p.Disagreements = append(p.Disagreements, r.Story+": "+d)
	}
	for _, u := range r.Unfinished {
		p.Unfinished = append(p.Unfinished, r.Story+": "+u)
	}
	if missing := r.Missing(); len(missing) > 0 && p.Shards == "" {
		p.Shards = fmt.Sprintf("Not the whole: of %s there are shards %v of %d, and %v are missing.", r.Story, r.Shards, r.Of, missing)
	}
}

func newFindingRow(story string, f explore.Finding) findingRow {
	row := findingRow{Finding: f, Story: story, Schedule: texts(f.Injections), Replay: f.Line}
	if row.Replay == "" { // of an earlier suite, which did not say how it was run
		row.Replay = "UNHAPPY_REPLAY=" + f.Replay
	}
	if f.Record != nil {
		row.Timeline = FindingsPage + "#" + model.Plain(f.Run)
	}
	if f.Of > 0 {
		row.Seen = fmt.Sprintf("%d of %d", f.Shown, f.Of)
	}
	return row
}

// mostExamples is how many unreached injections of one reason are listed.
const mostExamples = 40

func (p *explorationPage) unreached(why, injection string) {
	i := slices.IndexFunc(p.Unreached, func(u unreachedRow) bool { return u.Why == why })
	if i < 0 {
		i = len(p.Unreached)
		p.Unreached = append(p.Unreached, unreachedRow{Why: why})
	}
	p.Unreached[i].N++
	if len(p.Unreached[i].Examples) < mostExamples {
		p.Unreached[i].Examples = append(p.Unreached[i].Examples, injection)
	}
}

// column is a kind of fault at a moment of a message.
type column struct {
	moment int // in the order of moments
	fault  fault.Kind
}

// moments are when a fault hits; bytes have none.
var moments = []string{"before it arrives", "after it was answered", "on every such answer", "bytes of the hop", "after the story", "what she decides"}

func columnOf(s injection.Injection) column {
	switch {
	case s.Fault.IsDecision():
		return column{5, s.Fault.Kind}
	case s.Trigger.End:
		return column{4, s.Fault.Kind}
	case s.Fault.IsTransport():
		return column{3, s.Fault.Kind}
	case s.Trigger.Phase == fault.Answered && s.Trigger.N == 0:
		return column{2, s.Fault.Kind}
	case s.Trigger.Phase == fault.Answered:
		return column{1, s.Fault.Kind}
	}
	return column{0, s.Fault.Kind}
}

// space lays the space of faults out: a row a kind of message, a column a kind
// of fault.
func (p *explorationPage) space(results []explore.Result) {
	type spot struct {
		row string
		column
	}
	cells := map[spot]*spaceCell{}
	var columns []column
	var rows []explore.Message
	for _, r := range results {
		for _, c := range r.Cells {
			at := spot{c.Message.Kind(), columnOf(c.Injection)}
			if !slices.Contains(columns, at.column) {
				columns = append(columns, at.column)
			}
			if !slices.ContainsFunc(rows, func(m explore.Message) bool { return m.Kind() == at.row }) {
				rows = append(rows, c.Message)
			}
			if cells[at] == nil {
				cells[at] = &spaceCell{}
			}
			cells[at].add(c)
		}
	}
	slices.SortFunc(columns, func(a, b column) int {
		return cmp.Or(cmp.Compare(a.moment, b.moment), cmp.Compare(a.fault, b.fault))
	})
	slices.SortFunc(rows, func(a, b explore.Message) int {
		return cmp.Or(observe.CompareHops(a.Hop, b.Hop), cmp.Compare(a.Kind(), b.Kind()))
	})
	for i, c := range columns {
		if i == 0 || columns[i-1].moment != c.moment {
			p.Groups = append(p.Groups, columnGroup{Name: moments[c.moment]})
		}
		group := &p.Groups[len(p.Groups)-1]
		group.Faults = append(group.Faults, string(c.fault))
	}
	for _, m := range rows {
		row := spaceRow{Hop: string(m.Hop), Message: strings.TrimPrefix(m.Kind(), string(m.Hop)+" ")}
		for _, c := range columns {
			cell := cells[spot{m.Kind(), c}]
			if cell == nil {
				cell = &spaceCell{}
			}
			row.Cells = append(row.Cells, cell.closed())
		}
		p.Rows = append(p.Rows, row)
	}
}

func (c *spaceCell) add(one explore.Cell) {
	c.N++
	switch {
	case one.Findings:
		c.finding++
	case one.Reached() == "explored":
		c.explored++
	case one.Reached() == "pruned":
		c.pruned++
	default:
		c.unreached++
	}
}

// closed says which state counts: a finding before all, then what was done at
// least once.
func (c *spaceCell) closed() spaceCell {
	switch {
	case c.finding > 0:
		c.Class, c.Word = "finding", "finding"
	case c.explored > 0:
		c.Class, c.Word = "explored", "explored"
	case c.pruned > 0:
		c.Class, c.Word = "pruned", "pruned"
	case c.unreached > 0:
		c.Class, c.Word = "unreached", "unreached"
	}
	c.Says = fmt.Sprintf("%s: of %d injections %d explored, %d pruned, %d unreached, %d with a finding",
		c.Word, c.N, c.explored, c.pruned, c.unreached, c.finding)
	return *c
}

// FindingsPage is the page of the runs that show the findings.
const FindingsPage = "findings.html"
