package harness

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Sentence says in plain English what became of the customers: what they paid,
// what they were sent, what they saw. It is the first thing in every report.
func (r *Run) Sentence() string {
	if r.Failure != "" {
		return "The harness could not finish this story: " + r.Failure + "."
	}
	books := r.Books()
	if len(books) == 0 {
		return "Nobody clicked submit."
	}
	sentences := make([]string, len(books))
	for i, book := range books {
		sentences[i] = r.bookSentence(book)
	}
	return strings.Join(sentences, " ")
}

func (r *Run) bookSentence(b Book) string {
	who := r.buyer(b.Basket)
	var s strings.Builder
	switch {
	case b.Charges == 0:
		fmt.Fprintf(&s, "%s was not charged", who)
	case b.Charges == 1:
		fmt.Fprintf(&s, "%s was charged once (%s)", who, Price(b.Charged, b.Currency))
	default:
		fmt.Fprintf(&s, "%s was charged %s (%s instead of %s, %s too much)", who,
			strings.ToUpper(Times(b.Charges)), Price(b.Charged, b.Currency),
			Price(b.Shown, b.Currency), Price(b.Charged-b.Shown, b.Currency))
	}
	if b.Refunded > 0 {
		fmt.Fprintf(&s, ", paid back %s", Price(b.Refunded, b.Currency))
	}
	fmt.Fprintf(&s, " and sent %s. ", parcels(b.Parcels))
	s.WriteString(r.screenSentence(b))
	return s.String()
}

func (r *Run) screenSentence(b Book) string {
	var words []string
	for _, e := range r.History {
		if e.Kind != observe.Screen || e.View.Basket != b.Basket || !tellsSomething(e.View.Says) || e.At < b.FirstClick {
			continue
		}
		word := fmt.Sprintf("“%s” after %s", e.View.Says, Spell(e.At-b.FirstClick))
		if len(words) > 0 && strings.HasPrefix(words[len(words)-1], "“"+e.View.Says+"”") {
			continue
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "After her click the screen never told her anything."
	}
	return "The screen said " + strings.Join(words, ", then ") + "."
}

// buyer is the customer who first clicked for the basket, with a capital.
func (r *Run) buyer(basket string) string {
	for _, e := range r.History {
		if isClick(e) && e.Act.Basket == basket && e.Actor != "" {
			first, size := utf8.DecodeRuneInString(e.Actor)
			return string(unicode.ToUpper(first)) + e.Actor[size:]
		}
	}
	return "The customer"
}

// Machine is the actor of notes about the machine that a run was staged on.
const Machine = "machine"

// FailureText is what a spec says when the run is not good: the verdict
// sentence, what was promised, and how to see it again.
func (r *Run) FailureText() string {
	var s strings.Builder
	verdict := r.Verdict()
	if r.Expects == "complaint" {
		fmt.Fprintf(&s, "The complaint did not come true to the letter (without %s).\n", strings.Join(r.Without, ", "))
		if r.Mismatch != "" {
			fmt.Fprintf(&s, "  %s\n", r.Mismatch)
		}
	}
	fmt.Fprintf(&s, "%s — %s: %s\n", verdict, r.Story, r.Sentence())
	for _, ruling := range r.Rulings {
		if ruling.Verdict != Kept {
			fmt.Fprintf(&s, "  %-10s %s: %s\n", ruling.Verdict, ruling.Promise, ruling.Because)
		}
	}
	r.asides(&s)
	if r.Replay != "" {
		fmt.Fprintf(&s, "Replay: %s", r.Replay)
	}
	return strings.TrimRight(s.String(), "\n")
}

// Stopped is what became of a process that the harness ended when all was over.
const Stopped = "stopped"

// refusalsTold is how many refusals of the provider a failure's text has: the first
// one is the cause of the next.
const refusalsTold = 2

// asides are what may tell a person why: that the machine was slow, that the
// provider refused what it was asked for, and what the shop's process last said.
func (r *Run) asides(s *strings.Builder) {
	refused := 0
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Note && e.Actor == Machine:
			fmt.Fprintf(s, "  %-10s at %s %s\n", "(machine)", Spell(e.At), e.Text)
		case e.Kind == observe.Answered && e.Message.Hop == string(ProviderHop) && isRefusal(e.Message.Status):
			if refused++; refused <= refusalsTold {
				fmt.Fprintf(s, "  %-10s at %s it answered %d to %s %s: %s\n", "(provider)", Spell(e.At),
					e.Message.Status, e.Message.Method, e.Message.Path, Clip(e.Message.Body, 500))
			}
		case e.Kind == observe.Process && e.Life.What == Stopped && e.Life.Text != "" && !strings.Contains(r.Failure, e.Life.Text):
			fmt.Fprintf(s, "  %-10s %s\n", "(shop)", strings.ReplaceAll(e.Life.Text, "\n", "\n    "))
		}
	}
}

// isRefusal says whether a status tells a shop that it asked wrongly. That there is
// no such payment, or one already, is part of asking well.
func isRefusal(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnauthorized ||
		status == http.StatusForbidden || status == http.StatusUnprocessableEntity
}

// longestCurrency is how much of a page's word for a currency is told, in bytes.
const longestCurrency = 12

// Price writes an amount of minor units as a customer reads it: "NOK 1,499.00",
// "JPY 499", "KWD 4.990".
func Price(amount int64, currency string) string {
	if currency == "" {
		currency = "?"
	}
	if len(currency) > longestCurrency || strings.ContainsFunc(currency, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		currency = strconv.QuoteToGraphic(Clip(currency, longestCurrency)) // a page said so, and means no good
	}
	sign, digits := "", strconv.FormatInt(amount, 10)
	if amount < 0 {
		sign, digits = "-", digits[1:]
	}
	decimals := observe.Decimals(currency)
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, fraction := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if decimals > 0 {
		whole += "."
	}
	return currency + " " + sign + whole + fraction
}

// Spell writes a time of the story as a person says it: "47.2 s", "10 min 17 s",
// "3 h 0 min".
func Spell(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// Times says how often: “never”, “once”, “twice”, “3 times”.
func Times(n int) string {
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

func messages(n int) string {
	if n == 1 {
		return "one message"
	}
	return fmt.Sprintf("%d messages", n)
}

func parcels(n int) string {
	switch n {
	case 0:
		return "nothing"
	case 1:
		return "one parcel"
	}
	return fmt.Sprintf("%d parcels", n)
}
