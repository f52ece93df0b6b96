package observe

import (
	"cmp"
	"slices"
)

// Hops lists those of an ordinary shop in the order in which reports draw them.
func Hops() []Hop {
	return []Hop{CustomerHop, ProviderHop, WebhookHop, ShippingHop, DatabaseHop}
}

// CompareHops orders hops as reports draw them: those of an ordinary shop, then others
// by name.
func CompareHops(a, b Hop) int {
	rank := func(h Hop) int {
		if i := slices.Index(Hops(), h); i >= 0 {
			return i
		}
		return len(Hops())
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// Operations lists the operations of an ordinary shop.
func Operations() []Operation {
	return []Operation{
		OpenPage, ChangeBasket, Submit, OrderStatus, Authenticate, CreatePayment, GetPayment, Capture, Refund,
		CancelPayment, PaymentWebhook, BookParcel, CancelParcel, PayAtProvider, ApproveAtProvider, ReturnToShop,
	}
}
