package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/model"
)

// page is all that the page's templates read.
type page struct {
	frame
	About   model.About
	Title   string
	At      string
	Counts  []model.Count
	Stories int      // that the headline counts
	Staged  int      // runs, each round by itself
	Over    []string // charged too much, by currency
	New     int      // failures that the baseline does not have
	Mended  int
	Based   bool
	Rows    []indexRow // worst first
	Demos   []indexRow
	Skipped skips
	Choices choices
	Masked  int
	bodies  drawing // of the runs that it shows, all their pieces
	plain   drawing // of those that it shows without pictures to anyone who has no script
	Plain   int     // how many these are
	Packed  int     // runs of which such a reader has the line alone
	Packs   pack    // their bodies
}

// indexRow is one line of the index.
type indexRow struct {
	*model.Form
	Href   string
	Pack   int    // the pack that has its body, from 1; 0: the page shows it
	Plain  bool   // the page shows it without its pictures, until a script unfolds it
	Plot   string // not of packed ones: the index stays short
	Clock  string
	Rounds int
	Faults string // kinds, for the filter
	Labels string
	Flags  string
}

// skips are the stories that were not run: one line of their reasons, and each
// reason with its stories, the most frequent first.
type skips struct {
	Line    string
	Reasons []skipped
}

type skipped struct {
	Reason string
	Names  []string
}

// reasonsInLine is how many reasons the line has.
const reasonsInLine = 3

func skippedBy(list []model.Skip) skips {
	var reasons []skipped
	for _, s := range list {
		i := slices.IndexFunc(reasons, func(r skipped) bool { return r.Reason == s.Reason })
		if i < 0 {
			i = len(reasons)
			reasons = append(reasons, skipped{Reason: s.Reason})
		}
		reasons[i].Names = append(reasons[i].Names, s.Name)
	}
	slices.SortStableFunc(reasons, func(a, b skipped) int { return len(b.Names) - len(a.Names) })
	var line []string
	for _, r := range reasons[:min(len(reasons), reasonsInLine)] {
		line = append(line, fmt.Sprintf("%d: %s", len(r.Names), model.Truncate(r.Reason, 90)))
	}
	if more := len(reasons) - reasonsInLine; more > 0 {
		line = append(line, fmt.Sprintf("%s more", model.Number(more, "reason")))
	}
	return skips{strings.Join(line, " · "), reasons}
}

// choices are what the index can be filtered by.
type choices struct{ Verdicts, Faults, Labels []choice }

type choice struct{ Value, Text string }

func newPage(c *model.Suite, about model.About, f frame) *page {
	p := &page{
		frame: f, About: about, Title: about.Heading(), At: stamp(about.At),
		Based: c.Based, Staged: len(c.Told),
	}
	tales := model.TalesOf(c.Told)
	p.Stories, p.Counts, p.Over = len(tales), model.Counts(tales), model.Overcharged(tales)
	for _, one := range tales {
		if one.New {
			p.New++
		}
		if one.Mended {
			p.Mended++
		}
	}
	for _, t := range c.Told {
		p.Masked += t.Masked
	}
	p.Choices, p.Skipped = choicesOf(c), skippedBy(about.Skipped)
	return p
}

// line adds a form to the index.
func (p *page) line(row indexRow) {
	r := row.Run
	if r.Clock > 1 {
		row.Clock = "clock ÷" + r.Clock.String()
	}
	if n := len(row.Form.Rounds); n > 1 {
		row.Rounds = n
	}
	row.Faults, row.Labels = strings.Join(faultsOf(r), " "), strings.Join(r.Labels, " ")
	var flags []string
	if row.Flaky != "" {
		flags = append(flags, "flaky")
	}
	if row.New {
		flags = append(flags, "new")
	}
	row.Flags = strings.Join(flags, " ")
	if row.Standing == model.Reproduced {
		p.Demos = append(p.Demos, row)
	} else {
		p.Rows = append(p.Rows, row)
	}
}

// mostAtOnce is how many bytes of bodies a page shows at once: first of what
// failed, and of the rest where all of it, of a few stories, is so little. Where
// it is more, a few stories are there in plain form, too, as far as the page stays
// a small one: anyone who has no script reads these.
const (
	mostAtOnce  = 320 << 10
	mostStories = 30
	smallPage   = 399_000 // bytes, and the words that say what is missing
)

