package harness

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/environment"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

type (
	Operation = observe.Operation   // what a message is for, such as Capture
	Hop       = observe.Hop         // one way that messages travel, from caller to callee
	Event     = observe.Event       // what somebody saw
	Shop      = environment.Shop    // what a story asks of the shop
	Fault     = fault.Fault         // what goes wrong at one place
	Direction = fault.Direction     // in which bytes travel on a hop
	Schedule  = injection.Schedule  // what goes wrong in a story
	Injection = injection.Injection // one thing that goes wrong, and when
	Promise   = judge.Promise       // what must hold
	Ruling    = judge.Ruling        // what a promise says of a run
	Complaint = judge.Complaint     // what comes true without safeguards
	Run       = judge.Run           // one enactment of a story
)

// The operations of an ordinary shop.
const (
	OpenPage       = observe.OpenPage
	ChangeBasket   = observe.ChangeBasket
	Submit         = observe.Submit
	OrderStatus    = observe.OrderStatus
	Authenticate   = observe.Authenticate
	CreatePayment  = observe.CreatePayment
	GetPayment     = observe.GetPayment
	Capture        = observe.Capture
	Refund         = observe.Refund
	CancelPayment  = observe.CancelPayment
	PaymentWebhook = observe.PaymentWebhook
	BookParcel     = observe.BookParcel
	CancelParcel   = observe.CancelParcel

	PayAtProvider     = observe.PayAtProvider
	ApproveAtProvider = observe.ApproveAtProvider
	ReturnToShop      = observe.ReturnToShop
)

// The hops of an ordinary shop, the directions in which bytes travel on each, and what
// faults take.
const (
	CustomerHop = observe.CustomerHop
	ProviderHop = observe.ProviderHop
	ShippingHop = observe.ShippingHop
	WebhookHop  = observe.WebhookHop
	Upstream    = fault.Upstream
	Downstream  = fault.Downstream
	HTML        = fault.HTML        // as the body of an answer: a gateway's page
	NoBody      = fault.NoBody      // none
	Never       = environment.Never // as a number of re-sends or a time of approval: none at all
)

// The verdicts on a promise and on a run.
const (
	Kept       = judge.Kept
	Unproven   = judge.Unproven
	Unfinished = judge.Unfinished
	Broken     = judge.Broken
)

// On picks the messages of operations: On(Capture).Nth(1).Answered().Closes().
func On(operations ...Operation) injection.MessageTrigger { return injection.On(operations...) }

// OnPath picks every message on a hop with a method, or "*", and a path template, as
// they are written: OnPath(CustomerHop, "PUT", "/orders/{id}").
func OnPath(hop Hop, method, path string) injection.MessageTrigger {
	return injection.OnPath(hop, method, path)
}

// OnHopOf picks the whole hop on which an operation travels: OnHopOf(Capture).Down().
func OnHopOf(o Operation) injection.Whole { return injection.OnHopOf(o) }

// OnPayment picks what the customer decides about the n-th payment of the run, from 1;
// 0: about every one. OnPayment(1).Declines().
func OnPayment(n int) injection.PaymentTrigger { return injection.OnPayment(n) }

// Toxic is a fault of all bytes on a hop, from the start of the script on.
func Toxic(hop Hop, d Direction, f Fault) Injection { return injection.Toxic(hop, d, f) }

// Down is a hop on which nobody listens.
func Down(hop Hop) Injection { return injection.Down(hop) }

// Latency lets every byte come d later.
func Latency(d time.Duration) Fault { return injection.Latency(d) }

// Bandwidth lets n kilobytes a second pass.
func Bandwidth(n int64) Fault { return injection.Bandwidth(n) }

// Silence lets no byte pass; the connection ends after d, or with the injection
// where d is zero.
func Silence(d time.Duration) Fault { return injection.Silence(d) }

// ResetPeer resets the connection after d.
func ResetPeer(d time.Duration) Fault { return injection.ResetPeer(d) }

// SlowClose lets connections end d later.
func SlowClose(d time.Duration) Fault { return injection.SlowClose(d) }

// Slicer cuts what passes into pieces of n bytes, d apart.
func Slicer(n int64, d time.Duration) Fault { return injection.Slicer(n, d) }

// LimitData ends the connection after n bytes.
func LimitData(n int64) Fault { return injection.LimitData(n) }

// Without begins a Complaint: what comes true with these safeguards switched off.
func Without(safeguards ...string) Complaint { return judge.Without(safeguards...) }

// StandardPromises are what every story promises.
func StandardPromises() []Promise { return judge.StandardPromises() }

// Clicked proves that customers clicked so often in all.
func Clicked(n int) Promise { return judge.Clicked(n) }

// CallerSaw proves that a caller of an operation met an error of this class.
func CallerSaw(o Operation, class observe.Class) Promise { return judge.CallerSaw(o, class) }

// PerBasket judges each customer's basket by itself; the worst ruling counts.
func PerBasket(rule func(*Run, string) Ruling) func(*Run) Ruling { return judge.PerBasket(rule) }

// RuleKept says that a promise was kept.
func RuleKept() Ruling { return judge.RuleKept() }

// RuleBroken says how a promise was broken, by which events of the history.
func RuleBroken(evidence []int, format string, args ...any) Ruling {
	return judge.RuleBroken(evidence, format, args...)
}

// RuleUnproven says why nothing can be said of a promise.
func RuleUnproven(format string, args ...any) Ruling { return judge.RuleUnproven(format, args...) }
