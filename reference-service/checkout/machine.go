package checkout

// State is where an order stands. A terminal state never changes again.
type State string

const (
	Authorizing State = "AUTHORIZING" // the customer is to approve the payment
	Capturing   State = "CAPTURING"   // the reserved money is being taken
	Shipping    State = "SHIPPING"    // it is paid, and the parcel is being booked
	Voiding     State = "VOIDING"     // the reservation is being released
	Refunding   State = "REFUNDING"   // the money is being given back
	Stuck       State = "STUCK"       // only a person can help
	Completed   State = "COMPLETED"   // paid and on its way
	Declined    State = "DECLINED"    // never paid
	Cancelled   State = "CANCELLED"   // the reservation was released
	Refunded    State = "REFUNDED"    // the money was given back
)

// Terminal says whether the order has reached its outcome. A stuck order has
// not: its customer is still to be told one.
func (s State) Terminal() bool {
	return s == Completed || s == Declined || s == Cancelled || s == Refunded
}

// Status is the state in the customer's words, the one field that the page
// reads for the outcome.
func (s State) Status() string {
	switch s {
	case Completed:
		return "shipped"
	case Declined:
		return "refused"
	case Cancelled:
		return "cancelled"
	case Refunded:
		return "refunded"
	default:
		return "checking"
	}
}

// Kind is what an effect does in the outside world.
type Kind string

const (
	Authorize Kind = "authorize" // create a payment and await its final state
	Capture   Kind = "capture"
	Ship      Kind = "ship"
	Void      Kind = "void"
	Refund    Kind = "refund"
	Audit     Kind = "audit" // compare the books after trouble; moves no order
)

// step is one row of the state machine: the one effect that a state works on,
// and where its two definite outcomes lead. An unknown outcome leads nowhere:
// the effect is asked after, or asked for, again.
type step struct {
	state        State
	effect       Kind
	done, failed State
}

var machine = []step{
	{Authorizing, Authorize, Capturing, Declined},
	{Capturing, Capture, Shipping, Voiding},
	{Shipping, Ship, Completed, Refunding},
	{Voiding, Void, Cancelled, Stuck},
	{Refunding, Refund, Refunded, Stuck},
}

func stepOf(kind Kind) (step, bool) {
	for _, s := range machine {
		if s.effect == kind {
			return s, true
		}
	}
	return step{}, false
}

func effectOf(state State) (Kind, bool) {
	for _, s := range machine {
		if s.state == state {
			return s.effect, true
		}
	}
	return "", false
}

// next is where a definite outcome of an effect leads.
func (c Config) next(s step, o outcome) State {
	switch {
	case o == done:
		return s.done
	case o == overtaken: // a void that found the money taken
		return Refunding
	case s.failed == Voiding && !c.Has(voidFirst):
		return Cancelled // and the reservation stays with the customer's bank
	case s.failed == Refunding && !c.Has(refundUnshippable):
		return Stuck // and the shop keeps the money
	default:
		return s.failed
	}
}

// outcome is what one run of an effect came to.
type outcome int

const (
	unknown   outcome = iota // it may or may not have happened, or may yet
	waiting                  // the other side is known to be undecided
	undone                   // it has not happened and still can: ask for it
	done                     // it has happened
	failed                   // it has not happened and cannot any more
	overtaken                // the opposite has happened
)

// isEnd says whether the outcome is definite: nothing runs again for it.
func (o outcome) isEnd() bool { return o >= done }

func (o outcome) String() string {
	return [...]string{"unknown", "waiting", "undone", "done", "failed", "overtaken"}[o]
}
