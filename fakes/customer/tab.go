package customer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Times are a person's, in the world's own time.
type Times struct {
	BetweenClicks time.Duration // between the two clicks of a double click
	TryAgain      time.Duration // after which she reloads a page that did not come
	GiveUpAfter   time.Duration // after which she gives up on it; 0: 5 min
}

func (t Times) giveUpAfter() time.Duration { return cmp.Or(t.GiveUpAfter, patience) }

// patience is how long she tries to load a page, where nothing else is said.
const patience = 5 * time.Minute

// What is enough of errors that nothing but the page itself can be the cause of: so many
// reloads, and as long as a shop may take to warm up on a clock that is divided.
const (
	enoughReloads = 6
	warmUp        = 5 * time.Second
)

// trying is how she tries to load a page until her patience ends.
type trying struct {
	ctx      context.Context
	end      context.CancelFunc
	patience time.Duration

	failing int // so many times in a row the page was an ErrFailing
	since   time.Time
}

// fails counts what the page came to, and says whether it is enough of errors.
func (y *trying) fails(err error, tryAgain time.Duration) bool {
	if !errors.Is(err, ErrFailing) {
		y.failing = 0
		return false
	}
	if y.failing++; y.failing == 1 {
		y.since = time.Now()
	}
	return y.failing > enoughReloads && time.Since(y.since) >= max(enoughReloads*tryAgain, warmUp)
}

func (t Times) tries(ctx context.Context) *trying {
	y := &trying{patience: t.giveUpAfter()}
	y.ctx, y.end = context.WithTimeout(ctx, y.patience)
	return y
}

// sleeps waits until the lid is open. Where it was closed, her patience begins anew.
func (y *trying) sleeps(ctx context.Context, lid *Lid) error {
	slept, err := lid.Await(ctx)
	if slept {
		y.end()
		y.ctx, y.end = context.WithTimeout(ctx, y.patience)
	}
	return err
}

// Tab is a browser tab with the shop's page in it. Its methods are called from
// one goroutine, the script of the story.
type Tab struct {
	Times
	// Provider is where she pays; nil: in an app.
	Provider *Provider
	// Lid is the one that her page has, if it has one.
	Lid  *Lid
	page FrontEnd
	open bool
}

// New gives a customer a tab, with nothing in it yet.
func New(page FrontEnd, times Times) *Tab { return &Tab{Times: times, page: page} }

// Open loads the page of a basket. A page that does not come, or cannot be read,
// is loaded again after a while, as a person would; when she gives up, the error
// is an observe.ErrNoPage.
func (t *Tab) Open(ctx context.Context, basket string) error {
	return t.loads(ctx, basket, func(ctx context.Context) error { return t.page.Load(ctx, basket) })
}

func (t *Tab) loads(ctx context.Context, basket string, load func(context.Context) error) error {
	t.open = false
	tries := t.tries(ctx)
	defer func() { tries.end() }()
	var why error
	for {
		err := load(tries.ctx)
		switch {
		case err == nil:
			t.open = true
			return nil
		case errors.Is(err, ErrUndescribed):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case tries.ctx.Err() == nil || why == nil:
			why = err // the last try may only have run out of time
		}
		if awake := tries.sleeps(ctx, t.Lid); awake != nil {
			return awake
		}
		t.page.Shows(observe.View{Says: observe.StatusUnreachable, Text: "This page cannot be reached.", Basket: basket})
		if tries.fails(err, t.TryAgain) {
			return fmt.Errorf("%w: %w, %d times in a row", observe.ErrNoPage, why, tries.failing)
		}
		if errors.Is(err, ErrOtherPage) || Wait(tries.ctx, t.TryAgain) != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%w: %w", observe.ErrNoPage, why)
		}
	}
}

// errNotOpen is a mistake of the script's author.
var errNotOpen = errors.New("no page is open: open it first")

