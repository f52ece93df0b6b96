package judge

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/harness/units"
)

// NotStarted is how the failure of a run begins in which a process of the shop ended before
// it was ready, or was not ready in time: the shop failed, and not the harness.
const NotStarted = "the shop could not be started"

// Sentence says in plain English what happened to the customers: what they paid,
// what they were sent, what they saw, and which promise that broke. It is the
// first thing in every report.
func (r *Run) Sentence() string {
	switch unplayed := r.Unplayed(); {
	case strings.HasPrefix(r.Failure, NotStarted):
		return capital(r.Failure) + "."
	case unplayed != "" && !r.has(Broken):
		return "The harness could not finish this story: " + unplayed + "."
	case r.Failure != "" && r.Failure != unplayed: // else what was broken before is told
		return "The harness could not finish this story: " + r.Failure + "."
	}
	books := r.Books()
	if len(books) == 0 {
		return "Nobody clicked submit."
	}
	var sentences []string
	for _, book := range books {
		sentences = append(sentences, r.bookSentence(book))
	}
	if epilogue := r.epilogueSentence(); epilogue != "" {
		sentences = append(sentences, epilogue)
	}
	if broke := r.brokenPromise(); broke != "" {
		sentences = append(sentences, broke)
	}
	return strings.Join(sentences, " ")
}

// brokenPromise says the first broken promise in a customer's words, or as it was
// ruled where it is the story's own.
func (r *Run) brokenPromise() string {
	var list []Ruling
	for _, ruling := range r.Rulings {
		if ruling.Verdict == Broken {
			list = append(list, ruling)
		}
	}
	if len(list) == 0 {
		return ""
	}
	says := list[0].Promise + ", since " + list[0].Because
	for _, p := range StandardPromises() {
		if p.Name == list[0].Promise {
			says = "“" + strings.TrimSuffix(p.Says, ".") + "”"
		}
	}
	switch more := len(list) - 1; more {
	case 0:
		return "Broken promise: " + says + "."
	case 1:
		return "Broken promises: " + says + ", and one more."
	default:
		return fmt.Sprintf("Broken promises: %s, and %d more.", says, more)
	}
}

func (r *Run) bookSentence(b Book) string {
	var clauses []string
	if charged := r.chargedClause(b); charged != "" {
		clauses = append(clauses, charged)
	}
	if b.Refunded.IsSome() {
		clauses = append(clauses, "paid back "+b.Refunded.Price(b.Currency))
	}
	if !r.NoCarrier && (b.Clicks > 0 || b.Parcels != 0) {
		clauses = append(clauses, "sent "+r.goods(b.Parcels))
	}
	var s strings.Builder
	s.WriteString(capital(r.whose(b.Basket)) + " ")
	if b.Clicks == 0 {
		s.WriteString("never clicked submit")
		if r.neverCame(b.Basket) {
			s.WriteString(": her page did not load")
		}
		if len(clauses) > 0 {
			s.WriteString(", and was ")
		}
	} else {
		s.WriteString("was ")
	}
	s.WriteString(enumerated(clauses))
	if b.Reserved.IsSome() {
		stays := map[bool]string{true: "stays", false: "stay"}[len(b.Reserved) == 1]
		fmt.Fprintf(&s, ", and %s %s reserved", b.Reserved.Price(b.Currency), stays)
	}
	s.WriteString(".")
	if b.Clicks > 0 {
		s.WriteString(" " + r.screenSentence(b))
	}
	return s.String()
}

// chargedClause says how often she was charged, how much, and what it should have
// been where that is another amount. Of somebody who neither clicked nor was
// charged it says nothing.
func (r *Run) chargedClause(b Book) string {
	in := func(a Amounts) string { return a.Price(b.Currency) }
	due, shown := units.Price(b.Due, b.Currency), units.Price(b.Shown, b.Currency)
	charges, _, _ := total(r.payments(b.Basket))
	over := b.Charged.Over(b.Asks())
	switch {
	case b.Charges == 0 && b.Clicks == 0:
		return ""
	case b.Charges == 0 && b.Free && b.Due == 0:
		return "not charged (nothing was due)"
	case b.Charges == 0:
		return "not charged"
	case charges > 1 && len(r.chargesBeside(b.Basket)) == 0:
		return fmt.Sprintf("charged %s (%s)", units.FormatCount(charges), in(b.Charged))
	case charges > 1 && over.IsSome():
		return fmt.Sprintf("charged %s (%s instead of %s, %s too much)", strings.ToUpper(units.FormatCount(charges)),
			in(b.Charged), due, in(over))
	case charges > 1:
		return fmt.Sprintf("charged %s (%s)", strings.ToUpper(units.FormatCount(charges)), in(b.Charged))
	}
	amount, asTold := in(b.Charged), !over.IsSome() && !b.Asks().Exceeds(b.Charged)
	switch ruling := amountAsShown(r, b.Basket); {
	case b.Clicks == 0 || asTold: // no page showed an amount, or it is that
	case ruling.Verdict == Broken:
		amount += " instead of " + due
	case !over.IsSome():
		amount += " of " + due // the rest was left or given back, or stays reserved
	}
	switch {
	case b.Due == b.Shown:
	case asTold:
		amount += ", what was due of " + shown + " on the page"
	default:
		amount += ", with " + due + " due of " + shown + " on the page"
	}
	return "charged once (" + amount + ")"
}

