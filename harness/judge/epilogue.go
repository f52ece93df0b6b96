package judge

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/history"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// repeats is the message with which an epilogue took effect, by the event that tells of
// it; nil where the shop had not got the same bytes before.
func (r *Run) repeats(fired int) *history.Message {
	effect := r.History[fired].Effect
	var again *history.Message
	all := r.Index().Messages()
	for i := range all {
		if m := r.History[all[i].Request].Message; m.Hop == effect.Hop && m.N == effect.N {
			again = &all[i]
		}
	}
	if again == nil {
		return nil
	}
	now := r.History[again.Request].Message
	for _, one := range all {
		before := r.History[one.Request].Message
		same := before.Hop == now.Hop && before.Method == now.Method && before.Path == now.Path && before.Body == now.Body
		if same && one.Request < again.Request {
			return again
		}
	}
	return nil
}

// answersAgain are the numbers of the submits that epilogues sent again, as orders that
// were told have them.
func (r *Run) answersAgain() map[string]bool {
	numbers := map[string]bool{}
	for i, s := range r.Schedule {
		if !s.Fault.IsEpilogue() {
			continue
		}
		for _, fired := range r.Effects(i) {
			numbers[strconv.Itoa(r.History[fired].Effect.N)] = true
		}
	}
	return numbers
}

// isGone says whether a look was answered with: there is no such order.
func isGone(m *observe.Message) bool {
	return m.Status == http.StatusNotFound || m.Status == http.StatusGone
}

// forgotten judges what customers are told who look again in an epilogue: a look that told
// an outcome before must not come to nothing after the shop was restarted, or was sent the
// same submit again. Any other error is no word on the order.
func (r *Run) forgotten() Ruling {
	if !slices.ContainsFunc(r.Schedule, func(s injection.Injection) bool { return s.Fault.IsEpilogue() }) {
		return RuleKept()
	}
	asked := map[string]string{} // what for, by the number of the message
	for _, m := range r.Index().Messages() {
		if request := r.History[m.Request].Message; m.Call.Hop == observe.CustomerHop {
			asked[strconv.Itoa(request.N)] = request.Method + " " + request.Path
		}
	}
	told := map[string]int{} // the looks of the epilogue that told an outcome
	began := false
	for i, e := range r.History {
		switch {
		case e.Kind == observe.Action && e.Act.Does == observe.LooksAgain:
			began = true
		case !began:
		case e.Kind == observe.Order && e.Entry.State.IsOutcome():
			told[asked[e.Entry.Key]] = i
		case e.Kind == observe.Answered && e.Message.Hop == observe.CustomerHop && e.ByTap():
			first, was := told[e.Message.Method+" "+e.Message.Path]
			if was && isGone(e.Message) {
				return RuleBroken([]int{first, i}, "the shop said that order %s was %s, and later that there is no such order (%d)",
					r.History[first].Entry.Reference, r.History[first].Entry.State, e.Message.Status)
			}
		}
	}
	return RuleKept()
}

// epilogueSentence says what was tried when all was over, or "".
func (r *Run) epilogueSentence() string {
	restarted, who := false, []string(nil)
	for i, s := range r.Schedule {
		if s.Fault.IsEpilogue() && len(r.Effects(i)) > 0 {
			restarted = restarted || s.Fault.Process != ""
		}
	}
	for _, e := range r.History {
		if e.Kind == observe.Action && e.Act.Does == observe.SendsAgain {
			who = append(who, capital(e.Actor))
		}
	}
	switch {
	case len(who) == 0:
		return ""
	case restarted:
		return "When all was over the shop was restarted, and " + enumerated(who) + " sent the same submit again."
	}
	return "When all was over " + enumerated(who) + " sent the same submit again."
}
