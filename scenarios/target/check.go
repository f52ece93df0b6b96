package target

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
)

// check says what no schema can say, and finds the provider. Where a key is unknown or the
// provider is, it says only that: much of what else seems wrong follows from it.
func (t *Target) check(file string, root *yaml.Node, providers provider.Catalog, misspelt bool) (found Problems) {
	tell := func(says string, place ...string) {
		if says != "" {
			n := nodeAt(root, place)
			found = append(found, Problem{File: file, Line: n.Line, Column: n.Column, Place: spell(place), Says: says, at: place})
		}
	}
	known := t.findProvider(tell, providers)
	if !known {
		found[0].cause = true
	}
	t.checkLiveKeys(root, found, tell)
	if misspelt || !known {
		return found
	}
	t.checkTexts(tell, t.Service.Environment, "service", "environment")
	t.checkWords(tell, t.Service.Command, "service", "command")
	t.checkWords(tell, t.Reset.Command, "reset", "command")
	t.checkProcesses(tell)
	if t.Service.URL != "" {
		t.checkRunning(tell)
	}
	t.page().check(t, tell)
	t.checkApart(tell)
	t.checkPay(tell)
	t.checkCallees(tell)
	t.checkFulfilment(tell)
	t.checkStories(tell)
	if t.Explore.AtOnce > 1 && (t.Service.URL != "" || len(t.FixedPorts()) > 0) {
		tell("shops that share one service or a fixed port run one at a time: say at_once: 1, or leave out what is fixed", "explore", "at_once")
	}
	for i, s := range t.Customer.Screens {
		if s.Says == observe.StatusShipped && t.Shipping.None && t.Fulfilment == nil {
			tell("the shop tells no carrier, so nobody can know: let it say paid", "customer", "screens", strconv.Itoa(i), "says")
		}
		if s.Says == observe.StatusPaid && !t.Shipping.None {
			tell("paid is for shops with shipping: none; a customer who waits for a parcel is told shipped", "customer", "screens", strconv.Itoa(i), "says")
		}
	}
	return found
}

// findProvider looks whether there is such a provider, which it returns, and whether its
// accounts have what is said of this one.
func (t *Target) findProvider(tell func(string, ...string), providers provider.Catalog) (known bool) {
	var err error
	if t.provider, err = providers.Find(t.Payments.Provider); err != nil {
		tell(err.Error(), "payments", "provider")
		return false
	}
	switch {
	case t.Payments.Script && t.provider.ScriptHosts == nil:
		tell("this provider has no script that we play", "payments", "script")
	case t.Payments.Script && !t.AtBrowser():
		tell("a script runs in a browser: say how the page is used, with customer: {browser: …}", "payments", "script")
	}
	if t.Payments.ThreeDSecure && !t.provider.Authenticates {
		tell("customers of this provider authenticate no payments by 3-D Secure that we play", "payments", "three_d_secure")
	}
	for name, value := range t.Payments.account() {
		place := []string{"payments", name}
		if _, inside := t.Payments.Account[name]; inside {
			place = []string{"payments", "account", name}
		}
		if err := t.provider.CheckFact(name, value); err != nil {
			tell(err.Error(), place...)
		}
	}
	return true
}

// checkRunning is about a service that runs already: it has to find the others
// where it was told that they are.
func (t *Target) checkRunning(tell func(string, ...string)) {
	s := t.Service
	for name, is := range map[string]bool{
		"folder": s.Folder != "", "environment": s.Environment != nil, "inherit": s.Inherit != nil,
		"ready": s.Ready != Ready{}, "within": s.Within != 0, "elsewhere": s.Elsewhere != nil, "replicas": s.Replicas != 0,
	} {
		if is {
			tell("this is for a service that is started; this one runs already, at "+s.URL, "service", name)
		}
	}
	if t.Payments.TLS {
		tell("a service that runs already trusts nobody new, and the authority is another one in each run: leave this out", "payments", "tls")
	}
	if t.Payments.Port == 0 {
		tell("a service that runs already must know where the provider is: say payments: {port: 8081}, and point it there", "payments")
	}
	if !t.Shipping.None && t.Shipping.Port == 0 {
		tell("a service that runs already must know where the carrier is: say shipping: {port: 8082}, or shipping: none", "shipping")
	}
	for _, name := range slices.Sorted(maps.Keys(t.Callees)) {
		if t.Callees[name].Port == 0 {
			tell(fmt.Sprintf("a service that runs already must know where %s is: say port: 8083, and point it there", name), "callees", name)
		}
	}
	if t.Database == "postgres" {
		tell("a service that runs already has a database of its own: leave this out", "database")
	}
}

