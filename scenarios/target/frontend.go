package target

import (
	"cmp"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/harness/units"
)

// FrontEnd is the page that customers use, in a world of this clock.
func (t *Target) FrontEnd(clock units.Clock) described.FrontEnd {
	c := t.Customer
	f := described.FrontEnd{
		Submit: c.Submit.described(), Resends: c.Resends, Lost: described.Fits(c.Lost),
		TimeOut:   clock.Real(c.TimeOut.or(defaultTimeOut)),
		Silence:   clock.Real(time.Duration(c.Silence)),
		LookEvery: clock.Real(c.LookEvery.or(defaultLookEvery)),
		LookFor:   clock.Real(c.LookFor.or(defaultLookFor)),
		Amount:    t.Money.Amount, Due: t.Money.Due, Currency: t.Money.Currency,
	}
	if c.Unanswered != "" {
		f.Unanswered = described.View{Says: c.Unanswered}
	}
	for _, some := range []struct {
		from []request
		to   *[]described.Request
	}{{c.Login, &f.Login}, {c.Basket, &f.Basket}, {c.Open, &f.Open}} {
		for _, r := range some.from {
			*some.to = append(*some.to, r.described())
		}
	}
	for _, one := range []struct {
		from *request
		to   **described.Request
	}{{c.Look, &f.Look}, {c.Change, &f.Change}} {
		if one.from != nil {
			r := one.from.described()
			*one.to = &r
		}
	}
	for _, s := range c.Screens {
		f.Screens = append(f.Screens, described.Screen{
			View: described.View{Says: s.Says, Text: s.Shows}, Fits: described.Fits{Status: s.Status, JSON: s.JSON, Text: s.Text},
		})
	}
	return f
}

func (r request) method() string {
	switch {
	case r.Get != "":
		return "GET"
	case r.Post != "":
		return "POST"
	case r.Put != "":
		return "PUT"
	}
	return "PATCH"
}

func (r request) path() string { return cmp.Or(r.Get, r.Post, r.Put, r.Patch) }

func (r request) described() described.Request {
	d := described.Request{Method: r.method(), Path: r.path(), Headers: r.Headers, Body: r.JSON, Form: r.Form, Multipart: r.Multipart, Follow: r.Follow}
	if r.When != nil {
		d.When = described.Condition(*r.When)
	}
	for name, s := range r.Capture {
		if d.Capture == nil {
			d.Capture = map[string]described.Source{}
		}
		d.Capture[name] = described.Source(s)
	}
	return d
}

// template is the request's path as injections and taps know it: a segment that
// names something is open, and what is asked for behind the path does not count.
func (r request) template() string {
	path, _, _ := strings.Cut(r.path(), "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case r.isAddress(s):
			segments[i] = "{id...}"
		case strings.Contains(s, "${"):
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}

// isAddress says whether a segment of a path stands for a path that the shop
// told, of as many segments as that has.
func (r request) isAddress(segment string) bool {
	name := strings.TrimSuffix(strings.TrimPrefix(segment, "${"), "}")
	return segment == "${"+name+"}" && r.addresses[name]
}

// findAddresses tells every request which names stand for a path of the shop.
func (c *Customer) findAddresses() {
	addresses := map[string]bool{}
	requests := []*request{&c.Submit, c.Look, c.Change}
	for _, steps := range [][]request{c.Login, c.Basket, c.Open} {
		for i := range steps {
			requests = append(requests, &steps[i])
		}
	}
	for _, r := range requests {
		if r == nil {
			continue
		}
		r.addresses = addresses
		for name, from := range r.Capture {
			if described.IsAddress(from.Header) {
				addresses[name] = true
			}
		}
	}
}
