package enact_test

import (
	"bytes"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/units"
)

func TestAStoryIsEnactedAndJudged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &toyShop{}
		story := buys(func(_ *Stage, ana *Customer) { ana.WaitsToBeTold(); ana.Waits(time.Minute) })
		story.Injections = Schedule{OnPath(CustomerHop, "PUT", "/orders/{id}").Hangs()}
		run := enacted(t, shop, story, enact.Options{World: "toy", Expects: "kept", Clock: 100, Seed: 7, Database: "sqlite", Replay: "again"})
		require.Equal(t, "she-buys/toy-100/kept", run.ID)
		require.Equal(t, units.Clock(100), run.Clock)
		require.Equal(t, 30*time.Second, run.Patience)
		require.Equal(t, story.Injections, run.Schedule)
		require.Equal(t, 600*time.Millisecond, run.Took)
		require.Equal(t, Kept, run.Ruling("charged-once").Verdict)
		require.Equal(t, Unproven, run.Verdict(), "the injection had no effect")
		require.Zero(t, shop.open.Load(), "every page is closed")
	})
}

func TestARunKnowsHowGoodsAreSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		story := buys(func(_ *Stage, ana *Customer) { ana.WaitsToBeTold() })
		story.Shop.Parcels, story.Shop.Fulfilment = 2, true
		run := enacted(t, &toyShop{}, story, enact.Options{})
		require.True(t, run.Fulfilment)
		require.Contains(t, run.Ruling("goods-match-money").Because, "and an order is sent in 2")
	})
}

func TestCustomersDoWhatTheScriptSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &toyShop{}
		run := enacted(t, shop, Story{ID: "x", Plot: "x", Shop: Shop{ClicksCold: true}, Script: func(s *Stage) {
			ana, bo := s.Customer("ana"), s.Customer("bo").OnAColdConnection()
			ana.Opens()
			ana.NewTab()
			ana.DoubleClicks()
			ana.Reloads()
			ana.Leaves()
			ana.TurnsTo(1)
			ana.Leaves()
			ana.Leaves() // has left already
			bo.Submits()
			bo.ClicksAgain()
		}}, enact.Options{})
		require.Empty(t, run.Failure)
		require.Equal(t, []string{"", "tab 2", "tab 2", ""}, shop.opened)
		require.Equal(t, 2, shop.cold)
		require.Equal(t, 2, run.FinalBook("b-ana").Clicks)
		require.True(t, run.FinalBook("b-ana").Left)
		require.Equal(t, 2, run.FinalBook("b-bo").Clicks)
		require.Zero(t, shop.open.Load())
	})
}

// A page that an injection keeps away makes a customer who buys nothing, and a
// run that is judged. Where nothing was injected, the description is wrong.
func TestAPageThatNeverCameIsHerStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := &toyShop{lost: 1}
		story := buys(func(_ *Stage, ana *Customer) {
			ana.ClicksAgain()
			ana.ChangesBasket(2)
			ana.GoesBack()
			ana.WaitsToBeTold()
		})
		story.Shop.ChangesBasket, story.Shop.GoesBack = true, true
		story.Injections = Schedule{Down(CustomerHop)}
		run := enacted(t, shop, story, enact.Options{})
		require.Empty(t, run.Failure)
		require.NotEmpty(t, run.Rulings)
		require.Equal(t, Kept, run.Ruling("charged-once").Verdict)
		require.Equal(t, []string{""}, shop.opened, "she does not try again")
		var notes []string
		for _, e := range run.History {
			if e.Kind == observe.Note && e.Actor == "ana" {
				notes = append(notes, e.Text)
			}
		}
		require.Equal(t, []string{
			"ana gives up on the page: the page did not come: the shop answered 503", "ana cannot click: the page never came",
			"ana cannot click: the page never came", "ana cannot change the basket: the page never came",
			"ana cannot go back: the page never came", "ana cannot wait to be told: the page never came",
		}, notes)

		shop = &toyShop{lost: 1}
		story.Script = func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.Reloads()
			ana.Submits()
		}
		run = enacted(t, shop, story, enact.Options{})
		require.Empty(t, run.Failure)
		require.Equal(t, 1, run.FinalBook("b-ana").Clicks)

		story.Injections = nil
		run = enacted(t, &toyShop{lost: 1}, story, enact.Options{})
		require.Equal(t, Unfinished, run.Verdict())
		require.Contains(t, run.Failure, "the page did not come: the shop answered 503")
	})
}

func TestWaitingToBeToldEndsWithHerPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := enacted(t, &toyShop{silent: true}, buys(func(_ *Stage, ana *Customer) { ana.WaitsToBeTold(45 * time.Second) }), enact.Options{})
		require.Equal(t, 45*time.Second, run.Took)
		require.Equal(t, Broken, run.Ruling("told-in-time").Verdict)
		run = enacted(t, &toyShop{silent: true}, buys(func(_ *Stage, ana *Customer) { ana.WaitsToBeTold() }), enact.Options{})
		require.Equal(t, 5*time.Minute, run.Took)
	})
}

func TestSheWaitsForWhatComesOfHerNextTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := enacted(t, &toyShop{retry: true}, buys(func(_ *Stage, ana *Customer) {
			ana.WaitsToBeTold()
			ana.ClicksAgain()
			ana.WaitsToBeTold()
		}), enact.Options{})
		require.Equal(t, 20*time.Second, run.Took)
		require.Equal(t, observe.StatusShipped, run.FinalBook("b-ana").Screen)
	})
}

