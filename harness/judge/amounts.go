package judge

import (
	"cmp"
	"maps"
	"slices"

	"github.com/unhappypath/unhappypath/harness/units"
)

// Amounts are sums of money by their currency, in minor units. Those of two currencies
// are never added, and none is compared with another.
type Amounts map[string]int64

// plus adds an amount. Nothing is no amount of any currency.
func (a Amounts) plus(amount int64, currency string) Amounts {
	if amount == 0 {
		return a
	}
	if a == nil {
		a = Amounts{}
	}
	a[currency] += amount
	return a
}

// Over is what there is more than in the others, by currency.
func (a Amounts) Over(others Amounts) (over Amounts) {
	for currency, amount := range a {
		over = over.plus(max(0, amount-others[currency]), currency)
	}
	return over
}

// Exceeds says whether there is more than in the others, of any currency.
func (a Amounts) Exceeds(others Amounts) bool { return len(a.Over(others)) > 0 }

// IsSome says whether there is any money at all.
func (a Amounts) IsSome() bool { return a.Exceeds(nil) }

// Price writes the amounts as a customer reads them, those of her page's currency
// first: “NOK 499.00 and EUR 12.00”.
func (a Amounts) Price(own string) string {
	var list []string
	for _, currency := range slices.SortedFunc(maps.Keys(a), func(x, y string) int {
		if x == own || y == own {
			return map[bool]int{true: -1, false: 1}[x == own]
		}
		return cmp.Compare(x, y)
	}) {
		if a[currency] != 0 {
			list = append(list, units.Price(a[currency], currency))
		}
	}
	if len(list) == 0 {
		return units.Price(0, own)
	}
	return enumerated(list)
}
