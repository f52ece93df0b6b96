package main

import (
	"fmt"
	"strings"
)

// mark is the line of the page after which the table stands.
const mark = "<!-- What follows is written by “make sdks UPDATE=1”. -->\n"

// render is a table for each client.
func render(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "\n## %s %s\n\n| each answer | requests | keys | payments | the caller hears |\n|---|---|---|---|---|\n", r.Name, r.seen[0].heard.Version)
		for i, s := range r.seen {
			fmt.Fprintf(&b, "| %s | %d | %s | %d | %s |\n", r.faults[i].name, s.requests, s.keyed(), s.payments, s.hears())
		}
	}
	return b.String()
}

// hears is what the caller heard, and whether it waited for that until the answer ended.
func (s seen) hears() string {
	if s.waited {
		return s.heard.String() + ", when the connection ends"
	}
	return s.heard.String()
}

// keyed says under which idempotency keys the requests came.
func (s seen) keyed() string {
	switch {
	case s.requests == 0:
		return "–"
	case s.keyless == s.requests:
		return "none"
	case s.keyless > 0:
		return fmt.Sprintf("%d, and %d without", len(s.keys), s.keyless)
	case s.requests == 1:
		return "one"
	case len(s.keys) == 1:
		return "the same"
	case len(s.keys) == s.requests:
		return "a new one each"
	}
	return fmt.Sprintf("%d", len(s.keys))
}
