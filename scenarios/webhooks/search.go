package webhooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// Options are what one run is asked for.
type Options struct {
	Sequences int    // how many are tried at least; those that are systematic always are
	Seed      uint64 // of the random ones
	AtOnce    int    // how many run at the same time at most
	// Progress is told what goes on, in a line; nil: nobody is.
	Progress func(line string)
}

const (
	// DefaultSequences is how many sequences are tried where nobody says.
	DefaultSequences = 300
	defaultAtOnce    = 8
	// mostFindings is how many failures are minimized: a handler with more of them is
	// mended first.
	mostFindings = 8
	repeats      = 3
	// longestMinimizing is after how long no further failure is minimized.
	longestMinimizing = 45 * time.Second
)

// search looks for sequences after which the counts are wrong.
type search struct {
	*stage
	Options
	report *Report

	minimizing time.Time // when the first failure was
	mu         sync.Mutex
}

// Run tries the handler with sequences of all kinds. An error means that the harness
// failed; a handler of which nothing can be said is in the report.
func (d *Description) Run(ctx context.Context, o Options) (*Report, error) {
	return d.enact(ctx, o, func(s *search, purchases []provider.Purchase) error { return s.explore(ctx, purchases) })
}

// Replay tries one sequence.
func (d *Description) Replay(ctx context.Context, seq Sequence, o Options) (*Report, error) {
	return d.enact(ctx, o, func(s *search, _ []provider.Purchase) error { return s.replay(ctx, seq) })
}

func (d *Description) enact(ctx context.Context, o Options, then func(*search, []provider.Purchase) error) (report *Report, err error) {
	if o.AtOnce == 0 {
		o.AtOnce = defaultAtOnce
	}
	if d.total() {
		o.AtOnce = 1
	}
	report = &Report{Description: d, Began: time.Now(), Seed: o.Seed}
	clean := redact.New(d.Secret)
	h, err := newHandler(d, clean.Text)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	s := &search{stage: newStage(d, h), Options: o, report: report}
	defer s.counter.close()
	defer func() {
		report.Took = time.Since(report.Began)
		report.Kills, report.Ends = h.told()
		if report.Ends > 0 {
			report.Words = h.words.Last()
		}
		report.Redact = clean.Text
	}()
	err = h.open(ctx)
	if err == nil {
		err = s.begin(ctx, then)
	}
	switch {
	case ctx.Err() != nil:
		report.doubt("interrupted: nothing is known of what was not tried")
	case err != nil:
		report.doubt(err.Error())
	}
	return report, nil
}

func (s *search) say(format string, args ...any) {
	if s.Progress != nil {
		s.Progress(fmt.Sprintf(format, args...))
	}
}

// begin makes the control runs: each purchase once, each notice once, in order. What
// they come to is what every sequence must come to. It gives the purchases of which
// something can be said to then.
func (s *search) begin(ctx context.Context, then func(*search, []provider.Purchase) error) error {
	able, err := s.controlRuns(ctx)
	if err != nil || len(able) == 0 {
		return err
	}
	return then(s, able)
}

func (s *search) controlRuns(ctx context.Context) (able []provider.Purchase, err error) {
	before := s.facts(s.wish(s.reference()))
	none, err := s.counter.read(ctx, before)
	if err != nil {
		return nil, err
	}
	for effect, n := range none {
		if n != 0 && !s.total() {
			s.report.doubt(fmt.Sprintf("count.%s of a purchase that nobody made is %d: count the effects of one purchase, such as by ${reference}", effect, n))
			return nil, nil
		}
	}
	paid, _ := s.hooks.Find(provider.Paid)
	order := append([]provider.Purchase{paid}, slices.DeleteFunc(slices.Clone(s.hooks.Purchases), func(p provider.Purchase) bool { return p.Name == provider.Paid })...)
	for _, p := range order {
		r, err := s.control(ctx, p.Name, s.genuine(inOrder(p.Name, namesOf(p))))
		if err != nil {
			return nil, err
		}
		s.report.Controls = append(s.report.Controls, control{p.Name, r.Got, r.took})
		switch doubt := s.doubt(p, r); {
		case doubt != "":
			s.report.doubt(doubt)
			if p.Name == provider.Paid {
				return nil, nil
			}
		case s.isWrong(p, r):
			if err := s.found(ctx, r); err != nil {
				return nil, err
			}
		default:
			able = append(able, p)
		}
	}
	return able, nil
}

