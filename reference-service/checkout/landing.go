package checkout

// Returned is the parameter of the page's query that says that the provider sent the
// customer back, with the value "yes".
const Returned = "returned"

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
	if landing, known := s.landings.Load(o.id); known && o.state == Authorizing {
		d.Pay, _ = landing.(string)
	} else if known {
		s.landings.Delete(o.id)
	}
	return d
}
