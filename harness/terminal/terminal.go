// Package terminal says whether somebody reads what is written, and colours words
// only where that is so and nobody minds (https://no-color.org).
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Is says whether a person sees what is written there. /dev/null is a device, and
// no terminal.
func Is(out io.Writer) bool {
	file, is := out.(*os.File)
	return is && term.IsTerminal(int(file.Fd()))
}

// Paint colours words, or leaves them as they are.
type Paint bool

// For is the paint for what is written there.
func For(out io.Writer) Paint {
	return Paint(Is(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// Good is a text of something that is as it should be.
func (p Paint) Good(text string) string { return p.wrap("32", text) }

// Bad is a text of something that is not.
func (p Paint) Bad(text string) string { return p.wrap("31", text) }

func (p Paint) wrap(code, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}
