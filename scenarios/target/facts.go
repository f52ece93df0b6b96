package target

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/provider"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Facts are what a world knows and a description may name: ${payments.url}.
type Facts map[string]string

// Fact is a name that a description may use, and what it stands for.
type Fact struct{ Name, Is string }

// OfAccount are the facts of a shop's account with the provider.
func OfAccount(payments provider.Kind) (list []Fact) {
	for _, f := range payments.Account {
		list = append(list, Fact{"payments." + f.Name, f.Is + ": " + f.Preset + ", unless payments says another"})
	}
	return list
}

// Known are all facts where the shop deals with the provider.
func Known(payments provider.Kind) []Fact {
	list := []Fact{
		{"service.port", "the port that the service is to listen at, on 127.0.0.1"},
		{"service.url", "where customers reach the shop: the proxy before it"},
		{"service.data", "a folder that is empty when a story begins"},
		{"payments.url", "where the provider is: the proxy before it"},
	}
	for _, hop := range slices.Sorted(maps.Keys(payments.Hops)) {
		list = append(list, Fact{URLFact(hop), "where the provider's " + hop.Callee() + " is: the proxy before it"})
	}
	list = append(list, OfAccount(payments)...)
	list = append(list, Fact{CAFact, "with payments: {tls: true}, a file with the certificate of the authority that the shop is to trust"})
	return append(list, []Fact{
		{carrierFact, "where the carrier is: the proxy before it, unless shipping is none"},
		{"callees.NAME.url", "where a service of that name under callees is: the proxy before it"},
		{"database.url", "with database: postgres, the database of this story"},
		{"database.host", "its server, for a driver that takes no such address, as JDBC's and .NET's do not"},
		{"database.port", "the port there: the proxy before the server"},
		{"database.name", "its name"},
		{"database.user", "who connects to it"},
		{"database.password", "by what password"},
		{"webhooks.url", "with webhooks: /path, where the provider sends them: the proxy before the shop"},
		{"webhooks.secret", "what they are signed with"},
		{"service.replica", "the number of the process among its replicas, from 1"},
		{"seed", "the run's seed"},
		{"ms 10s", "ten seconds of the story, in milliseconds of the clock that the story is staged on"},
		{"s 10s", "the same in seconds"},
	}...)
}

// CAFact is the fact that says whom the shop is to trust where the provider speaks TLS.
const CAFact = "payments.ca"

const carrierFact = "shipping.url"

// OfDatabase are the facts of a story's database, which is at that address:
// postgres://USER:PASSWORD@HOST:PORT/NAME.
func OfDatabase(address string) (Facts, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	password, _ := u.User.Password()
	return Facts{
		"database.url": address, "database.host": u.Hostname(), "database.port": u.Port(), "database.name": strings.TrimPrefix(u.Path, "/"),
		"database.user": u.User.Username(), "database.password": password,
	}, nil
}

// URLFact names the fact that says where the callee of a hop is.
func URLFact(hop observe.Hop) string {
	if hop == observe.ProviderHop {
		return "payments.url"
	}
	return hop.Callee() + ".url"
}

// URLFact is URLFact of a hop of this shop, which may call services of its own.
func (t *Target) URLFact(hop observe.Hop) string {
	if _, own := t.Callees[hop.Callee()]; own {
		return "callees." + URLFact(hop)
	}
	return URLFact(hop)
}

// known are the facts that this description may name.
func (t *Target) known() (names []string) {
	for _, f := range Known(t.provider) {
		if f.Name != "callees.NAME.url" {
			names = append(names, f.Name)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(t.Callees)) {
			names = append(names, t.URLFact(calleeHop(name)))
		}
	}
	return names
}

// unknownFact says what is wrong with a fact that a text names, or "".
func (t *Target) unknownFact(text string) string {
	for _, m := range described.Placeholder.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if _, _, is := divided(name); is {
			if _, err := scaled(name, units.Wall); err != nil {
				return err.Error()
			}
			continue
		}
		if !slices.Contains(t.known(), name) {
			there := slices.DeleteFunc(t.known(), func(one string) bool { return t.lacksFact(one) != "" })
			return fmt.Sprintf("nothing is known as ${%s}; there are %s", name, strings.Join(there, ", "))
		}
		if why := t.lacksFact(name); why != "" {
			return why
		}
	}
	return ""
}

// lacksFact says why the shop as it is described has no such fact, or "".
func (t *Target) lacksFact(name string) string {
	switch {
	case name == CAFact && !t.Payments.TLS:
		return "there is no ${payments.ca}: say payments: {tls: true}"
	case name == carrierFact && t.Shipping.None:
		return "there is no ${shipping.url}, for shipping is none"
	case strings.HasPrefix(name, "database.") && t.Database != "postgres":
		return fmt.Sprintf("there is no ${%s}: say database: postgres", name)
	case strings.HasPrefix(name, "webhooks.") && t.Webhooks == "":
		return fmt.Sprintf("there is no ${%s}: say webhooks: with the path at which the shop takes them", name)
	}
	return ""
}

// divided reads “ms 10s”: a time of the story in a unit of the world's clock.
func divided(name string) (unit, text string, is bool) {
	unit, text, is = strings.Cut(name, " ")
	return unit, text, is && (unit == "ms" || unit == "s")
}

func scaled(name string, clock units.Clock) (string, error) {
	unit, text, _ := divided(name)
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return "", fmt.Errorf("${%s}: %q is no time: write ${%s 10s}, say", name, text, unit)
	}
	real := clock.Real(d)
	if unit == "ms" {
		return fmt.Sprint(max(1, real.Milliseconds())), nil
	}
	return fmt.Sprint(real.Seconds()), nil
}

// fill puts facts into a text that was checked.
func (f Facts) fill(text string, clock units.Clock) string {
	return described.Placeholder.ReplaceAllStringFunc(text, func(found string) string {
		name := found[2 : len(found)-1]
		if _, _, is := divided(name); is {
			if value, err := scaled(name, clock); err == nil {
				return value
			}
		}
		return f[name]
	})
}
