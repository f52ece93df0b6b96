package html

import (
	"fmt"
	"html/template"
)

// longStory is how many rows of the event table make a page so long that nobody
// sees what is on it.
const longStory = 60

// hasContents says whether the page begins with a list of its parts: where it is
// long, or somebody looks for what broke.
func (s story) hasContents() bool { return s.Bad() || s.Broken() || len(s.Events) > longStory }

// At is the id of one of the page's parts, as the list of them leads there. No
// event and no story has such a name.
func (s story) At(part string) template.HTMLAttr {
	if !s.hasContents() {
		return ""
	}
	return template.HTMLAttr(fmt.Sprintf(` id="%s"`, s.place(part))) // letters, digits, “/” and “_” alone
}

func (s story) place(part string) string { return s.Prefix + "_" + part }

// Contents lead to the parts that the page has.
func (s story) Contents() (list []way) {
	if !s.hasContents() {
		return nil
	}
	for _, part := range []struct {
		name, title string
		is          bool
	}{
		{"saw", "What the customer saw", true},
		{"why", "Why", len(s.Hints) > 0 || s.Broken()},
		{"promises", "Promises", true},
		{"money", "Money", true},
		{"faults", "What went wrong", len(s.Injections) > 0},
		{"lanes", "Who told whom", true},
		{"diff", "What is different", s.Diff != nil},
		{"replay", "Replay", s.Run.Replay != ""},
		{"events", "Event table", true},
		{"calls", "Requests and responses", true},
	} {
		if part.is {
			list = append(list, way{Href: "#" + s.place(part.name), Text: part.title})
		}
	}
	return list
}
