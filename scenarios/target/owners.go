package target

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Owners know whose a payment or a parcel is. A reference of the reference shop
// says so itself; one of any other shop says it in the way that the description
// has, and where only one customer wants to buy anything, all of it is hers.
type Owners struct {
	references matcher

	mu      sync.Mutex
	baskets []string
	orders  map[string]string // order → basket
	latest  map[string]string // basket → order
}

// Owners are those of one enactment, of whom nothing is known yet.
func (t *Target) Owners() *Owners { return newOwners(t.Payments.Reference) }

func newOwners(reference string) *Owners {
	return &Owners{references: newMatcher(reference), orders: map[string]string{}, latest: map[string]string{}}
}

// Learn notices who wants to buy, and which order is whose.
func (o *Owners) Learn(see observe.Observer) observe.Observer {
	return func(e observe.Event) {
		if e.Act != nil && e.Act.Basket != "" {
			o.note(e.Act.Basket, e.Act.Order)
		}
		if e.View != nil && e.View.Basket != "" {
			o.note(e.View.Basket, "")
		}
		see(e)
	}
}

func (o *Owners) note(basket, order string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	known := false
	for _, b := range o.baskets {
		known = known || b == basket
	}
	if !known {
		o.baskets = append(o.baskets, basket)
	}
	if order != "" {
		o.orders[order], o.latest[basket] = basket, order
	}
}

// Sign writes the owner into each entry of a ledger.
func (o *Owners) Sign(see observe.Observer) observe.Observer {
	return func(e observe.Event) {
		if e.Entry != nil && (e.Kind == observe.Money || e.Kind == observe.Parcel) {
			entry := *e.Entry
			entry.Owner = o.owner(entry)
			e.Entry = &entry
		}
		see(e)
	}
}

// owner is whose an entry is: what the shop wrote into a payment says so where the
// reference is the provider's own.
func (o *Owners) owner(entry observe.Entry) string {
	for _, name := range entry.Names {
		if basket := o.namedBy(name); basket != "" {
			return basket
		}
	}
	return o.of(entry.Reference)
}

func (o *Owners) of(reference string) string {
	read := o.references.read(reference)
	o.mu.Lock()
	defer o.mu.Unlock()
	if basket := o.ordered(read); basket != "" {
		return basket
	}
	for _, basket := range o.baskets {
		if o.references.means(read, "basket", basket) || o.references.means(read, "customer", strings.TrimPrefix(basket, "b-")) {
			return basket
		}
	}
	if len(o.baskets) == 1 {
		return o.baskets[0]
	}
	return ""
}

// Named is the first of some texts that names an order, a basket or a payment, and whose
// it is. Where none does and only one customer wants to buy anything, it is hers.
func (o *Owners) Named(texts []string) (reference, basket string) {
	for _, text := range texts {
		if basket := o.namedBy(text); basket != "" {
			return text, basket
		}
	}
	return "", o.of("")
}

// ordered is whose the order is that a reference names, or "".
func (o *Owners) ordered(read map[string]string) string {
	for _, order := range slices.Sorted(maps.Keys(o.orders)) {
		if o.references.means(read, "order", order) {
			return o.orders[order]
		}
	}
	return ""
}

func (o *Owners) namedBy(text string) (longest string) {
	read := o.references.read(text)
	o.mu.Lock()
	defer o.mu.Unlock()
	if basket := cmp.Or(o.orders[text], o.ordered(read)); basket != "" {
		return basket
	}
	for _, basket := range o.baskets {
		if (text == basket || o.references.means(read, "basket", basket) || strings.HasPrefix(text, basket+"-")) && len(basket) > len(longest) {
			longest = basket
		}
	}
	return longest
}

func (o *Owners) orderOf(basket string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.latest[basket]
}

// basketOfCall is the wish to buy of the call's maker: calls of a page are
// named for her and her tab, “ana/tab 2-3”.
func basketOfCall(call string) string {
	at := strings.LastIndexByte(call, '-')
	if at < 0 {
		return ""
	}
	customer, _, _ := strings.Cut(call[:at], "/")
	return "b-" + customer
}
