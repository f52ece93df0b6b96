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

// Brief is what a list of failures says of the run: its sentence, the first promise
// that decided its verdict, and what may tell a person why.
func (r *Run) Brief() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s — %s: %s\n", r.Outcome(), r.Story, r.Sentence())
	verdict := r.Verdict()
	if r.Expects == "complaint" && r.Mismatch != "" && verdict != Unfinished {
		fmt.Fprintf(&s, "  without %s: %s\n", strings.Join(r.Without, ", "), r.Mismatch)
	}
	for _, ruling := range r.Rulings { // of an unfinished run, the sentence says why
		if (verdict == Broken || verdict == Unproven) && ruling.Verdict.orUnfinished() == verdict {
			fmt.Fprintf(&s, "  %s: %s\n", ruling.Promise, ruling.Because)
			break
		}
	}
	s.WriteString(r.Asides())
	return strings.TrimRight(s.String(), "\n")
}
