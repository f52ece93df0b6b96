package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message faults are the tap's: they hit one message and know its phase.
const (
	Hang      Kind = "hang"
	Close     Kind = "close"
	Reset     Kind = "reset"
	Delay     Kind = "delay"
	Meet      Kind = "meet"
	Duplicate Kind = "duplicate"
	Answer    Kind = "answer"
	Truncate  Kind = "truncate"
	Stall     Kind = "stall"
	Rename    Kind = "rename"
	Drop      Kind = "drop"
	Retype    Kind = "retype"
	Replace   Kind = "replace"
	// DuplicateChanged is a copy that says something else under the same keys.
	DuplicateChanged Kind = "duplicate_changed"
)

// told is the proof of all that a tap deals: it sees the message that it hits.
var told = Proof{Told: true}

// on lets a function of a spot be asked for one place only.
func on[T any](place Place, list func(Spot) []T) func(Spot) []T {
	return func(s Spot) []T {
		if s.Of != place {
			return nil
		}
		return list(s)
	}
}

// all are the same faults on every spot of a place.
func all(place Place, list ...Fault) func(Spot) []Fault {
	return on(place, func(Spot) []Fault { return list })
}

// each tries the same faults on every spot of a place, each for so long.
func each(place Place, turn Turn, last time.Duration, list ...Fault) func(Spot) []Try {
	return on(place, func(Spot) (tries []Try) {
		for _, f := range list {
			tries = append(tries, Try{f, last, turn})
		}
		return tries
	})
}

// How long what is tried takes. The times lie on either side of a client's patience, a
// service's time-out, and the lease or lock of anyone who works in the background.
var (
	delays  = []time.Duration{200 * time.Millisecond, 12 * time.Second, 35 * time.Second, 100 * time.Second}
	absence = []time.Duration{2 * time.Second, 60 * time.Second} // of a killed process
)

const (
	spell   = 30 * time.Second  // of a toxic
	silence = 100 * time.Second // of a message that hangs
	atOnce  = time.Microsecond  // until the copy of a message: the callee is at work on the first
	soon    = time.Second       // until a copy that differs: the first is there, and not done
	another = time.Minute       // that a request waits for another: a page has sent it again by then
)

// What is answered in a callee's place. A failure is said by a gateway or a broken
// callee, whether it has done its work or not. A refusal, such as a firewall's 403, a 429
// of who limits rates or a 409 of who holds a lock, is said only of what did not get
// through: after the work is done it would be a lie, and a shop may go by what the
// provider tells it.
var (
	failures = []Try{
		{Fault: Fault{Kind: Answer, Status: 503}, Turn: Early},
		{Fault: Fault{Kind: Answer, Status: 500, Body: NoBody}, Turn: Later},
		{Fault: Fault{Kind: Answer, Status: 502, Body: HTML}, Turn: Later},
	}
	refusals = []Try{
		{Fault: Fault{Kind: Answer, Status: 429}, Turn: Later},
		{Fault: Fault{Kind: Answer, Status: 409}, Turn: Later},
		{Fault: Fault{Kind: Answer, Status: 403}, Turn: Early},
	}
)

