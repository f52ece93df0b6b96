package harness

import "time"

// Toxic is a transport fault on a hop, from the rise of the curtain on.
func Toxic(hop Hop, d Direction, f Fault) Strike {
	f.Direction = d
	return Strike{Hop: hop, Fault: f}
}

// Down is a hop on which nobody listens.
func Down(hop Hop) Strike { return Strike{Hop: hop, Fault: Fault{Kind: DownFault}} }

// Latency lets every byte come d later.
func Latency(d time.Duration) Fault { return Fault{Kind: LatencyFault, Duration: d} }

// Bandwidth lets n kilobytes a second pass.
func Bandwidth(n int64) Fault { return Fault{Kind: BandwidthFault, Rate: n} }

// Silence lets no byte pass; the connection ends after d, or with the strike
// where d is zero. It is Toxiproxy's toxic "timeout".
func Silence(d time.Duration) Fault { return Fault{Kind: TimeoutFault, Duration: d} }

// ResetPeer resets the connection after d.
func ResetPeer(d time.Duration) Fault { return Fault{Kind: ResetPeerFault, Duration: d} }

// SlowClose lets connections end d later.
func SlowClose(d time.Duration) Fault { return Fault{Kind: SlowCloseFault, Duration: d} }

// Slicer cuts what passes into pieces of n bytes, d apart.
func Slicer(n int64, d time.Duration) Fault {
	return Fault{Kind: SlicerFault, Rate: n, Duration: d}
}

// LimitData ends the connection after n bytes.
func LimitData(n int64) Fault { return Fault{Kind: LimitDataFault, Rate: n} }

// MessageCue picks messages on a hop; see On.
type MessageCue struct {
	hop Hop
	cue Cue
}

// On picks every message with a method, or "*", and a path template:
// On(CustomerHop, "PUT", "/orders/{id}").
func On(hop Hop, method, path string) MessageCue {
	return MessageCue{hop, Cue{Method: method, Path: path, Phase: Arrives}}
}

// Nth picks only the n-th such message, from 1.
func (m MessageCue) Nth(n int) MessageCue { m.cue.N = n; return m }

// Answered lets the strike hit when the callee has done its work.
func (m MessageCue) Answered() MessageCue { m.cue.Phase = Answered; return m }

// Does completes the strike with any fault.
func (m MessageCue) Does(f Fault) Strike { return Strike{Hop: m.hop, Cue: m.cue, Fault: f} }

// Hangs loses the message, and the caller hears nothing.
func (m MessageCue) Hangs() Strike { return m.Does(Fault{Kind: HangFault}) }

// Closes loses the message and ends the caller's connection (FIN).
func (m MessageCue) Closes() Strike { return m.Does(Fault{Kind: CloseFault}) }

// Resets loses the message and resets the caller's connection (RST).
func (m MessageCue) Resets() Strike { return m.Does(Fault{Kind: ResetFault}) }

// Delays lets the message go on after d.
func (m MessageCue) Delays(d time.Duration) Strike {
	return m.Does(Fault{Kind: DelayFault, Duration: d})
}

// Duplicates lets the callee get the request twice.
func (m MessageCue) Duplicates() Strike { return m.Does(Fault{Kind: DuplicateFault}) }

// Answers gives the caller a status: instead of asking the callee, or after it
// did its work where the cue is Answered.
func (m MessageCue) Answers(status int) Strike {
	return m.Does(Fault{Kind: AnswerFault, Status: status})
}

// Renames calls a field of the JSON answer by another name.
func (m MessageCue) Renames(field, as string) Strike {
	return m.Answered().Does(Fault{Kind: RenameFault, Field: field, As: as})
}

// Kills the named process at the message; it is started again after For.
func (m MessageCue) Kills(process string) Strike {
	return m.Does(Fault{Kind: KillFault, Process: process})
}

// Lasting heals the strike d after it was put in place.
func (s Strike) Lasting(d time.Duration) Strike { s.For = d; return s }

// AtLeast asks the strike to bite so often, or the run proves nothing.
func (s Strike) AtLeast(times int) Strike { s.Times = times; return s }

// From lets the strike begin at a time of the story.
func (s Strike) From(d time.Duration) Strike { s.Cue.At = d; return s }

// AtMessage lets the strike begin when the n-th such message arrives, before
// it goes on.
func (s Strike) AtMessage(method, path string, n int) Strike {
	s.Cue.Method, s.Cue.Path, s.Cue.N, s.Cue.Phase = method, path, n, Arrives
	return s
}

// When lets the strike begin with the n-th entry of a ledger, such as
// "captured", before whoever wrote it goes on.
func (s Strike) When(saw string, n int) Strike { s.Cue.Saw, s.Cue.N = saw, n; return s }
