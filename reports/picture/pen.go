package picture

import (
	"math"
	"strconv"
	"strings"
)

// pen draws lines and marks of several kinds, each kind as one path: a picture
// has hundreds of them.
type pen struct{ kinds map[string]*strings.Builder }

// stroke is all that was drawn of one kind.
type stroke struct{ Class, D string }

func (p *pen) of(class string) *strings.Builder {
	if p.kinds == nil {
		p.kinds = map[string]*strings.Builder{}
	}
	if p.kinds[class] == nil {
		p.kinds[class] = &strings.Builder{}
	}
	return p.kinds[class]
}

// strokes has lines below marks.
func (p *pen) strokes() []stroke {
	var list []stroke
	for _, class := range []string{
		asks, answers, lostAsks, lostAnswers, unseen, manyAsks, tips,
		"mark act", "mark screen", "mark", "mark captured", "mark refunded", "mark hit", "mark lost",
	} {
		if d := p.kinds[class]; d != nil {
			list = append(list, stroke{class, d.String()})
		}
	}
	return list
}

// The kinds of lines.
const (
	asks        = "way"
	answers     = "way back"
	lostAsks    = "way lostway"
	lostAnswers = "way back lostway"
	unseen      = "way unseenway"
	manyAsks    = "way many"
	tips        = "tip"
)

// shape is a mark: how it is drawn from its middle on, and of which kind it is.
type shape struct{ class, from string }

// mark draws a shape around a point.
func (p *pen) mark(s shape, x, y int) {
	to := p.of(s.class)
	path(to, 'M', x, y)
	to.WriteString(s.from)
}

// path adds one command with its numbers, in as few letters as there can be.
func path(to *strings.Builder, command byte, numbers ...int) {
	to.WriteByte(command)
	for i, n := range numbers {
		if i > 0 && n >= 0 {
			to.WriteByte(' ')
		}
		to.WriteString(strconv.Itoa(n))
	}
}

func line(to *strings.Builder, x1, y1, x2, y2 int) {
	path(to, 'M', x1, y1)
	if y1 == y2 {
		path(to, 'H', x2)
		return
	}
	path(to, 'L', x2, y2)
}

// tip is a full arrow head at the end of a line.
func tip(to *strings.Builder, x1, y1, x2, y2 int) {
	ax, ay, bx, by := barbs(x1, y1, x2, y2)
	path(to, 'M', x2, y2)
	path(to, 'l', ax, ay)
	path(to, 'l', bx-ax, by-ay)
	to.WriteByte('z')
}

// hook is an open arrow head. It is drawn from its point on, since the lines of
// answers are dashed.
func hook(to *strings.Builder, x1, y1, x2, y2 int) {
	ax, ay, bx, by := barbs(x1, y1, x2, y2)
	path(to, 'M', x2, y2)
	path(to, 'l', ax, ay)
	path(to, 'M', x2, y2)
	path(to, 'l', bx, by)
}

// barbs are the ends of an arrow head, seen from its point.
func barbs(x1, y1, x2, y2 int) (ax, ay, bx, by int) {
	angle := math.Atan2(float64(y2-y1), float64(x2-x1))
	at := func(turn float64) (int, int) {
		return int(math.Round(-9 * math.Cos(angle+turn))), int(math.Round(-9 * math.Sin(angle+turn)))
	}
	ax, ay = at(0.45)
	bx, by = at(-0.45)
	return ax, ay, bx, by
}
