package target

import "strings"

// part is a message that plays a part in a purchase, as strikes and taps know it.
type part struct{ method, path string }

func (p part) is() bool { return p.path != "" }

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

// partOf reads “POST /buy/{id}”.
func partOf(message string) part {
	method, path, _ := strings.Cut(message, " ")
	return part{method, path}
}

func (r *request) part() part {
	if r == nil {
		return part{}
	}
	return part{r.method(), r.template()}
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
