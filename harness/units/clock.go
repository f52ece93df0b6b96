package units

import (
	"fmt"
	"strconv"
	"time"
)

// Clock is how many times faster than the story the clock of a world runs: 1 is
// the wall clock, 100 stages 45 s in 450 ms. The zero Clock is 1.
type Clock int

// Wall is the true clock.
const Wall Clock = 1

// Real is how long d of the story takes in the world.
func (p Clock) Real(d time.Duration) time.Duration { return d / time.Duration(max(1, p)) }

// Story is how long d of the world is in the story.
func (p Clock) Story(d time.Duration) time.Duration { return d * time.Duration(max(1, p)) }

// String writes what ParseClock reads.
func (p Clock) String() string {
	if p <= 1 {
		return "wall"
	}
	return strconv.Itoa(int(p))
}

// ParseClock reads "wall" or a divisor from 1 to 1000.
func ParseClock(text string) (Clock, error) {
	if text == "wall" {
		return Wall, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1000 {
		return 0, fmt.Errorf("invalid clock %q: want “wall” or a number from 1 to 1000", text)
	}
	return Clock(n), nil
}