var messageFaults = []Spec{
	{
		Kind: Delay, Does: "the message goes on later",
		Takes: []Parameter{Lasts(1)},
		Dealt: ByTap, Proof: told, Builder: "Delays",
		Tries: on(AMessage, func(Spot) (list []Try) {
			for _, d := range delays {
				list = append(list, Try{Fault: Fault{Kind: Delay, Duration: d}, Turn: Later})
			}
			return list
		}),
		Rows: all(AMessage, Fault{Kind: Delay, Duration: 4 * time.Second}),
	},
	{
		Kind: Duplicate, Does: "the callee gets the request twice",
		Takes: []Parameter{MayLast(1)},
		Check: func(f Fault, at Phase) error {
			if f.Duration > 0 && at == Answered {
				return fmt.Errorf("a copy that comes %s after the first is sent when the message %q", f.Duration, Arrives)
			}
			return nil
		},
		Dealt: ByTap, Proof: told, Builder: "DuplicatesAfter", Plain: "Duplicates",
		Tries: on(AMessage, func(s Spot) []Try {
			list := []Try{{Fault: Fault{Kind: Duplicate}, Turn: Later}}
			if s.Phase == Arrives {
				list = append(list, Try{Fault: Fault{Kind: Duplicate, Duration: atOnce}, Turn: Early})
			}
			return list
		}),
		Rows: on(AMessage, func(s Spot) []Fault {
			list := []Fault{{Kind: Duplicate}}
			if s.Phase == Arrives {
				list = append(list, Fault{Kind: Duplicate, Duration: 100 * time.Millisecond})
			}
			return list
		}),
	},
	{
		Kind: Meet, Does: "the request waits for another one of the same operation, and both go on at once",
		Takes: []Parameter{Lasts(1)},
		Check: ofRequests,
		Dealt: ByTap, Proof: told, Builder: "WaitsForAnother",
		Tries: each(ARepeat, Early, 0, Fault{Kind: Meet, Duration: another}), Rows: all(ARepeat, Fault{Kind: Meet, Duration: another}),
	},
	{
		Kind: Answer, Does: "the caller gets a status in place of the true answer",
		Takes: []Parameter{Status(200, 599), MayHaveBody},
		Check: func(f Fault, _ Phase) error {
			if f.Body == HTML && (f.Status == 204 || f.Status == 304) {
				return fmt.Errorf("an answer %d has no body: leave %q out", f.Status, f.Body)
			}
			return nil
		},
		Dealt: ByTap, Proof: told, Builder: "AnswersWith", Plain: "Answers",
		Tries: on(AMessage, func(s Spot) []Try {
			if s.Phase == Arrives {
				return slices.Concat(failures, refusals)
			}
			return failures
		}),
		Rows: all(AMessage, Fault{Kind: Answer, Status: 503},
			Fault{Kind: Answer, Status: 502, Body: HTML}, Fault{Kind: Answer, Status: 500, Body: NoBody}),
	},
	{
		Kind: Close, Does: "the message is lost, and the connection ends (FIN)",
		Dealt: ByTap, Proof: told, Builder: "Closes",
		Tries: each(AMessage, Early, 0, Fault{Kind: Close}), Rows: all(AMessage, Fault{Kind: Close}),
	},
	{
		Kind: Reset, Does: "the message is lost, and the connection is reset (RST)",
		Dealt: ByTap, Proof: told, Builder: "Resets",
		Tries: each(AMessage, Later, 0, Fault{Kind: Reset}), Rows: all(AMessage, Fault{Kind: Reset}),
	},
	{
		Kind: Hang, Does: "the message is lost, and the connection stays open",
		Dealt: ByTap, Proof: told, Builder: "Hangs",
		Tries: each(AMessage, Early, silence, Fault{Kind: Hang}), Rows: all(AMessage, Fault{Kind: Hang}),
	},
}

