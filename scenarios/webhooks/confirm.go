package webhooks

import (
	"context"
	"slices"
	"time"
)

// triesOfAMoment is how often a kill before an answer is tried again: the time between two
// writes is short, and no two answers take the same.
const triesOfAMoment = 12

// confirm plays a failure again, alone, and gives the first that has the same wrong; nil:
// none of so many tries has. What was counted too often needs no second look.
func (s *search) confirm(ctx context.Context, r *result, w wrong) (again *result, tries int, err error) {
	moments := r.moments()
	list := slices.Concat(slices.Repeat([]Sequence{r.Sequence}, repeats), moments)
	if len(moments) > 0 {
		list = slices.Repeat(list, triesOfAMoment/len(list)+1)[:triesOfAMoment]
	}
	for i, seq := range list {
		one, err := s.playAlone(ctx, seq, s.surely())
		if err != nil || slices.Contains(one.judge(s.most(one.Purchase)), w) {
			return one, i + 1, err
		}
	}
	if w.More && !s.total() && r.Got[w.Effect] > s.most(r.Purchase)[w.Effect] {
		return r, len(list), nil
	}
	return nil, len(list), nil
}

// moments are shorter sequences with the same kill a little earlier or later, the nearest
// first; none: nobody is killed at a part of the time that the handler takes.
func (s Sequence) moments() (list []Sequence) {
	for _, step := range s.Steps {
		for i, d := range step {
			if d.Manner.perCent() == 0 {
				continue
			}
			for _, n := range near(d.Manner.perCent()) {
				at := slices.Clone(step)
				at[i].Manner = killedAtPerCent(n)
				list = append(list, Sequence{s.Purchase, [][]Delivery{at}})
			}
			return list
		}
	}
	return nil
}

// near are a part of a hundred and others around it.
func near(n int) (list []int) {
	for _, by := range []int{0, -10, 10, -20, 20, -30, 30} {
		if m := n + by; m >= 1 && m <= mostPerCents {
			list = append(list, m)
		}
	}
	return list
}

// stands says whether an effect that was lost once, and never when that was repeated, is
// still not counted when all of the time is over that it may take: then it is lost. It is
// unknown where all purchases are counted together, or where an event was never taken.
func (s *search) stands(ctx context.Context, r *result, w wrong) (*result, error) {
	if w.More || s.total() || len(r.refused()) > 0 {
		return nil, nil
	}
	select {
	case <-time.After(time.Until(r.ended.Add(s.settles()))):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	now, err := s.counter.read(ctx, r.facts)
	if err != nil {
		return nil, err
	}
	late := *r
	late.Got = now
	if !slices.Contains(late.judge(s.most(r.Purchase)), w) {
		return nil, nil
	}
	return &late, nil
}

// steadiest is a minimized failure as it is reported: with how often it shows, and with the
// handler killed at that moment at which it shows most often.
func (s *search) steadiest(ctx context.Context, r *result, w wrong) (*Finding, error) {
	best, err := s.shown(ctx, r, w, s.surely())
	if err != nil {
		return nil, err
	}
	for _, seq := range r.moments() {
		if best.Times == best.Of || s.minimizesTooLong() {
			break
		}
		if len(seq.all()) != len(r.all()) {
			seq = r.Sequence.at(seq)
		}
		if seq.String() == r.Sequence.String() {
			continue
		}
		f, err := s.shown(ctx, &result{Sequence: seq}, w, s.surely())
		if err != nil {
			return nil, err
		}
		if f.Times > best.Times {
			best = f
		}
	}
	return best, nil
}

// at is the sequence with its kill at the moment of another one.
func (s Sequence) at(moment Sequence) Sequence {
	for i, step := range s.Steps {
		if slices.ContainsFunc(step, func(d Delivery) bool { return d.Manner.perCent() > 0 }) {
			return s.with(i, true, moment.Steps[0]...)
		}
	}
	return s
}

// shown plays a sequence some times, and says how often the same was wrong.
func (s *search) shown(ctx context.Context, r *result, w wrong, limit time.Duration) (*Finding, error) {
	f := &Finding{result: r, wrong: w, Of: repeats}
	for range repeats {
		one, err := s.playAlone(ctx, r.Sequence, limit)
		if err != nil {
			return nil, err
		}
		if slices.Contains(one.judge(s.most(one.Purchase)), w) {
			f.Times, f.result = f.Times+1, one
		}
	}
	return f, nil
}

// causedByRestart says whether a failure of another sequence has the same cause, which is
// that the handler does not know after a restart what it did before. One that forgets it
// after its answer forgets it for each effect, and wherever it is killed; one that is
// killed between two writes does so for each effect.
func (f *Finding) causedByRestart(r *result) bool {
	if r.has(Manner.Forged) {
		return false
	}
	if f.has(func(m Manner) bool { return m == Killed }) {
		return r.kills()
	}
	return f.killsAtWork() && r.killsAtWork()
}

// more counts a sequence that has the same cause.
func (f *Finding) more(w wrong) {
	f.Explained++
	if w.Effect != f.wrong.Effect && !slices.Contains(f.Also, w.Effect) {
		f.Also = append(f.Also, w.Effect)
	}
}
