package checkout

import (
	"context"
	"fmt"
)

// ship books the parcel. The carrier books another one for every new key, so
// the key never changes, and before asking again we look whether one is booked.
func (s *Service) ship(ctx context.Context, o order, e *effect) verdict {
	key := s.keyOf(e)
	if !s.has(shipOnce) {
		key = fmt.Sprintf("%s.%d", e.key, e.attempts)
	} else if !e.fresh && s.has(stableKey) {
		parcels, err := s.carrier.booked(ctx, o.id)
		switch {
		case err != nil:
			return s.miss(answer{}, err)
		case len(parcels) > 0:
			return verdict{outcome: done}
		case s.keyExpired(e):
			return verdict{outcome: failed, reason: "no parcel was booked while the carrier knew the key"}
		}
	}
	e.writes++
	a, err := s.carrier.book(ctx, key, e.request)
	if err != nil {
		return s.miss(a, err)
	}
	switch a.taken() {
	case unclear:
		return s.miss(a, nil)
	case refused:
		parcels, err := s.carrier.booked(ctx, o.id)
		if err != nil {
			return s.miss(answer{}, err)
		}
		if len(parcels) > 0 {
			return verdict{outcome: done}
		}
		return verdict{outcome: failed, reason: a.String()}
	}
	var parcel shipment
	if err := a.decode(&parcel); err != nil {
		return s.miss(answer{}, err)
	}
	if parcel.ID == "" || parcel.Reference != o.id || parcel.State != "booked" {
		return verdict{outcome: unknown, reason: "the carrier's answer speaks of another parcel: " + a.String()}
	}
	return verdict{outcome: done}
}

// recallParcels cancels every parcel of an order that is not to be sent. One
// that has left already needs a person: the money may be due after all.
func (s *Service) recallParcels(ctx context.Context, o order) verdict {
	parcels, err := s.carrier.booked(ctx, o.id)
	if err != nil {
		return s.miss(answer{}, err)
	}
	for _, parcel := range parcels {
		recalled, err := s.carrier.recall(ctx, parcel.ID)
		if err != nil {
			return s.miss(answer{}, err)
		}
		if !recalled {
			return verdict{outcome: failed, reason: "the parcel " + parcel.ID + " has left already"}
		}
	}
	return verdict{outcome: done}
}