var bodyFaults = []Spec{
	{
		Kind: Rename, Does: "a field has another name",
		Takes: []Parameter{Field, NewName},
		Dealt: ByTap, Proof: told, Builder: "Renames",
		Tries: on(AField, func(s Spot) []Try {
			return []Try{{Fault: Fault{Kind: Rename, Field: s.Name, As: s.Name + "_v2"}, Turn: Last}}
		}),
		Rows: on(AField, func(s Spot) []Fault { return []Fault{{Kind: Rename, Field: s.Name, As: "renamed"}} }),
	},
	changesField(Drop, "a field is missing", "Drops"),
	changesField(Retype, "a field is a list of what it was", "Retypes"),
	{
		Kind: Replace, Does: "a field has another value",
		Takes: []Parameter{Field, NewValue},
		Dealt: ByTap, Proof: told, Builder: "Replaces",
		Tries: on(AValue, func(s Spot) (list []Try) {
			if value := otherValue(s.Name, s.Value); value != "" {
				list = append(list, Try{Fault: Fault{Kind: Replace, Field: s.Name, Value: value}, Turn: Last})
			}
			return list
		}),
		Rows: on(AField, func(s Spot) []Fault { return []Fault{{Kind: Replace, Field: s.Name, Value: "1"}} }),
	},
	{
		Kind: DuplicateChanged, Does: "the callee gets the request twice, the second time with another value in a field",
		Takes: []Parameter{Field, NewValue, Lasts(1)},
		Check: ofRequests,
		Dealt: ByTap, Proof: told, Builder: "DuplicatesChanged",
		Tries: on(ACopy, func(s Spot) (list []Try) {
			if value := otherWish(s.Name, s.Value); value != "" {
				list = append(list, Try{Fault: Fault{Kind: DuplicateChanged, Field: s.Name, Value: value, Duration: soon}, Turn: Early})
			}
			return list
		}),
		Rows: on(AField, func(s Spot) (list []Fault) {
			if s.Phase == Arrives {
				list = append(list, Fault{Kind: DuplicateChanged, Field: s.Name, Value: "1", Duration: soon})
			}
			return list
		}),
	},
	{
		Kind: Truncate, Does: "the answer ends after half of its body, or after so many bytes of it",
		Takes: []Parameter{MayBeAfter},
		Check: ofAnswers,
		Dealt: ByTap, Proof: told, Builder: "TruncatesAfter", Plain: "Truncates",
		Tries: each(ABody, Later, 0, Fault{Kind: Truncate}, Fault{Kind: Truncate, Cut: After(0)}),
		Rows:  all(ABody, Fault{Kind: Truncate}, Fault{Kind: Truncate, Cut: After(0)}),
	},
	{
		Kind: Stall, Does: "half of the answer's body comes, or so many bytes of it, then nothing more, and the connection stays open",
		Takes: []Parameter{MayBeAfter},
		Check: ofAnswers,
		Dealt: ByTap, Proof: told, Builder: "StallsAfter", Plain: "Stalls",
		// To a client it is one fault, wherever in the body it stops.
		Tries: each(ABody, Later, silence, Fault{Kind: Stall}),
		Rows:  all(ABody, Fault{Kind: Stall}, Fault{Kind: Stall, Cut: After(0)}),
	},
}

// ofRequests says that a kind hits requests on their way.
func ofRequests(f Fault, at Phase) error {
	if at == Answered {
		return fmt.Errorf("%s hits a request: use it when the message %q", f.Kind, Arrives)
	}
	return nil
}

// ofAnswers says that a kind hits answers.
func ofAnswers(f Fault, at Phase) error {
	if at == Arrives {
		return fmt.Errorf("%s hits an answer: use it when the message is %q", f.Kind, Answered)
	}
	return nil
}

// changesField is a kind that needs to know no more than which field.
func changesField(k Kind, does, builder string) Spec {
	return Spec{
		Kind: k, Does: does,
		Takes: []Parameter{Field},
		Dealt: ByTap, Proof: told, Builder: builder,
		Tries: on(AField, func(s Spot) []Try { return []Try{{Fault: Fault{Kind: k, Field: s.Name}, Turn: Last}} }),
		Rows:  on(AField, func(s Spot) []Fault { return []Fault{{Kind: k, Field: s.Name}} }),
	}
}

var (
	amountName = regexp.MustCompile(`(?i)amount|value|total`)
	amount     = regexp.MustCompile(`^([0-9]{1,15})(\.[0-9]+)?$`)
	currency   = regexp.MustCompile(`^[A-Z]{3}$`)
	countName  = regexp.MustCompile(`(?i)quantity|qty|count$`)
	count      = regexp.MustCompile(`^[0-9]{1,3}$`)
)

// otherWish is what becomes of a field in a copy of a customer's wish to buy: of a sum or
// a currency as on its way, and of a quantity one more. On its way a quantity stays: what
// the shop would take for her wish, she has never seen.
func otherWish(name, value string) string {
	if countName.MatchString(name) && count.MatchString(value) {
		n, _ := strconv.Atoi(value) // of at most 3 digits
		return strconv.Itoa(n + 1)
	}
	return otherValue(name, value)
}

// otherValue is what becomes of a sum or a currency: one unit more, or another currency.
// It is empty where the field is neither.
func otherValue(name, value string) string {
	number := amount.FindStringSubmatch(value)
	switch {
	case number != nil && amountName.MatchString(name):
		whole, _ := strconv.ParseInt(number[1], 10, 64) // of at most 15 digits
		return strconv.FormatInt(whole+1, 10) + number[2]
	case !currency.MatchString(value) || !strings.Contains(strings.ToLower(name), "curr"):
		return ""
	case value == "EUR":
		return "USD"
	}
	return "EUR"
}
