package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/redact"
)

// sold says whether somebody bought: money or goods moved, or the screen says so.
func sold(r *judge.Run) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		switch e.Kind {
		case observe.Money:
			return e.Entry.Op == observe.MoneyAuthorized || e.Entry.Op == observe.MoneyCaptured
		case observe.Parcel:
			return e.Entry.Op == observe.ParcelBooked
		case observe.Screen:
			return e.View.Says.IsSale()
		}
		return false
	})
}

// refused says whether the provider refused something that it was asked for.
func refused(r *judge.Run) bool {
	return slices.ContainsFunc(r.History, func(e observe.Event) bool {
		return e.Kind == observe.Answered && e.Message.Hop == string(observe.ProviderHop) &&
			slices.Contains([]int{400, 401, 403, 422}, e.Message.Status)
	})
}

// whyNobodyBought is one sentence of what the provider and the shop last said.
func whyNobodyBought(r *judge.Run) string {
	if r.Failure != "" {
		return "nobody could buy: " + oneLine(r.Failure, 1000)
	}
	var provider, shop, screen, words string
	asked := false
	for _, e := range r.History {
		switch m := e.Message; {
		case e.Kind == observe.Answered && m.Hop == string(observe.ProviderHop):
			asked = true
			if m.Status >= 400 {
				provider = fmt.Sprintf("the provider refused %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
			}
		case e.Kind == observe.Answered && m.Hop == string(observe.CustomerHop):
			shop = fmt.Sprintf("the shop last answered %s %s with %d%s", m.Method, m.Path, m.Status, said(m.Body))
		case e.Kind == observe.Screen:
			screen = fmt.Sprintf("the screen last said “%s”", e.View.Says)
		case e.Kind == observe.Process && e.Life.What == observe.ProcessStopped && e.Life.Text != "":
			words = "the shop's output ends with: " + oneLine(strings.TrimPrefix(e.Life.Text, "it last said:"), 300)
		}
	}
	if provider == "" && !asked {
		provider = "the shop asked the provider for nothing"
	} else if provider == "" {
		provider = "the provider refused nothing and was asked for no payment that was approved"
	}
	list := slices.DeleteFunc([]string{provider, shop, screen, words}, func(s string) bool { return s == "" })
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
