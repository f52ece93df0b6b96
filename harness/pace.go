package harness

import (
	"fmt"
	"strconv"
	"time"
)

// Pace is how many times faster than the story the clock of a world runs: 1 is
// the wall clock, 100 stages 45 s in 450 ms. The zero Pace is 1.
type Pace int

// Wall is the true clock.
const Wall Pace = 1

// Real is how long d of the story takes in the world.
func (p Pace) Real(d time.Duration) time.Duration { return d / time.Duration(max(1, p)) }

// Story is how long d of the world is in the story.
func (p Pace) Story(d time.Duration) time.Duration { return d * time.Duration(max(1, p)) }

// String writes what ParsePace reads.
func (p Pace) String() string {
	if p <= 1 {
		return "wall"
	}
	return strconv.Itoa(int(p))
}

// ParsePace reads "wall" or a divisor from 1 to 1000.
func ParsePace(text string) (Pace, error) {
	if text == "wall" {
		return Wall, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, fmt.Errorf("%q is no clock: use “wall”, or a divisor from 1 to 1000 such as 100", text)
	}
	return Pace(n), nil
}
