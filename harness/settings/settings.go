// Package settings reads the settings of a suite, which come from the environment:
// flags of one package break “go test ./...” for all others. Unknown names or
// values are errors of one line that list the valid ones; an empty setting is unset.
package settings

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/harness/units"
)

// Settings say what a suite stages, where, and what it leaves.
type Settings struct {
	Worlds   []string       // UNHAPPY_WORLD: where stories are staged
	Clock    units.Clock    // UNHAPPY_CLOCK: wall, or a divisor, on the wire
	Seed     uint64         // UNHAPPY_SEED, of the first round
	Story    string         // UNHAPPY_REPLAY: the id of one story
	Again    *record.Replay // UNHAPPY_REPLAY: a token, of one story with one schedule
	Without  []string       // UNHAPPY_WITHOUT: safeguards switched off in stories that expect to be kept
	Database string         // UNHAPPY_DB: sqlite, postgres
	Provider string         // UNHAPPY_PROVIDER: by whom the reference shop is paid; "": its usual one
	Report   string         // UNHAPPY_REPORT: the folder of the report
	Baseline string         // UNHAPPY_BASELINE: a record that the runs are compared with
	Rounds   int            // UNHAPPY_ROUNDS: how often each story is staged, each time with the next seed
	Budget   Budget         // UNHAPPY_BUDGET: how far an exploration goes
	Space    string         // UNHAPPY_SPACE: each explored schedule has a fault of it; "": of any
	Resume   bool           // UNHAPPY_RESUME: an exploration goes on where the last one in the report's folder stopped
	Shard    Shard          // UNHAPPY_SHARD: which part of the stories, and of an exploration
	Target   string         // UNHAPPY_TARGET: the file that describes somebody's own checkout
	Strict   bool           // UNHAPPY_STRICT: what was seen once and never again is red, too
	Tool     string         // UNHAPPY_TOOL: the unhappypath that started the suite
	// Command runs the stories of this suite again, and nothing else, as a shell
	// reads it. "" is for our own, at the module's root.
	Command string
}

// setting reads one variable.
type setting struct {
	valid string
	read  func(*Settings, string) error
}

func knownSettings() map[string]setting {
	return map[string]setting{
		"UNHAPPY_WORLD": {"virtual, wire", func(s *Settings, v string) (err error) {
			s.Worlds, err = oneOrMore(v, "virtual", "wire")
			return err
		}},
		"UNHAPPY_CLOCK": {"wall, or a divisor from 1 to 1000", func(s *Settings, v string) (err error) {
			s.Clock, err = units.ParseClock(v)
			return err
		}},
		"UNHAPPY_SEED": {"a number", func(s *Settings, v string) (err error) {
			s.Seed, err = strconv.ParseUint(v, 10, 64)
			return err
		}},
		"UNHAPPY_REPLAY": {"the id of a story, such as customer-3-double-click, or the token of a finding", (*Settings).readReplay},
		"UNHAPPY_BUDGET": {"a time such as 20s, or a number of schedules such as 100000", func(s *Settings, v string) (err error) {
			s.Budget, err = ParseBudget(v)
			return err
		}},
		"UNHAPPY_SPACE": {"messages, machines, people", func(s *Settings, v string) error {
			if !slices.Contains([]string{"messages", "machines", "people"}, v) {
				return fmt.Errorf("%q is unknown", v)
			}
			s.Space = v
			return nil
		}},
		"UNHAPPY_SHARD": {"1/1 to 1000/1000: the part, from 1, and how many there are", func(s *Settings, v string) (err error) {
			s.Shard, err = ParseShard(v)
			return err
		}},
		"UNHAPPY_WITHOUT": {"names of safeguards with commas between", func(s *Settings, v string) (err error) {
			s.Without, err = oneOrMore(v) // which there are, the suite knows
			return err
		}},
		"UNHAPPY_DB": {"sqlite, postgres", func(s *Settings, v string) error {
			list, err := oneOrMore(v, "sqlite", "postgres")
			if err == nil && len(list) > 1 {
				return fmt.Errorf("%q names more than one", v)
			}
			if err == nil {
				s.Database = list[0]
			}
			return err
		}},
		"UNHAPPY_PROVIDER": {"the name of a payment provider of the reference shop", func(s *Settings, v string) error {
			s.Provider = v // which there are, the suite knows
			return nil
		}},
		"UNHAPPY_ROUNDS": {"a number from 1 to 10000", func(s *Settings, v string) (err error) {
			s.Rounds, err = strconv.Atoi(v)
			if err == nil && (s.Rounds < 1 || s.Rounds > 10000) {
				err = fmt.Errorf("%d is out of range", s.Rounds)
			}
			return err
		}},
		"UNHAPPY_STRICT":   {"1", func(s *Settings, v string) error { return is1(&s.Strict, v) }},
		"UNHAPPY_RESUME":   {"1", func(s *Settings, v string) error { return is1(&s.Resume, v) }},
		"UNHAPPY_BASELINE": {BaselineIs, func(s *Settings, v string) error { s.Baseline = v; return nil }},
		"UNHAPPY_TARGET":   {TargetIs, func(s *Settings, v string) error { s.Target = v; return nil }},
		"UNHAPPY_TOOL":     {"how unhappypath is called, which sets this itself", func(s *Settings, v string) error { s.Tool = v; return nil }},
		"UNHAPPY_REPORT":   {ReportIs, func(s *Settings, v string) error { s.Report = v; return nil }},
	}
}

