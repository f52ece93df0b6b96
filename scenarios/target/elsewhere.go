package target

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

var addressForm = regexp.MustCompile("[a-zA-Z][a-zA-Z0-9+.-]*://[^\\s\"'<>,]+")

// leadsElsewhere says what is wrong with a text that names an address of another
// machine, or "": a shop under test that called it would pay, book or mail in earnest.
func (t *Target) leadsElsewhere(text string) string {
	text = strings.ReplaceAll(text, "${database.host}", "127.0.0.1") // as in jdbc:postgresql://${database.host}:${database.port}/
	text = described.Placeholder.ReplaceAllString(text, "0")
	for _, found := range addressForm.FindAllString(text, -1) {
		host := found
		if address, err := url.Parse(found); err == nil {
			host = address.Hostname()
		}
		if host == "" || isHere(host) || slices.ContainsFunc(t.Service.Elsewhere, func(one string) bool { return strings.EqualFold(one, host) }) {
			continue
		}
		here := "${payments.url}, ${" + carrierFact + "} or ${callees.NAME.url}"
		if t.lacksFact(carrierFact) != "" {
			here = "${payments.url} or ${callees.NAME.url}"
		}
		return fmt.Sprintf("%q is another machine, which a shop under test must not call: say %s; where the shop never calls it, say service: {elsewhere: […]} with the host", host, here)
	}
	return ""
}

// isHere says whether a host is this machine, or one of the names that are nobody's.
func isHere(host string) bool {
	if at, err := netip.ParseAddr(host); err == nil {
		return at.IsLoopback() || at.IsUnspecified()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	last := host[strings.LastIndexByte(host, '.')+1:]
	return slices.Contains([]string{"localhost", "example", "test", "invalid"}, last) ||
		slices.Contains([]string{"example.com", "example.org", "example.net"}, host)
}
