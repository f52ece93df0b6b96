package explore

import (
	"time"

	"github.com/unhappypath/unhappypath/harness/injection"
)

// Comparing plants another rule by which histories count as the same.
func (c Config) Comparing(same func(injection.Injection, Outcome) uint64) Config {
	c.same = same
	return c
}

// Trace gives the outcome the trace of a history in which each message is a call,
// one after the other, and what was hit shows in its call alone.
func (o *Outcome) Trace(s injection.Schedule) {
	o.Rest, o.Calls, o.Spans = add(0, o.Sign), map[string]call{}, map[string]span{}
	for i, m := range o.Messages {
		o.Spans[m.slot()] = span{Seen: time.Duration(2*i) * time.Second, Answered: time.Duration(2*i+1) * time.Second}
		c := call{Whole: 1, Outline: 1}
		for _, injection := range s {
			spelled := injection.Hop == m.Hop && injection.Trigger.Method == m.Method && injection.Trigger.Path == m.Path
			if injection.Trigger.N != m.N || !spelled && (m.Operation == "" || injection.Operation != m.Operation) {
				continue
			}
			c.Injected = true
			c.Whole = add(c.Whole, injection.String())
			if !(&candidate{Injection: injection}).comparable() {
				c.Outline = c.Whole
			}
		}
		o.Calls[m.String()] = c
	}
}