// stow puts every body into the page: as it is, or packed.
func (p *page) stow(c *model.Suite, bodies []drawing) error {
	total := 0
	for _, b := range bodies {
		total += b.size()
	}
	all := len(bodies) <= mostStories && total <= mostAtOnce
	shown := 0
	var packs packer
	packOf, plain := map[*model.Told]int{}, map[*model.Told]bool{}
	for i, t := range c.Told {
		if all || t.Loud() && shown+bodies[i].size() <= mostAtOnce {
			shown += bodies[i].size()
			p.bodies = append(p.bodies, bodies[i]...)
			continue
		}
		packOf[t] = packs.add(bodies[i])
	}
	var err error
	if p.Packs, err = packs.pack(); err != nil {
		return err
	}
	bare, err := p.bare(c, packOf)
	if err != nil {
		return err
	}
	room := smallPage - bare - shown
	for i, t := range c.Told {
		if packOf[t] == 0 {
			continue
		}
		body := bodies[i].plain(t)
		if plain[t] = len(bodies) <= mostStories && body.size() <= room; plain[t] {
			room -= body.size()
			p.plain = append(p.plain, body...)
			p.Plain++
		} else {
			p.Packed++
		}
	}
	p.list(c, packOf, plain)
	return nil
}

// list writes a line for each form: where it is packed, and whether it is there
// in plain form as well.
func (p *page) list(c *model.Suite, packOf map[*model.Told]int, plain map[*model.Told]bool) {
	for _, f := range c.Forms {
		row := indexRow{Form: f, Href: "#" + f.Anchor, Pack: packOf[f.Told], Plain: plain[f.Told]}
		if row.Pack == 0 {
			row.Plot = f.Run.Plot
		}
		p.line(row)
	}
}

// bare is how many bytes the page has without any bodies.
func (p page) bare(c *model.Suite, packOf map[*model.Told]int) (int, error) {
	p.list(c, packOf, nil)
	p.Packed = len(packOf)
	top, err := draw("top", &p)
	if err != nil {
		return 0, err
	}
	end, err := draw("end", &p)
	return len(top) + len(end), err
}

// bind puts the page together.
func (p *page) bind() ([]byte, error) {
	top, err := draw("top", p)
	if err != nil {
		return nil, err
	}
	end, err := draw("end", p)
	if err != nil {
		return nil, err
	}
	parts := append([][]byte{top}, p.bodies...)
	if p.Plain > 0 {
		parts = append(append(append(parts, []byte(`<div class="plain">`)), p.plain...), []byte(`</div>`))
	}
	return slices.Concat(append(parts, end)...), nil
}

// choicesOf are those that tell stories apart.
func choicesOf(c *model.Suite) choices {
	faults, labels, verdicts := map[string]bool{}, map[string]bool{}, map[model.Standing]bool{}
	flaky, fresh := false, false
	for _, f := range c.Forms {
		verdicts[f.Standing] = true
		flaky, fresh = flaky || f.Flaky != "", fresh || f.New
		for _, kind := range faultsOf(f.Run) {
			faults[kind] = true
		}
		for _, label := range f.Run.Labels {
			labels[label] = true
		}
	}
	var list choices
	for _, s := range []model.Standing{model.Broke, model.Missed, model.Unfinished, model.Unproven, model.Kept, model.Reproduced} {
		if verdicts[s] {
			list.Verdicts = append(list.Verdicts, choice{s.Class, strings.ToLower(s.Word)})
		}
	}
	if flaky {
		list.Verdicts = append(list.Verdicts, choice{"flaky", "flaky"})
	}
	if fresh {
		list.Verdicts = append(list.Verdicts, choice{"new", "new"})
	}
	for _, kind := range slices.Sorted(maps.Keys(faults)) {
		list.Faults = append(list.Faults, choice{kind, kind})
	}
	for _, label := range slices.Sorted(maps.Keys(labels)) {
		list.Labels = append(list.Labels, choice{label, label})
	}
	return list
}

// faultsOf are the kinds of a run's faults, each once.
func faultsOf(r *judge.Run) []string {
	var list []string
	for _, s := range r.Schedule {
		list = append(list, string(s.Fault.Kind))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 Jan 2006, 15:04 MST")
}
