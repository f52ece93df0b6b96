package history

import (
	"regexp"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// book files an event under the wish to buy that it is about.
func (x *Index) book(i int, e observe.Event) {
	basket := ""
	switch e.Kind {
	case observe.Action:
		basket = e.Act.Basket
	case observe.Screen:
		basket = e.View.Basket
	case observe.Order:
		basket = e.Entry.Basket
		x.own(e.Entry.Reference, basket)
	case observe.Money, observe.Parcel:
		basket = x.OwnerOf(e.Entry)
		if x.own(e.Entry.Reference, basket) {
			x.references = append(x.references, e.Entry.Reference)
		}
	default:
		return
	}
	x.about[basket] = append(x.about[basket], i)
}

// own notes whose a reference is, the first time.
func (x *Index) own(reference, basket string) (is bool) {
	if _, known := x.owners[reference]; known || basket == "" || reference == "" {
		return false
	}
	x.owners[reference] = basket
	return true
}

// About are the acts, screens, orders, money and parcels of one wish to buy, or, of "",
// those that are nobody's.
func (x *Index) About(basket string) []int { return x.about[basket] }

// OwnerOf says whose money or parcel an entry of a ledger is: the one that built the
// world may know it, and else its reference says so.
func (x *Index) OwnerOf(e *observe.Entry) string {
	if e.Owner != "" {
		return e.Owner
	}
	return x.BasketOf(e.Reference)
}

// BasketOf says which wish to buy a reference of the provider, the carrier or
// the shop belongs to: the longest one whose name and a hyphen it begins with.
func (x *Index) BasketOf(reference string) string {
	for at := strings.LastIndexByte(reference, '-'); at > 0; at = strings.LastIndexByte(reference[:at], '-') {
		if x.wishes[reference[:at]] {
			return reference[:at]
		}
	}
	return ""
}

// BasketOfMessage says which wish to buy a message speaks of: by a reference in its
// path, or else in its body. Whose a reference is, the ledgers and the shop have told,
// or it says so itself.
func (x *Index) BasketOfMessage(m *observe.Message) string {
	path, _, _ := strings.Cut(observe.Unmarked(m.Path), "?")
	for segment := range strings.SplitSeq(path, "/") {
		if basket := x.owners[segment]; basket != "" {
			return basket
		}
		if basket := x.BasketOf(segment); basket != "" {
			return basket
		}
	}
	best := "" // as BasketOf: the longest name
	for _, basket := range x.Baskets {
		if len(basket) > len(best) && strings.Contains(m.Body, `"`+basket+"-") {
			best = basket
		}
	}
	if best != "" || m.Body == "" {
		return best
	}
	for _, reference := range x.references {
		if strings.Contains(m.Body, `"`+reference+`"`) {
			return x.owners[reference]
		}
	}
	return ""
}

// Customers are those who did or saw something, in that order.
func (x *Index) Customers() (list []string) {
	for _, e := range x.Events {
		if (e.Kind == observe.Action || e.Kind == observe.Screen) && !slices.Contains(list, e.Actor) {
			list = append(list, e.Actor)
		}
	}
	return list
}

// CallerOf is who made a call: the caller of its hop, and a customer by her name, since
// she told of it, or gave it its name, or wishes to buy what it speaks of.
func (x *Index) CallerOf(c *Call) string {
	if c.Hop.Caller() != "customer" {
		return c.Hop.Caller()
	}
	customers := x.Customers()
	if slices.Contains(customers, c.caller) {
		return c.caller
	}
	for _, name := range customers {
		if strings.HasPrefix(c.Name, name+"-") || strings.HasPrefix(c.Name, name+"/") {
			return name
		}
	}
	basket := x.BasketOfMessage(&observe.Message{Path: c.Path})
	for _, i := range x.about[basket] {
		if basket != "" && x.Events[i].Kind == observe.Action {
			return x.Events[i].Actor
		}
	}
	return "customer"
}

// anID is a segment of a path that names one thing among many.
var anID = regexp.MustCompile(`^(\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{16,}|.*\d.*\d.*\d.*)$`)

// PathTemplate is a path with its ids left open: what names a customer's basket
// or order, a number, or a word with three digits.
func (x *Index) PathTemplate(path string) string {
	path, _, _ = strings.Cut(path, "?")
	path, mark := observe.CutMark(path) // no id stands in what a description says
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if x.wishes[s] || x.BasketOf(s) != "" || anID.MatchString(s) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/") + mark
}
