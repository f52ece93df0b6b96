package target

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// checkWhen looks whether a condition is about what an earlier step captured, and
// whether the page can be loaded without the step.
func (c requests) checkWhen(tell func(string, ...string)) {
	names := map[string]bool{}
	for _, part := range []struct {
		name  string
		steps []request
	}{{"login", c.Login}, {"basket", c.Basket}, {"open", c.Open}} {
		for i, r := range part.steps {
			place := []string{"customer", part.name, strconv.Itoa(i)}
			if r.When != nil {
				last := part.name == "open" && i == len(c.Open)-1
				checkCondition(tell, r.When.Captured, last, names, append(slices.Clone(place), "when"))
			}
			for _, name := range []string{"amount", "currency", "due"} {
				if _, does := r.Capture[name]; does {
					tell(pricedBy(part.name, name, r.When != nil), append(slices.Clone(place), "capture", name)...)
				}
			}
			for name := range r.Capture {
				names[name] = true
			}
		}
	}
	for _, s := range c.steps() {
		if !s.comesFirst() && s.request.When != nil {
			tell("when is for login, basket and open steps: leave it out here", append(slices.Clone(s.place), "when")...)
		}
	}
}

// pricedBy says why a step cannot say what the page shows, or "".
func pricedBy(part, name string, conditional bool) string {
	switch {
	case part != "open":
		return "the page shows its price each time it is loaded, and a " + part + " step is made once: capture " + name + " in an open step"
	case conditional:
		return "a step with when may be left out, and the page always shows its price: capture " + name + " in a step without when"
	}
	return ""
}

func checkCondition(tell func(string, ...string), name string, last bool, names map[string]bool, place []string) {
	switch {
	case last:
		tell("the last open step loads the page and is always made: leave when out, or put the step before it", place...)
	case len(names) == 0:
		tell(fmt.Sprintf("no earlier step captures %q: capture it in a step before this one", name), place...)
	case !names[name]:
		tell(fmt.Sprintf("no earlier step captures %q; captured are %s: capture it in a step before this one", name, strings.Join(slices.Sorted(maps.Keys(names)), ", ")), place...)
	}
}
