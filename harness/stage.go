package harness

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Stage is where a script puts its customers to work.
type Stage struct {
	ctx      context.Context
	story    Story
	clock    units.Clock
	recorder *environment.Recorder
	set      environment.Environment
	injector *injection.Injector
	notice   func(text string)

	mu        sync.Mutex
	failure   error
	cancel    context.CancelCauseFunc
	customers []*Customer
}

// errStage is how a script is left when the stage cannot go on.
var errStage = errors.New("the stage cannot go on")

// fail ends the enactment as Unfinished. It may be called from anywhere.
func (s *Stage) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = err
		s.cancel(err)
	}
}

// must leaves the script where the harness itself failed.
func (s *Stage) must(err error) {
	if err != nil {
		s.fail(err)
		panic(errStage)
	}
}

// mustDeclare fails a script that needs more of a front end than its story says: a
// front end that has not got it could not skip the story.
func (s *Stage) mustDeclare(declared bool, does, field string) {
	if !declared {
		s.must(fmt.Errorf("%s, and the story does not declare it: add Shop{%s: true}", does, field))
	}
}

// longSilence is a time in which anyone who watches would think that nothing happens.
const longSilence = 30 * time.Second

// Waits lets so much time of the story pass.
func (s *Stage) Waits(d time.Duration) {
	if real := s.clock.Real(d); real >= longSilence && s.notice != nil {
		s.notice(fmt.Sprintf("%s waits %s of the story, which are %s on this clock", s.story.ID, units.FormatDuration(d), units.FormatDuration(real)))
	}
	timer := time.NewTimer(s.clock.Real(d))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		s.must(context.Cause(s.ctx))
	}
}

// customerName is what can stand in a basket's name and in every id after it.
var customerName = regexp.MustCompile(`^[a-z0-9]{1,20}$`)

// Customer brings a customer on the stage. She wants to buy the basket
// "b-" and her name, which is up to 20 lower-case letters and digits.
func (s *Stage) Customer(name string) *Customer {
	if !customerName.MatchString(name) {
		s.must(fmt.Errorf("customer %q: a name is 1 to 20 lower-case letters and digits, such as “ana”", name))
	}
	c := &Customer{stage: s, name: name, basket: "b-" + name, lid: newLid()}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.customers = append(s.customers, c)
	return c
}

// Customer is a person before a checkout page.
type Customer struct {
	stage  *Stage
	name   string
	basket string
	cold   bool
	since  int    // what she saw before she opened the page, she does not go by
	at     int    // which of her tabs she sits at, from 1; 0: at none
	other  int    // which of them is another browser's; 0: none
	back   string // where the provider sends her back; "": nowhere
	tabs   []*openTab
	lid    *lid
}

// openTab is a tab and whether its page is open, or she gave up on it.
type openTab struct {
	environment.Tab
	open, gaveUp bool
}

func (c *Customer) does(what observe.Verb) {
	c.awaitsLid()
	c.stage.recorder.See(observe.Event{Actor: c.name, Kind: observe.Action, Act: &observe.Act{
		Does: what, Basket: c.basket, Tab: c.tabName(),
	}})
}

func (c *Customer) tabName() string { return c.nameOf(c.at) }

func (c *Customer) nameOf(tab int) string {
	if tab != 0 && tab == c.other {
		return environment.OtherBrowser
	}
	return tabName(tab)
}

// tabName names the n-th tab of a customer, from 1; the first one needs none.
func tabName(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf("tab %d", n)
}

// Opens loads the checkout page.
func (c *Customer) Opens() {
	if c.at == 0 {
		c.NewTab()
	}
	c.since = c.stage.recorder.Len()
	c.does(observe.Opens)
	c.loaded(c.tab().Open(c.stage.ctx, c.basket))
}

// loaded is what comes of loading a page.
func (c *Customer) loaded(err error) {
	gaveUp := errors.Is(err, observe.ErrNoPage) && len(c.stage.story.Injections) > 0
	c.tab().open, c.tab().gaveUp = err == nil, gaveUp
	if gaveUp {
		c.notes("gives up on the page: " + err.Error())
		return
	}
	c.stage.must(err) // where nothing goes wrong, a page that does not come is no story
}

// notes writes down what a customer does, and why.
func (c *Customer) notes(text string) {
	c.stage.recorder.See(observe.Event{Actor: c.name, Kind: observe.Note, Text: c.name + " " + text})
}

// hasPage opens the page if need be, and says whether there is one to use. A
// customer who gave up on it tries no more, unless she reloads it.
func (c *Customer) hasPage(to string) bool {
	if c.at == 0 || !c.tab().open && !c.tab().gaveUp {
		c.Opens()
	}
	if c.tab().gaveUp {
		c.notes("cannot " + to + ": the page never came")
	}
	return c.tab().open
}

// NewTab gives her a further tab; what she does next, she does there.
func (c *Customer) NewTab() {
	c.at = len(c.tabs) + 1
	tab, err := c.stage.set.Tab(c.name, c.tabName())
	c.stage.must(err)
	c.sitsAt(tab)
}