// Click clicks the submit button so many times and does not wait for what comes
// of it.
func (t *Tab) Click(ctx context.Context, times int) error {
	if !t.open {
		return fmt.Errorf("she cannot click: %w", errNotOpen)
	}
	for nth := 1; nth <= times; nth++ {
		if nth > 1 {
			if err := Wait(ctx, t.BetweenClicks); err != nil {
				return err
			}
		}
		if err := t.page.Click(ctx, nth); err != nil {
			return err
		}
	}
	return nil
}

// Change sets how many of it are in the open page's basket. What the shop says
// to it she sees when she loads the page again.
func (t *Tab) Change(ctx context.Context, quantity int) error {
	if !t.open {
		return fmt.Errorf("she cannot change the basket: %w", errNotOpen)
	}
	return t.page.Change(ctx, quantity)
}

// Back leaves the page for the one that she came from, with whatever it has under
// way; shop says whether that is one of the shop's.
func (t *Tab) Back(ctx context.Context) (shop bool, err error) {
	page, can := t.page.(BackButton)
	switch {
	case !can:
		return false, errors.New("this kind of page has no back button")
	case !t.open:
		return false, fmt.Errorf("she cannot go back: %w", errNotOpen)
	}
	t.open, err = page.Back(ctx)
	return t.open, err
}

// Chill lets the next request need a new connection.
func (t *Tab) Chill() error {
	page, can := t.page.(ColdClicks)
	if !can {
		return errors.New("this kind of page keeps its connections: stage the story with the page's script")
	}
	page.Chill()
	return nil
}

// CloseLid closes the lid of her computer; see Sleeps. It may be called from any goroutine.
func (t *Tab) CloseLid() error {
	page, can := t.page.(Sleeps)
	if !can {
		return errNoLid
	}
	return page.Sleep()
}

// OpenLid opens it again.
func (t *Tab) OpenLid() error {
	page, can := t.page.(Sleeps)
	if !can {
		return errNoLid
	}
	return page.Wake()
}

// errNoLid is of a page that goes on whatever she does to her computer.
var errNoLid = errors.New("this kind of page is on no computer whose lid can be closed: stage the story with the page's script")

// Resubmit sends the last submit once more; see Repeats.
func (t *Tab) Resubmit(ctx context.Context) error {
	page, can := t.page.(Repeats)
	if !can {
		return ErrNoRepeat
	}
	return page.Resubmit(ctx)
}

// Look asks once how the order stands; see Repeats.
func (t *Tab) Look(ctx context.Context) {
	if page, can := t.page.(Repeats); can {
		page.Look(ctx)
	}
}

// errNoProvider is of a page that sends nobody to the provider.
var errNoProvider = errors.New("this kind of page sends nobody to the provider's page")

// ToPay waits until the page says where she pays; see Pays.
func (t *Tab) ToPay(ctx context.Context) (string, error) {
	page, can := t.page.(Pays)
	switch {
	case !can || t.Provider == nil:
		return "", errNoProvider
	case !t.open:
		return "", fmt.Errorf("she cannot go to pay: %w", errNotOpen)
	}
	return page.ToPay(ctx)
}

// Pay leaves the shop's page for the provider's, and answers there; see Provider.
func (t *Tab) Pay(ctx context.Context, url string, yes bool, declined string) (back string, err error) {
	t.open = false
	t.page.Close()
	return t.Provider.Answers(ctx, url, yes, declined)
}

// Return loads the page to which the provider sends her back, as Open does.
func (t *Tab) Return(ctx context.Context, url, basket string) error {
	page, can := t.page.(Pays)
	if !can {
		return errNoProvider
	}
	return t.loads(ctx, basket, func(ctx context.Context) error { return page.Return(ctx, url, basket) })
}

// Close closes the tab and returns when nothing of it runs any more. It can be
// closed twice.
func (t *Tab) Close() {
	t.open = false
	t.page.Close()
}
