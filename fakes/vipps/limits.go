package vipps

import "time"

// limits counts calls for each kind and reference over a sliding window: no
// more than so many in any minute. Whether the provider's windows slide is not
// published; this is the strict reading. A refused call does not count, so that
// a client that keeps knocking gets through in the end.
type limits struct {
	window time.Duration
	calls  map[limitKey][]time.Time
}

type limitKey struct{ kind, reference string }

const (
	writesPerMinute = 5   // of each kind, for a reference
	readsPerMinute  = 120 // of each kind, for a reference
)

// allow counts a call, or says that there were too many.
func (l *limits) allow(kind, reference string, most int, now time.Time) bool {
	key := limitKey{kind, reference}
	recent := l.calls[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= l.window {
		recent = recent[1:]
	}
	if len(recent) >= most {
		l.calls[key] = recent
		return false
	}
	l.calls[key] = append(recent, now)
	return true
}
