package wire

import (
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/wire/process"
)

// ReadyWithin makes worlds impatient with their shops while a test runs.
func ReadyWithin(t *testing.T, d time.Duration) {
	was := readyWithin
	readyWithin = d
	t.Cleanup(func() { readyWithin = was })
}

// ShopOf is the process that runs in the set now.
func ShopOf(set harness.Set) *process.Process {
	s := set.(*world).shop
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}