func namesOf(p provider.Purchase) (names []string) {
	for _, n := range p.Notices(provider.Wish{Currency: "NOK"}) {
		names = append(names, n.Name)
	}
	return names
}

// doubt is why a control run proves nothing, or "".
func (s *search) doubt(p provider.Purchase, r *result) string {
	for _, effect := range p.Effects {
		if _, counted := s.Count[effect]; !counted || r.Got[effect] != 0 || effect == provider.Paid && len(p.Effects) > 1 {
			continue
		}
		status := 0
		taken := false
		for _, d := range r.Sent {
			taken = taken || d.accepted()
			if d.Status != 0 {
				status = d.Status
			}
		}
		switch {
		case !taken && status == 0:
			return fmt.Sprintf("no event of a purchase that is %s was answered: does the handler run at %s?", p.Name, s.URL)
		case !taken:
			return fmt.Sprintf("the handler refuses correct signatures: every event of a purchase that is %s was answered with status %d; does it check with the secret of the description?", p.Name, status)
		default:
			return fmt.Sprintf("count.%s is 0 when a purchase is %s and every event came once: nothing can be said of a handler that has no effect, or whose effects are not counted", effect, p.Name)
		}
	}
	return s.neverTaken(p, r)
}

// neverTaken says which event the handler refused however often it came, though it has an
// effect that is counted. Nobody knows what such a handler forgets when it dies after its
// answer, for the provider sends the event for days, and then gives up.
func (s *search) neverTaken(p provider.Purchase, r *result) string {
	of := r.effects()
	for _, notice := range namesOf(p) {
		status, taken := 0, false
		for _, d := range r.Sent {
			if d.Notice == notice {
				status, taken = d.Status, taken || d.accepted()
			}
		}
		if _, counted := s.Count[of[notice]]; counted && !taken {
			return fmt.Sprintf("the handler never took %s of a purchase that is %s: it answered with status %d each time; let it answer 2xx when it is through, and to events that it does not use", notice, p.Name, status)
		}
	}
	return ""
}

// isWrong says whether a control run shows a failure by itself.
func (s *search) isWrong(p provider.Purchase, r *result) bool {
	r.Want = counts{}
	for effect, most := range s.most(p) {
		r.Want[effect] = most
		if effect == provider.Paid && len(p.Effects) > 1 && r.Got[effect] == 0 {
			r.Want[effect] = 0 // a balance
		}
	}
	return len(r.judge(s.most(p))) > 0
}

// explore tries the planned sequences: first those that can run beside others, then
// those in which the handler is killed.
func (s *search) explore(ctx context.Context, purchases []provider.Purchase) error {
	list := plan(s.hooks, purchases, s.handler.service != nil, s.Sequences, s.Seed)
	s.report.Planned = len(list)
	var red []*result
	at := map[*result]int{} // its place in the list
	var first error
	queue := make(chan int)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var working sync.WaitGroup
	for range s.AtOnce {
		working.Go(func() {
			for i := range queue {
				seq := list[i]
				r, err := s.try(ctx, seq)
				s.mu.Lock()
				switch {
				case err != nil && first == nil:
					first = fmt.Errorf("%s: %w", seq, err)
					stop()
				case err == nil && len(r.judge(s.most(r.Purchase))) > 0:
					red, at[r] = append(red, r), i
				}
				s.mu.Unlock()
			}
		})
	}
	for i := range list {
		if ctx.Err() != nil {
			break
		}
		queue <- i
		if (i+1)%50 == 0 {
			s.say("%d of %d sequences", i+1, len(list))
		}
	}
	close(queue)
	working.Wait()
	slices.SortFunc(red, func(a, b *result) int { return cmp.Or(a.weight()-b.weight(), at[a]-at[b]) })
	for _, r := range red {
		if err := s.found(ctx, r); err != nil {
			return err
		}
	}
	return first
}

// weight is how much there is to read in a sequence.
func (s Sequence) weight() (n int) {
	for _, d := range s.all() {
		n += 4
		if d.Manner != Plain {
			n += 5 // more than a delivery more
		}
	}
	return n - len(s.Steps) // steps of several are more
}

// try plays one sequence, beside others where it harms none.
func (s *search) try(ctx context.Context, seq Sequence) (*result, error) {
	want, err := s.want(ctx, seq)
	if err != nil {
		return nil, err
	}
	if seq.kills() {
		s.alone.Lock()
		defer s.alone.Unlock()
	} else {
		s.alone.RLock()
		defer s.alone.RUnlock()
	}
	r, err := s.play(ctx, seq, want, s.soon())
	if err != nil {
		return nil, err
	}
	s.count(seq)
	return r, nil
}

