package explore

import (
	"cmp"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// oneInSeven is the share of the schedules that end with an epilogue: a prime, so that
// shards have the same share.
const oneInSeven = 7

// epilogue is the end of the story as a message: the submit that is sent again then. Of
// the submits of the story as it is, it is known how they are spelled.
func (e *explorer) epilogue() (m Message, known bool) {
	for _, m := range e.clean.Messages {
		if m.Operation == observe.Submit {
			return Message{Hop: m.Hop, Operation: m.Operation, Method: m.Method, Path: m.Path}, true
		}
	}
	return m, false
}

// ends are the epilogues that the catalogue knows, the weaker ones first: without a
// restart, and after one of each process that can be killed.
func (e *explorer) ends() (list []*candidate) {
	m, known := e.epilogue()
	if !e.Epilogues || !known || !e.clean.Sold {
		return nil
	}
	for _, process := range slices.Concat([]string{""}, e.Processes) {
		for _, kind := range fault.Kinds() {
			if kind.Tries == nil {
				continue
			}
			for _, try := range kind.Tries(fault.Spot{Of: fault.AnEnd, Name: process}) {
				list = append(list, e.catalogue.end(m, try.Fault, len(list)))
			}
		}
	}
	return list
}

// aloneAtEnd are the epilogues after the story as it is.
func (e *explorer) aloneAtEnd() (list []item) {
	for _, c := range e.ends() {
		list = append(list, item{level: epilogues, ids: []int{c.id}})
	}
	if e.Epilogues && len(list) == 0 {
		e.result.NoEpilogue = "no customer is told that she bought in the story as it is"
	}
	e.result.Epilogues.Possible += e.mine(len(list))
	return list
}

// afterSingles are the last of the epilogues, after each single that was tried, took
// effect and left a customer who was told that she bought. Of singles that cannot differ,
// and of those that come to nothing, it is none but the first.
func (e *explorer) afterSingles() (list []item) {
	ends := e.ends()
	if len(ends) == 0 {
		return nil
	}
	same := classify(e.clean, e.tried, func(id int) *candidate { return e.catalogue.list[id] }, e.same)
	for id, o := range e.tried {
		class, compared := same.of[id]
		if o.Verdict != judge.Kept || len(o.Missed) > 0 || !o.Sold || compared && class != id || e.followed[id] {
			continue
		}
		e.followed[id] = true
		ids := []int{id, ends[len(ends)-1].id}
		slices.Sort(ids)
		list = append(list, item{level: epilogues, ids: ids, rank: e.catalogue.list[id].rank})
	}
	arrange(list, e.Seed)
	e.result.Epilogues.Possible += e.mine(len(list))
	return list
}

// withShare puts schedules that end with an epilogue among others, one in seven. Those
// that are left wait for the next ones, or are the leftOver.
func (e *explorer) withShare(others, ends []item) (list []item) {
	e.waiting = append(e.waiting, ends...)
	for i, it := range others {
		if i%(oneInSeven-1) == oneInSeven-2 && len(e.waiting) > 0 {
			list, e.waiting = append(list, e.waiting[0]), e.waiting[1:]
		}
		list = append(list, it)
	}
	return list
}

// leftOver are those whose turn has not come.
func (e *explorer) leftOver() []item {
	left := e.waiting
	e.waiting = nil
	return left
}

// isSold says whether a customer's last screen says that she bought.
func isSold(r *judge.Run) bool {
	last := map[string]observe.Status{}
	for _, e := range r.History {
		if e.Kind == observe.Screen {
			last[cmp.Or(e.Actor, e.View.Basket)+"\x00"+e.View.Tab] = e.View.Says
		}
	}
	for _, says := range last {
		if says.IsSale() {
			return true
		}
	}
	return false
}
