package settings

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/units"
)

// ReplayLine is the line that enacts a story again as these settings had it.
func (s Settings) ReplayLine(story, world string, clock units.Clock) string {
	if s.byTool() {
		line := s.toolLine("replay", story)
		if s.Seed != 1 {
			line += fmt.Sprintf(" --seed %d", s.Seed)
		}
		return line
	}
	var set []string
	if s.Target == "" { // which says itself where it is staged, and with which clock
		set = append(set, "UNHAPPY_WORLD="+world)
		if world == "wire" {
			set = append(set, "UNHAPPY_CLOCK="+clock.String())
		}
	}
	set = append(set, fmt.Sprintf("UNHAPPY_SEED=%d", s.Seed))
	if s.Database != "sqlite" && s.Target == "" {
		set = append(set, "UNHAPPY_DB="+s.Database)
	}
	if len(s.Without) > 0 {
		set = append(set, "UNHAPPY_WITHOUT="+strings.Join(s.Without, ","))
	}
	return s.Line(append(set, "UNHAPPY_REPLAY="+story)...)
}

// ReplayTokenLine is the line that enacts a finding again.
func (s Settings) ReplayTokenLine(r record.Replay) string {
	if s.byTool() {
		return s.toolLine("replay", r.String())
	}
	return s.Line("UNHAPPY_REPLAY=" + r.String())
}

// Line is a line to paste that runs the suite with these settings, and in the same
// checkout.
func (s Settings) Line(set ...string) string {
	if s.byTool() && len(set) == 0 {
		return s.toolLine("run")
	}
	switch {
	case s.Target != "":
		set = append([]string{"UNHAPPY_TARGET=" + ShellQuote(s.Target)}, set...)
	case s.Provider != "":
		set = append([]string{"UNHAPPY_PROVIDER=" + ShellQuote(s.Provider)}, set...)
	}
	return strings.Join(append(set, cmp.Or(s.Command, "go test ./scenarios -count=1 -run TestScenarios -v")), " ")
}

// FlagOf is the name of the tool's flag that stands for a setting, or "" where it has none.
func FlagOf(setting string) string {
	return map[string]string{
		"UNHAPPY_BUDGET": "budget",
		"UNHAPPY_REPLAY": "story",
		"UNHAPPY_REPORT": "report",
		"UNHAPPY_RESUME": "resume",
		"UNHAPPY_SEED":   "seed",
		"UNHAPPY_STRICT": "strict",
	}[setting]
}

// Named is what a person knows a setting by who reads of it: the flag, where the tool
// started the suite and has one.
func (s Settings) Named(setting string) string {
	flag := FlagOf(setting)
	switch {
	case !s.byTool() || flag == "":
		return setting
	case setting == "UNHAPPY_REPLAY" && s.Budget == (Budget{}): // “replay” has it as an argument
		return "STORY|TOKEN"
	}
	return "--" + flag
}

// With is how a setting is asked for with this value: by the tool, or in the environment.
func (s Settings) With(setting, value string) string {
	name := s.Named(setting)
	switch {
	case name == setting:
		return setting + "=" + value
	case name == "STORY|TOKEN":
		return s.toolLine("replay", value)
	case setting == "UNHAPPY_RESUME" || setting == "UNHAPPY_STRICT":
		return name
	}
	return name + " " + value
}

// byTool says whether the suite was started by the tool, whose commands are shorter.
func (s Settings) byTool() bool { return s.Tool != "" && s.Target != "" }

// toolLine calls a command of the tool at the description.
func (s Settings) toolLine(command string, more ...string) string {
	words := append([]string{s.Tool, command, s.Target}, more...)
	for i := range words {
		words[i] = ShellQuote(words[i])
	}
	return strings.Join(words, " ")
}

// ShellQuote is a word as a shell reads it.
func ShellQuote(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./,:=@%+", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Origin is that of what is recorded with these settings.
func (s Settings) Origin(suite, commit string) record.Origin {
	o := record.Origin{
		Suite: suite, Commit: commit, Worlds: s.Worlds, Database: s.Database, Clock: s.Clock,
		Seed: s.Seed, Rounds: s.Rounds, Without: s.Without,
	}
	if s.Shard.Of > 1 && s.Story == "" { // one story is not shared
		o.Shards, o.Of = []int{s.Shard.I}, s.Shard.Of
	}
	return o
}
