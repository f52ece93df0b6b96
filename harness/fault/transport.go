package fault

import (
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Transport faults are Toxiproxy's: they bend bytes and know no messages.
const (
	Latency   Kind = "latency"
	Bandwidth Kind = "bandwidth"
	Timeout   Kind = "timeout"
	ResetPeer Kind = "reset_peer"
	SlowClose Kind = "slow_close"
	Slicer    Kind = "slicer"
	LimitData Kind = "limit_data"
	Down      Kind = "down"
)

// The ranges within which Toxiproxy does what it documents: beyond them a rate runs
// over, a slicer without a size ends the whole process, and a time that is no whole
// number of its units becomes zero, which means something else.
const (
	mostRate = 1 << 30 // KB a second, with room for a clock
	mostSize = 1<<31 - 1
	mostData = 1<<63 - 1
)

// impatient is how a call fails that waits too long.
var impatient = []observe.Class{observe.TimedOut, observe.Cancelled}

var transportFaults = []Spec{
	{
		Kind: Latency, Does: "every byte comes later",
		Takes: []Parameter{Lasts(time.Millisecond), either},
		Dealt: ByProxy, Toxic: []Attribute{{"latency", Milliseconds}}, Builder: "Latency",
		Proof: Proof{Fails: impatient, HoldsUp: func(f Fault, _ int) time.Duration { return f.Duration }},
		Tries: each(AHop, Later, spell,
			Fault{Kind: Latency, Duration: 14 * time.Second, Direction: Upstream},
			Fault{Kind: Latency, Duration: 14 * time.Second, Direction: Downstream}),
		Rows: bothWays(Fault{Kind: Latency, Duration: 14 * time.Second}),
	},
	{
		Kind: Bandwidth, Does: "so many kilobytes a second pass",
		Takes: []Parameter{KBs(1, mostRate), either},
		Dealt: ByProxy, Toxic: []Attribute{{"rate", KBsOfClock}}, Builder: "Bandwidth",
		Proof: Proof{Fails: impatient, HoldsUp: func(f Fault, bytes int) time.Duration {
			return time.Duration(bytes) * time.Second / 1024 / time.Duration(max(1, f.Rate))
		}},
		Untried: "the messages of a checkout are short: it does what a latency does",
		Rows:    bothWays(Fault{Kind: Bandwidth, Rate: 1}),
	},
	{
		Kind: LimitData, Does: "the connection ends after so many bytes",
		Takes: []Parameter{Bytes(0, mostData), either},
		Dealt: ByProxy, Toxic: []Attribute{{"bytes", BytesOfFault}}, Builder: "LimitData",
		Proof: Proof{Fails: []observe.Class{observe.Ended, observe.Reset, observe.Garbled}}, // half a status line is none
		Tries: each(AHop, Last, spell, Fault{Kind: LimitData, Rate: 10, Direction: Downstream}),
		Rows:  bothWays(Fault{Kind: LimitData, Rate: 10}),
	},
	{
		Kind: ResetPeer, Does: "the connection is reset after a while",
		Takes: []Parameter{MayLast(time.Millisecond), either},
		Dealt: ByProxy, Toxic: []Attribute{{"timeout", Milliseconds}}, Builder: "ResetPeer",
		Proof: Proof{Fails: []observe.Class{observe.Reset}},
		Tries: each(AHop, Last, spell, Fault{Kind: ResetPeer, Direction: Downstream}),
		Rows:  bothWays(Fault{Kind: ResetPeer, Duration: 3 * time.Second}),
	},
	{
		Kind: Timeout, Does: "no byte passes, and the connection ends after a while, or when the injection heals",
		Takes: []Parameter{MayLast(time.Millisecond), either},
		Dealt: ByProxy, Toxic: []Attribute{{"timeout", Milliseconds}}, Builder: "Silence",
		Proof: Proof{Fails: []observe.Class{observe.TimedOut, observe.Cancelled, observe.Ended, observe.Reset}},
		Tries: each(AHop, Last, spell, Fault{Kind: Timeout, Direction: Downstream}),
		Rows:  bothWays(Fault{Kind: Timeout, Duration: 5 * time.Second}),
	},
	{
		Kind: SlowClose, Does: "connections end later",
		Takes: []Parameter{Lasts(time.Millisecond), either},
		Dealt: ByProxy, Toxic: []Attribute{{"delay", Milliseconds}}, Builder: "SlowClose",
		Proof:   Proof{None: "a farewell is no message"},
		Untried: "nobody could see whether it took effect",
		Rows:    bothWays(Fault{Kind: SlowClose, Duration: 5 * time.Second}),
	},
	{
		Kind: Slicer, Does: "what passes comes in pieces, a while apart",
		Takes: []Parameter{Bytes(1, mostSize), MayLast(time.Microsecond), either},
		Dealt: ByProxy, Toxic: []Attribute{{"average_size", BytesOfFault}, {"delay", Microseconds}}, Builder: "Slicer",
		Proof: Proof{Fails: impatient, HoldsUp: func(f Fault, bytes int) time.Duration {
			return time.Duration(int64(max(0, bytes-1))/max(1, f.Rate)) * f.Duration
		}},
		Untried: "the messages of a checkout are short: it does what a latency does",
		Rows:    bothWays(Fault{Kind: Slicer, Rate: 20, Duration: 100 * time.Millisecond}),
	},
	{
		Kind: Down, Does: "nobody listens",
		Dealt: ByProxy, Builder: "Down",
		Proof: Proof{Fails: []observe.Class{observe.Refused, observe.Ended, observe.Reset, observe.TimedOut}},
		Tries: each(AHop, Later, spell, Fault{Kind: Down}),
		Rows:  all(AHop, Fault{Kind: Down}),
	},
}

// bothWays is a fault of requests, and the same of answers.
func bothWays(f Fault) func(Spot) []Fault {
	up, down := f, f
	up.Direction, down.Direction = Upstream, Downstream
	return all(AHop, up, down)
}
