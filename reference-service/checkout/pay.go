package checkout

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// authorize creates the payment and awaits its final state. The customer
// approves it in her own time, so that most runs only look.
func (s *Service) authorize(ctx context.Context, o order, e *effect) verdict {
	if e.result != created {
		if e.fresh || !s.has(stableKey) {
			return s.create(ctx, o, e)
		}
		p, exists, err := s.look(ctx, e.reference, o.price)
		switch {
		case err != nil:
			return s.miss(answer{}, err)
		case exists:
			e.result, e.reference = created, p.Reference
			return s.judgeOrGiveUp(ctx, o, e, p)
		case s.keyExpired(e):
			return verdict{outcome: failed, reason: "the payment was never created"}
		}
		// Even when it is time to give up: only what exists can be cancelled,
		// and only what is cancelled can no longer be created by a request that
		// is still on its way.
		return s.create(ctx, o, e)
	}
	p, exists, err := s.look(ctx, e.reference, o.price)
	if err != nil {
		return s.miss(answer{}, err)
	}
	if !exists {
		return verdict{outcome: unknown, reason: "the provider denies a payment that it has created"}
	}
	return s.judgeOrGiveUp(ctx, o, e, p)
}

func (s *Service) create(ctx context.Context, o order, e *effect) verdict {
	if !s.has(stableKey) && !e.fresh {
		e.reference = fmt.Sprintf("%s-%d", o.id, e.attempts)
		e.request = s.payments.createRequest(o, e.reference)
	}
	e.writes++
	a, err := s.payments.create(ctx, s.keyOf(e), e.request)
	if err != nil {
		return s.miss(a, err)
	}
	switch s.payments.taken(a) {
	case refused:
		p, exists, err := s.look(ctx, e.reference, o.price)
		if err != nil {
			return s.miss(answer{}, err)
		}
		if !exists {
			return verdict{outcome: failed, reason: a.String()}
		}
		e.result, e.reference = created, p.Reference
		return s.judge(e, p)
	case unclear:
		return s.miss(a, nil)
	}
	reference, err := s.payments.named(a, e.reference)
	if err != nil {
		return s.miss(answer{}, err)
	}
	e.reference = reference
	s.sendsTo(o, s.payments.landing(a))
	e.result = created
	left := max(0, s.cfg.GiveUpAfter-time.Since(e.created))
	return verdict{outcome: waiting, after: min(s.cfg.ApprovalFirst, left)}
}

// judge reads the payment's state as the outcome of authorize.
func (s *Service) judge(e *effect, p payment) verdict {
	switch {
	case p.State == "CREATED":
		return verdict{outcome: waiting, after: s.nextLook(e)}
	case p.State != "AUTHORIZED":
		return verdict{outcome: failed, reason: "the payment is " + p.State}
	case p.reserved() <= 0 && p.captured() == 0:
		return verdict{outcome: failed, reason: "the reservation was released"}
	default:
		return verdict{outcome: done}
	}
}

// judgeOrGiveUp asks the provider to cancel what nobody has approved in time, or at her
// first attempt, and believes nothing but what the provider then says: the customer may be
// approving at this very moment.
func (s *Service) judgeOrGiveUp(ctx context.Context, o order, e *effect, p payment) verdict {
	s.sendsTo(o, p.Landing)
	v := s.judge(e, p)
	if v.outcome != waiting || !s.over(o, e, p) {
		return v
	}
	if !s.has(voidFirst) {
		return verdict{outcome: failed, reason: "nobody approved the payment in time"}
	}
	e.writes++
	a, err := s.payments.cancelUnapproved(ctx, e.reference, e.key+"-c")
	if err != nil || s.payments.taken(a) == unclear {
		return s.miss(a, err)
	}
	p, exists, err := s.look(ctx, e.reference, o.price)
	if err != nil || !exists {
		return s.miss(a, err)
	}
	if v = s.judge(e, p); v.outcome == waiting && a.later == "" {
		return verdict{outcome: unknown, reason: "the provider cancelled the payment and still awaits approval"}
	}
	return v
}

// untilTold is for how long nobody looks for what a webhook tells, and makes due when it
// comes.
const untilTold = 24 * time.Hour

// nextLook is when to look next whether the customer has approved: soon while
// she is at it, seldom after that, and exactly when it is time to give up.
func (s *Service) nextLook(e *effect) time.Duration {
	age := time.Since(e.created)
	wait := s.cfg.ApprovalEvery
	if age >= s.cfg.ApprovalWindow {
		wait = max(wait, s.cfg.BackoffMax)
	}
	if s.later {
		wait = untilTold
	}
	if left := s.cfg.GiveUpAfter - age; left > 0 {
		wait = min(wait, left)
	}
	return wait
}