func TestAComplaintIsComparedToTheLetter(t *testing.T) {
	whole := Without("one-payment").Orders(1).Charges(1).Parcels(1).Screen("shipped")
	for _, c := range []struct {
		complaint Complaint
		script    func(*Stage, *Customer)
		mismatch  string
	}{
		{whole, nil, ""},
		{whole.Charges(2), nil, "charges: want 2, got 1"},
		{whole.Breaking("charged-once"), nil, "the promise charged-once did not break, so its alarm did not ring"},
		{whole, func(s *Stage, _ *Customer) { s.Customer("bo").Submits() }, "a complaint is about one wish to buy, and there were 2"},
	} {
		story := buys()
		if c.script != nil {
			story = buys(c.script)
		}
		story.Complaint = c.complaint
		run := enacted(t, &toyShop{}, story, enact.Options{World: "toy", Expects: "complaint", Without: story.Complaint.Off})
		require.Contains(t, run.Mismatch, c.mismatch)
		require.Equal(t, c.mismatch == "", run.Mismatch == "")
		require.False(t, run.Good(), "nothing broke")
	}
}

func TestARunIsWrittenWhileItHappens(t *testing.T) {
	var text bytes.Buffer
	shop := &toyShop{}
	run := enacted(t, shop, buys(), enact.Options{World: "toy", Expects: "kept", Sink: record.NewWriter(&text)})
	shop.See(Event{Actor: "straggler", Kind: observe.Note, Text: "am I late?"})
	read, err := record.ReadAll(&text)
	require.NoError(t, err, "what a straggler sees does not spoil the record")
	require.Len(t, read, 1)
	require.Equal(t, run.History, read[0].History)
	require.Equal(t, run.Rulings, read[0].Rulings)
}

func TestGoingBackLeavesThePageForTheOneBefore(t *testing.T) {
	goesBack := func(_ *Stage, ana *Customer) { ana.GoesBack(); ana.ClicksAgain() }
	for name, row := range map[string]struct {
		shop   *toyShop
		opened int // pages that she had to open
		fails  string
	}{
		"to elsewhere":             {&toyShop{}, 2, ""},
		"to the shop's own page":   {&toyShop{kept: true}, 1, ""},
		"where there is no button": {&toyShop{plain: true}, 1, "ana goes back, and this kind of page has no back button"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				story := buys(goesBack)
				story.Shop.GoesBack = true
				run := enacted(t, row.shop, story, enact.Options{})
				require.Len(t, row.shop.opened, row.opened)
				require.Equal(t, row.fails, run.Failure)
				if row.fails == "" {
					require.True(t, slices.ContainsFunc(run.History, func(e Event) bool {
						return e.Kind == observe.Action && e.Act.Does == "goes back"
					}))
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		story := buys(func(_ *Stage, ana *Customer) { ana.Leaves(); ana.GoesBack() })
		story.Shop.GoesBack = true
		run := enacted(t, &toyShop{}, story, enact.Options{})
		require.Equal(t, "ana goes back, and no page is open", run.Failure)
	})
}

// What not every front end can do is declared, or no shop could skip the story.
func TestAScriptDeclaresWhatItNeeds(t *testing.T) {
	for field, act := range map[string]func(*Customer){
		"GoesBack":      (*Customer).GoesBack,
		"ClicksCold":    func(ana *Customer) { ana.OnAColdConnection() },
		"ChangesBasket": func(ana *Customer) { ana.ChangesBasket(2) },
	} {
		t.Run(field, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run := enacted(t, &toyShop{}, buys(func(_ *Stage, ana *Customer) { act(ana) }), enact.Options{})
				require.Contains(t, run.Failure, "the story does not declare it: add Shop{"+field+": true}")
			})
		})
	}
}

// Ten hours of a story are minutes on the wire in which nothing is to be seen.
func TestALongWaitIsToldBeforehand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []string
		o := enact.Options{World: "wire", Clock: 100, Notice: func(text string) { told = append(told, text) }}
		story := Story{ID: "next-day", Plot: "Ana waits.", Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.Waits(49 * time.Minute) // 29.4 s
			ana.Waits(10 * time.Hour)
		}}
		enact.Run(t.Context(), story, o, (&toyShop{}).build)
		require.Equal(t, []string{"next-day waits 10 h 0 min of the story, which are 6 min 0 s on this clock"}, told)
		o.Notice = nil
		require.Empty(t, enact.Run(t.Context(), story, o, (&toyShop{}).build).Failure, "nobody watches")
	})
}

func TestAnOperationThatTheShopLacks(t *testing.T) {
	story := buys()
	story.Injections = Schedule{On(BookParcel).Nth(1).Closes().Lasting(time.Second)}
	run := enact.Run(t.Context(), story, enact.Options{World: "toy", Expects: "kept", Routes: observe.Routes{{Operation: observe.Submit, Hop: observe.CustomerHop, Method: "PUT", Path: "/orders/{id}"}}}, (&toyShop{}).build)
	require.Equal(t, Unfinished, run.Verdict())
	require.Contains(t, run.Failure, "no route for BookParcel")
}
