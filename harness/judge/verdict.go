package judge

import "fmt"

// Verdict is what a promise, or a whole run, comes to.
type Verdict string

const (
	Kept       Verdict = "KEPT"
	Unproven   Verdict = "UNPROVEN"   // an injection never took effect, or the evidence is missing
	Unfinished Verdict = "UNFINISHED" // the harness could not stage it, or not finish it
	Broken     Verdict = "BROKE"
)

var severity = map[Verdict]int{Kept: 0, Unproven: 1, Unfinished: 2, Broken: 3}

// Worse returns the verdict that counts of the two: Broken beats Unfinished
// beats Unproven beats Kept. What is no verdict counts as Unfinished.
func Worse(a, b Verdict) Verdict {
	a, b = a.orUnfinished(), b.orUnfinished()
	if severity[b] > severity[a] {
		return b
	}
	return a
}

func (v Verdict) orUnfinished() Verdict {
	if _, known := severity[v]; !known {
		return Unfinished
	}
	return v
}

// Ruling is one promise's verdict on one run, and why.
type Ruling struct {
	Promise string  `json:"promise"`
	Verdict Verdict `json:"verdict"`
	Because string  `json:"because,omitempty"`
	// Evidence points at the events of the history that decided it, by index.
	Evidence []int `json:"evidence,omitempty"`
}

// Promise is a pure judge of a run: it reads the run and nothing else.
type Promise struct {
	Name  string // in kebab-case, stable
	Says  string // the promise in a customer's words
	Judge func(*Run) Ruling
	// Reference says that the promise is about calls of the reference shop: in
	// another one it is not judged.
	Reference bool
	// AtRest says that the promise is about how things end, so that a run which
	// the harness could not finish has nothing to say of it.
	AtRest bool
	// Timing says that the promise is about when something happens, so that a slow
	// machine can break it: it counts as broken where every repeat breaks it.
	Timing bool
	// Already judges a run in which something still moved when the harness gave
	// up, by what is beyond repair whatever would have come; nil: nothing is.
	Already func(*Run) Ruling
}

// AtTheReferenceShop is the promise where it is about that shop's calls.
func (p Promise) AtTheReferenceShop() Promise {
	p.Reference = true
	return p
}

// beforeRest is the ruling on a run that did not come to rest.
func (p Promise) beforeRest(r *Run) Ruling {
	if p.Already != nil {
		p.Judge = p.Already
		if ruling := p.judge(r); ruling.Verdict != Kept {
			return ruling
		}
	}
	return RuleUnproven("%s", r.Unsettled)
}

// judge lets the promise judge the run; one that panics has not judged it.
func (p Promise) judge(r *Run) (ruling Ruling) {
	defer func() {
		if p := recover(); p != nil {
			ruling = Ruling{Verdict: Unfinished, Because: fmt.Sprintf("the judge of the promise panicked: %v", p)}
		}
	}()
	ruling = p.Judge(r)
	ruling.Verdict = ruling.Verdict.orUnfinished()
	return ruling
}

// RuleKept says that a promise was kept.
func RuleKept() Ruling { return Ruling{Verdict: Kept} }

// RuleBroken says that a promise was broken, by which events of the history, by index,
// and how.
func RuleBroken(evidence []int, format string, args ...any) Ruling {
	return Ruling{Verdict: Broken, Because: fmt.Sprintf(format, args...), Evidence: evidence}
}

// RuleUnproven says why nothing can be said of a promise.
func RuleUnproven(format string, args ...any) Ruling {
	return Ruling{Verdict: Unproven, Because: fmt.Sprintf(format, args...)}
}