func (s *Service) capture(ctx context.Context, o order, e *effect) verdict {
	return s.adjust(ctx, o, e, func(p payment) verdict {
		switch {
		case p.captured() >= o.price.Value:
			return verdict{outcome: done}
		case p.reserved() < o.price.Value:
			return verdict{outcome: failed, reason: fmt.Sprintf("of the payment, %d are reserved", p.reserved())}
		default:
			return verdict{outcome: undone}
		}
	})
}

func (s *Service) void(ctx context.Context, o order, e *effect) verdict {
	return s.adjust(ctx, o, e, func(p payment) verdict {
		switch {
		case p.kept() > 0:
			return verdict{outcome: overtaken, reason: "the money had been taken already"}
		case p.State != "CREATED" && p.reserved() <= 0:
			return verdict{outcome: done}
		default:
			return verdict{outcome: undone}
		}
	})
}

// refund gives the money back, after it has made sure that no parcel goes out.
func (s *Service) refund(ctx context.Context, o order, e *effect) verdict {
	if v := s.recallParcels(ctx, o); v.outcome != done {
		return v
	}
	return s.adjust(ctx, o, e, func(p payment) verdict {
		if p.kept() <= 0 {
			return verdict{outcome: done}
		}
		return verdict{outcome: undone}
	})
}

// adjust makes one change to a payment. settled reads the outcome from what the
// provider knows of the payment.
//
// It looks before it asks again and after every refusal: amounts only ever
// grow, so that what they say is true whatever happened to the answers.
func (s *Service) adjust(ctx context.Context, o order, e *effect, settled func(payment) verdict) verdict {
	if !e.fresh && s.has(stableKey) {
		v := s.lookSettled(ctx, o, e, settled)
		if v.outcome != undone {
			return v
		}
		if s.keyExpired(e) {
			return verdict{outcome: failed, reason: "it has not happened while the provider knew the key"}
		}
	}
	e.writes++
	a, err := s.payments.change(ctx, e.kind, e.reference, s.keyOf(e), e.request)
	if err != nil {
		return s.miss(a, err)
	}
	switch s.payments.changed(a) {
	case unclear:
		return s.miss(a, nil)
	case refused:
		v := s.lookSettled(ctx, o, e, settled)
		if v.outcome == undone {
			return verdict{outcome: failed, reason: a.String()}
		}
		return v
	}
	if a.later != "" {
		e.result = a.later
		return s.lookSettled(ctx, o, e, settled)
	}
	p, err := s.readPayment(a, e.reference, o.price)
	if err != nil {
		return s.miss(answer{}, err)
	}
	v := settled(p)
	if v.outcome == undone {
		return verdict{outcome: unknown, reason: "the provider agreed, and its amounts do not show it"}
	}
	return v
}

func (s *Service) lookSettled(ctx context.Context, o order, e *effect, settled func(payment) verdict) verdict {
	p, exists, err := s.look(ctx, e.reference, o.price)
	if err != nil {
		return s.miss(answer{}, err)
	}
	if !exists {
		return verdict{outcome: unknown, reason: "the provider denies a payment that it has created"}
	}
	v := settled(p)
	if v.outcome != undone || e.result == "" {
		return v
	}
	// The provider has received the request, and the answer is no more than that.
	if reason, not := p.NotDone[e.result]; not {
		return verdict{outcome: failed, reason: reason}
	}
	return verdict{outcome: waiting, reason: "the provider has yet to say what came of it", after: untilTold}
}

// look reads a payment. The second answer says whether there is one; an error
// means that nothing is known.
func (s *Service) look(ctx context.Context, reference string, price money) (payment, bool, error) {
	a, err := s.payments.read(ctx, reference)
	switch {
	case err != nil:
		return payment{}, false, err
	case a.status == http.StatusNotFound:
		return payment{}, false, nil
	case a.status != http.StatusOK:
		return payment{}, false, fmt.Errorf("read the payment %s: %v", reference, a)
	}
	p, err := s.readPayment(a, reference, price)
	return p, err == nil, err
}

// keyExpired says that the other side may have forgotten the effect's key: to
// ask under it again could do it again.
func (s *Service) keyExpired(e *effect) bool { return time.Since(e.created) >= s.cfg.KeyLifetime }

// keyOf is the idempotency key of this run's request: the same at every run.
func (s *Service) keyOf(e *effect) string {
	if s.has(stableKey) || e.fresh {
		return e.key
	}
	return fmt.Sprintf("%s.%d", e.key, e.attempts)
}

// readPayment checks that an answer speaks of the payment we mean and says all
// that we rely on. Anything less is as good as no answer.
func (s *Service) readPayment(a answer, reference string, price money) (payment, error) {
	p, err := s.payments.payment(a, reference)
	if err == nil && s.has(amountCheck) && p.Amount != price {
		return payment{}, fmt.Errorf("the payment %s is of %v instead of %v", reference, p.Amount, price)
	}
	return p, err
}
