package html

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/unhappypath/unhappypath/reports/model"
)

// site says where the runs are in one form of the report, seen from a run's own
// part of it.
type site struct {
	index   string
	page    func(*model.Told) string // the way from one run to another
	address func(*model.Told) model.Address
	album   album
}

// storyPieces are the templates that draw a run's part of the report, in order.
var storyPieces = []string{
	"story.head", "story.seen", stripPiece, "story.screens", "story.why", "story.promises", "story.money",
	lanesPiece, "story.diff", "story.events", "story.calls",
}

// The pieces that are pictures. Every mark of them is a row of a table, too.
const (
	stripPiece = "story.strip"
	lanesPiece = "story.lanes"
)

// drawing is a run's part of the report, as its templates drew it: one piece for
// each of storyPieces.
type drawing [][]byte

func newDrawing(s story) (drawing, error) {
	var d drawing
	for _, piece := range storyPieces {
		text, err := draw(piece, s)
		if err != nil {
			return nil, fmt.Errorf("the story %s: %w", s.Run.ID, err)
		}
		d = append(d, lean(text))
	}
	return d, nil
}

func (d drawing) size() int {
	n := 0
	for _, piece := range d {
		n += len(piece)
	}
	return n
}

// noPictures stands where a plain story has none.
const noPictures = `<p class="unseen" id="%s_lanes">The pictures of this run, what the customer saw and who told whom, need JavaScript here. ` +
	`Every mark of them is a row of the tables.%s</p>`

// plain is the drawing without its pictures, which are half of it. What leads to
// the lanes finds the way to the event in their place.
func (d drawing) plain(t *model.Told) drawing {
	plain := slices.Clone(d)
	for i, piece := range storyPieces {
		switch piece {
		case stripPiece:
			plain[i] = nil
		case lanesPiece:
			way := ""
			if pins := model.Pins(t.Run); len(pins) > 0 {
				name := model.EventName(pins[0].Event)
				way = fmt.Sprintf(` <span id="%s%s">The event that broke it is <a href="#%s%s">%s</a>.</span>`, t.Key(), model.PinName, t.Key(), name, name)
			}
			plain[i] = fmt.Appendf(nil, noPictures, t.Key(), way)
		}
	}
	return plain
}

// bodiesOf draws every run, in the order of the company. Each is drawn by itself,
// so that all processors can draw; what they draw does not depend on who did.
func bodiesOf(c *model.Suite, s site) ([]drawing, error) {
	around := aroundEach(c, s)
	bodies := make([]drawing, len(c.Told))
	errs := make([]error, len(c.Told))
	each(len(c.Told), func(i int) {
		t := c.Told[i]
		drawn := newStory(t, s.address(t), s.album)
		drawn.Way, drawn.Rounds = around[i], roundsOf(t, s)
		if t.Bad() || t.Demo() {
			drawn.Diff = c.Diff(t, drawn.Address)
		}
		bodies[i], errs[i] = newDrawing(drawn)
	})
	return bodies, errors.Join(errs...)
}

// needless are the escapes that html/template writes everywhere and that are
// needed in attributes alone. A report is full of JSON, which is full of quotes.
var needless = []struct{ escape, text string }{{"&#34;", `"`}, {"&#39;", "'"}, {"&gt;", ">"}, {"&#43;", "+"}}

// lean is the markup without needless escapes between its tags. In a tag there is
// no “>” but its end: in attributes it is escaped, and stays so.
func lean(markup []byte) []byte {
	out := make([]byte, 0, len(markup))
	for len(markup) > 0 {
		next := bytes.IndexAny(markup, "<&")
		if next < 0 {
			return append(out, markup...)
		}
		out, markup = append(out, markup[:next]...), markup[next:]
		if markup[0] == '<' {
			end := bytes.IndexByte(markup, '>') + 1
			if end == 0 {
				end = len(markup)
			}
			out, markup = append(out, markup[:end]...), markup[end:]
			continue
		}
		length, text := 1, "&"
		for _, n := range needless {
			if bytes.HasPrefix(markup, []byte(n.escape)) {
				length, text = len(n.escape), n.text
			}
		}
		out, markup = append(out, text...), markup[length:]
	}
	return out
}

// aroundEach are the ways from each run to the index and to its broken neighbours.
func aroundEach(c *model.Suite, s site) [][]way {
	list := make([][]way, len(c.Told))
	bad := -1
	for i, t := range c.Told {
		list[i] = []way{{s.index, "All stories", "up"}}
		if bad >= 0 {
			list[i] = append(list[i], way{s.page(c.Told[bad]), "Previous failure", "prev"})
		}
		if t.Bad() {
			bad = i
		}
		if next := i + 1; next < len(c.Told) && c.Told[next].Bad() {
			list[i] = append(list[i], way{s.page(c.Told[next]), "Next failure", "next"})
		}
	}
	return list
}

// mostRounds is how many rounds of a form a run links to.
const mostRounds = 40

func roundsOf(t *model.Told, s site) []way {
	if len(t.Form.Rounds) < 2 {
		return nil
	}
	var list []way
	for _, round := range t.Form.Rounds[:min(len(t.Form.Rounds), mostRounds)] {
		text := fmt.Sprintf("%s (seed %d)", round.Standing.Word, round.Run.Seed)
		href := s.page(round)
		if round == t {
			href = "" // this one
		}
		list = append(list, way{Href: href, Text: text})
	}
	return list
}

// each does something n times, on all processors at once.
func each(n int, do func(i int)) {
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wait.Wait()
}
