package scenarios_test

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/customer/browser"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// inABrowser is the same story with a real Chromium before the customer: its
// clicks, its tabs, its network stack that sends again by itself. What is to be
// seen of it is added, and nothing else is changed.
func inABrowser(s Story, shows ...Promise) Story {
	s.ID += "-in-a-browser"
	s.Labels = append(slices.Clone(s.Labels), Variant, "browser")
	s.Browser, s.Clock = true, 50 // what takes a tenth of a second of Chromium's is five of the story's
	s.Promises = append(s.Promises[:len(s.Promises):len(s.Promises)], shows...)
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
	_ = Tell(inABrowser(closesLid, Clicked(1)))
)

// What she saw is in the run, at the time when she saw it.
func TestTheRunOfABrowserHasPicturesOfItsScreens(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts Chromium: make test runs it")
	}
	if _, err := browser.Find(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	chromium, err := browser.Start()
	require.NoError(t, err)
	defer func() { require.NoError(t, chromium.Close()) }()
	run := onTheWire(t, inABrowser(twoTabs), "kept", nil, compose.Resources{Browser: chromium})
	require.Equal(t, Kept, run.Verdict(), run.FailureText())
	pictured := map[string]bool{}
	for _, e := range run.History {
		require.NotEqual(t, observe.Shot, e.Kind, "each is in its screen")
		if e.Kind == observe.Screen && e.View.Shot != "" {
			pictured[e.View.Tab+" "+string(e.View.Says)] = true
		}
	}
	for _, screen := range []string{" ready", "tab 2 ready", " shipped", "tab 2 shipped"} {
		require.True(t, pictured[screen], "%q of %v", screen, pictured)
	}
}