// count says what was tried.
func (s *search) count(seq Sequence) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.Tried++
	s.report.Delivered += len(seq.all())
	seen := map[string]bool{}
	for _, step := range seq.Steps {
		if len(step) > 1 {
			seen["at once"] = true
		}
		for _, d := range step {
			switch {
			case d.Manner.Forged():
				seen["forged"] = true
			case d.Manner != Plain:
				seen[string(d.Manner)] = true
			}
		}
	}
	if len(seen) == 0 {
		seen["orders and repeats"] = true
	}
	if s.report.By == nil {
		s.report.By = map[string]int{}
	}
	for name := range seen {
		s.report.By[name]++
	}
}

// playAlone plays a sequence while nothing else runs.
func (s *search) playAlone(ctx context.Context, seq Sequence, limit time.Duration) (*result, error) {
	want, err := s.want(ctx, seq)
	if err != nil {
		return nil, err
	}
	s.alone.Lock()
	defer s.alone.Unlock()
	return s.play(ctx, seq, want, limit)
}

// found confirms a failure, minimizes it, and reports it unless one that is known
// explains it.
func (s *search) found(ctx context.Context, r *result) error {
	for _, w := range r.judge(s.most(r.Purchase)) {
		if slices.ContainsFunc(s.report.Findings, func(f *Finding) bool { return f.explains(r, w) }) {
			s.report.Explained++
			continue
		}
		if s.minimizing.IsZero() {
			s.minimizing = time.Now()
		}
		if n := len(s.report.Findings); n >= mostFindings || n > 0 && time.Since(s.minimizing) > longestMinimizing {
			s.report.More++
			continue
		}
		s.say("a failure: minimizing “%s”", r.Sequence)
		again, err := s.breaks(ctx, r.Sequence, w, repeats, s.surely())
		if err != nil {
			return err
		}
		if again == nil {
			if !w.More || r.Got[w.Effect] <= s.most(r.Purchase)[w.Effect] {
				s.report.Once = append(s.report.Once, fmt.Sprintf("%s: %s", r.Sequence, w.says(r)))
				continue
			}
			again = r // what was counted too often was counted
		}
		m, err := s.minimize(ctx, again, w)
		if err != nil {
			return err
		}
		f := &Finding{result: m, wrong: w, Of: repeats}
		for range repeats {
			one, err := s.playAlone(ctx, m.Sequence, s.surely())
			if err != nil {
				return err
			}
			if slices.Contains(one.judge(s.most(one.Purchase)), w) {
				f.Times, f.result = f.Times+1, one
			}
		}
		s.report.Findings = append(s.report.Findings, f)
	}
	return nil
}

// breaks is the first of so many tries of a sequence that has this wrong; nil: none.
func (s *search) breaks(ctx context.Context, seq Sequence, w wrong, tries int, limit time.Duration) (*result, error) {
	for range tries {
		r, err := s.playAlone(ctx, seq, limit)
		if err != nil {
			return nil, err
		}
		if slices.Contains(r.judge(s.most(r.Purchase)), w) {
			return r, nil
		}
	}
	return nil, nil
}

// minimize leaves out deliveries, and makes those plain that are left, as long as the
// same is wrong.
func (s *search) minimize(ctx context.Context, r *result, w wrong) (*result, error) {
	for smaller := true; smaller; {
		smaller = false
		for _, seq := range simpler(r.Sequence) {
			tries := 1
			if seq.kills() || slices.ContainsFunc(seq.Steps, func(step []Delivery) bool { return len(step) > 1 }) {
				tries = repeats // what races does not always lose
			}
			less, err := s.breaks(ctx, seq, w, tries, s.soon())
			if err != nil {
				return nil, err
			}
			if less != nil {
				r, smaller = less, true
				break
			}
		}
	}
	return r, nil
}

