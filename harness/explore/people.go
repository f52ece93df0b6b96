package explore

import (
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// paymentsOf are the payments of a run in the order in which the provider was asked for
// them, as what a customer decides about, and how long each waited for her.
func paymentsOf(r *judge.Run, spans map[string]span) (list []Message) {
	waits := map[string]string{} // reference → its name among the spans
	for _, e := range r.History {
		switch {
		case e.Kind != observe.Money:
		case e.Entry.Op == observe.MoneyCreated:
			m := Message{Hop: observe.PayingHop, Operation: observe.ApproveAtProvider, N: len(list) + 1}
			list = append(list, m)
			waits[e.Entry.Reference] = m.slot()
			spans[m.slot()] = span{Seen: e.At}
		case waits[e.Entry.Reference] != "":
			spans[waits[e.Entry.Reference]] = span{Seen: spans[waits[e.Entry.Reference]].Seen, Answered: e.At}
			delete(waits, e.Entry.Reference)
		}
	}
	return list
}

// isPayment says whether it is no message but what a customer decides about.
func (m Message) isPayment() bool { return m.Method == "" && m.Operation == observe.ApproveAtProvider }

// decisions are what a customer can decide about the payment, the weaker ones first.
func (m Message) decisions() (list []attempt) {
	for _, kind := range fault.Kinds() {
		if kind.Tries == nil {
			continue
		}
		for _, try := range kind.Tries(fault.Spot{Of: fault.APayment}) {
			list = append(list, attempt{injection.OnPayment(m.N).Does(try.Fault), try.Turn})
		}
	}
	return list
}

// spacesOf names the spaces that a schedule is of: "messages+people".
func spacesOf(s injection.Schedule) string {
	var names []string
	for _, space := range fault.Spaces() {
		if slices.ContainsFunc(s, func(one injection.Injection) bool { return one.Fault.Spec().Space() == space }) {
			names = append(names, string(space))
		}
	}
	return strings.Join(names, "+")
}

// Covered is what was explored of one space of faults.
type Covered struct {
	Space fault.Space
	// Injections are those that the runs offered; of them, TookEffect in one schedule at
	// least, and Pruned in none, but left out.
	Injections, TookEffect, Pruned int
	// Schedules were explored with one of them at least, Beside with one of another space.
	Schedules, Beside int
	Findings          int
}

// Cover is what was explored of each space.
func Cover(results ...Result) (list []Covered) {
	for _, space := range fault.Spaces() {
		c := Covered{Space: space}
		for _, r := range results {
			c.add(r)
		}
		list = append(list, c)
	}
	return list
}

func (c *Covered) add(r Result) {
	for _, cell := range r.Cells {
		if cell.Injection.Fault.Spec().Space() != c.Space {
			continue
		}
		c.Injections++
		switch cell.Reached() {
		case "explored":
			c.TookEffect++
		case "pruned":
			c.Pruned++
		}
	}
	for names, n := range r.Spaces {
		if all := strings.Split(names, "+"); slices.Contains(all, string(c.Space)) {
			c.Schedules += n
			if len(all) > 1 {
				c.Beside += n
			}
		}
	}
	for _, f := range r.Findings {
		if slices.Contains(strings.Split(spacesOf(f.Injections), "+"), string(c.Space)) {
			c.Findings++
		}
	}
}
