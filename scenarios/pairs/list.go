package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// named is an injection's name in a list of faults: when it takes effect, and what it does,
// whatever the message, and whatever its field is called: "answered: drop FIELD".
func named(i injection.Injection) string {
	words := strings.Fields(i.Fault.String())
	for n, word := range words[1:] {
		if rest, is := strings.CutPrefix(word, i.Fault.Field); is && i.Fault.Field != "" {
			words[n+1] = "FIELD" + rest
		}
	}
	does := strings.Join(words, " ")
	if i.For > 0 {
		does += ", for " + i.For.String()
	}
	return string(i.Trigger.Phase) + ": " + does
}

// only says which injections are of a fault that a file lists, one a line; "#" begins a remark.
func only(path string) (func(injection.Injection) bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			listed[line] = true
		}
	}
	if len(listed) == 0 {
		return nil, fmt.Errorf("-list %s: it names no fault: want one a line, such as %q", path, "answered: delay 12s")
	}
	return func(i injection.Injection) bool { return listed[named(i)] }, nil
}

// write lists the faults that an exploration came to.
func write(path string, r explore.Result) error {
	var names []string
	for _, c := range r.Cells {
		names = append(names, named(c.Injection))
	}
	slices.Sort(names)
	return os.WriteFile(path, []byte(strings.Join(slices.Compact(names), "\n")+"\n"), 0o644)
}