// sitsAt gives her one more tab on her computer.
func (c *Customer) sitsAt(tab environment.Tab) {
	c.tabs = append(c.tabs, &openTab{Tab: tab})
	c.lid.has(tab)
}

// TurnsTo lets her turn to the n-th of her tabs, from 1.
func (c *Customer) TurnsTo(n int) {
	if n < 1 || n > len(c.tabs) {
		c.stage.must(fmt.Errorf("%s turns to tab %d, and has %d", c.name, n, len(c.tabs)))
	}
	c.at = n
}

func (c *Customer) tab() *openTab { return c.tabs[c.at-1] }

// OnAColdConnection lets every click go out on a connection of its own.
func (c *Customer) OnAColdConnection() *Customer {
	c.stage.mustDeclare(c.stage.story.Shop.ClicksCold, c.name+" clicks on a cold connection", "ClicksCold")
	c.cold = true
	return c
}

// Submits opens the page if need be and clicks submit.
func (c *Customer) Submits() { c.clicks(1) }

// DoubleClicks clicks submit twice, as a double click does.
func (c *Customer) DoubleClicks() { c.clicks(2) }

// ClicksAgain clicks submit once more.
func (c *Customer) ClicksAgain() { c.clicks(1) }

func (c *Customer) clicks(times int) {
	c.awaitsLid()
	if !c.hasPage("click") {
		return
	}
	if c.cold {
		c.stage.must(c.tab().Chill())
	}
	if screen, any := c.stage.recorder.Last(c.sees); any && screen.View.Says.EndsAttempt() {
		c.since = c.stage.recorder.Len() // what she was told of the last try, she does not go by
	}
	c.stage.must(c.tab().Click(c.stage.ctx, times))
}

// sees says whether an event is a screen of hers.
func (c *Customer) sees(e observe.Event) bool {
	return e.Kind == observe.Screen && e.Actor == c.name && e.View.Basket == c.basket
}

// ChangesBasket sets how many of it she wants, on the page that is open.
func (c *Customer) ChangesBasket(quantity int) {
	c.stage.mustDeclare(c.stage.story.Shop.ChangesBasket, c.name+" changes the basket", "ChangesBasket")
	if !c.hasPage("change the basket") {
		return
	}
	c.does(observe.ChangesBasket)
	c.stage.must(c.tab().Change(c.stage.ctx, quantity))
}

// Waits lets her look at the screen for so long.
func (c *Customer) Waits(d time.Duration) { c.stage.Waits(d) }

// WaitsToBeTold lets her look at the screen until it says how the order ended, at most
// for the given time, or for five minutes.
func (c *Customer) WaitsToBeTold(atMost ...time.Duration) {
	if c.at != 0 && len(c.tabs) == 1 && c.tab().gaveUp {
		c.notes("cannot wait to be told: the page never came")
		return
	}
	c.does(observe.WaitsToBeTold)
	limit := 5 * time.Minute
	if len(atMost) > 0 {
		limit = atMost[0]
	}
	for !c.isTold(limit) && c.awaitsLid() { // where her lid was closed, she begins anew
	}
}

// isTold lets her look at the screen for so long, and says whether she was told.
func (c *Customer) isTold(within time.Duration) bool {
	ctx, cancel := context.WithTimeout(c.stage.ctx, c.stage.clock.Real(within))
	defer cancel()
	_, err := c.stage.recorder.Await(ctx, c.since, func(e observe.Event) bool {
		return c.sees(e) && e.View.Says.IsOutcome()
	})
	if err != nil && c.stage.ctx.Err() != nil {
		c.stage.must(context.Cause(c.stage.ctx))
	}
	return err == nil
}

// Reloads loads the page anew, in the same tab.
func (c *Customer) Reloads() { c.Opens() }

// GoesBack presses the back button: the page is left with what it has under way.
func (c *Customer) GoesBack() {
	c.stage.mustDeclare(c.stage.story.Shop.GoesBack, c.name+" goes back", "GoesBack")
	if c.at != 0 && c.tab().gaveUp {
		c.notes("cannot go back: the page never came")
		return
	}
	if c.at == 0 || !c.tab().open {
		c.stage.must(fmt.Errorf("%s goes back, and no page is open", c.name))
	}
	tab, can := c.tab().Tab.(environment.BackButton)
	if !can {
		c.stage.must(fmt.Errorf("%s goes back, and this kind of page has no back button", c.name))
	}
	c.does(observe.GoesBack)
	shop, err := tab.Back(c.stage.ctx)
	c.stage.must(err)
	c.tab().open = shop
}

// Leaves closes the tab that she sits at: what happens there then, she does not see.
func (c *Customer) Leaves() {
	if c.at == 0 {
		return
	}
	c.does(observe.Leaves)
	c.tab().Close()
	c.tab().open, c.tab().gaveUp = false, false
	c.at = 0
}
