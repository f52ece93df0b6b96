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
	for i, r := range c.Open {
		place := []string{"customer", "open", strconv.Itoa(i)}
		if r.When != nil {
			c.checkCondition(tell, i, names, append(slices.Clone(place), "when"))
			for _, name := range []string{"amount", "currency", "due"} {
				if _, does := r.Capture[name]; does {
					tell("a step with when may be left out, and the page always shows its price: capture "+name+" in a step without when", append(slices.Clone(place), "capture", name)...)
				}
			}
		}
		for name := range r.Capture {
			names[name] = true
		}
	}
	for _, s := range c.steps() {
		if s.name != "open" && s.request.When != nil {
			tell("when is for open steps: leave it out here", append(slices.Clone(s.place), "when")...)
		}
	}
}

func (c requests) checkCondition(tell func(string, ...string), i int, names map[string]bool, place []string) {
	switch name := c.Open[i].When.Captured; {
	case i == len(c.Open)-1:
		tell("the last open step loads the page and is always made: leave when out, or put the step before it", place...)
	case len(names) == 0:
		tell(fmt.Sprintf("no earlier step captures %q: capture it in a step before this one", name), place...)
	case !names[name]:
		tell(fmt.Sprintf("no earlier step captures %q; captured are %s: capture it in a step before this one", name, strings.Join(slices.Sorted(maps.Keys(names)), ", ")), place...)
	}
}