// enumerated puts clauses in a row: “a, b and c”.
func enumerated(clauses []string) string {
	last := len(clauses) - 1
	if last < 1 {
		return strings.Join(clauses, "")
	}
	return strings.Join(clauses[:last], ", ") + " and " + clauses[last]
}

func (r *Run) screenSentence(b Book) string {
	var words []string
	for _, i := range r.about(b.Basket, isScreen) {
		e := r.History[i]
		if e.At < b.FirstClick || !e.View.Says.TellsSomething() && e.View.Says != observe.StatusError {
			continue
		}
		word := fmt.Sprintf("“%s” after %s", e.View.Says, units.FormatDuration(e.At-b.FirstClick))
		if len(words) > 0 && strings.HasPrefix(words[len(words)-1], "“"+string(e.View.Says)+"”") {
			continue
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return "After her click the screen never told her anything."
	}
	return "The screen said " + strings.Join(words, ", then ") + "."
}

// whose is the customer who first clicked for the basket, or did anything for it.
func (r *Run) whose(basket string) string {
	name := ""
	for _, i := range r.about(basket, isAct) {
		e := r.History[i]
		if isClick(e) && e.Actor != "" {
			return e.Actor
		}
		name = cmp.Or(name, e.Actor)
	}
	return cmp.Or(name, "the customer")
}

func capital(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// neverCame says whether her page did not load until the end, so that there was
// nothing to click on.
func (r *Run) neverCame(basket string) bool {
	last := r.lastScreen(basket)
	return last >= 0 && r.History[last].View.Says == observe.StatusUnreachable && len(r.Clicks(basket)) == 0
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
	s.WriteString(r.Asides())
	if r.Replay != "" {
		fmt.Fprintf(&s, "Replay: %s", r.Replay)
	}
	return strings.TrimRight(s.String(), "\n")
}

// How many refusals of the provider, and errors that no page caught, a failure's text has: the
// first one is the cause of the next.
const refusalsTold, stopsTold = 2, 2

// Asides are what may tell a person why, each a line: that the machine was slow, that the
// page's script stopped, that the provider refused what it was asked for, and what the shop's
// process last said.
func (r *Run) Asides() string {
	var s strings.Builder
	refused, stopped := 0, 0
	for _, e := range r.History {
		switch {
		case e.Kind == observe.Note && e.Actor == Machine:
			fmt.Fprintf(&s, "  %-10s at %s %s\n", "(machine)", units.FormatDuration(e.At), e.Text)
		case e.Kind == observe.Note && (strings.HasPrefix(e.Text, observe.ScriptStopped) || strings.HasPrefix(e.Text, observe.CouldNotLook)):
			if stopped++; stopped <= stopsTold {
				fmt.Fprintf(&s, "  %-10s at %s %s\n", "("+redact.Truncate(e.Actor, 30)+")", units.FormatDuration(e.At), e.Text)
			}
		case e.Kind == observe.Answered && e.Message.Hop == observe.ProviderHop && isRefusal(e.Message.Status):
			if refused++; refused <= refusalsTold {
				fmt.Fprintf(&s, "  %-10s at %s it answered %d to %s %s: %s\n", "(provider)", units.FormatDuration(e.At),
					e.Message.Status, e.Message.Method, e.Message.Path, redact.Truncate(e.Message.Body, 500))
			}
		case e.Kind == observe.Process && e.Life.What == observe.ProcessStopped && e.Life.Text != "" && !strings.Contains(r.Failure, e.Life.Text):
			who := "shop"
			if e.Life.Process != fault.Shop {
				who = redact.Truncate(e.Life.Process, 30)
			}
			fmt.Fprintf(&s, "  %-10s %s\n", "("+who+")", strings.ReplaceAll(e.Life.Text, "\n", "\n    "))
		}
	}
	return s.String()
}

// isRefusal says whether a status tells a shop that it asked wrongly. That there is
// no such payment, or one already, is part of asking well.
func isRefusal(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnauthorized ||
		status == http.StatusForbidden || status == http.StatusUnprocessableEntity
}
