// Package stories has failure stories of one shop's own, told with the words of
// Unhappy Path and staged in the shop that UNHAPPY_TARGET describes.
package stories

import (
	"testing"
	"time"

	. "github.com/unhappypath/unhappypath/harness"
	. "github.com/unhappypath/unhappypath/scenarios"
)

func TestMain(m *testing.M) { Main(m) }

func TestStories(t *testing.T) { RunStories(t) }

var _ = Tell(Story{
	ID:   "she-reloads-while-it-pays",
	Plot: "Ana submits, the provider is slow, and she reloads the page and submits again.",
	Injections: Schedule{
		On(CreatePayment).Nth(1).Toxic(Downstream, Latency(3*time.Second)).Lasting(20 * time.Second),
	},
	Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.Waits(2 * time.Second)
		ana.Reloads()
		ana.Submits()
		ana.WaitsToBeTold()
	},
})
