package target

import (
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness"
)

// part is a message that plays a part in a purchase, as injections and taps know it.
type part struct{ method, path string }

func (p part) is() bool { return p.path != "" }

// blurs says whether one message may be meant by both.
func (p part) blurs(other part) bool {
	path, mark := harness.CutMark(p.path)
	its, too := harness.CutMark(other.path)
	return p.method == other.method && mark == too && overlap(path, its)
}

// submits is the message that a click sends.
func (t *Target) submits() part {
	if b := t.Customer.Browser; b != nil {
		return partOf(b.Sends)
	}
	return t.Customer.Submit.part()
}

// looks is the message that asks how the order stands, if the page asks.
func (t *Target) looks() part {
	if b := t.Customer.Browser; b != nil {
		return partOf(b.Looks)
	}
	return t.Customer.Look.part()
}

// opens is the message that brings the page.
func (t *Target) opens() part {
	if b := t.Customer.Browser; b != nil {
		return part{"GET", b.Open}
	}
	return t.Customer.Open[len(t.Customer.Open)-1].part()
}

// changes is the message that changes the basket, if it can be.
func (t *Target) changes() part {
	if b := t.Customer.Browser; b != nil {
		return part{"PUT", b.Basket}
	}
	return t.Customer.Change.part()
}

// reads are the fields that the page reads from answers to submits and looks.
func (t *Target) reads() []string {
	if b := t.Customer.Browser; b != nil {
		return b.Reads
	}
	return t.Customer.reads()
}

// alwaysReads are the fields without which no answer has a screen: those that every
// screen that goes by fields reads.
func (t *Target) alwaysReads() (fields []string) {
	if t.Customer.Browser != nil {
		return t.reads()
	}
	for _, field := range t.reads() {
		if !slices.ContainsFunc(t.Customer.Screens, func(s screen) bool { return len(s.JSON) > 0 && !s.reads(field) }) {
			fields = append(fields, field)
		}
	}
	return fields
}

func (s screen) reads(field string) bool {
	for pointer := range s.JSON {
		if first, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/"); first == field {
			return true
		}
	}
	return false
}

// partOf reads “POST /buy/{id}”, and what tells it apart.
func partOf(m sent) part {
	a := m.apart()
	return part{a.Method, a.Path + a.Mark()}
}

func (r *request) part() part {
	if r == nil {
		return part{}
	}
	a := r.apart()
	return part{a.Method, a.Path + a.Mark()}
}

// reads are the first parts of the pointers in the screens.
func (c Customer) reads() (fields []string) {
	seen := map[string]bool{}
	for _, s := range c.Screens {
		for pointer := range s.JSON {
			field, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
			if field != "" && !seen[field] {
				seen[field] = true
				fields = append(fields, field)
			}
		}
	}
	return fields
}
