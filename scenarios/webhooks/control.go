package webhooks

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

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
	if doubt, err := s.nobodys(ctx, nil); err != nil || doubt != "" {
		return nil, s.doubted(doubt, err)
	}
	paid, _ := s.hooks.Find(provider.Paid)
	order := append([]provider.Purchase{paid}, slices.DeleteFunc(slices.Clone(s.hooks.Purchases), func(p provider.Purchase) bool { return p.Name == provider.Paid })...)
	for _, p := range order {
		s.say("control run: a purchase that is %s", p.Name)
		r, err := s.control(ctx, p.Name, s.genuine(inOrder(p.Name, namesOf(p))))
		if err != nil {
			return nil, err
		}
		s.report.Controls = append(s.report.Controls, control{p.Name, r.Got, r.took})
		if odd := s.odd(p, r); odd != "" {
			return nil, s.doubted(odd, nil) // what is counted is no evidence
		}
		doubt := s.doubt(ctx, p, r)
		if doubt == "" && p.Name == provider.Paid {
			doubt, err = s.nobodys(ctx, r)
			if err != nil {
				return nil, err
			}
		}
		switch {
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

func (s *search) doubted(doubt string, err error) error {
	if doubt != "" {
		s.report.doubt(doubt)
	}
	return err
}

// nobodys says what is wrong with the counts of a purchase that nobody made, or "": they
// are 0, unless all purchases are counted together, and stay as they are. They are asked
// again after another purchase was paid, for which they may have been all along.
func (s *search) nobodys(ctx context.Context, paid *result) (string, error) {
	facts := s.facts(s.wish(s.reference()))
	first, err := s.counter.read(ctx, facts)
	if err != nil {
		return "", err
	}
	second, err := s.counter.read(ctx, facts)
	if err != nil {
		return "", err
	}
	for _, effect := range slices.Sorted(maps.Keys(first)) {
		after := ""
		if paid != nil {
			after = ", after another one was paid,"
		}
		switch n := first[effect]; {
		case n != second[effect]:
			return fmt.Sprintf("count.%s is %d, and %d a moment later, while no event came: want a count that only events change", effect, n, second[effect]), nil
		case n != 0 && !s.total():
			return fmt.Sprintf("count.%s of a purchase that nobody made%s is %d: count the effects of one purchase, such as by ${reference}", effect, after, n), nil
		}
	}
	return "", nil
}

// mostPerEvent is how many effects an event may have: more are something else that is
// counted, such as an amount.
const mostPerEvent = 10

// odd says why what is counted after a control run cannot be effects, or "".
func (s *search) odd(p provider.Purchase, r *result) string {
	for _, effect := range slices.Sorted(maps.Keys(r.Got)) {
		got, due := r.Got[effect], s.due(p, effect)
		what := fmt.Sprintf("count.%s is %d when a purchase is %s", effect, got, p.Name)
		switch {
		case got < 0:
			return what + ": want 0 or more"
		case effect == provider.RefundedAmount && got > 0 && got*minorUnits == due:
			return fmt.Sprintf("%s, and %d is given back: count money in minor units", what, due)
		}
	}
	return r.tooMany()
}

const minorUnits = 100 // of most currencies

// tooMany says which count cannot be one of effects after so many events, or "".
func (r *result) tooMany() string {
	for _, effect := range slices.Sorted(maps.Keys(r.Got)) {
		if n := r.Got[effect]; effect != provider.RefundedAmount && max(n, -n) > mostPerEvent*max(1, len(r.Sent)) {
			return fmt.Sprintf("count.%s is %d after %s of one purchase: count its effects, and not an amount or a time", effect, n, events(len(r.Sent)))
		}
	}
	return ""
}

func namesOf(p provider.Purchase) (names []string) {
	for _, n := range p.Notices(provider.Wish{Currency: "NOK"}) {
		names = append(names, n.Name)
	}
	return names
}

// doubt is why a control run proves nothing, or "".
func (s *search) doubt(ctx context.Context, p provider.Purchase, r *result) string {
	least := s.least(r)
	for _, effect := range slices.Sorted(maps.Keys(least)) {
		got, due := r.Got[effect], least[effect]
		_, money := s.Count[provider.RefundedAmount]
		switch {
		case effect == provider.Refunded && got > 0 && got < due && !money:
			return fmt.Sprintf("count.%s is %d when a purchase is %s, and she got money back %s: say count.%s as well, so that the second refund is judged", effect, got, p.Name, times(due), provider.RefundedAmount)
		case got != 0 || due == 0 || s.seen[effect]:
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
			text := fmt.Sprintf("count.%s is 0 when a purchase is %s and every event came once: nothing can be said of a handler that has no effect, or whose effects are not counted", effect, p.Name)
			if why := s.counter.nothing(ctx, s.Count[effect], r.facts); why != "" {
				text += " (" + why + ")"
			}
			return text
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
			how := fmt.Sprintf("it answered with status %d each time", status)
			if status == 0 {
				how = fmt.Sprintf("it never answered within %s, as long as the provider waits", answerWithin)
			}
			return fmt.Sprintf("the handler never took %s of a purchase that is %s: %s; let it answer 2xx when it is through, and to events that it does not use", notice, p.Name, how)
		}
	}
	return ""
}

// isWrong says whether a control run shows a failure by itself. What must be then is what
// its purchase comes to, whatever the handler made of it.
func (s *search) isWrong(p provider.Purchase, r *result) bool {
	must, several := counts{}, len(p.Effects) > 1
	for effect, most := range s.most(p) {
		got := r.Got[effect]
		_, money := s.Count[provider.RefundedAmount]
		switch {
		case effect == provider.Paid && several && (got == 0 || s.balance && p.Back != nil && s.backIsAll(p)):
			must[effect] = 0 // a balance
		case slices.Contains(p.May, effect), effect == provider.Refunded && got > 0 && got < most && money:
			must[effect] = got
		default:
			must[effect] = most
		}
	}
	r.Want = must
	wrong := len(r.judge(s.most(p))) > 0
	if wrong {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.controls[p.Name+": "+strings.Join(namesOf(p), ", ")] = must
		return true
	}
	for effect, n := range r.Got {
		s.seen[effect] = s.seen[effect] || n > 0
	}
	s.balance = s.balance || p.Name == provider.Refunded && r.Got[provider.Paid] == 0
	return false
}

func (s *search) backIsAll(p provider.Purchase) bool {
	w := s.wish("reference")
	return p.Back(w) == w.Amount
}