func (t *Target) checkMoney(tell func(string, ...string)) {
	captured := t.captured(t.Customer.Open...)
	if t.Money.Amount == 0 && !captured["amount"] {
		tell("nobody knows what the page shows: say money: {amount: 49900, currency: NOK}, or capture amount where the page is opened", "money")
	}
	if t.Money.Currency == "" && !captured["currency"] {
		tell("nobody knows the currency that the page shows: say money: {currency: NOK}, or capture currency where the page is opened", "money")
	}
}

// checkUnits looks whether units are said of amounts, and of nothing else.
func checkUnits(tell func(string, ...string), s step) {
	for _, name := range slices.Sorted(maps.Keys(s.request.Capture)) {
		if s.request.Capture[name].Units != "" && (name != "amount" && name != "due" || !s.comesFirst()) {
			tell("units are said of what an open step captures as amount or due, and of nothing else", append(slices.Clone(s.place), "capture", name, "units")...)
		}
	}
}

func (t *Target) captured(requests ...request) map[string]bool {
	names := map[string]bool{}
	for _, r := range requests {
		for name := range r.Capture {
			names[name] = true
		}
	}
	return names
}

// checkNames looks whether the front end names only what it knows by then.
func (t *Target) checkNames(tell func(string, ...string)) {
	names := map[string]bool{"customer": true, "run": true}
	look := func(r request, more map[string]bool, place ...string) {
		for _, text := range r.texts() {
			for _, m := range described.Placeholder.FindAllStringSubmatch(text, -1) {
				if names[m[1]] || more[m[1]] {
					continue
				}
				valid := slices.Sorted(maps.Keys(names))
				tell(fmt.Sprintf("nothing is known as ${%s} here; known are %s: capture it in an earlier step", m[1], strings.Join(valid, ", ")), place...)
			}
		}
	}
	for i, r := range t.Customer.Login {
		look(r, nil, "customer", "login", strconv.Itoa(i))
		maps.Copy(names, t.captured(r))
	}
	maps.Copy(names, map[string]bool{"basket": true, "amount": true, "currency": true})
	for i, r := range t.Customer.Basket {
		look(r, nil, "customer", "basket", strconv.Itoa(i))
		maps.Copy(names, t.captured(r))
	}
	names["load"] = true
	for i, r := range t.Customer.Open {
		look(r, nil, "customer", "open", strconv.Itoa(i))
		maps.Copy(names, t.captured(r))
	}
	look(t.Customer.Submit, nil, "customer", "submit")
	if t.Customer.Change != nil {
		look(*t.Customer.Change, map[string]bool{"quantity": true}, "customer", "change")
	}
	maps.Copy(names, t.captured(t.Customer.Submit))
	if t.Customer.Look != nil {
		look(*t.Customer.Look, nil, "customer", "look")
	}
	for _, m := range described.Placeholder.FindAllStringSubmatch(t.Payments.Reference, -1) {
		n := newNamed(m[1])
		tell(n.wrong(), "payments", "reference")
		if !names[n.name] {
			tell(fmt.Sprintf("nothing is known as ${%s}; known are %s", n.name, strings.Join(slices.Sorted(maps.Keys(names)), ", ")), "payments", "reference")
		}
	}
}

// texts are all texts of a request that may name something.
func (r request) texts() []string {
	list := []string{r.path()}
	for _, texts := range []map[string]string{r.Headers, r.Form} {
		list = append(list, slices.Sorted(maps.Values(texts))...)
	}
	var walk func(any)
	walk = func(value any) {
		switch it := value.(type) {
		case string:
			list = append(list, it)
		case []any:
			for _, v := range it {
				walk(v)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(it)) {
				walk(it[name])
			}
		}
	}
	walk(r.JSON)
	return list
}
