package reports

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// site says where the runs are in one form of the report, seen from a run's own
// part of it.
type site struct {
	index   string
	page    func(*told) string // the way from one run to another
	address func(*told) address
	album   album
}

// drawing is a run's part of the report, as its templates drew it, in pieces: the
// same ones of every run.
type drawing [][]byte

func (d drawing) size() int {
	n := 0
	for _, piece := range d {
		n += len(piece)
	}
	return n
}

// cut is the character that a template puts between two pieces.
var cut = []byte{0}

// bodies draws every run, in the order of the company. Each is drawn by itself,
// so that all processors can draw; what they draw does not depend on who did.
func (c *company) bodies(s site) ([]drawing, error) {
	around := c.around(s)
	bodies := make([]drawing, len(c.told))
	errs := make([]error, len(c.told))
	each(len(c.told), func(i int) {
		t := c.told[i]
		drawn := newStory(t, s.address(t), s.album)
		drawn.Way, drawn.Rounds = around[i], c.rounds(t, s)
		if t.Bad() || t.Demo() {
			drawn.Diff = c.diff(t, drawn.address)
		}
		var out bytes.Buffer
		if err := pages.ExecuteTemplate(&out, "story", drawn); err != nil {
			errs[i] = fmt.Errorf("the story %s could not be drawn: %w", t.Run.ID, err)
		}
		bodies[i] = bytes.Split(out.Bytes(), cut)
	})
	return bodies, errors.Join(errs...)
}

// around are the ways from each run to the index and to its broken neighbours.
func (c *company) around(s site) [][]way {
	list := make([][]way, len(c.told))
	bad := -1
	for i, t := range c.told {
		list[i] = []way{{s.index, "All stories", "up"}}
		if bad >= 0 {
			list[i] = append(list[i], way{s.page(c.told[bad]), "Previous failure", "prev"})
		}
		if t.Bad() {
			bad = i
		}
		if next := i + 1; next < len(c.told) && c.told[next].Bad() {
			list[i] = append(list[i], way{s.page(c.told[next]), "Next failure", "next"})
		}
	}
	return list
}

// mostRounds is how many rounds of a form a run links to.
const mostRounds = 40

func (c *company) rounds(t *told, s site) []way {
	if len(t.form.rounds) < 2 {
		return nil
	}
	var list []way
	for _, round := range t.form.rounds[:min(len(t.form.rounds), mostRounds)] {
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
