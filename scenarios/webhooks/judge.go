package webhooks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// wrong is one count that is not as it must be.
type wrong struct {
	Effect string
	More   bool // counted more often than it happened, otherwise less
}

// judge says what is wrong with the counts.
func (r *result) judge(most counts) (list []wrong) {
	forgery := r.has(Manner.Forged)
	for _, effect := range slices.Sorted(maps.Keys(r.Got)) {
		got, want := r.Got[effect], r.Want[effect]
		switch {
		case got > most[effect], got > want && (forgery || r.reverses(effect)):
			list = append(list, wrong{effect, true})
		case effect == provider.Refunded && (r.givesAllBack() || r.unsure()):
		case got < want && !r.undone(effect), got < 0 && got < want:
			list = append(list, wrong{effect, false})
		}
	}
	if of := slices.IndexFunc(list, func(w wrong) bool { return w.Effect == provider.Paid }); of >= 0 {
		return list[of : of+1] // the others may follow from it
	}
	if slices.ContainsFunc(list, func(w wrong) bool { return w.Effect == provider.Refunded }) {
		list = slices.DeleteFunc(list, func(w wrong) bool { return w.Effect == provider.RefundedAmount }) // follows from it
	}
	return list
}

// givesAllBack says whether the refunds that are counted, fewer than there were, come to
// all of the money: a total that overtook a part stands for both.
func (r *result) givesAllBack() bool {
	money, counted := r.Got[provider.RefundedAmount]
	return counted && r.Got[provider.Refunded] > 0 && money > 0 && money == r.Want[provider.RefundedAmount]
}

// unsure says whether fewer refunds are counted than there were, and nobody counts their
// money, and one of the events told what all come to: nobody knows whether one is lost.
func (r *result) unsure() bool {
	_, counted := r.Got[provider.RefundedAmount]
	got := r.Got[provider.Refunded]
	return !counted && got > 0 && got < r.Want[provider.Refunded] && slices.ContainsFunc(r.Purchase.Notices(provider.Wish{Currency: "NOK"}), func(n provider.Notice) bool {
		return n.Total && slices.ContainsFunc(r.Sent, func(d Sent) bool { return d.Notice == n.Name && !d.Manner.Forged() })
	})
}

// reverses says whether what is counted is taken back by a later notice, as a balance is:
// when all is well, nothing is left of an effect that came.
func (r *result) reverses(effect string) bool {
	return r.Want[effect] == 0 && r.came(effect) && slices.Contains(r.Purchase.Effects, effect) && r.cameLater(effect)
}

// undone says whether the effect may be left out: a later one was told before all of its
// notices, as a refund that overtakes the payment. A shop that then sends nothing is
// right, whether it counts the refund or not.
func (r *result) undone(effect string) bool {
	if effect != provider.Paid && r.Got[provider.Paid] != 0 {
		return false
	}
	of, taken := r.effects(), map[string]bool{}
	for _, d := range r.Sent {
		if d.Manner.Forged() || !d.accepted() || taken[d.Notice] {
			continue
		}
		taken[d.Notice] = true
		if of[d.Notice] == provider.Paid && r.overtaken(d.Step) {
			return true
		}
	}
	return false
}

// overtaken says whether the handler may know of a later effect than the payment when it
// takes a notice of that step. Which of one step comes first is the handler's to say, and
// it may remember what it had in full and gave no answer to.
func (r *result) overtaken(step int) bool {
	of := r.effects()
	return slices.ContainsFunc(r.Sent, func(d Sent) bool {
		later := of[d.Notice] != provider.Paid && of[d.Notice] != ""
		return later && !d.Manner.Forged() && d.Step <= step && (d.accepted() || d.unheard())
	})
}

// unheard says whether the handler may have had all of a request whose answer nobody heard.
func (d Sent) unheard() bool { return d.Status == 0 && d.Manner != Cut && d.Err != nobodyListens }

func (r *result) came(effect string) bool {
	effects := r.effects()
	return slices.ContainsFunc(r.Sent, func(d Sent) bool { return !d.Manner.Forged() && effects[d.Notice] == effect })
}

func (r *result) cameLater(effect string) bool {
	of := r.effects()
	return slices.ContainsFunc(r.Sent, func(d Sent) bool { return !d.Manner.Forged() && of[d.Notice] != effect && of[d.Notice] != "" })
}

// effects is to which effect each notice of the purchase belongs.
func (r *result) effects() map[string]string {
	of := map[string]string{}
	for _, n := range r.Purchase.Notices(provider.Wish{Currency: "NOK"}) {
		of[n.Name] = n.Of
	}
	return of
}

// says is what is wrong, as a sentence.
func (w wrong) says(r *result) string {
	got, want := r.Got[w.Effect], r.Want[w.Effect]
	switch {
	case w.Effect == provider.RefundedAmount && (w.More || r.has(Manner.Forged)):
		if !r.has(Manner.Forged) {
			want = r.most[w.Effect]
		}
		return fmt.Sprintf("too much was given back: %s is %d instead of %d, in minor units", w.Effect, got, want)
	case w.Effect == provider.RefundedAmount:
		return fmt.Sprintf("a refund was lost: %s is %d instead of %d, in minor units", w.Effect, got, want)
	case w.More && r.has(Manner.Forged):
		return fmt.Sprintf("a forged event was taken: %s was counted %s instead of %s", w.Effect, times(got), times(want))
	case w.More && got == 1 && r.reverses(w.Effect):
		return fmt.Sprintf("an effect was lost: what was taken back is still counted as %s", w.Effect)
	case w.More && !slices.Contains(slices.Concat(r.Purchase.Effects, r.Purchase.May), w.Effect):
		return fmt.Sprintf("an effect that must not be: %s was counted %s, and the purchase is %s", w.Effect, times(got), r.Purchase.Name)
	case w.More:
		return fmt.Sprintf("a second effect: %s was counted %s instead of %s", w.Effect, times(got), times(max(1, r.Purchase.Due(w.Effect))))
	case got < 0:
		return fmt.Sprintf("a second effect: %s was taken back too often, and is %d instead of %d", w.Effect, got, want)
	default:
		return fmt.Sprintf("an effect was lost: %s was counted %s instead of %s", w.Effect, times(got), times(want))
	}
}

func times(n int) string {
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
