package process

import (
	"bytes"
	"sync"
)

// maxLine is where a line is cut. It bounds our memory whatever the program
// prints: a progress bar without line ends, or a binary by mistake.
const maxLine = 64 << 10

// lines is a writer that tells what is written to it line by line. It never
// fails, as a failed write would break the program's pipe.
type lines struct {
	turn *sync.Mutex
	tell func(line []byte)
	line []byte // what came of the current line, up to maxLine
	any  bool   // whether something came of it: an empty line is a line, too
}

func (l *lines) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		part, rest, whole := bytes.Cut(b, []byte{'\n'})
		l.line = append(l.line, part[:min(len(part), maxLine-len(l.line))]...)
		l.any = true
		if whole {
			l.flush()
		}
		b = rest
	}
	return n, nil
}

// flush tells the current line, complete or not.
func (l *lines) flush() {
	if !l.any {
		return
	}
	l.turn.Lock()
	defer l.turn.Unlock()
	l.tell(bytes.TrimSuffix(l.line, []byte{'\r'}))
	l.line, l.any = l.line[:0], false
}
