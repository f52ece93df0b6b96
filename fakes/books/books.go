// Package books keeps the ledger of a fake: one change at a time, told before it is
// answered. It also derives ids that depend on a seed and on the names of things alone.
package books

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Books are one fake's. Actor, Kind, See and Lock must be given to Open.
type Books struct {
	Actor string
	Kind  observe.Kind // observe.Money or observe.Parcel
	See   observe.Observer
	Lock  sync.Locker // the owner's; never held while See is called
	// Then is called after a change was told, before Commit returns, with no lock held. A
	// fake announces its webhooks there, so that an Observer that puts a fault in place
	// upon a change is in time for its webhook. Nil: nothing follows.
	Then func()

	// turn serialises changes with their telling. It is a channel, not a mutex, since See
	// may block for any story time, and a goroutine that waits for a mutex would hold a
	// synctest bubble's clock.
	turn   chan struct{}
	ledger []observe.Entry
	took   []func()
}

// Open makes b ready, and returns it.
func Open(b Books) *Books {
	b.turn = make(chan struct{}, 1)
	return &b
}

// Commit runs change alone, under the lock, and tells what it wrote before it returns.
func (b *Books) Commit(change func(now time.Time)) {
	b.turn <- struct{}{}
	defer func() { <-b.turn }()
	entries, took := b.apply(change)
	for _, entry := range entries {
		b.See(observe.Event{Actor: b.Actor, Kind: b.Kind, Entry: &entry})
	}
	for _, tell := range took {
		tell()
	}
	if b.Then != nil {
		b.Then()
	}
}

func (b *Books) apply(change func(now time.Time)) (entries []observe.Entry, took []func()) {
	b.Lock.Lock()
	defer b.Lock.Unlock()
	before := len(b.ledger)
	change(time.Now())
	took, b.took = b.took, nil
	return slices.Clone(b.ledger[before:]), took
}

// Record writes into the ledger. It is called by a change, under the lock.
func (b *Books) Record(e observe.Entry) { b.ledger = append(b.ledger, e) }

// Took has tell called when the change that asks for it was told: a customer's decision
// that made a difference. It is called by a change, under the lock. Nil is no matter.
func (b *Books) Took(tell func()) {
	if tell != nil {
		b.took = append(b.took, tell)
	}
}

// Ledger is a copy: every change, in order.
func (b *Books) Ledger() []observe.Entry {
	b.Lock.Lock()
	defer b.Lock.Unlock()
	return slices.Clone(b.ledger)
}

// Seed is what ids are derived from.
type Seed []byte

// ReadSeed reads one, once.
func ReadSeed(r io.Reader) (Seed, error) {
	seed := make(Seed, 32)
	if _, err := io.ReadFull(r, seed); err != nil {
		return nil, fmt.Errorf("reading Rand: %w", err)
	}
	return seed, nil
}

// Digest is 32 bytes that depend on the seed and the parts alone.
func (s Seed) Digest(parts ...string) []byte {
	h := hmac.New(sha256.New, s)
	for _, part := range parts {
		// The length keeps ("a", "bc") and ("ab", "c") apart.
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)
}
