package judge

import (
	"fmt"
	"strings"
)

// Outcome is what the run came to, in one or two words with a mark before them: the
// verdict, or of a complaint whether it is confirmed. A shop that breaks without its
// safeguard is as it should be, so nobody is to read BROKE there.
func (r *Run) Outcome() string {
	v := r.Verdict()
	switch {
	case r.Expects == "complaint" && r.Good():
		return "✔ COMPLAINT CONFIRMED"
	case r.Expects == "complaint" && (v == Kept || v == Broken):
		return "✖ COMPLAINT NOT CONFIRMED"
	}
	return map[Verdict]string{Kept: "✔", Broken: "✖", Unproven: "?", Unfinished: "!"}[v] + " " + string(v)
}

// brokenTold is how many broken promises a list of failures tells of a run: the others follow
// from them.
const brokenTold = 3

// Brief is what a list of failures says of the run: its sentence, what she did, the promises
// that decided its verdict, and what may tell a person why.
func (r *Run) Brief() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s — %s: %s\n", r.Outcome(), r.Story, r.Sentence())
	verdict := r.Verdict()
	if r.Expects == "complaint" && r.Mismatch != "" && verdict != Unfinished {
		fmt.Fprintf(&s, "  without %s: %s\n", strings.Join(r.Without, ", "), r.Mismatch)
	}
	decisive := r.decisive(verdict)
	if decisive != nil {
		fmt.Fprintf(&s, "  %s: %s\n", decisive.Promise, decisive.Because)
	}
	told := 1
	for i := range r.Rulings {
		if other := &r.Rulings[i]; verdict == Broken && other.Verdict == Broken && other != decisive && told < brokenTold {
			told++
			fmt.Fprintf(&s, "  %s: %s\n", other.Promise, other.Because)
		}
	}
	if r.Plot != "" && verdict != Unfinished {
		fmt.Fprintf(&s, "  the story: %s\n", r.Plot)
	}
	s.WriteString(r.Asides())
	return strings.TrimRight(s.String(), "\n")
}

// decisive is the first ruling that came to the verdict, or nil: of an unfinished run, the
// sentence says why. That nobody could buy is why others prove nothing, and goes first.
func (r *Run) decisive(verdict Verdict) *Ruling {
	if verdict != Broken && verdict != Unproven {
		return nil
	}
	if sale := r.Ruling(SomebodyCanBuy); sale != nil && sale.Verdict == verdict {
		return sale
	}
	for i := range r.Rulings {
		if r.Rulings[i].Verdict.orUnfinished() == verdict {
			return &r.Rulings[i]
		}
	}
	return nil
}
