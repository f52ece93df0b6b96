package books_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/books"
	"github.com/unhappypath/unhappypath/fakes/observe"
)

// A change is told in the ledger's order, then that a decision made a difference, then
// what follows from it; and none of it with the lock held.
func TestChangesAreToldBeforeTheyReturn(t *testing.T) {
	var mu sync.Mutex
	var told []string
	note := func(text string) {
		require.True(t, mu.TryLock(), "no lock is held while %s is told", text)
		told = append(told, text)
		mu.Unlock()
	}
	b := books.Open(books.Books{
		Actor: "provider", Kind: observe.Money, Lock: &mu, Then: func() { note("then") },
		See: func(e observe.Event) { note(string(e.Kind) + " " + string(e.Entry.Op)) },
	})
	b.Commit(func(time.Time) {
		b.Took(nil)
		b.Took(func() { note("took") })
		b.Record(observe.Entry{Op: observe.MoneyCreated})
		b.Record(observe.Entry{Op: observe.MoneyCaptured})
	})
	require.Equal(t, []string{"money created", "money captured", "took", "then"}, told)
	require.Len(t, b.Ledger(), 2)
	b.Commit(func(time.Time) {})
	require.Equal(t, "then", told[len(told)-1])
	require.Len(t, told, 5, "nothing is told twice")
}

func TestChangesAreMadeOneAtATime(t *testing.T) {
	var mu sync.Mutex
	var order []int64
	b := books.Open(books.Books{Lock: &mu, See: func(e observe.Event) { order = append(order, e.Entry.Amount) }})
	var all sync.WaitGroup
	n := int64(0)
	for range 50 {
		all.Go(func() {
			b.Commit(func(time.Time) { n++; b.Record(observe.Entry{Amount: n}) })
		})
	}
	all.Wait()
	for i, amount := range order {
		require.Equal(t, int64(i+1), amount)
	}
}

func TestSeeds(t *testing.T) {
	_, err := books.ReadSeed(strings.NewReader("short"))
	require.ErrorContains(t, err, "reading Rand")
	s, err := books.ReadSeed(strings.NewReader(strings.Repeat("a", 32)))
	require.NoError(t, err)
	require.Equal(t, s.Digest("a", "b"), s.Digest("a", "b"))
	require.NotEqual(t, s.Digest("a", "bc"), s.Digest("ab", "c"))
}
