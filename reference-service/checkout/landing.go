package checkout

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Returned is the parameter of the page's query that says that the provider sent the
// customer back, with the value "yes".
const Returned = "returned"

// Left is the parameter that says beside it, with the value "yes", that she left the
// provider's page without paying, where that page would still let her pay.
const Left = "left"

// returnURL is where the provider sends the customer when she has decided: the basket's
// page, which says how things stand whatever she comes back from.
func (c Config) returnURL(o order) string {
	url := c.PublicURL + "/checkout/" + o.basket
	if c.PayOnPage {
		url += "?" + Returned + "=yes"
	}
	return url
}

// sendsTo keeps where the provider has the customer decide. It is in memory: after a
// restart the next look at the payment says it again.
func (s *Service) sendsTo(o order, landing string) {
	if s.cfg.PayOnPage && landing != "" {
		s.landings.Store(o.id, landing)
	}
}

// told adds to an order where its customer pays, while that is open.
func (s *Service) told(o order) document {
	d := documentOf(o)
	if o.state != Authorizing {
		s.left.Delete(o.id)
	}
	if landing, known := s.landings.Load(o.id); known && o.state == Authorizing {
		d.Pay, _ = landing.(string)
	} else if known {
		s.landings.Delete(o.id)
	}
	return d
}

// comesBack takes note where a customer left the provider's page without paying: its page
// is closed before she is told, as when she does not pay in time. It is in memory, like
// where she pays: her page asks for it again when she loads it again, and where it does not,
// the shop gives up in its own time.
func (s *Service) comesBack(ctx context.Context, r *http.Request, o order) error {
	if !s.cfg.PayOnPage || o.state != Authorizing || r.URL.Query().Get(Left) != "yes" {
		return nil
	}
	s.left.Store(o.id, true)
	now := time.Now().UnixNano()
	if _, err := s.db.ExecContext(ctx, `UPDATE effects SET next_ns = $2, hint_ns = $2
		WHERE order_id = $1 AND kind = 'authorize' AND state = 'pending'`, o.id, now); err != nil {
		return fmt.Errorf("have the payment of the order %s looked at: %w", o.id, err)
	}
	s.nudge()
	return nil
}

// over says whether the shop need not wait any longer for the customer to decide.
func (s *Service) over(o order, e *effect, p payment) bool {
	_, left := s.left.Load(o.id)
	return p.Declined || left || time.Since(e.created) >= s.cfg.GiveUpAfter
}
