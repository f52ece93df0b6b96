package virtual

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/unhappypath/unhappypath/harness/environment"
)

// tab is a customer's page, and the moment that a person needs before and after
// each movement. It is a different one for everybody and every time, so that no
// two customers act in one instant, and neither do a customer and her page.
type tab struct {
	environment.Tab
	seed  uint64
	who   string
	moves int
}

func (t *tab) moment() {
	t.moves++
	time.Sleep(time.Microsecond + time.Duration(hash(t.seed, "moment", t.who, strconv.Itoa(t.moves))%99_000))
}

// Open implements harness.Tab.
func (t *tab) Open(ctx context.Context, basket string) error {
	t.moment()
	defer t.moment()
	return t.Tab.Open(ctx, basket)
}

// Click implements harness.Tab.
func (t *tab) Click(ctx context.Context, times int) error {
	t.moment()
	defer t.moment()
	return t.Tab.Click(ctx, times)
}

// Change implements harness.Tab.
func (t *tab) Change(ctx context.Context, quantity int) error {
	t.moment()
	defer t.moment()
	return t.Tab.Change(ctx, quantity)
}

// Back implements harness.BackButton, where the page has one.
func (t *tab) Back(ctx context.Context) (shop bool, err error) {
	page, can := t.Tab.(environment.BackButton)
	if !can {
		return false, errors.New("this kind of page has no back button")
	}
	t.moment()
	defer t.moment()
	return page.Back(ctx)
}

// ToPay implements environment.Pays, where the page can.
func (t *tab) ToPay(ctx context.Context) (string, error) {
	page, can := t.Tab.(environment.Pays)
	if !can {
		return "", errors.New("this kind of page sends nobody to the provider")
	}
	url, err := page.ToPay(ctx)
	time.Sleep(time.Nanosecond) // first the page says whatever else it has to say in this instant
	return url, err
}

// Pay implements environment.Pays.
func (t *tab) Pay(ctx context.Context, url string, yes bool, declined string) (back string, err error) {
	t.moment()
	defer t.moment()
	return t.Tab.(environment.Pays).Pay(ctx, url, yes, declined)
}

// Return implements environment.Pays.
func (t *tab) Return(ctx context.Context, url, basket string) error {
	t.moment()
	defer t.moment()
	return t.Tab.(environment.Pays).Return(ctx, url, basket)
}

// Resubmit implements environment.Repeats, where the page can.
func (t *tab) Resubmit(ctx context.Context) error {
	page, can := t.Tab.(environment.Repeats)
	if !can {
		return errors.New("this kind of page cannot send the same submit again")
	}
	t.moment()
	defer t.moment()
	return page.Resubmit(ctx)
}

// CloseLid implements environment.Lid. It is no movement of a hand that takes its time:
// an injection may close the lid, at its very moment.
func (t *tab) CloseLid() error {
	if page, can := t.Tab.(environment.Lid); can {
		return page.CloseLid()
	}
	return errors.New("this kind of page is on no computer whose lid can be closed")
}

// OpenLid implements environment.Lid.
func (t *tab) OpenLid() error { return t.Tab.(environment.Lid).OpenLid() }

// Look implements environment.Repeats.
func (t *tab) Look(ctx context.Context) {
	if page, can := t.Tab.(environment.Repeats); can {
		t.moment()
		defer t.moment()
		page.Look(ctx)
	}
}

// Close implements harness.Tab.
func (t *tab) Close() {
	t.moment()
	t.Tab.Close()
}
