package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// downFor is how long a killed shop stays down, in story time.
const downFor = 10 * time.Second

// story is one big day in the shop. No promise judges it: the audit reads the
// books.
func story(o options) harness.Story {
	return harness.Story{
		ID:         "load",
		Plot:       "Thousands buy at once over a bad network, and the shop is killed in the middle of it.",
		Injections: append(losses(o), kills(o)...),
		Excused:    excused(),
		Script: func(s *harness.Stage) {
			turn := make(chan struct{}, o.atOnce)
			var all sync.WaitGroup
			for i := range o.orders {
				turn <- struct{}{}
				customer := s.Customer(fmt.Sprintf("c%05d", i))
				all.Go(func() {
					defer func() { <-turn }()
					s.Plays(func() { shop(customer) })
				})
			}
			all.Wait()
		},
	}
}

func excused() (names []string) {
	for _, p := range judge.StandardPromises() {
		names = append(names, p.Name)
	}
	return names
}

// shop is what each customer does: three submits of one basket, and a wait.
func shop(c *harness.Customer) {
	c.DoubleClicks()
	c.ClicksAgain()
	c.WaitsToBeTold(time.Hour) // of the story: the machine may be slower than the shop
	c.Leaves()
}

// losses draws which messages are lost: that share of the requests and that
// share of the answers of every kind of message of which there is one for each
// order at least.
func losses(o options) injection.Schedule {
	random := rand.New(rand.NewPCG(o.seed, 1))
	var s injection.Schedule
	for _, m := range []struct {
		is   observe.Operation
		each int // of them for an order, at least
	}{
		{observe.Submit, 3}, {observe.CreatePayment, 1}, {observe.Capture, 1}, {observe.BookParcel, 1}, {observe.PaymentWebhook, 1},
	} {
		for n := 1; n <= o.orders*m.each; n++ {
			on := injection.On(m.is).Nth(n)
			switch draw := random.Float64(); {
			case draw < o.lost/2:
				s = append(s, on.Closes())
			case draw < o.lost:
				s = append(s, on.Resets())
			case draw < o.lost*3/2:
				s = append(s, on.Answered().Closes())
			case draw < o.lost*2:
				s = append(s, on.Answered().Resets())
			}
		}
	}
	return s
}

// kills spreads SIGKILLs over the captures, half of them before the provider
// has the message and half of them after it did its work.
func kills(o options) injection.Schedule {
	var s injection.Schedule
	for i := range o.kills {
		on := injection.On(observe.Capture).Nth((i + 1) * o.orders / (o.kills + 1))
		if i%2 == 1 {
			on = on.Answered()
		}
		s = append(s, on.Kills("checkout").Lasting(downFor))
	}
	return s
}
