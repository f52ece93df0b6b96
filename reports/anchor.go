package reports

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// anchors gives every run its own place in the page's address. An anchor
// comes from the run's id alone, so that a link to it lasts from one report to
// the next; only runs that share an id are told apart by their order.
type anchors map[string]bool

func (a anchors) of(id string) string {
	anchor := plain(id)
	for n := 2; a[anchor]; n++ {
		anchor = fmt.Sprintf("%s/%d", plain(id), n)
	}
	a[anchor] = true
	return anchor
}

// alias is the story's name as an anchor of its first run, or "" where it is taken.
func (a anchors) alias(story string) string {
	anchor := plain(story)
	if a[anchor] {
		return ""
	}
	a[anchor] = true
	return anchor
}

// plain keeps what needs no escape in an address. Where something was lost, a
// hash of the whole keeps different ids apart.
func plain(id string) string {
	safe := strings.Map(func(c rune) rune {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.ContainsRune("-_./", c):
			return c
		}
		return '-'
	}, id)
	if safe == id && id != "" {
		return id
	}
	sum := fnv.New32a()
	sum.Write([]byte(id))
	return fmt.Sprintf("run-%s-%08x", safe[:min(len(safe), 60)], sum.Sum32())
}
