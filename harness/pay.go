package harness

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
)

// sentWithin is how long she waits for the shop's page to send her to the provider.
const sentWithin = 5 * time.Minute

// PaysAtProvider lets her wait until the page sends her to the provider, and say yes there.
// Where she is sent then she does not go by herself: see ReturnsToShop.
func (c *Customer) PaysAtProvider() { c.answers(true, "") }

// PaysWithAnotherCard lets her wait until the page sends her there, where her card is declined
// by a code, such as “insufficient_funds”. She stays, and pays with another card.
func (c *Customer) PaysWithAnotherCard(code string) {
	c.stage.mustDeclare(c.stage.story.Shop.AnotherCard, c.name+" pays with another card", "AnotherCard")
	c.answers(true, code)
}

// DeclinesAtProvider lets her say no there.
func (c *Customer) DeclinesAtProvider() { c.answers(false, "") }

func (c *Customer) answers(yes bool, declined string) {
	c.stage.mustDeclare(c.stage.story.Shop.PaysAtProvider, c.name+" pays at the provider", "PaysAtProvider")
	if c.back = ""; !c.hasPage("pay") {
		return
	}
	tab := c.pays()
	ctx, cancel := context.WithTimeout(c.stage.ctx, c.stage.clock.Real(sentWithin))
	defer cancel()
	url, err := tab.ToPay(ctx)
	if err != nil && ctx.Err() != nil && c.stage.ctx.Err() == nil {
		c.notes("is not sent to the provider")
		return
	}
	c.stage.must(err)
	c.does(observe.GoesToPay)
	c.tab().open = false
	back, err := tab.Pay(c.stage.ctx, url, yes, declined)
	if errors.Is(err, observe.ErrNoPage) && len(c.stage.story.Injections) > 0 {
		c.notes("gives up on the provider's page: " + err.Error())
		return
	}
	c.stage.must(err)
	c.back = back
}

// ReturnsToShop lets her go where the provider sends her back, in the same tab.
func (c *Customer) ReturnsToShop() {
	if c.back == "" {
		c.notes("is not sent back to the shop")
		return
	}
	c.since = c.stage.recorder.Len()
	c.does(observe.ComesBack)
	c.loaded(c.pays().Return(c.stage.ctx, c.back, c.basket))
}

// ReturnsInAnotherBrowser lets her go there in a browser that has nothing of the one in
// which she bought: no cookie, and nothing that its page remembers.
func (c *Customer) ReturnsInAnotherBrowser() {
	tab, err := c.stage.set.Tab(c.name, environment.OtherBrowser)
	c.stage.must(err)
	c.sitsAt(tab)
	c.at, c.other = len(c.tabs), len(c.tabs)
	c.ReturnsToShop()
}

func (c *Customer) pays() environment.Pays {
	tab, can := c.tab().Tab.(environment.Pays)
	if !can {
		c.stage.must(fmt.Errorf("%s pays at the provider, and this kind of page sends nobody there", c.name))
	}
	return tab
}
