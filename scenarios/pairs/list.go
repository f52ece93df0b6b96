package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
)

// named is an injection's name in a list: by the message's hop, method and path, whatever
// its operation, so that a list of an older version fits.
func named(m explore.Message, i injection.Injection) string {
	at := string(i.Trigger.Phase)
	if i.For > 0 {
		return fmt.Sprintf("%s %s: %s, for %s", m, at, i.Fault, i.For)
	}
	return fmt.Sprintf("%s %s: %s", m, at, i.Fault)
}

// only says which injections a file lists.
func only(path string) (func(explore.Message, injection.Injection) bool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			listed[line] = true
		}
	}
	return func(m explore.Message, i injection.Injection) bool { return listed[named(m, i)] }, nil
}

// write lists the injections that an exploration came to.
func write(path string, r explore.Result) error {
	var names []string
	for _, c := range r.Cells {
		names = append(names, named(c.Message, c.Injection))
	}
	slices.Sort(names)
	return os.WriteFile(path, []byte(strings.Join(slices.Compact(names), "\n")+"\n"), 0o644)
}
