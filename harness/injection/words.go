package injection

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
)

// Toxic is a transport fault on a hop, from the start of the script on.
func Toxic(hop observe.Hop, d fault.Direction, f fault.Fault) Injection {
	f.Direction = d
	return Injection{Hop: hop, Fault: f}
}

// Down is a hop on which nobody listens.
func Down(hop observe.Hop) Injection {
	return Injection{Hop: hop, Fault: fault.Fault{Kind: fault.Down}}
}

// Latency lets every byte come d later.
func Latency(d time.Duration) fault.Fault { return fault.Fault{Kind: fault.Latency, Duration: d} }

// Bandwidth lets n kilobytes a second pass.
func Bandwidth(n int64) fault.Fault { return fault.Fault{Kind: fault.Bandwidth, Rate: n} }

// Silence lets no byte pass; the connection ends after d, or with the injection
// where d is zero. It is Toxiproxy's toxic "timeout".
func Silence(d time.Duration) fault.Fault { return fault.Fault{Kind: fault.Timeout, Duration: d} }

// ResetPeer resets the connection after d.
func ResetPeer(d time.Duration) fault.Fault { return fault.Fault{Kind: fault.ResetPeer, Duration: d} }

// SlowClose lets connections end d later.
func SlowClose(d time.Duration) fault.Fault { return fault.Fault{Kind: fault.SlowClose, Duration: d} }

// Slicer cuts what passes into pieces of n bytes, d apart.
func Slicer(n int64, d time.Duration) fault.Fault {
	return fault.Fault{Kind: fault.Slicer, Rate: n, Duration: d}
}

// LimitData ends the connection after n bytes.
func LimitData(n int64) fault.Fault { return fault.Fault{Kind: fault.LimitData, Rate: n} }

// MessageTrigger picks messages; see On.
type MessageTrigger struct{ injection Injection }

// On picks every message of an operation, or of several: On(Submit, OrderStatus).
func On(operations ...observe.Operation) MessageTrigger {
	return MessageTrigger{Injection{Operation: observe.OneOf(operations...), Trigger: Trigger{Phase: fault.Arrives}}}
}

// OnPath picks every message on a hop with a method, or "*", and a path template,
// as they are written, whatever operation they are:
// OnPath(CustomerHop, "PUT", "/orders/{id}"). It hits shops that spell it so.
func OnPath(hop observe.Hop, method, path string) MessageTrigger {
	return MessageTrigger{Injection{Hop: hop, Trigger: Trigger{Method: method, Path: path, Phase: fault.Arrives}}}
}

// Whole is the hop on which the messages of an operation travel, for faults of all
// that passes there, from the start of the script on.
type Whole struct{ injection Injection }

// OnHopOf picks the whole hop on which the messages of an operation travel.
func OnHopOf(o observe.Operation) Whole { return Whole{Injection{Operation: o}} }

// Toxic bends the bytes that go in the direction.
func (w Whole) Toxic(d fault.Direction, f fault.Fault) Injection {
	f.Direction = d
	w.injection.Fault = f
	return w.injection
}

// Down lets nobody listen on the hop.
func (w Whole) Down() Injection {
	w.injection.Fault = fault.Fault{Kind: fault.Down}
	return w.injection
}

// Nth picks only the n-th such message, from 1.
func (m MessageTrigger) Nth(n int) MessageTrigger { m.injection.Trigger.N = n; return m }

// Answered lets the injection hit when the callee has done its work.
func (m MessageTrigger) Answered() MessageTrigger {
	m.injection.Trigger.Phase = fault.Answered
	return m
}

// Does completes the injection with any fault.
func (m MessageTrigger) Does(f fault.Fault) Injection {
	m.injection.Fault = f
	return m.injection
}

// Toxic bends the bytes of the message's hop that go in the direction, from the
// moment when the message arrives.
func (m MessageTrigger) Toxic(d fault.Direction, f fault.Fault) Injection {
	f.Direction = d
	return m.Does(f)
}

// Down lets nobody listen on the message's hop from the moment when it arrives.
func (m MessageTrigger) Down() Injection { return m.Does(fault.Fault{Kind: fault.Down}) }