// simpler are the sequences that are a little simpler: with a step or a delivery less,
// with what is at once one after the other, with a manner less.
func simpler(s Sequence) (list []Sequence) {
	if half := len(s.Steps) / 2; half > 1 { // large steps first
		for _, step := range s.Steps {
			list = append(list, Sequence{s.Purchase, [][]Delivery{step}})
		}
		list = append(list, Sequence{s.Purchase, s.Steps[:half]}, Sequence{s.Purchase, s.Steps[half:]})
	}
	for i := range s.Steps {
		if len(s.Steps) > 1 {
			list = append(list, Sequence{s.Purchase, slices.Delete(slices.Clone(s.Steps), i, i+1)})
		}
	}
	for i, step := range s.Steps {
		if len(step) < 2 {
			continue
		}
		for j := range step {
			list = append(list, s.with(i, true, slices.Delete(slices.Clone(step), j, j+1)...))
		}
		apart := slices.Clone(s.Steps[:i])
		for _, d := range step {
			apart = append(apart, []Delivery{d})
		}
		list = append(list, Sequence{s.Purchase, append(apart, s.Steps[i+1:]...)})
	}
	for i, step := range s.Steps {
		for j, d := range step {
			if d.Manner != Plain && !d.Manner.Forged() {
				plainer := slices.Clone(step)
				plainer[j].Manner = Plain
				list = append(list, s.with(i, true, plainer...))
			}
		}
	}
	return list
}

// replay plays one sequence until something is wrong, as often as a race may need.
func (s *search) replay(ctx context.Context, seq Sequence) error {
	const tries = 10
	var last *result
	for i := range tries {
		r, err := s.playAlone(ctx, seq, s.surely())
		if err != nil {
			return err
		}
		s.count(seq)
		last = r
		if list := r.judge(s.most(r.Purchase)); len(list) > 0 {
			for _, w := range list {
				s.report.Findings = append(s.report.Findings, &Finding{result: r, wrong: w, Times: 1, Of: i + 1})
			}
			return nil
		}
	}
	s.report.Last = last
	if kills, _ := s.handler.told(); seq.kills() && kills == 0 {
		s.report.doubt("the handler was not killed, so the sequence proves nothing: say service: {command: […]}, and see that the event is answered with 2xx")
	}
	return nil
}

// explains says whether a known failure is part of another sequence, in which the same is
// wrong: its deliveries were made there, in this order.
func (f *Finding) explains(r *result, w wrong) bool {
	if f.wrong.More != w.More {
		return false
	}
	for _, d := range f.all() {
		if d.Manner.Forged() { // who takes one forgery takes it of each notice, and without a signature any
			return r.has(func(m Manner) bool { return m == d.Manner || m.Forged() && d.Manner == forged+unsigned })
		}
	}
	if f.wrong != w {
		return false
	}
	var steps [][]Delivery
	for _, step := range r.Steps {
		for _, d := range step {
			if d.Manner == Unanswered { // it comes again while the first is worked on
				step = append(slices.Clone(step), Delivery{Notice: d.Notice})
			}
		}
		steps = append(steps, step)
	}
	if len(r.Sent) > len(r.all()) { // with those that the provider made again
		for _, d := range r.Sent {
			if d.Again {
				steps = append(steps, []Delivery{d.Delivery})
			}
		}
	}
	at := 0
	for _, step := range f.Steps {
		for {
			if at == len(steps) {
				return false
			}
			has := within(step, steps[at])
			if len(step) == 1 && has { // the rest of what is at once may come after it
				rest := without(steps[at], step[0])
				steps = slices.Concat(steps[:at], [][]Delivery{{step[0]}}, nonEmpty(rest), steps[at+1:])
			}
			at++
			if has {
				break
			}
		}
	}
	return true
}

func nonEmpty(step []Delivery) [][]Delivery {
	if len(step) == 0 {
		return nil
	}
	return [][]Delivery{step}
}

// within says whether a step has all deliveries of another.
func within(step, other []Delivery) bool {
	for _, d := range step {
		before := len(other)
		if other = without(other, d); len(other) == before {
			return false
		}
	}
	return true
}

// without is a step without one delivery of that notice: a plain one is any that the
// provider made.
func without(step []Delivery, d Delivery) []Delivery {
	for i, one := range step {
		if one.Notice == d.Notice && (one.Manner == d.Manner || d.Manner == Plain && !one.Manner.Forged() && one.Manner != Cut) {
			return slices.Delete(slices.Clone(step), i, i+1)
		}
	}
	return step
}

func (r *Report) doubt(text string) { r.Doubts = append(r.Doubts, text) }

// by is what was tried, for people.
func (r *Report) by() string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(r.By)) {
		list = append(list, fmt.Sprintf("%s %d", name, r.By[name]))
	}
	return strings.Join(list, ", ")
}
