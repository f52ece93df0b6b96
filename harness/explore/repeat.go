package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/units"
)

// How often something that broke is repeated alone: a promise about time must
// break each time; where ledgers or screens show it, once more is enough.
const (
	repeatsOfTiming = 3
	repeatsOfOthers = 10
	// A smaller schedule must break it as often again, where the whole one did each time.
	repeatsOfSmaller = 2
	// sideBySide is how many repeats there are at once where the machine bears it.
	sideBySide = 4
)

// subject is the promise that an outcome is a finding of, or "": what a ledger
// shows comes before what a slow machine can break, and what breaks without any
// injection is told already.
func (e *explorer) subject(o Outcome) string {
	if e.Real == nil {
		return o.Breaks[0]
	}
	var timing string
	for _, promise := range o.Breaks {
		switch {
		case slices.Contains(e.Real.Known, promise):
		case e.isTiming(promise):
			timing = cmp.Or(timing, promise)
		default:
			return promise
		}
	}
	return timing
}

func (e *explorer) isTiming(promise string) bool { return slices.Contains(e.Real.Timing, promise) }

// repeated is what came of repeating a schedule alone.
type repeated struct {
	shown, of int     // with the first time
	outcome   Outcome // the last one that showed it
	// Why says why it is no finding, or "".
	why    string
	cut    bool // the time was over
	tooBad bool // the machine was too slow
	// ledger is a promise that a repeat of one about time was seen to break, by what a
	// ledger shows; "": none.
	ledger string
}

// repeatAll repeats what broke a promise about time, and then what a ledger showed in one
// of the repeats: that is worth more than the promise about time.
func (t *telling) repeatAll(ctx context.Context, b broken) (promise string, r repeated) {
	promise = t.subject(b.outcome)
	r = t.repeat(ctx, b.ids, b.seed, b.outcome, promise)
	if r.ledger != "" {
		promise = r.ledger
		r = t.repeat(ctx, b.ids, b.seed, r.outcome, promise)
	}
	return promise, r
}

// repeat enacts a broken schedule again, with nothing beside it but its own repeats, until
// it is known whether it is a finding.
func (t *telling) repeat(ctx context.Context, ids []int, seed uint64, first Outcome, promise string) (r repeated) {
	r = repeated{shown: 1, of: 1, outcome: first}
	most := repeatsOfOthers
	if t.isTiming(promise) {
		most = repeatsOfTiming
	}
	var ahead []*Outcome
	for slow := 0; r.of <= most; {
		if len(ahead) == 0 {
			n := 1
			if t.bearsRepeats() {
				n = min(sideBySide, most+1-r.of)
			}
			var err error
			if ahead, err = t.enactments(ctx, slices.Repeat([]Trial{t.trial(ids, seed)}, n), n); err != nil {
				t.stop(ctx, err)
			}
			if slices.Contains(ahead, nil) {
				r.why, r.cut = notConfirmed(ctx), true
				return r
			}
		}
		o := *ahead[0]
		ahead = ahead[1:]
		shows := slices.Contains(o.Breaks, promise)
		if o.Slow != "" || o.Verdict == judge.Unfinished {
			if slow++; slow > patience {
				r.why, r.tooBad = "not confirmed: "+cmp.Or(o.Slow, o.Because), true
				return r
			}
			continue
		}
		if ledger := t.subject(o); t.isTiming(promise) && ledger != "" && !t.isTiming(ledger) {
			return repeated{outcome: o, ledger: ledger}
		}
		r.of++
		if shows {
			r.shown, r.outcome = r.shown+1, o
		}
		if t.isTiming(promise) != shows {
			break // one that does not show it, or one that does, is enough
		}
	}
	switch {
	case r.shown < 2 || t.isTiming(promise) && r.shown < r.of:
		r.why = NotAgain(r.shown, r.of)
	case t.isTiming(promise):
		if why := t.unwellNow(ctx); why != "" {
			r.why, r.tooBad = "not confirmed: "+why, true
		}
	}
	return r
}

// NotAgain says how often something was seen that a repeat did not show again.
func NotAgain(shown, of int) string {
	if of-shown == 1 {
		return fmt.Sprintf("seen %s, not again in 1 repeat", units.FormatCount(shown))
	}
	return fmt.Sprintf("seen %s, not again in %d repeats", units.FormatCount(shown), of-shown)
}

// notConfirmed says why there was no time to repeat something.
func notConfirmed(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "not confirmed (interrupted)"
	}
	return "not confirmed (out of time)"
}

// unwellNow says, by an unharmed run alone, why promises about time cannot be
// judged now, or "".
func (t *telling) unwellNow(ctx context.Context) string {
	o, err := t.enact(ctx, t.trial(nil, 0))
	if err != nil {
		t.stop(ctx, err)
		return "interrupted"
	}
	return t.unwell(o)
}
