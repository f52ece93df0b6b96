package injection

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// String writes an injection in the form that ParseInjection reads:
//
//	Submit #1 answered: close
//	PaymentWebhook hop: down, for 24h0m0s
//	GetPayment hop seen captured #2: down, for 10s
//	customer>checkout: latency 1m30s downstream, for 50s
//	customer>checkout PUT /orders/{id} #1 answered: close
//	Submit after the story: resubmit after restarting checkout
//	ApproveAtProvider #1: approve_late 2m0s
func (s Injection) String() string {
	var b strings.Builder
	switch {
	case s.Operation != "" && !s.IsMessage() && !s.Trigger.End && !s.Fault.IsDecision():
		fmt.Fprintf(&b, "%s hop", s.Operation)
	case s.Operation != "":
		b.WriteString(string(s.Operation))
	case s.IsMessage():
		fmt.Fprintf(&b, "%s %s %s", s.Hop, s.Trigger.Method, s.Trigger.Path)
	default:
		b.WriteString(string(s.Hop))
	}
	if s.Trigger.Saw != "" {
		fmt.Fprintf(&b, " seen %s", s.Trigger.Saw)
	}
	if s.Trigger.N > 0 {
		fmt.Fprintf(&b, " #%d", s.Trigger.N)
	}
	if s.Trigger.Phase != "" {
		fmt.Fprintf(&b, " %s", s.Trigger.Phase)
	}
	if s.Trigger.At != 0 {
		fmt.Fprintf(&b, " at %s", s.Trigger.At)
	}
	if s.Trigger.End {
		b.WriteString(" " + afterTheStory)
	}
	b.WriteString(": ")
	b.WriteString(s.Fault.String())
	if s.For != 0 {
		fmt.Fprintf(&b, ", for %s", s.For)
	}
	if s.Times != 0 {
		fmt.Fprintf(&b, ", %d times", s.Times)
	}
	return b.String()
}

// afterTheStory is the text of the trigger that waits for the end.
const afterTheStory = "after the story"

// MarshalText writes String.
func (s Injection) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (s *Injection) UnmarshalText(text []byte) error {
	read, err := ParseInjection(string(text))
	if err == nil {
		*s = read
	}
	return err
}

// ParseInjection reads what String wrote, and checks it.
func ParseInjection(text string) (Injection, error) {
	trigger, fault, found := strings.Cut(text, ": ")
	if !found {
		return Injection{}, fmt.Errorf("injection %q: want “operation trigger: fault”, such as “Submit #1 answered: close”", text)
	}
	var s Injection
	if err := errors.Join(s.readTrigger(trigger), s.readFault(fault)); err != nil {
		return Injection{}, fmt.Errorf("injection %q: %w", text, err)
	}
	return s, s.Check()
}

func (s *Injection) readTrigger(text string) error {
	words := strings.Fields(text)
	if len(words) == 0 {
		return errors.New("the operation is missing")
	}
	first := 1
	if s.Hop = observe.Hop(words[0]); !strings.Contains(words[0], ">") {
		s.Operation, s.Hop = observe.Operation(words[0]), ""
		if len(words) > 1 && words[1] == "hop" {
			first = 2
		}
	}
	var err error
	for i := first; i < len(words) && err == nil; i++ {
		next := func() string {
			i++
			if i < len(words) {
				return words[i]
			}
			return ""
		}
		switch word := words[i]; {
		case word == "seen" && s.Trigger.Saw == "":
			if s.Trigger.Saw = observe.EntryOp(next()); s.Trigger.Saw == "" {
				err = errors.New("“seen” what? Name an entry of a ledger, such as “captured”")
			}
		case !s.Trigger.End && strings.Join(words[i:min(i+3, len(words))], " ") == afterTheStory:
			s.Trigger.End = true
			i += 2
		case word == "at" && s.Trigger.At == 0:
			s.Trigger.At, err = time.ParseDuration(next())
		case strings.HasPrefix(word, "#") && s.Trigger.N == 0:
			s.Trigger.N, err = strconv.Atoi(word[1:])
		case (word == string(fault.Arrives) || word == string(fault.Answered)) && s.Trigger.Phase == "":
			s.Trigger.Phase = fault.Phase(word)
		case s.Operation == "" && s.Trigger.Method == "" && strings.ToUpper(word) == word:
			s.Trigger.Method, s.Trigger.Path = word, next()
		default:
			err = fmt.Errorf("%q is no part of a trigger, or one too many", word)
		}
	}
	return err
}

func (s *Injection) readFault(text string) error {
	parts := strings.Split(text, ", ")
	var err error
	if s.Fault, err = fault.Parse(parts[0]); err != nil {
		return err
	}
	for _, part := range parts[1:] {
		if d, lasts := strings.CutPrefix(part, "for "); lasts {
			s.For, err = time.ParseDuration(d)
		} else if n, times := strings.CutSuffix(part, " times"); times {
			s.Times, err = strconv.Atoi(n)
		} else {
			err = fmt.Errorf("%q is neither “for 50s” nor “2 times”", part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
