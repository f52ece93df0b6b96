package checkout

// payment is what a provider knows of one payment.
type payment struct {
	Reference string
	// State is CREATED until the customer has decided, AUTHORIZED whatever is done
	// with the money after she has agreed, and ABORTED, EXPIRED or TERMINATED where
	// there will never be any.
	State string
	// Declined says that her last attempt to pay failed; she may try again.
	Declined bool
	// Amount is what it was asked for.
	Amount    money
	Aggregate sums
	// NotDone are the changes of it that were received and did not happen, each by the name
	// that its answer gave it, and why; only where the provider tells so later.
	NotDone map[string]string
	Landing string // where the customer is sent to decide, or ""
}

// sums are all that was ever done with the money of one payment. They only grow.
type sums struct{ Authorized, Cancelled, Captured, Refunded money }

func (p payment) captured() int64 { return p.Aggregate.Captured.Value }
func (p payment) kept() int64     { return p.captured() - p.Aggregate.Refunded.Value }

// reserved is what the provider still holds of the customer's money for us.
func (p payment) reserved() int64 {
	if p.State != "AUTHORIZED" {
		return 0
	}
	return p.Aggregate.Authorized.Value - p.captured() - p.Aggregate.Cancelled.Value
}