// Hangs loses the message, and the caller hears nothing.
func (m MessageTrigger) Hangs() Injection { return m.Does(fault.Fault{Kind: fault.Hang}) }

// Closes loses the message and ends the caller's connection (FIN).
func (m MessageTrigger) Closes() Injection { return m.Does(fault.Fault{Kind: fault.Close}) }

// Resets loses the message and resets the caller's connection (RST).
func (m MessageTrigger) Resets() Injection { return m.Does(fault.Fault{Kind: fault.Reset}) }

// Delays lets the message go on after d.
func (m MessageTrigger) Delays(d time.Duration) Injection {
	return m.Does(fault.Fault{Kind: fault.Delay, Duration: d})
}

// Duplicates lets the callee get the request twice.
func (m MessageTrigger) Duplicates() Injection { return m.Does(fault.Fault{Kind: fault.Duplicate}) }

// WaitsForAnother holds the request until another of the same operation comes, and lets
// both go on at once. If none comes within atMost, the request goes on alone, and the
// injection had no effect.
func (m MessageTrigger) WaitsForAnother(atMost time.Duration) Injection {
	return m.Does(fault.Fault{Kind: fault.Meet, Duration: atMost})
}

// Answers gives the caller a status: instead of asking the callee, or after it
// did its work where the trigger is Answered.
func (m MessageTrigger) Answers(status int) Injection {
	return m.Does(fault.Fault{Kind: fault.Answer, Status: status})
}

// AnswersWith gives the caller a status with another body than the usual JSON: HTML
// or NoBody; see Answers.
func (m MessageTrigger) AnswersWith(status int, body fault.Body) Injection {
	return m.Does(fault.Fault{Kind: fault.Answer, Status: status, Body: body})
}

// DuplicatesAfter lets the callee get the request once more when d has passed, on a
// connection of its own: the first may be under way then.
func (m MessageTrigger) DuplicatesAfter(d time.Duration) Injection {
	return m.Does(fault.Fault{Kind: fault.Duplicate, Duration: d})
}

// DuplicatesChanged lets the callee get the request once more, d after the first and with
// another value in one of its fields, as a second tab with a changed basket sends it; see
// Replaces.
func (m MessageTrigger) DuplicatesChanged(field, value string, d time.Duration) Injection {
	return m.Does(fault.Fault{Kind: fault.DuplicateChanged, Field: field, Value: value, Duration: d})
}

// Renames calls a field by another name: of the request, or of the answer where the
// trigger is Answered. A field that begins with a slash is a JSON Pointer, such as
// "/payment/amount"; any other stands at the top of a JSON body or in a form.
func (m MessageTrigger) Renames(field, as string) Injection {
	return m.Does(fault.Fault{Kind: fault.Rename, Field: field, As: as})
}

// Drops leaves a field out; see Renames.
func (m MessageTrigger) Drops(field string) Injection {
	return m.Does(fault.Fault{Kind: fault.Drop, Field: field})
}

// Retypes makes a list of a field's value; see Renames.
func (m MessageTrigger) Retypes(field string) Injection {
	return m.Does(fault.Fault{Kind: fault.Retype, Field: field})
}

// Replaces gives a field another value; see Renames. A text stays a text, and anything
// else becomes what the value is in JSON: Replaces("/amount/value", "49901").
func (m MessageTrigger) Replaces(field, value string) Injection {
	return m.Does(fault.Fault{Kind: fault.Replace, Field: field, Value: value})
}

// Truncates ends the answer after half of its body.
func (m MessageTrigger) Truncates() Injection {
	return m.Answered().Does(fault.Fault{Kind: fault.Truncate})
}

// TruncatesAfter ends the answer after so many bytes of its body: after none, the caller
// has the status line and the headers.
func (m MessageTrigger) TruncatesAfter(bytes int64) Injection {
	return m.Answered().Does(fault.Fault{Kind: fault.Truncate, Cut: fault.After(bytes)})
}

// Stalls lets the head of the answer and half of its body come and then nothing more; the
// connection stays open until the injection is over, and ends then.
func (m MessageTrigger) Stalls() Injection {
	return m.Answered().Does(fault.Fault{Kind: fault.Stall})
}

