package harness

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// String writes a injection in the form that ParseStrike reads:
//
//	Submit #1 answered: close
//	PaymentWebhook hop: down, for 24h0m0s
//	GetPayment hop seen captured #2: down, for 10s
//	customer>checkout: latency 1m30s downstream, for 50s
//	customer>checkout PUT /orders/{id} #1 answered: close
func (s Injection) String() string {
	var b strings.Builder
	switch {
	case s.Operation != "" && !s.isMessage():
		fmt.Fprintf(&b, "%s hop", s.Operation)
	case s.Operation != "":
		b.WriteString(string(s.Operation))
	case s.isMessage():
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

// String writes a fault with those of its values that are set.
func (f Fault) String() string {
	words := []string{string(f.Kind)}
	if f.Process != "" {
		words = append(words, f.Process)
	}
	if f.Status != 0 {
		words = append(words, strconv.Itoa(f.Status))
	}
	if f.Field != "" {
		words = append(words, f.Field)
	}
	if f.As != "" {
		words = append(words, "as", f.As)
	}
	if f.Rate != 0 {
		words = append(words, strconv.FormatInt(f.Rate, 10)+f.rateUnit())
	}
	if f.Duration != 0 {
		words = append(words, f.Duration.String())
	}
	if f.Direction != "" {
		words = append(words, string(f.Direction))
	}
	return strings.Join(words, " ")
}

func (f Fault) rateUnit() string {
	if f.Kind == BandwidthFault {
		return "KB/s"
	}
	return "B"
}

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

// ParseStrike reads what String wrote, and checks it.
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
	if s.Hop = Hop(words[0]); !strings.Contains(words[0], ">") {
		s.Operation, s.Hop = Operation(words[0]), ""
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
		case word == "at" && s.Trigger.At == 0:
			s.Trigger.At, err = time.ParseDuration(next())
		case strings.HasPrefix(word, "#") && s.Trigger.N == 0:
			s.Trigger.N, err = strconv.Atoi(word[1:])
		case (word == string(Arrives) || word == string(Answered)) && s.Trigger.Phase == "":
			s.Trigger.Phase = Phase(word)
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
	words := strings.Fields(parts[0])
	if len(words) == 0 {
		return errors.New("the fault is missing")
	}
	s.Fault.Kind = FaultKind(words[0])
	if err := s.Fault.readValues(words[1:]); err != nil {
		return err
	}
	for _, part := range parts[1:] {
		var err error
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

func (f *Fault) readValues(words []string) error {
	for i := 0; i < len(words); i++ {
		word := words[i]
		before := *f
		var err error
		switch {
		case f.IsTransport() && (word == string(Upstream) || word == string(Downstream)):
			f.Direction = Direction(word)
		case f.IsProcess():
			f.Process = word
		case f.Kind == AnswerFault:
			f.Status, err = strconv.Atoi(word)
		case f.Kind == RenameFault && word == "as" && f.Field != "" && i+1 < len(words):
			i++
			f.As = words[i]
		case f.Kind == RenameFault || f.Kind == DropFault || f.Kind == RetypeFault:
			f.Field = word
		case strings.HasSuffix(word, f.rateUnit()):
			f.Rate, err = strconv.ParseInt(strings.TrimSuffix(word, f.rateUnit()), 10, 64)
		default:
			f.Duration, err = time.ParseDuration(word)
		}
		if err == nil && overwrote(before, *f) {
			err = fmt.Errorf("%s: %q is one word too many", f.Kind, word)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// overwrote says whether a value that was set already got another.
func overwrote(before, after Fault) bool {
	return before.Direction != "" && before.Direction != after.Direction ||
		before.Process != "" && before.Process != after.Process ||
		before.Status != 0 && before.Status != after.Status ||
		before.Field != "" && before.Field != after.Field ||
		before.As != "" && before.As != after.As ||
		before.Rate != 0 && before.Rate != after.Rate ||
		before.Duration != 0 && before.Duration != after.Duration
}
