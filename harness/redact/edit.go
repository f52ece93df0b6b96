package redact

import "strings"

// edit is a text in which pieces are replaced, from left to right.
type edit struct {
	text string
	out  strings.Builder
	done int
}

func (e *edit) replace(from, to int, with string) {
	e.out.WriteString(e.text[e.done:from])
	e.out.WriteString(with)
	e.done = to
}

func (e *edit) String() string {
	if e.done == 0 && e.out.Len() == 0 {
		return e.text
	}
	return e.out.String() + e.text[e.done:]
}
