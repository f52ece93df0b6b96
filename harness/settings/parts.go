package settings

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/unhappypath/unhappypath/harness/record"
)

// Budget is how far an exploration goes: so much real time, or so many
// schedules. The zero Budget is for the explorer to say.
type Budget struct {
	Time      time.Duration
	Schedules int
}

// ParseBudget reads “20s” or “100000”.
func ParseBudget(text string) (b Budget, err error) {
	if b.Schedules, err = strconv.Atoi(text); err != nil {
		b.Time, err = time.ParseDuration(text)
	}
	if err != nil || b.Schedules < 0 || b.Time < 0 || b == (Budget{}) {
		return Budget{}, fmt.Errorf("%q is neither a time nor a number of schedules", text)
	}
	return b, nil
}

// Shard is the I-th of Of parts, from 1. The zero Shard is the whole.
type Shard struct{ I, Of int }

// ParseShard reads “1/3”.
func ParseShard(text string) (s Shard, err error) {
	i, of, found := strings.Cut(text, "/")
	s.I, err = strconv.Atoi(i)
	if err == nil {
		s.Of, err = strconv.Atoi(of)
	}
	if !found || err != nil || s.I < 1 || s.I > s.Of || s.Of > record.MaxShards {
		return Shard{}, fmt.Errorf("%q is no part of a whole", text)
	}
	return s, nil
}

// Has says whether the part has the schedule at this place of the order.
func (s Shard) Has(place int) bool { return s.Of <= 1 || place%s.Of == s.I-1 }
