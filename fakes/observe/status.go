package observe

import "slices"

// Status is how an order stands, as a screen or the shop says it.
type Status string

const (
	StatusReady       Status = "ready"       // the form, with its button
	StatusWaiting     Status = "waiting"     // the order is under way
	StatusChecking    Status = "checking"    // the page looks after the order
	StatusShipped     Status = "shipped"     // paid, and the carrier has it
	StatusPaid        Status = "paid"        // the same, of a shop that tells no carrier
	StatusRefused     Status = "refused"     // the payment was refused
	StatusRefunded    Status = "refunded"    // the money was paid back
	StatusCancelled   Status = "cancelled"   // the order was given up
	StatusChanged     Status = "changed"     // the basket is another one than the form showed
	StatusError       Status = "error"       // a page that says nothing of the order: “something went wrong”
	StatusUnreachable Status = "unreachable" // a browser's own page, where the shop's did not come
	StatusOther       Status = "other"       // a screen that says none of them
)

// Statuses are all of them.
func Statuses() []Status {
	return []Status{
		StatusReady, StatusWaiting, StatusChecking, StatusShipped, StatusPaid, StatusRefused, StatusRefunded,
		StatusCancelled, StatusChanged, StatusError, StatusUnreachable, StatusOther,
	}
}

// StatusesOfPages are those that a shop's own page can say: a browser's page
// comes from no shop, and the other two are for what a page does not say.
func StatusesOfPages() []Status {
	return slices.DeleteFunc(Statuses(), func(s Status) bool {
		return s == StatusError || s == StatusUnreachable || s == StatusOther
	})
}

// IsOutcome says whether it tells how the order ended.
func (s Status) IsOutcome() bool { return s.IsSale() || s.EndsAttempt() }

// IsSale says whether it tells that something was bought: the money is taken.
func (s Status) IsSale() bool { return s == StatusShipped || s == StatusPaid }

// EndsAttempt says whether it is an outcome that leaves the customer free to try
// again: nothing was bought.
func (s Status) EndsAttempt() bool { return s.IsNoSale() || s == StatusRefunded }

// IsNoSale says whether it tells that nothing was bought and no money taken.
func (s Status) IsNoSale() bool { return s == StatusRefused || s == StatusCancelled }

// TellsSomething says whether it tells how things stand: more than the form, its
// spinner, a page of an error or a browser's own page.
func (s Status) TellsSomething() bool {
	return s.IsOutcome() || s == StatusChecking || s == StatusChanged
}

// IsOfOrder says whether it is a word about an order at all: an error is not.
func (s Status) IsOfOrder() bool { return s != StatusError }

// IsPending says whether the page shows that an answer is still to come.
func (s Status) IsPending() bool { return s == StatusWaiting || s == StatusChecking }
