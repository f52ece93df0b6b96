package webhooks

import (
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

// planner makes the sequences that are tried.
type planner struct {
	hooks provider.Webhooks
	acts  map[string]bool // the notices at which the handler has an effect; nil: it is not killed
	brief bool            // it takes long to start, so that it is killed at fewer moments
	list  []Sequence
	known map[string]bool
}

// plan are all sequences that are tried of these purchases, those that kill nobody
// first, and random ones until there are so many. acts are the notices at which the handler
// has an effect; nil: it is not killed. brief: it takes long to start.
func plan(hooks provider.Webhooks, purchases []provider.Purchase, acts map[string]bool, brief bool, count int, seed uint64) []Sequence {
	p := &planner{hooks: hooks, acts: acts, brief: brief, known: map[string]bool{}}
	seen := map[string]bool{} // notices of the purchases before
	for _, purchase := range purchases {
		var names, fresh []string
		of := map[string]string{}
		for _, n := range purchase.Notices(provider.Wish{Currency: "NOK"}) {
			names = append(names, n.Name)
			of[n.Name] = n.Of
			if !seen[n.Event()] || n.Of == "" {
				fresh = append(fresh, n.Name)
			}
			seen[n.Event()] = true
		}
		p.repeats(purchase.Name, names, fresh)
		p.orders(purchase.Name, names)
		p.single(purchase.Name, names, fresh)
		p.killsAtWork(purchase.Name, names, fresh, of)
		p.forgeries(purchase.Name, names, fresh, of)
	}
	systematic := len(p.list)
	random := rand.New(rand.NewPCG(seed, 0x5e9))
	for tries := 0; len(p.list) < max(count, systematic) && tries < 20*count; tries++ {
		purchase := purchases[random.IntN(len(purchases))]
		p.add(p.random(random, purchase))
	}
	slices.SortStableFunc(p.list, func(a, b Sequence) int {
		switch {
		case a.kills() == b.kills():
			return 0
		case b.kills():
			return -1
		default:
			return 1
		}
	})
	return p.list
}

func (p *planner) add(s Sequence) {
	if text := s.String(); !p.known[text] {
		p.known[text] = true
		p.list = append(p.list, s)
	}
}

func inOrder(purchase string, names []string) Sequence {
	s := Sequence{Purchase: purchase}
	for _, name := range names {
		s.Steps = append(s.Steps, []Delivery{{Notice: name}})
	}
	return s
}

// with is the sequence with a step put in at a place, or in place of one.
func (s Sequence) with(at int, instead bool, step ...Delivery) Sequence {
	end := at
	if instead {
		end++
	}
	steps := slices.Concat(s.Steps[:at], [][]Delivery{step}, s.Steps[end:])
	return Sequence{s.Purchase, steps}
}

// repeats are notices that come twice, one after the other, later, or at once.
func (p *planner) repeats(purchase string, names, fresh []string) {
	plain := inOrder(purchase, names)
	for i, name := range names {
		if !slices.Contains(fresh, name) {
			continue
		}
		d := Delivery{Notice: name}
		p.add(plain.with(i, false, d))
		p.add(plain.with(len(names), false, d))
		p.add(plain.with(i, true, d, d))
		p.add(plain.with(i, true, d, d, d, d, d))
	}
	p.add(Sequence{purchase, append(slices.Clone(plain.Steps), plain.Steps...)})
	if !p.hooks.Ordered {
		p.add(Sequence{purchase, [][]Delivery{plain.all()}})
		p.add(Sequence{purchase, [][]Delivery{append(plain.all(), plain.all()...)}})
	}
}

// orders are the orders in which every three notices come in every order: no failure
// that is known needs more.
func (p *planner) orders(purchase string, names []string) {
	if p.hooks.Ordered {
		return
	}
	next := slices.Clone(names)
	slices.Reverse(next)
	p.add(inOrder(purchase, next))
	left := map[[3]string]bool{} // each three, in each order
	for _, a := range names {
		for _, b := range names {
			for _, c := range names {
				if a != b && b != c && a != c {
					left[[3]string{a, b, c}] = true
				}
			}
		}
	}
	random := rand.New(rand.NewPCG(uint64(len(names)), 0x0de5))
	for {
		place := places(next)
		maps.DeleteFunc(left, func(three [3]string, _ bool) bool { return inThisOrder(place, three) })
		if len(left) == 0 {
			return
		}
		next = bestOrder(names, left, random)
		p.add(inOrder(purchase, next))
	}
}

func places(order []string) map[string]int {
	place := map[string]int{}
	for i, name := range order {
		place[name] = i
	}
	return place
}

func inThisOrder(place map[string]int, three [3]string) bool {
	return place[three[0]] < place[three[1]] && place[three[1]] < place[three[2]]
}

// bestOrder is the one of some that has the most of the orders that are left.
func bestOrder(names []string, left map[[3]string]bool, random *rand.Rand) (best []string) {
	most := -1
	first := slices.SortedFunc(maps.Keys(left), func(a, b [3]string) int { return slices.Compare(a[:], b[:]) })[0]
	for range 60 {
		order := slices.Clone(names)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		order = slices.DeleteFunc(order, func(name string) bool { return slices.Contains(first[:], name) })
		at := random.IntN(len(order) + 1)
		order = slices.Insert(order, at, first[:]...)
		n, place := 0, places(order)
		for three := range left {
			if inThisOrder(place, three) {
				n++
			}
		}
		if n > most {
			best, most = order, n
		}
	}
	return best
}

// single are sequences in which one delivery is not as it should be.
func (p *planner) single(purchase string, names, fresh []string) {
	plain := inOrder(purchase, names)
	for i, name := range names {
		if !slices.Contains(fresh, name) {
			continue
		}
		for _, m := range []Manner{Cut, Unanswered, Rotated} {
			p.add(plain.with(i, true, Delivery{name, m}))
		}
		if p.acts != nil && (p.acts[name] || !p.brief) {
			p.add(plain.with(i, true, Delivery{name, Killed}))
		}
		if p.acts[name] {
			p.add(plain.with(i, false, Delivery{name, Killed}))
		}
	}
	for _, m := range []Manner{Late, Rotated, Cut, Unanswered} {
		all := Sequence{Purchase: purchase}
		for _, name := range names {
			all.Steps = append(all.Steps, []Delivery{{name, m}})
		}
		p.add(all)
	}
}

// killsAtWork are sequences in which the handler is killed before its answer: where it has
// an effect at each tenth of its time, for between two writes there is little of it. One
// that takes long to start is killed at quarters of it, and where it has an effect.
func (p *planner) killsAtWork(purchase string, names, fresh []string, of map[string]string) {
	plain := inOrder(purchase, names)
	for i, name := range names {
		if p.acts == nil || of[name] == "" || !slices.Contains(fresh, name) {
			continue
		}
		if p.brief && !p.acts[name] {
			continue
		}
		moments := []Manner{killedAtPerCent(50)}
		if p.acts[name] {
			moments = append(moments, firstEffect, killedAtPerCent(25), killedAtPerCent(75))
		}
		for n := 10; n < 100 && p.acts[name] && !p.brief; n += 10 {
			moments = append(moments, killedAtPerCent(n))
		}
		for _, m := range moments {
			p.add(plain.with(i, true, Delivery{name, m}))
		}
	}
}

// forgeries are notices that the provider did not send: alone, and before the right ones.
func (p *planner) forgeries(purchase string, names, fresh []string, of map[string]string) {
	plain := inOrder(purchase, names)
	for i, name := range names {
		if !slices.Contains(fresh, name) || of[name] == "" {
			continue
		}
		before := 0 // the notices of earlier effects are right
		for before < i && of[names[before]] != of[name] {
			before++
		}
		for _, m := range forgeries(p.hooks) {
			alone := Sequence{purchase, plain.Steps[:before]}
			p.add(alone.with(before, false, Delivery{name, m}))
			p.add(plain.with(i, false, Delivery{name, m}))
		}
	}
}

// random is a sequence of everything at once.
func (p *planner) random(random *rand.Rand, purchase provider.Purchase) Sequence {
	var names []string
	for _, n := range purchase.Notices(provider.Wish{Currency: "NOK"}) {
		names = append(names, n.Name)
	}
	s := inOrder(purchase.Name, names)
	if !p.hooks.Ordered {
		random.Shuffle(len(s.Steps), func(i, j int) { s.Steps[i], s.Steps[j] = s.Steps[j], s.Steps[i] })
	}
	manners := append([]Manner{Cut, Unanswered, Late, Rotated}, forgeries(p.hooks)...)
	if p.acts != nil && !p.brief && random.IntN(8) == 0 {
		manners = append(manners, Killed, Killed, Killed, Killed, killedAtPerCent(1+random.IntN(mostPerCents)), firstEffect)
	}
	for range 1 + random.IntN(5) {
		at := random.IntN(len(s.Steps))
		one := s.Steps[at][0]
		if one.Manner.Forged() {
			continue // the provider did not send it
		}
		switch random.IntN(4) {
		case 0: // again, then or later
			s = s.with(at+1+random.IntN(len(s.Steps)-at), false, Delivery{Notice: one.Notice})
		case 1: // at once
			s = s.with(at, true, append(slices.Clone(s.Steps[at]), Delivery{Notice: one.Notice})...)
		default:
			m := manners[random.IntN(len(manners))]
			if m.Forged() {
				s = s.with(random.IntN(at+1), false, Delivery{one.Notice, m})
			} else {
				s = s.with(at, true, append([]Delivery{{one.Notice, m}}, s.Steps[at][1:]...)...)
			}
		}
	}
	return s
}
