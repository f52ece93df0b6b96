package target

import (
	"regexp"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
)

// NoEpilogue says why no customer of this shop can send the same submit again when a
// story is over, or "".
func (t *Target) NoEpilogue() string {
	switch {
	case t.AtBrowser():
		return "the customers sit at a browser, whose page cannot be made to send the same submit again"
	case !t.submitNamesPurchase():
		return "the submit has nothing that names the purchase, so that the same one sent again is a new purchase: " +
			"want ${basket}, an id that the page captures (an order, a cart, a key), or an Idempotency-Key"
	}
	return ""
}

// purchase is in the names of what identifies one purchase. What a page captures else, such
// as a product or a token against forgery, is the same in the next purchase, or says nothing.
var purchase = regexp.MustCompile(`(?i)basket|cart|order|checkout|purchase|payment|intent|transaction|idempot|quote|(^|_)key$`)

// keyHeader is the header of an idempotency key.
var keyHeader = regexp.MustCompile(`(?i)^(x-)?idempotency-key$`)

// submitNamesPurchase says whether the submit has the basket or something captured that
// identifies the purchase: by its name, as a key, or since the page looks by it or the
// payment is called after it.
func (t *Target) submitNamesPurchase() bool {
	submit := t.Customer.Submit
	named := placeholders(submit.path(), submit.JSON, submit.Form, submit.Multipart, submit.Headers)
	identifies := placeholders()
	for _, n := range newMatcher(t.Payments.Reference).names {
		identifies = append(identifies, n.name)
	}
	if look := t.Customer.Look; look != nil {
		identifies = append(identifies, placeholders(look.path(), look.JSON, look.Form, look.Headers)...)
	}
	for header, text := range submit.Headers {
		if keyHeader.MatchString(header) {
			identifies = append(identifies, placeholders(text)...)
		}
	}
	return slices.ContainsFunc(named, func(name string) bool {
		captured := slices.ContainsFunc(slices.Concat(t.Customer.Basket, t.Customer.Open), func(r request) bool { _, is := r.Capture[name]; return is })
		return name == "basket" || captured && (purchase.MatchString(name) || slices.Contains(identifies, name)) &&
			!strings.Contains(strings.ToLower(name), "csrf")
	})
}

// placeholders are the names in the texts of these values, at any depth.
func placeholders(values ...any) (names []string) {
	for _, value := range values {
		switch v := value.(type) {
		case string:
			for _, m := range described.Placeholder.FindAllStringSubmatch(v, -1) {
				names = append(names, m[1])
			}
		case map[string]string:
			for _, text := range v {
				names = append(names, placeholders(text)...)
			}
		case map[string]any:
			for _, one := range v {
				names = append(names, placeholders(one)...)
			}
		case []any:
			names = append(names, placeholders(v...)...)
		}
	}
	return names
}
