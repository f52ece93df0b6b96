package scenarios_test

import (
	"slices"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// inABrowser is the same story with a real Chromium before the customer: its
// clicks, its tabs, its network stack that sends again by itself. What is to be
// seen of it is added, and nothing else is changed.
func inABrowser(s Story, shows ...Promise) Story {
	s.ID += "-in-a-browser"
	s.Labels = append(slices.Clone(s.Labels), Variant, "browser")
	s.Browser = true
	s.Promises = append(s.PromisesOrAlways(), shows...)
	return s
}

var (
	_ = Tell(inABrowser(lostConfirmation, Clicked(1)))
	_ = Tell(inABrowser(contractDrift, Clicked(1)))
	_ = Tell(inABrowser(chargedTwice, Clicked(1)))
	_ = Tell(inABrowser(doubleClick, Clicked(2)))
	_ = Tell(inABrowser(clickSilenceClick, Clicked(2)))

	_ = Tell(inABrowser(backButton, Clicked(2)))
	_ = Tell(inABrowser(twoTabs, Clicked(2)))
	_ = Tell(inABrowser(basketChanged, Clicked(2))) // with a reload
)
