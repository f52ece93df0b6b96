package reports_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// director makes up runs that are all different: ids, keys, times and fates
// come from its dice. Each has about forty events.
type director struct {
	*reel
	dice *rand.Rand
}

// generated are n runs, of which two in a hundred break and one is unproven.
func generated(n int) []*judge.Run {
	runs := make([]*judge.Run, n)
	for i := range runs {
		d := director{newReel(), rand.New(rand.NewPCG(uint64(i), 26))}
		runs[i] = d.run(i)
	}
	return runs
}

func (d director) id(letters int) string {
	const from = "abcdefghjkmnpqrstvwxyz0123456789"
	var id strings.Builder
	for range letters {
		id.WriteByte(from[d.dice.IntN(len(from))])
	}
	return id.String()
}

// pass lets up to so many milliseconds pass, to the microsecond.
func (d director) pass(ms int) *reel {
	d.now += time.Duration(d.dice.IntN(ms*1000)+1) * time.Microsecond
	return d.reel
}

func (d director) run(i int) *judge.Run {
	broken, unproven := i%50 == 7, i%100 == 31
	order := "b-ana-" + d.id(8)
	hops := []observe.Hop{observe.CustomerHop, observe.ProviderHop, observe.ShippingHop}
	one := injection.Toxic(hops[d.dice.IntN(3)], fault.Downstream, injection.Latency(time.Duration(1+d.dice.IntN(90))*time.Second)).Lasting(50 * time.Second)
	d.injection(0, "installed", one.String(), "", one.Hop)
	d.pass(300).opens()
	d.pass(3000).clicks()
	d.pass(9).screen("waiting", "Sending your order…")
	body := fmt.Sprintf(`{"basket":"b-ana","amount":%d,"currency":"NOK"}`, price)
	path := "/orders/" + order
	first := d.pass(9).asks("PUT", path, body)
	d.pass(9).order(order, "checking")
	answer := d.told(order, "checking")
	d.answers(first, "PUT", path, 202, answer)
	d.pass(9).hears(first, "PUT", path, 202, answer)
	d.screen("checking", "We are checking on your order. There is no need to pay again.")
	payments := 1
	if broken {
		payments = 2
	}
	for k := range payments {
		d.pay(fmt.Sprintf("%s-%d", order, k+1))
	}
	if unproven {
		d.injection(0, "healed", "", "", one.Hop)
	} else {
		d.injection(0, "healed", "", "", one.Hop)
	}
	for range 2 {
		poll := d.pass(4000).asks("GET", path, "")
		d.pass(4).order(order, "shipped")
		answer := d.told(order, "shipped")
		d.answers(poll, "GET", path, 200, answer)
		d.pass(4).hears(poll, "GET", path, 200, answer)
	}
	d.screen("shipped", "Paid and shipped. Thank you!")
	run := d.reel.run(fmt.Sprintf("story-%04d-%s", i, d.id(6)), "kept", injection.Schedule{one})
	run.Seed = d.dice.Uint64()
	run.Plot = fmt.Sprintf("Ana clicks submit, and the %s is late by %d seconds. She is told all the same.", one.Hop, d.dice.IntN(90))
	if !unproven {
		run.Ruling("every-injection-took-effect").Verdict = judge.Kept
		run.Ruling("every-injection-took-effect").Because = ""
	}
	return run
}

func (d director) told(order, state string) string {
	return fmt.Sprintf(`{"id":%q,"basket":"b-ana","status":%q,"amount":{"value":%d,"currency":"NOK"},"updated":"2000-01-01T00:00:%s"}`,
		order, state, price, d.now)
}

func (d director) pay(reference string) {
	key := reference + "-authorize-" + d.id(4)
	d.pass(20).service(observe.ProviderHop, "provider", "POST", "/epayment/v1/payments",
		fmt.Sprintf(`{"amount":{"value":%d,"currency":"NOK"},"paymentMethod":{"type":"WALLET"},"reference":%q,"userFlow":"WEB_REDIRECT"}`, price, reference),
		201, func() { d.pass(3).money("created", reference, key) })
	d.pass(2000).money("authorized", reference, "")
	d.pass(600).service(observe.ProviderHop, "provider", "POST", "/epayment/v1/payments/"+reference+"/capture",
		fmt.Sprintf(`{"modificationAmount":{"value":%d,"currency":"NOK"}}`, price), 200, func() { d.pass(3).money("captured", reference, key) })
	if strings.HasSuffix(reference, "-1") {
		d.pass(30).service(observe.ShippingHop, "shipping", "POST", "/shipments", fmt.Sprintf(`{"reference":%q}`, reference), 201, func() {
			d.pass(3).see(observe.Event{Actor: "carrier", Kind: observe.Parcel, Entry: &observe.Entry{Op: "booked", Reference: reference, Key: key}})
		})
	}
}
