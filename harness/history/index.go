package history

import (
	"sync"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// Index is what a history says, each part read once, when it is first asked for. Events
// are named by their indices. Many may ask at once.
type Index struct {
	Events []observe.Event
	// Baskets are the customers' wishes to buy, in the order in which they were first
	// opened or clicked.
	Baskets []string

	wishes     map[string]bool
	about      map[string][]int  // basket → events
	owners     map[string]string // reference → basket
	references []string          // of payments and parcels, in the order in which they came

	once    sync.Once
	traffic traffic
}

// Read reads the events of a whole history. When it has got more of them, read again.
func Read(events []observe.Event) *Index {
	x := &Index{Events: events, wishes: map[string]bool{}, about: map[string][]int{}, owners: map[string]string{}}
	for _, e := range events {
		if e.Kind == observe.Action && e.Act.Basket != "" && !x.wishes[e.Act.Basket] {
			x.wishes[e.Act.Basket] = true
			x.Baskets = append(x.Baskets, e.Act.Basket)
		}
	}
	for i, e := range events {
		x.book(i, e)
	}
	return x
}

// IsOf says whether these are the events that were read.
func (x *Index) IsOf(events []observe.Event) bool {
	return len(events) == len(x.Events) && (len(events) == 0 || &events[0] == &x.Events[0])
}

// Instant is the range of the events that happened at the same time as the i-th:
// within it, the order of the history is an order of names.
func (x *Index) Instant(i int) (first, after int) {
	for first = i; first > 0 && x.Events[first-1].At == x.Events[i].At; {
		first--
	}
	for after = i + 1; after < len(x.Events) && x.Events[after].At == x.Events[i].At; {
		after++
	}
	return first, after
}
