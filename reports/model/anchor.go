package model

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
)

// anchors gives every run its own place in the page's address. An anchor
// comes from the run's id alone, so that a link to it lasts from one report to
// the next; only runs that share an id are told apart by their order.
type anchors map[string]bool

func (a anchors) of(id string) string {
	anchor := Plain(id)
	for n := 2; a[anchor]; n++ {
		anchor = fmt.Sprintf("%s/%d", Plain(id), n)
	}
	a[anchor] = true
	return anchor
}

// short begins the ids of a run's events. It comes from its anchor alone, too,
// and is short because it is there hundreds of times.
func (a anchors) short(anchor string) string {
	for n := 0; ; n++ {
		sum := fnv.New32a()
		fmt.Fprint(sum, anchor, n)
		short := "k" + strconv.FormatUint(uint64(sum.Sum32()), 36)
		if !a[short] {
			a[short] = true
			return short
		}
	}
}

// alias is the story's name as an anchor of its first run, or "" where it is taken.
func (a anchors) alias(story string) string {
	anchor := Plain(story)
	if a[anchor] {
		return ""
	}
	a[anchor] = true
	return anchor
}

// Plain keeps what needs no escape in an address. Where something was lost, a
// hash of the whole keeps different ids apart.
func Plain(id string) string {
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

// Address is where a run's parts are: in a page of all runs its events' ids
// begin with something of the run's own, in a page of its own with nothing.
type Address struct {
	Prefix string
	Packed bool  // a script puts in what would be said twice
	Rows   []int // event → the one whose row tells of it, where calls are folded
}

func (a Address) id(i int) string { return a.Prefix + EventName(i) }

func (a Address) Href(i int) string {
	if a.Rows != nil {
		i = a.Rows[i]
	}
	return "#" + a.Prefix + EventName(i)
}

func (a Address) Link(i int) Link { return Link{a.Href(i), EventName(i)} }

// Links lead to the events.
func (a Address) Links(evidence []int) []Link {
	var list []Link
	for _, i := range evidence {
		list = append(list, a.Link(i))
	}
	return list
}

// Link leads to an event of the table.
type Link struct{ Href, Text string }

// EventName is how every part of the report calls the event at an index.
func EventName(i int) string { return "e" + strconv.Itoa(i+1) }
