package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/judge"
)

// outcome is what must stay of an enactment, however the harness is rebuilt.
type outcome struct {
	Verdict  judge.Verdict `json:"verdict"`
	Breaks   []string      `json:"breaks,omitempty"`
	Ledgers  string        `json:"ledgers,omitempty"` // the provider's and the carrier's, in their order
	Sentence string        `json:"sentence"`
}

// observation is one enactment of a case: "virtual/two-tabs/kept".
type observation struct {
	Case   string
	Replay string // the token that was replayed, if one was
	Seed   uint64
	outcome
}

// line is one outcome of a case, and the seeds that came to it.
type line struct {
	Case   string   `json:"case"`
	Replay string   `json:"replay,omitempty"`
	Seeds  []uint64 `json:"seeds"`
	outcome
}

func (l line) part() string {
	part, _, _ := strings.Cut(l.Case, "/")
	return part
}

func (o outcome) key() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // strings
	}
	return string(text)
}

// look reduces a run to its outcome. exact keeps the times in its sentence.
func look(r *judge.Run, exact bool) outcome {
	o := outcome{Verdict: r.Verdict(), Sentence: r.Sentence()}
	if !exact {
		o.Sentence = spelledTime.ReplaceAllString(o.Sentence, "…")
	}
	for _, ruling := range r.Rulings {
		if ruling.Verdict == judge.Broken {
			o.Breaks = append(o.Breaks, ruling.Promise)
		}
	}
	slices.Sort(o.Breaks)
	references := map[string]int{}
	var entries []string
	for _, e := range r.History {
		if e.Kind != observe.Money && e.Kind != observe.Parcel {
			continue
		}
		n, known := references[e.Entry.Reference]
		if !known {
			n = len(references) + 1
			references[e.Entry.Reference] = n
		}
		entry := fmt.Sprintf("%s #%d", e.Entry.Op, n)
		if e.Kind == observe.Money {
			entry += fmt.Sprintf(" %d %s", e.Entry.Amount, e.Entry.Currency)
		}
		entries = append(entries, entry)
	}
	o.Ledgers = strings.Join(entries, "; ")
	return o
}

// spelledTime is a time of the story in a sentence.
var spelledTime = regexp.MustCompile(`\d+\.\d s|\d+ min \d+ s|\d+ h \d+ min`)

// fold puts enactments of a case that came to the same on one line.
func fold(seen []observation) (lines []line) {
	at := map[string]int{}
	for _, o := range seen {
		key := o.Case + "\n" + o.Replay + "\n" + o.key()
		i, known := at[key]
		if !known {
			i = len(lines)
			at[key] = i
			lines = append(lines, line{Case: o.Case, Replay: o.Replay, outcome: o.outcome})
		}
		lines[i].Seeds = append(lines[i].Seeds, o.Seed)
	}
	for i := range lines {
		slices.Sort(lines[i].Seeds)
		lines[i].Seeds = slices.Compact(lines[i].Seeds)
	}
	return lines
}

// compare says what is not as recorded.
func compare(recorded []line, seen []observation, part string) (found []string) {
	known := map[string][]line{}
	for _, l := range recorded {
		if l.part() == part {
			known[l.Case] = append(known[l.Case], l)
		}
	}
	enacted := map[string]bool{}
	for _, o := range seen {
		enacted[o.Case] = true
		if was, same := o.among(known[o.Case], part == "virtual"); !same {
			found = append(found, fmt.Sprintf("%s, seed %d:\n  was %s\n  is  %s", o.Case, o.Seed, was, o.key()))
		}
	}
	for name := range known {
		if !enacted[name] {
			found = append(found, name+" was recorded, and is not enacted any more")
		}
	}
	slices.Sort(found)
	return found
}

// among says whether an outcome is one of those recorded of its case: that of
// its own seed, or any.
func (o observation) among(lines []line, ownSeed bool) (was string, same bool) {
	was = "not recorded"
	for _, l := range lines {
		if ownSeed && !slices.Contains(l.Seeds, o.Seed) {
			continue
		}
		if was = l.key(); was == o.key() {
			return was, true
		}
	}
	return was, false
}

func readLines(path string) (lines []line, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for n := 1; scanner.Scan(); n++ {
		var l line
		if err := json.Unmarshal(scanner.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		lines = append(lines, l)
	}
	return lines, scanner.Err()
}

func writeLines(path string, lines []line) error {
	slices.SortStableFunc(lines, func(a, b line) int {
		return strings.Compare(a.Case+"\n"+fmt.Sprint(a.Seeds), b.Case+"\n"+fmt.Sprint(b.Seeds))
	})
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for _, l := range lines {
		if err := encoder.Encode(l); err != nil {
			return err
		}
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
