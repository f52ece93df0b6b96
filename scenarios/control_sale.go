package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// sold says whether somebody bought: money was taken or reserved or goods were sent, and
// not all of it given back, or the screen said so. A shop that takes back whatever it
// did, since a part of its set-up is wrong, sells nothing.
func sold(r *judge.Run) bool {
	m := movedIn(r)
	return m.parcels > 0 || m.captured.Exceeds(m.refunded) || m.authorized.Exceeds(m.settled) ||
		slices.ContainsFunc(r.History, func(e observe.Event) bool { return e.Kind == observe.Screen && e.View.Says.IsSale() })
}

// moved is what the ledgers say in all: what was authorized, and what of that was
// captured or let go; what was captured, and refunded of it.
type moved struct {
	authorized, settled, captured, refunded judge.Amounts
	parcels                                 int
}

func movedIn(r *judge.Run) moved {
	m := moved{judge.Amounts{}, judge.Amounts{}, judge.Amounts{}, judge.Amounts{}, 0}
	for _, e := range r.History {
		switch e.Kind {
		case observe.Money:
			m.see(e.Entry)
		case observe.Parcel:
			m.parcels += map[observe.EntryOp]int{observe.ParcelBooked: 1, observe.ParcelCancelled: -1}[e.Entry.Op]
		}
	}
	return m
}

func (m moved) see(e *observe.Entry) {
	switch e.Op {
	case observe.MoneyAuthorized:
		m.authorized[e.Currency] += e.Amount
	case observe.MoneyCaptured:
		m.captured[e.Currency] += e.Amount
		m.settled[e.Currency] += e.Amount
	case observe.MoneyCancelled:
		m.settled[e.Currency] += e.Amount
	case observe.MoneyRefunded:
		m.refunded[e.Currency] += e.Amount
	}
}

// words say what came of money that moved, where nobody bought.
func (m moved) words() string {
	switch {
	case m.captured.IsSome():
		return m.captured.Price("") + " was charged and paid back"
	case m.authorized.IsSome():
		return m.authorized.Price("") + " was reserved and let go"
	}
	return ""
}

// refused says whether the provider refused something that it was asked for.
func refused(r *judge.Run) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		return e.Kind == observe.Answered && e.Message.Hop == observe.ProviderHop &&
			slices.Contains([]int{400, 401, 403, 422}, e.Message.Status)
	})
}

// unread says whether the page came and could not be read as it is described.
func unread(r *judge.Run) bool { return strings.Contains(r.Failure, described.Unread) }

// whyNobodyBought is one sentence of what the provider and the shop last said.
func whyNobodyBought(r *judge.Run) string {
	if r.Failure != "" {
		return "nobody could buy: " + oneLine(r.Failure, 1000)
	}
	var provider, callee, shop, screen, words string
	asked := false
	for _, e := range r.History {
		switch m := e.Message; {
		case e.Kind == observe.Answered && m.Hop == observe.ProviderHop:
			asked = true
			if m.Status >= 400 {
				provider = fmt.Sprintf("the provider refused %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
			}
		case e.Kind == observe.Answered && m.Hop.Caller() == "checkout":
			if m.Status >= 400 {
				who := strings.Replace(e.Actor, "carrier", "the carrier", 1)
				callee = fmt.Sprintf("%s refused %s %s with %d%s", who, m.Method, m.Path, m.Status, said(m.Body))
			}
		case e.Kind == observe.Answered && m.Hop == observe.CustomerHop:
			shop = fmt.Sprintf("the shop last answered %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
		case e.Kind == observe.Screen:
			screen = fmt.Sprintf("the screen last said “%s”", e.View.Says)
		case e.Kind == observe.Process && e.Life.What == observe.ProcessStopped && e.Life.Text != "":
			words = "the shop's output ends with: " + oneLine(strings.TrimPrefix(e.Life.Text, "it last said:"), 300)
		}
	}
	money := movedIn(r).words()
	switch {
	case provider != "":
	case !asked:
		provider = "the shop asked the provider for nothing"
	case money == "":
		provider = "the provider refused nothing and was asked for no payment that was approved"
	}
	list := slices.DeleteFunc([]string{provider, money, callee, shop, screen, words}, func(s string) bool { return s == "" })
	return "nobody could buy: " + strings.Join(list, "; ")
}

func said(body string) string {
	if body = oneLine(body, 160); body == "" {
		return ""
	}
	return " (" + body + ")"
}

// oneLine is what somebody else wrote, as a part of a sentence.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return redact.Truncate(strings.Join(strings.Fields(text), " "), most)
}
