package webhooks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// weight is how much there is to read in a sequence.
func (s Sequence) weight() (n int) {
	for _, d := range s.all() {
		n += 4
		if d.Manner != Plain {
			n += 5 // more than a delivery more
		}
		if d.Manner.AtWork() {
			n += 5 // it comes again, and what a kill after the answer shows needs no luck
		}
	}
	return n - len(s.Steps) // steps of several are more
}

// found confirms a failure, minimizes it, and reports it unless one that is known
// explains it.
func (s *search) found(ctx context.Context, r *result) error {
	for _, w := range r.judge(s.most(r.Purchase)) {
		if of := slices.IndexFunc(s.report.Findings, func(f *Finding) bool { return f.explains(r, w) }); of >= 0 {
			s.report.Findings[of].more(w)
			continue
		}
		if s.minimizing.IsZero() {
			s.minimizing = time.Now()
		}
		if n := len(s.report.Findings); n >= mostFindings || n > 0 && s.minimizesTooLong() {
			s.report.More++
			continue
		}
		s.say("a failure: minimizing “%s”", r.Sequence)
		again, tries, err := s.confirm(ctx, r, w)
		if err != nil {
			return err
		}
		if again != nil {
			if again, err = s.minimize(ctx, again, w); err != nil {
				return err
			}
			f, err := s.steadiest(ctx, again, w)
			if err != nil {
				return err
			}
			s.report.Findings = append(s.report.Findings, f)
			continue
		}
		if again, err = s.stands(ctx, r, w); err != nil {
			return err
		}
		if again == nil {
			s.report.Once = append(s.report.Once, fmt.Sprintf("seen once, and not again in %d tries alone: %s: %s", tries, r.Sequence, w.says(r)))
			continue
		}
		s.report.Findings = append(s.report.Findings, &Finding{result: again, wrong: w, Times: 1, Of: 1 + tries})
	}
	return nil
}

func (s *search) minimizesTooLong() bool { return time.Since(s.minimizing) > longestMinimizing }

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

// explains says whether a known failure is part of another sequence, in which the same is
// wrong: its deliveries were made there, in this order, or its cause is a restart.
func (f *Finding) explains(r *result, w wrong) bool {
	if f.wrong.More != w.More {
		return false
	}
	for _, d := range f.all() {
		if d.Manner.Forged() { // who takes one forgery takes it of each notice, and who looks at no signature any
			blind := d.Manner == forged+unsigned || d.Manner == forged+missigned
			return r.has(func(m Manner) bool { return m == d.Manner || m.Forged() && blind })
		}
	}
	if f.causedByRestart(r) {
		return true
	}
	if f.wrong != w {
		return false
	}
	return f.within(r.steps()) || f.within(seconds(r.steps()))
}

// seconds are steps in which the second event of a name is the first, and the first none:
// a handler that books the first one twice does so with the second.
func seconds(steps [][]Delivery) [][]Delivery {
	return slices.Collect(func(yield func([]Delivery) bool) {
		for _, step := range steps {
			renamed := make([]Delivery, len(step))
			for i, d := range step {
				event, again := strings.CutSuffix(d.Notice, "#2")
				if d.Notice = event; !again && hasSecond(steps, event) {
					d.Notice += "#1"
				}
				renamed[i] = d
			}
			if !yield(renamed) {
				return
			}
		}
	})
}

func hasSecond(steps [][]Delivery, event string) bool {
	return slices.ContainsFunc(steps, func(step []Delivery) bool {
		return slices.ContainsFunc(step, func(d Delivery) bool { return d.Notice == event+"#2" })
	})
}

// steps are those of a sequence, and those that the provider made again.
func (r *result) steps() (steps [][]Delivery) {
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
	return steps
}

// within says whether the deliveries of a failure are among these, in this order.
func (f *Finding) within(steps [][]Delivery) bool {
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
		if one.Notice == d.Notice && (one.Manner == d.Manner || one.Manner.AtWork() && d.Manner.AtWork() || d.Manner == Plain && !one.Manner.Forged() && one.Manner != Cut) {
			return slices.Delete(slices.Clone(step), i, i+1)
		}
	}
	return step
}