func is1(on *bool, v string) error {
	if *on = v == "1"; !*on {
		return fmt.Errorf("%q is unknown", v)
	}
	return nil
}

func (s *Settings) readReplay(v string) error {
	if record.IsReplay(v) {
		again, err := record.ParseReplay(v)
		if err != nil {
			return err
		}
		s.Story, s.Again = again.Story, &again
		return nil
	}
	if !judge.IsStoryID(v) {
		return fmt.Errorf("%q is no story id", v)
	}
	s.Story = v
	return nil
}

// What settings may be that name files.
const (
	BaselineIs = "a record that an earlier staging left, such as reports/out/runs.jsonl"
	TargetIs   = "a file that describes your checkout, such as /home/me/shop.yaml"
	ReportIs   = "a folder to write to, which is made where there is none"
)

// Parse reads the UNHAPPY_ variables.
func Parse(environ []string) (Settings, error) {
	s := Settings{Worlds: []string{"virtual", "wire"}, Clock: 100, Seed: 1, Database: "sqlite", Rounds: 1}
	known := knownSettings()
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "UNHAPPY_") {
			continue
		}
		k, ok := known[name]
		if ok && value == "" {
			continue // a Makefile cannot always leave it out
		}
		if !ok {
			return s, fmt.Errorf("unknown setting %s: valid are %s",
				name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := k.take(&s, value); err != nil {
			return s, fmt.Errorf("%s=%s: %w", name, value, err)
		}
	}
	return s, nil
}

// take reads a value, or says what is wrong with it and what is valid.
func (k setting) take(s *Settings, value string) error {
	if err := k.read(s, value); err != nil {
		return fmt.Errorf("%w; valid: %s", err, k.valid)
	}
	return nil
}

// Check says what is wrong with a value of a setting, without its name: anyone who typed
// it may know the setting by another one.
func Check(name, value string) error { return knownSettings()[name].take(&Settings{}, value) }

func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// oneOrMore reads a list of names, each of which must be valid; no valid ones are
// given where any is.
func oneOrMore(text string, valid ...string) ([]string, error) {
	list := words(text)
	for _, name := range list {
		if len(valid) > 0 && !slices.Contains(valid, name) {
			return nil, fmt.Errorf("%q is unknown", name)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%q names nothing", text)
	}
	return list, nil
}

// Names are the names of all settings, in order.
func Names() []string { return slices.Sorted(maps.Keys(knownSettings())) }
