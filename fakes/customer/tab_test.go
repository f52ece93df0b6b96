package customer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer"
	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/customer/described"
	"github.com/unhappypath/unhappypath/fakes/customer/script"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// page is a FrontEnd that tells what was done to it, and when.
type page struct {
	customer.Person
	began  time.Time
	loads  []error // what loading it comes to, one after the other; then nil
	deeds  []string
	closed int
}

func newPage(loads ...error) *page {
	p := &page{began: time.Now(), loads: loads}
	p.Person = customer.Person{Customer: "ana", Tab: "tab 2", See: func(e observe.Event) {
		p.note("%s %s of %s in %s", e.Actor, e.View.Says, e.View.Basket, e.View.Tab)
	}}
	return p
}

func (p *page) note(format string, args ...any) {
	p.deeds = append(p.deeds, time.Since(p.began).String()+" "+fmt.Sprintf(format, args...))
}

func (p *page) Load(_ context.Context, basket string) (err error) {
	p.note("load %s", basket)
	if len(p.loads) > 0 {
		err, p.loads = p.loads[0], p.loads[1:]
	}
	return err
}

func (p *page) Click(_ context.Context, nth int) error { p.note("click %d", nth); return nil }
func (p *page) Change(_ context.Context, n int) error  { p.note("change %d", n); return nil }
func (p *page) Close()                                 { p.closed++ }

// pageWithBack has a back button, and every other page before it is the shop's.
type pageWithBack struct {
	*page
	shop bool
}

func (p *pageWithBack) Back(context.Context) (bool, error) { p.note("back"); return p.shop, nil }

var times = customer.Times{BetweenClicks: 150 * time.Millisecond, TryAgain: 2 * time.Second, GiveUpAfter: 5 * time.Second}

// What each kind of page can do beside being clicked on. Worlds and stories ask for
// the power and never for the kind.
var (
	_ customer.BackButton = (*script.Tab)(nil)
	_ customer.ColdClicks = (*script.Tab)(nil)
	_ customer.Repeats    = (*script.Tab)(nil)
	_ customer.FrontEnd   = (*described.Tab)(nil)
	_ customer.Repeats    = (*described.Tab)(nil)
	_ customer.ColdClicks = (*described.Tab)(nil)
	_ customer.BackButton = (*browser.Tab)(nil)
	_ customer.FrontEnd   = (*browser.Tab)(nil)
)

func TestAPageIsLoadedUntilItComes(t *testing.T) {
	lost := errors.New("lost")
	broken := fmt.Errorf("no button: %w", customer.ErrOtherPage)
	incomplete := fmt.Errorf("no path: %w", customer.ErrUndescribed)
	for name, row := range map[string]struct {
		loads []error
		is    []error // what the error is; none: it comes
		deeds []string
	}{
		"at once": {deeds: []string{"0s load b"}},
		"after a while": {loads: []error{lost}, deeds: []string{
			"0s load b", "0s ana unreachable of b in tab 2", "2s load b",
		}},
		"never": {loads: []error{lost, lost, lost, lost}, is: []error{observe.ErrNoPage, lost}, deeds: []string{
			"0s load b", "0s ana unreachable of b in tab 2", "2s load b", "2s ana unreachable of b in tab 2",
			"4s load b", "4s ana unreachable of b in tab 2",
		}},
		"as another page": {loads: []error{broken}, is: []error{observe.ErrNoPage, customer.ErrOtherPage}, deeds: []string{
			"0s load b", "0s ana unreachable of b in tab 2",
		}},
		"by an incomplete description": {loads: []error{incomplete}, is: []error{customer.ErrUndescribed}, deeds: []string{"0s load b"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPage(row.loads...)
				tab := customer.New(p, times)
				err := tab.Open(t.Context(), "b")
				for _, is := range row.is {
					require.ErrorIs(t, err, is)
				}
				if len(row.is) == 0 {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, tab.Click(t.Context(), 1), "no page is open")
				}
				require.Equal(t, row.deeds, p.deeds)
			})
		})
	}
}

// A page that is nothing but an error, with nothing in its way, is left after six reloads,
// where a clock is divided by much after five seconds. A page that something keeps from her
// may come after minutes.
func TestErrorsWithoutAFaultAreNotWaitedFor(t *testing.T) {
	failing := fmt.Errorf("the shop answered 500: %w", customer.ErrFailing)
	lost := errors.New("lost")
	for name, row := range map[string]struct {
		every  time.Duration
		cycle  []error
		gaveUp time.Duration
		says   string
	}{
		"errors alone":        {5 * time.Second, []error{failing}, 30 * time.Second, ", 7 times in a row"},
		"on a quick clock":    {250 * time.Millisecond, []error{failing}, 5 * time.Second, ", 21 times in a row"},
		"it may be a fault":   {5 * time.Second, []error{lost}, 400 * time.Second, ""},
		"some of them may be": {5 * time.Second, []error{failing, failing, failing, lost}, 400 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPage(slices.Repeat(row.cycle, 500)...)
				err := customer.New(p, customer.Times{TryAgain: row.every, GiveUpAfter: 400 * time.Second}).Open(t.Context(), "b")
				require.ErrorIs(t, err, observe.ErrNoPage)
				require.Equal(t, row.gaveUp, time.Since(p.began))
				require.True(t, strings.HasSuffix(err.Error(), row.says), err.Error())
			})
		})
	}
}

func TestAStoryThatEndsEndsTheLoading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("the story is over")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, why)
		defer cancel()
		err := customer.New(newPage(errors.New("lost")), times).Open(ctx, "b")
		require.ErrorIs(t, err, why)
		require.NotErrorIs(t, err, observe.ErrNoPage, "it is not she who gave up")
	})
}

func TestOnlyAnOpenPageIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pageWithBack{page: newPage()}
		tab, ctx := customer.New(p, times), t.Context()
		unusable := func() {
			t.Helper()
			_, err := tab.Back(ctx)
			for _, err := range []error{err, tab.Click(ctx, 1), tab.Change(ctx, 2)} {
				require.ErrorContains(t, err, "no page is open")
			}
		}
		unusable()
		require.NoError(t, tab.Open(ctx, "b"))
		require.NoError(t, tab.Click(ctx, 2))
		require.NoError(t, tab.Change(ctx, 3))
		p.shop = true
		shop, err := tab.Back(ctx)
		require.NoError(t, err)
		require.True(t, shop)
		require.NoError(t, tab.Click(ctx, 1), "the page before is the shop's")
		p.shop = false
		_, err = tab.Back(ctx)
		require.NoError(t, err)
		unusable()
		require.Equal(t, []string{
			"0s load b", "0s click 1", "150ms click 2", "150ms change 3", "150ms back", "150ms click 1", "150ms back",
		}, p.deeds)
		tab.Close()
		require.Equal(t, 1, p.closed)
	})
}

func TestAPageLacksWhatItLacks(t *testing.T) {
	tab := customer.New(newPage(), times)
	require.NoError(t, tab.Open(t.Context(), "b"))
	_, err := tab.Back(t.Context())
	require.ErrorContains(t, err, "no back button")
	require.ErrorContains(t, tab.Chill(), "keeps its connections")
	require.ErrorIs(t, tab.Resubmit(t.Context()), customer.ErrNoRepeat)
	tab.Look(t.Context())
}
