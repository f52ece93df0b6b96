package wire

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/unhappypath/unhappypath/harness/redact"
)

// wordsKept is how many of a program's last lines are kept, and lineKept how much
// of each: a person is to read them.
const (
	wordsKept = 12
	lineKept  = 500
)

// Words are what a program said.
type Words struct {
	redact func(string) string

	mu   sync.Mutex
	keys redact.KeyLines
	last []string
	// frames are how many lines of a stack trace came in a row.
	frames int
	// alike are how many lines of one shape came in a row.
	alike int
	shape string
}

// NewWords has no lines yet. redact takes the secrets out of each line before the
// line is truncated.
func NewWords(redact func(string) string) *Words { return &Words{redact: redact} }

// escape is what colours a line of a terminal, or moves about on it.
var escape = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]`)

// printed is a line without what a terminal obeys instead of showing it.
func printed(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return -1
		}
		return r
	}, escape.ReplaceAllString(line, ""))
}

// frame is a line of a stack trace below what went wrong, as the JVM, Node and Ruby print it.
var frame = regexp.MustCompile(`^\s+(at .*(\)( in .*)?|:\d+:\d+)$|from \S+:\d+:in|\.\.\. \d+ (more|common frames))`)

// access is a line of an access log about a request that went well: other lines may differ in
// no more than the number of what went wrong.
var access = regexp.MustCompile(`\b(?:GET|HEAD|POST|PUT|PATCH|DELETE) \S+(?: HTTP/[0-9.]+)?"? ([123][0-9]{2})\b`)

// varies is a word with a digit in it: a number, an id, or a part of a time.
var varies = regexp.MustCompile(`[\w-]*[0-9][\w-]*`)

// shapeOf is the same for lines of an access log that differ in numbers, ids and times alone,
// and in no status; "": the line is another one.
func shapeOf(line string) string {
	of := access.FindStringSubmatch(line)
	if of == nil {
		return ""
	}
	return varies.ReplaceAllString(line, "#") + of[1]
}

// Hear takes in a line. Of a stack trace it keeps the first frame and counts the others: they
// would leave no room for the line above them, which says what went wrong. Of more than two
// lines of an access log in a row it keeps the last one and counts the others.
func (w *Words) Hear(line []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := redact.Truncate(w.redact(w.keys.Line(printed(string(line)))), lineKept)
	if !frame.MatchString(text) {
		w.frames = 0
	} else if w.frames++; w.frames > 1 {
		text = fmt.Sprintf("\t… %d more of the stack", w.frames-1)
	}
	if w.frames > 2 {
		w.last[len(w.last)-1] = text
		return
	}
	if shape := shapeOf(text); shape == "" || shape != w.shape {
		w.alike, w.shape = 0, shape
	}
	if w.alike++; w.alike > 2 {
		w.last = append(w.last[:len(w.last)-2], text, fmt.Sprintf("… %d more like it", w.alike-1))
		return
	}
	if w.last = append(w.last, text); len(w.last) > wordsKept {
		w.last = w.last[1:]
	}
}

// Last says in a sentence what it last said.
func (w *Words) Last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.last) == 0 {
		return "it said nothing"
	}
	return "it last said:\n" + strings.Join(w.last, "\n")
}
