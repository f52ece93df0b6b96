package scenarios_test

import (
	"fmt"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	. "github.com/unhappypath/unhappypath/scenarios"
)

// The directed stories aim at the steps of a shop that move money and goods: the
// answer to each is lost, late, or a refusal although the work was done, a capture, a refund
// or a parcel is lost on its way, the answer to a capture stalls, and the shop dies on either side
// of the two that move money, with the parcel, and when it has answered a notice.
// What servers get wrong most often is red here, before anything is explored.
// docs/your-own-checkout.md lists them.
var directed = tellAll(append(append(answersThatFail(), kills()...), captureThatNeverArrives(), captureAnswerThatStalls(), refundThatNeverArrives(), parcelThatNeverArrives(), killedAfterItsAnswer(), slowProvider()))

// late is longer than a shop, a page or a client library usually waits.
const late = 90 * time.Second

// answersThatFail are the stories of three answers to each of four steps.
func answersThatFail() (stories []Story) {
	for _, step := range []struct {
		id   string
		of   Operation
		plot string
	}{
		{"create", CreatePayment, "The provider creates Ana's payment, and the shop %s. If it starts another payment, her money is reserved twice."},
		{"capture", Capture, "The provider takes Ana's money, and the shop %s. If it takes that for a refusal, she has paid for nothing."},
		{"refund", Refund, "The carrier will not send Ana's parcel, the provider pays her back, and the shop %s. If it stops there, nobody tells her."},
		{"parcel", BookParcel, "The carrier books Ana's parcel, and the shop %s. If it books another one, she gets two."},
	} {
		for _, answer := range []struct {
			id, plot string
			is       func(injection.MessageTrigger) Injection
			waits    time.Duration
		}{
			{"answer-lost", "never hears of it", injection.MessageTrigger.Closes, time.Minute},
			{"answer-late", "hears of it 90 seconds later", func(m injection.MessageTrigger) Injection { return m.Delays(late) }, 2 * time.Minute},
			{"refused-after-the-work", "is told 503, as if nothing had happened", func(m injection.MessageTrigger) Injection { return m.Answers(503) }, time.Minute},
		} {
			s := buysAmid(step.id+"-"+answer.id, fmt.Sprintf(step.plot, answer.plot), answer.waits, answer.is(On(step.of).Nth(1).Answered()))
			if step.of == Refund {
				s = paysBack(s)
			}
			stories = append(stories, s)
		}
	}
	return stories
}

// paysBack is a story whose parcel the carrier will not send.
func paysBack(s Story) Story {
	s.Shop.PaysBack = true
	s.Injections = append(s.Injections, On(BookParcel).Answers(422))
	return s
}

// kills are the stories of a shop that dies at a message and comes back.
func kills() (stories []Story) {
	for _, death := range []struct {
		id, plot string
		at       injection.MessageTrigger
	}{
		{"before-create", "is about to ask the provider for Ana's payment. If it has written nothing down, it has forgotten her order.", On(CreatePayment).Nth(1)},
		{"after-create", "has asked the provider for Ana's payment and has not heard of it. If it starts another payment, her money is reserved twice.", On(CreatePayment).Nth(1).Answered()},
		{"before-capture", "is about to take Ana's money. If it does not go on when it is back, her money stays reserved.", On(Capture).Nth(1)},
		{"after-capture", "has taken Ana's money and has not heard of it. If it does not go on when it is back, she has paid for nothing.", On(Capture).Nth(1).Answered()},
		{"after-parcel", "has told the carrier of Ana's parcel and has not heard of it. If it tells it again under another key, she gets two.", On(BookParcel).Nth(1).Answered()},
	} {
		stories = append(stories, buysAmid("shop-killed-"+death.id, "The shop dies when it "+death.plot, time.Minute,
			death.at.Kills("checkout").Lasting(2*time.Second)))
	}
	return stories
}

// captureThatNeverArrives is the story of a shop that never hears of a capture, which here was
// never made: what the other stories of lost answers cannot tell.
func captureThatNeverArrives() Story {
	return buysAmid("capture-never-arrives",
		"The shop asks the provider for Ana's money, and that is lost on its way. If the shop takes no answer for a yes, it sends what nobody paid for.",
		2*time.Minute, On(Capture).Nth(1).Hangs().Lasting(late))
}

// captureAnswerThatStalls is the story of an answer whose head comes in time: a client whose
// time-out ends with it waits on.
func captureAnswerThatStalls() Story {
	return buysAmid("capture-answer-stalls",
		"The provider takes Ana's money, and half of its answer comes; then nothing more does for 100 seconds. If the shop's time-out is over when the answer begins, the shop waits, and Ana with it.",
		2*time.Minute, On(Capture).Nth(1).Stalls().Lasting(100*time.Second))
}

