package described

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/cookiejar"
	"strconv"
)

// Profile is what all tabs of a customer share: her cookies, and what filling her basket
// told. It is used from one goroutine, the script of her story.
type Profile struct {
	cookies *cookiejar.Jar
	baskets map[string]*filling
}

// NewProfile is that of a customer who was never here.
func NewProfile() *Profile {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &Profile{cookies: jar, baskets: map[string]*filling{}}
}

// filling is how far a basket is filled, and what was captured so far.
type filling struct {
	steps int
	known variables
}

// fill makes the requests that fill the basket, as far as they were not made yet, and
// says what is known then. One that failed is made again at the next load, and those
// before it are not: she goes on where she was.
func (t *Tab) fill(ctx context.Context, basket string) (variables, error) {
	f := t.FrontEnd
	b := t.Profile.baskets[basket]
	if b == nil {
		b = &filling{known: variables{
			"customer": t.Customer, "basket": basket, "run": t.Run,
			"amount": json.Number(strconv.FormatInt(f.Amount, 10)), "currency": f.Currency,
		}}
		t.Profile.baskets[basket] = b
	}
	shop := &page{tab: t, basket: basket, known: b.known}
	for ; b.steps < len(f.Basket); b.steps++ {
		if _, err := shop.load(ctx, f.Basket[b.steps]); err != nil {
			return nil, err
		}
	}
	return maps.Clone(b.known), nil
}
