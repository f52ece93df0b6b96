package history

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

func TestSpansOfAnInjection(t *testing.T) {
	told := func(what ...observe.Fate) (events []observe.Event) {
		for _, w := range what {
			events = append(events,
				observe.Event{Kind: observe.Injected, Effect: &observe.Effect{Injection: 1, What: observe.Healed}}, // another one
				observe.Event{Kind: observe.Injected, Effect: &observe.Effect{What: w}})
		}
		return events
	}
	for name, row := range map[string]struct {
		events []observe.Event
		want   []Span
	}{
		"never in place":               {told(), nil},
		"healed without being there":   {told(observe.Healed), nil},
		"to the end of the run":        {told(observe.Installed), []Span{{1, -1, nil}}},
		"a process that was killed":    {told(observe.Fired, observe.Healed), []Span{{1, 3, nil}}},
		"put in place again meanwhile": {told(observe.Installed, observe.Installed, observe.Healed), []Span{{1, 5, nil}}},
		"put in place again afterwards": {told(observe.Installed, observe.Healed, observe.Installed),
			[]Span{{1, 3, nil}, {5, -1, nil}}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, row.want, Read(row.events).Fate(0).Spans) })
	}
}
