package webhooks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// Sequence is how the notices of one purchase come: step after step, and what is in one
// step at once. Its text is what replays it:
//
//	paid: created, captured killed, captured + captured, captured forged:stale
type Sequence struct {
	Purchase string
	Steps    [][]Delivery
}

// Delivery is one attempt to deliver a notice.
type Delivery struct {
	Notice string
	Manner Manner // "": as the provider does when all is well
}

// Manner is what is special about a delivery.
type Manner string

// The manners that every provider's notices have. A forgery is "forged:" and its name.
const (
	Plain      Manner = ""
	Killed     Manner = Manner(observe.ProcessKilled) // the handler is killed right after its 200, and started again
	Cut        Manner = "cut"                         // the connection ends in the middle of the body
	Unanswered Manner = "unanswered"                  // the connection ends when all of it is sent
	Late       Manner = "late"                        // the purchase was three days ago; the signature is new
	Rotated    Manner = "rotated"                     // the secret is being replaced: signed by another one as well
)

// killedAt begins the manners in which the handler is killed before its answer: at so many
// per cent of the time that it takes when all is well, from 1 to 99, or as soon as its
// first effect is counted.
const (
	killedAt     = "killed-at:"
	firstEffect  = killedAt + "effect"
	mostPerCents = 99
)

func killedAtPerCent(n int) Manner { return Manner(fmt.Sprintf("%s%d", killedAt, n)) }

// AtWork says whether the handler is killed before its answer.
func (m Manner) AtWork() bool { return strings.HasPrefix(string(m), killedAt) }

// perCent is when the handler is killed; 0: at its first effect.
func (m Manner) perCent() int {
	n, _ := strconv.Atoi(strings.TrimPrefix(string(m), killedAt))
	return n
}

const forged = "forged:"

// The forgeries that every provider's notices have.
const (
	unsigned  = "unsigned"  // without a signature
	missigned = "missigned" // signed by another secret
	unkeyed   = "unkeyed"   // signed by an empty secret
	altered   = "altered"   // the body was changed after it was signed
	stale     = "stale"     // the signature is older than the provider's tolerance
)

// manners explains each of them, for people.
var manners = map[Manner]string{
	firstEffect:        "the handler is killed as soon as its effect is counted, before its answer, and started again",
	Killed:             "the handler is killed right after its 200, and started again",
	Cut:                "the connection ends in the middle of the body",
	Unanswered:         "the connection ends when all of the request is sent",
	Late:               "three days after the purchase, with a new signature",
	Rotated:            "while the secret is replaced, signed by another secret as well",
	forged + unsigned:  "without a signature",
	forged + missigned: "signed by another secret",
	forged + unkeyed:   "signed by an empty secret",
	forged + altered:   "with a body that was changed after it was signed",
	forged + stale:     "with a signature that is too old",
}

// Forged says whether it is a delivery that the handler must not act on.
func (m Manner) Forged() bool { return strings.HasPrefix(string(m), forged) }

// forgeries are those that a provider's notices may have, the plainest first.
func forgeries(w provider.Webhooks) (list []Manner) {
	list = []Manner{forged + unsigned, forged + missigned, forged + unkeyed, forged + altered}
	if w.Tolerance > 0 {
		list = append(list, forged+stale)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Forgeries)) {
		list = append(list, Manner(forged+name))
	}
	return list
}

func (d Delivery) String() string { return strings.TrimSpace(d.Notice + " " + string(d.Manner)) }

func (s Sequence) String() string {
	var steps []string
	for _, step := range s.Steps {
		var at []string
		for _, d := range step {
			at = append(at, d.String())
		}
		steps = append(steps, strings.Join(at, " + "))
	}
	return s.Purchase + ": " + strings.Join(steps, ", ")
}

// all are the deliveries in order.
func (s Sequence) all() (list []Delivery) {
	for _, step := range s.Steps {
		list = append(list, step...)
	}
	return list
}

// has says whether a delivery of that manner is in it.
func (s Sequence) has(is func(Manner) bool) bool {
	return slices.ContainsFunc(s.all(), func(d Delivery) bool { return is(d.Manner) })
}

func (s Sequence) kills() bool {
	return s.has(func(m Manner) bool { return m == Killed || m.AtWork() })
}

func (s Sequence) killsAtWork() bool { return s.has(Manner.AtWork) }

// longestSequence is how many deliveries a line may ask for.
const longestSequence = 200

// ParseSequence reads the text of a sequence of notices of the provider.
func ParseSequence(text string, w provider.Webhooks) (Sequence, error) {
	name, rest, is := strings.Cut(text, ":")
	s := Sequence{Purchase: strings.TrimSpace(name)}
	if !is {
		return s, fmt.Errorf("invalid sequence %q: want PURCHASE: NOTICE, NOTICE", text)
	}
	purchase, err := w.Find(s.Purchase)
	if err != nil {
		return s, fmt.Errorf("invalid sequence: %w", err)
	}
	known := map[string]bool{}
	var names []string
	for _, n := range purchase.Notices(provider.Wish{Reference: "reference", Currency: "NOK"}) {
		known[n.Name] = true
		names = append(names, n.Name)
	}
	for step := range strings.SplitSeq(rest, ",") {
		var at []Delivery
		for one := range strings.SplitSeq(step, "+") {
			words := strings.Fields(one)
			if len(words) == 0 || len(words) > 2 {
				return s, fmt.Errorf("invalid delivery %q: want a notice, and how it comes, such as “%s killed”", one, names[0])
			}
			d := Delivery{Notice: words[0]}
			if !known[d.Notice] {
				return s, fmt.Errorf("unknown notice %q of a purchase that is %s: want %s", d.Notice, s.Purchase, strings.Join(names, " or "))
			}
			if len(words) == 2 {
				if d.Manner, err = parseManner(words[1], w); err != nil {
					return s, err
				}
			}
			at = append(at, d)
		}
		s.Steps = append(s.Steps, at)
	}
	if n := len(s.all()); n > longestSequence {
		return s, fmt.Errorf("the sequence has %d deliveries: want %d at most", n, longestSequence)
	}
	return s, nil
}

func parseManner(word string, w provider.Webhooks) (Manner, error) {
	valid := append([]Manner{Killed, firstEffect, Cut, Unanswered, Late, Rotated}, forgeries(w)...)
	if m := Manner(word); m.AtWork() && m.perCent() >= 1 && m.perCent() <= mostPerCents && m == killedAtPerCent(m.perCent()) {
		return m, nil
	}
	words := []string{killedAt + "N (N per cent of the time that it takes, from 1 to 99)"}
	for _, m := range valid {
		if word == string(m) {
			return m, nil
		}
		words = append(words, string(m))
	}
	return "", fmt.Errorf("unknown manner %q of a delivery: want %s", word, strings.Join(words, " or "))
}