// StallsAfter is Stalls after so many bytes of the body: after none, the caller has the status
// line and the headers.
func (m MessageTrigger) StallsAfter(bytes int64) Injection {
	return m.Answered().Does(fault.Fault{Kind: fault.Stall, Cut: fault.After(bytes)})
}

// Kills the named process at the message; it is started again after For.
func (m MessageTrigger) Kills(process string) Injection {
	return m.Does(fault.Fault{Kind: fault.Kill, Process: process})
}

// KillsAfter kills the named process when its answer was taken, which goes on; it is started
// again after For. Without Nth, it is killed after each answer that it gives while it lives.
func (m MessageTrigger) KillsAfter(process string) Injection {
	return m.Answered().Does(fault.Fault{Kind: fault.KillAfter, Process: process})
}

// Pauses stops the named process at the message; it goes on after For.
func (m MessageTrigger) Pauses(process string) Injection {
	return m.Does(fault.Fault{Kind: fault.Pause, Process: process})
}

// ClosesLid closes the lid of the computer at which the customer sits who sent the message;
// it is opened after For.
func (m MessageTrigger) ClosesLid() Injection { return m.Does(fault.Fault{Kind: fault.CloseLid}) }

// ExpiresToken lets the provider forget the access tokens that it issued before the
// message goes on, or is answered: it refuses them with 401 until the shop gets another.
func (m MessageTrigger) ExpiresToken() Injection { return m.Does(fault.Fault{Kind: fault.ExpireToken}) }

// Resubmits lets every customer who was told that she bought send her last submit once
// more when the story is over: the same bytes, which are no new wish to buy.
func (m MessageTrigger) Resubmits() Injection { return m.ResubmitsAfterRestarting("") }

// ResubmitsAfterRestarting kills the process and starts it again before; see Resubmits.
func (m MessageTrigger) ResubmitsAfterRestarting(process string) Injection {
	m.injection.Trigger = Trigger{End: true}
	return m.Does(fault.Fault{Kind: fault.Resubmit, Process: process})
}

// PaymentTrigger picks payments; see OnPayment.
type PaymentTrigger struct{ n int }

// OnPayment picks the n-th payment that the provider was asked for, from 1; 0: every one.
func OnPayment(n int) PaymentTrigger { return PaymentTrigger{n} }

// Does completes the injection with a customer's decision.
func (p PaymentTrigger) Does(f fault.Fault) Injection {
	return Injection{Operation: observe.ApproveAtProvider, Trigger: Trigger{N: p.n}, Fault: f}
}

// ApprovesLate lets her approve the payment d later than she would. Where it is over by
// then, she cannot.
func (p PaymentTrigger) ApprovesLate(d time.Duration) Injection {
	return p.Does(fault.Fault{Kind: fault.ApproveLate, Duration: d})
}

// PaysWithAnotherCard lets her card be declined, whereupon she pays with another one.
func (p PaymentTrigger) PaysWithAnotherCard() Injection {
	return p.Does(fault.Fault{Kind: fault.AnotherCard})
}

// Declines lets her decline the payment.
func (p PaymentTrigger) Declines() Injection { return p.Does(fault.Fault{Kind: fault.Decline}) }

// Abandons lets her never approve the payment.
func (p PaymentTrigger) Abandons() Injection { return p.Does(fault.Fault{Kind: fault.Abandon}) }

// Lasting heals the injection d after it was put in place.
func (s Injection) Lasting(d time.Duration) Injection { s.For = d; return s }

// AtLeast asks the injection to take effect so often, or the run proves nothing.
func (s Injection) AtLeast(times int) Injection { s.Times = times; return s }

// From lets the injection begin at a time of the story.
func (s Injection) From(d time.Duration) Injection { s.Trigger.At = d; return s }

// AtMessage lets the injection begin when the n-th such message arrives, before
// it goes on.
func (s Injection) AtMessage(method, path string, n int) Injection {
	s.Trigger.Method, s.Trigger.Path, s.Trigger.N, s.Trigger.Phase = method, path, n, fault.Arrives
	return s
}

// When lets the injection begin with the n-th entry of a ledger, before anyone who
// wrote it goes on.
func (s Injection) When(saw observe.EntryOp, n int) Injection {
	s.Trigger.Saw, s.Trigger.N = saw, n
	return s
}
