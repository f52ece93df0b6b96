package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// sold says whether somebody bought: money was taken or reserved or goods were sent, and
// not all of it given back, or the screen said so. A shop that takes back whatever it
// did, since a part of its set-up is wrong, sells nothing.
func sold(r *judge.Run) bool {
	m := movedIn(r)
	return m.parcels > 0 || m.captured.Exceeds(m.refunded) || m.authorized.Exceeds(m.settled) || toldOfSale(r)
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

// taken says what was taken of the customers, where somebody bought.
func (m moved) taken() string {
	switch {
	case m.captured.Exceeds(m.refunded):
		return m.captured.Price("") + " was charged"
	case m.authorized.Exceeds(m.settled):
		return m.authorized.Price("") + " was reserved"
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
func whyNobodyBought(r *judge.Run, shop *target.Target) string {
	if unplayed := r.Unplayed(); unplayed != "" {
		return "nobody could buy: " + unplayed
	}
	l := lastWordsIn(r)
	if strings.Contains(r.Failure, "it last said:") {
		l.words = "" // it has them
	}
	if r.Failure != "" {
		return "nobody could buy: " + strings.Join(parts(oneLine(r.Failure, 1000), l.words), "; ")
	}
	money := movedIn(r).words()
	if d := deliveriesIn(r); d.allRefused() && l.provider == "" {
		return "nobody could buy: " + strings.Join(parts(money, d.words(shop)), "; ") + l.ends()
	}
	switch {
	case l.provider != "":
	case !l.asked:
		l.provider = "the shop asked the provider for nothing"
	case money == "":
		l.provider = "the provider refused nothing and was asked for no payment that was approved"
	}
	return "nobody could buy: " + strings.Join(parts(l.provider, money, l.callee, l.shop, l.screen, l.words), "; ")
}

// lastWords are what everybody last said in a run: the provider and another callee where
// they refused something, the shop, the screen, and the shop's output. Asked says that
// the shop asked the provider for anything.
type lastWords struct {
	provider, callee, shop, screen, words string
	asked                                 bool
}

// ends is how the shop's output ends, as a sentence that follows another one.
func (l lastWords) ends() string {
	if l.words == "" {
		return ""
	}
	return " T" + strings.TrimPrefix(l.words, "t")
}

func lastWordsIn(r *judge.Run) (l lastWords) {
	wrote := map[string]string{} // by process
	for _, e := range r.History {
		switch m := e.Message; {
		case e.Kind == observe.Answered && m.Hop == observe.ProviderHop:
			l.asked = true
			if m.Status >= 400 {
				l.provider = fmt.Sprintf("the provider refused %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
			}
		case e.Kind == observe.Answered && m.Hop.Caller() == "checkout":
			if m.Status >= 400 {
				who := strings.Replace(e.Actor, "carrier", "the carrier", 1)
				l.callee = fmt.Sprintf("%s refused %s %s with %d%s", who, m.Method, m.Path, m.Status, said(m.Body))
			}
		case e.Kind == observe.Answered && m.Hop == observe.CustomerHop:
			l.shop = fmt.Sprintf("the shop last answered %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
		case e.Kind == observe.Screen:
			l.screen = fmt.Sprintf("the screen last said “%s”", e.View.Says)
		case e.Kind == observe.Process && e.Life.What == observe.ProcessStopped && e.Life.Text != "":
			wrote[e.Life.Process] = strings.TrimPrefix(e.Life.Text, "it last said:")
		}
	}
	l.words = outputs(wrote)
	return l
}

// outputs is how the output of each process ends, any of which may say why.
func outputs(wrote map[string]string) string {
	if len(wrote) == 1 {
		for _, text := range wrote {
			return "the shop's output ends with: " + oneLine(text, 300)
		}
	}
	var list []string
	for _, process := range slices.Sorted(maps.Keys(wrote)) {
		list = append(list, fmt.Sprintf("the output of %s ends with: %s", process, oneLine(wrote[process], 150)))
	}
	return strings.Join(list, "; ")
}

// parts are those of a sentence that say something.
func parts(list ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
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