// refundThatNeverArrives is the story of a shop whose refund was never made: where only the
// answer is lost, she has her money, though the shop forgets it.
func refundThatNeverArrives() Story {
	return paysBack(buysAmid("refund-never-arrives",
		"The carrier will not send Ana's parcel. The shop asks the provider to pay her back, and that is lost on its way. If the shop leaves it at that, she has paid for nothing.",
		2*time.Minute, On(Refund).Nth(1).Hangs().Lasting(late)))
}

// parcelThatNeverArrives is the story of a shop whose parcel was never booked: where only the
// answer is lost, it is on its way.
func parcelThatNeverArrives() Story {
	return buysAmid("parcel-never-arrives",
		"The shop asks the carrier to send Ana's parcel, and that is lost on its way. If the shop takes no answer for a yes, she has paid for nothing.",
		2*time.Minute, On(BookParcel).Nth(1).Hangs().Lasting(late))
}

// killedAfterItsAnswer is the story of a notice that was taken and forgotten: the provider has its
// answer, and does not send it again. Which notice it is that the payment was made, depends on the
// provider, so the shop dies after each.
func killedAfterItsAnswer() Story {
	return buysAmid("shop-killed-after-its-answer",
		"The shop dies each time it has answered what the provider tells it of Ana's payment. If it answers 200 before it has written down what it was told, nobody tells it again, and she has paid for nothing.",
		2*time.Minute, On(PaymentWebhook).KillsAfter("checkout").Lasting(2*time.Second))
}

// slowProvider is the story of a provider whose answers take a third of the page's time-out
// each, and some more: a shop that answers when it has been paid, answers too late.
func slowProvider() Story {
	s := buysAmid("provider-slower-than-the-page",
		"Every answer of the provider takes 17 seconds. Ana's page waits 45 seconds and sends her order again, while the shop is still paying for the first. If it takes that for another order, she is charged twice.",
		4*time.Minute, OnHopOf(CreatePayment).Toxic(Downstream, Latency(17*time.Second)).Lasting(2*time.Minute))
	s.Shop = Shop{PageTimeOut: 45 * time.Second, PageResends: 1, ScalesWithPage: true}
	return s
}

// buysAmid is a purchase with what goes wrong in it, and with what comes true of it
// without a safeguard.
func buysAmid(id, plot string, waits time.Duration, wrong Injection) Story {
	return Story{
		ID: id, Plot: plot, Labels: []string{Directed}, Injections: Schedule{wrong},
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold(waits)
		},
		Complaint: withoutSafeguard()[id],
	}
}

// withoutSafeguard is what comes true of a directed story at the reference shop. The
// answers that are lost and the refunds have no complaint: Go's HTTP client sends a
// request with an idempotency key again by itself, and the provider refuses to pay
// back more than it took.
func withoutSafeguard() map[string]Complaint {
	reservedTwice := Without("stable-key").Orders(1).Charges(1).Parcels(1).Screen(observe.StatusShipped).Breaking("charged-once", "nothing-left-reserved")
	paidBack := Without("unknown-is-not-failure", "void-first").Orders(1).Charges(1).Parcels(0).Screen(observe.StatusCancelled).Breaking("screen-is-honest")
	sentTwice := Without("ship-once").Orders(1).Charges(1).Parcels(2).Screen(observe.StatusShipped).Breaking("goods-match-money")
	forgotten := Without("resume").Orders(1).Charges(0).Parcels(0).Screen(observe.StatusChecking)
	return map[string]Complaint{
		"create-answer-late":             reservedTwice,
		"create-refused-after-the-work":  reservedTwice,
		"capture-answer-late":            paidBack,
		"capture-answer-stalls":          paidBack,
		"capture-refused-after-the-work": paidBack,
		"parcel-answer-lost":             sentTwice,
		"parcel-answer-late":             sentTwice,
		"parcel-refused-after-the-work":  sentTwice,
		"shop-killed-before-create":      forgotten.Breaking("told-in-time"),
		"shop-killed-after-create":       reservedTwice,
		"shop-killed-before-capture":     forgotten.Breaking("nothing-left-reserved"),
		"shop-killed-after-capture":      forgotten.Charges(1).Breaking("goods-match-money"),
		"shop-killed-after-parcel":       sentTwice,
	}
}

func tellAll(stories []Story) []Story {
	for i, s := range stories {
		stories[i] = Tell(s)
	}
	return stories
}
