package harness

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings are the knobs of the suite. They come from the environment, since
// flags of one package break “go test ./...” for all others.
type Settings struct {
	Worlds   []string // UNHAPPY_WORLD: where stories are staged
	Clock    Clock    // UNHAPPY_CLOCK: wall, or a divisor, on the wire
	Seed     uint64   // UNHAPPY_SEED, of the first round
	Story    string   // UNHAPPY_REPLAY: the id of one story
	Again    *Replay  // UNHAPPY_REPLAY: a token, of one story with one schedule
	Without  []string // UNHAPPY_WITHOUT: safeguards switched off in stories that expect to be kept
	Database string   // UNHAPPY_DB: sqlite, postgres
	Report   string   // UNHAPPY_REPORT: the folder of the report
	Baseline string   // UNHAPPY_BASELINE: a record that the runs are compared with
	Rounds   int      // UNHAPPY_ROUNDS: how often each story is staged, each time with the next seed
	Budget   Budget   // UNHAPPY_BUDGET: how far an exploration goes
	Shard    Shard    // UNHAPPY_SHARD: which part of the stories, and of an exploration
	Target   string   // UNHAPPY_TARGET: the file that describes somebody's own checkout
	Strict   bool     // UNHAPPY_STRICT: what was seen once and never again is red, too
	// Command runs the stories of this suite again, and nothing else, as a shell
	// reads it. "" is for our own, at the module's root.
	Command string
}

// Budget is how far an exploration goes: so much real time, or so many
// schedules. The zero Budget is for whoever explores to say.
type Budget struct {
	Time      time.Duration
	Schedules int
}

// ParseBudget reads “20s” or “100000”.
func ParseBudget(text string) (b Budget, err error) {
	if b.Schedules, err = strconv.Atoi(text); err != nil {
		b.Time, err = time.ParseDuration(text)
	}
	if err != nil || b.Schedules < 0 || b.Time < 0 || b == (Budget{}) {
		return Budget{}, fmt.Errorf("%q is neither a time nor a number of schedules", text)
	}
	return b, nil
}

// Shard is the I-th of Of parts, from 1. The zero Shard is the whole.
type Shard struct{ I, Of int }

// ParseShard reads “1/3”.
func ParseShard(text string) (s Shard, err error) {
	i, of, found := strings.Cut(text, "/")
	s.I, err = strconv.Atoi(i)
	if err == nil {
		s.Of, err = strconv.Atoi(of)
	}
	if !found || err != nil || s.I < 1 || s.I > s.Of || s.Of > maxShards {
		return Shard{}, fmt.Errorf("%q is no part of a whole", text)
	}
	return s, nil
}

// maxShards is how many machines an exploration may be spread over.
const maxShards = 1000

// Has says whether the part has the schedule at this place of the order.
func (s Shard) Has(place int) bool { return s.Of <= 1 || place%s.Of == s.I-1 }

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
			s.Clock, err = ParseClock(v)
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
		"UNHAPPY_ROUNDS": {"a number from 1 to 10000", func(s *Settings, v string) (err error) {
			s.Rounds, err = strconv.Atoi(v)
			if err == nil && (s.Rounds < 1 || s.Rounds > 10000) {
				err = fmt.Errorf("%d is out of range", s.Rounds)
			}
			return err
		}},
		"UNHAPPY_STRICT": {"1", func(s *Settings, v string) error {
			if s.Strict = v == "1"; !s.Strict {
				return fmt.Errorf("%q is unknown", v)
			}
			return nil
		}},
		"UNHAPPY_BASELINE": {BaselineIs, func(s *Settings, v string) error { s.Baseline = v; return nil }},
		"UNHAPPY_TARGET":   {TargetIs, func(s *Settings, v string) error { s.Target = v; return nil }},
		"UNHAPPY_REPORT":   {ReportIs, func(s *Settings, v string) error { s.Report = v; return nil }},
	}
}

func (s *Settings) readReplay(v string) error {
	if IsReplay(v) {
		again, err := ParseReplay(v)
		if err != nil {
			return err
		}
		s.Story, s.Again = again.Story, &again
		return nil
	}
	if !storyID.MatchString(v) {
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

// ReadBaseline reads the record at the path that UNHAPPY_BASELINE comes to, or
// says in one line what is wrong with the setting.
func (s Settings) ReadBaseline(path string) ([]*Run, error) {
	file, err := os.Open(path)
	var runs []*Run
	if err == nil {
		defer file.Close()
		runs, err = ReadRuns(file)
	}
	if err == nil && len(runs) == 0 {
		err = errors.New("it has no runs to compare with")
	}
	if err != nil {
		return nil, fmt.Errorf("UNHAPPY_BASELINE=%s: %w; valid: %s", s.Baseline, err, BaselineIs)
	}
	return runs, nil
}

// ParseSettings reads the UNHAPPY_ variables. An unknown name or value is an
// error of one line that says which are valid.
func ParseSettings(environ []string) (Settings, error) {
	s := Settings{Worlds: []string{"virtual", "wire"}, Clock: 100, Seed: 1, Database: "sqlite", Rounds: 1}
	known := knownSettings()
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "UNHAPPY_") {
			continue
		}
		k, ok := known[name]
		if ok && value == "" {
			continue // as good as not set, which a Makefile cannot always say
		}
		if !ok {
			return s, fmt.Errorf("%s is no setting of this suite; there are %s",
				name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := k.read(&s, value); err != nil {
			return s, fmt.Errorf("%s=%s: %w; valid: %s", name, value, err, k.valid)
		}
	}
	return s, nil
}

// ReplayLine is the line that enacts a story again as these settings had it.
func (s Settings) ReplayLine(story, world string, clock Clock) string {
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
func (s Settings) ReplayTokenLine(r Replay) string { return s.Line("UNHAPPY_REPLAY=" + r.String()) }

// Line is a line to paste that runs the suite with these settings, and in the same
// checkout.
func (s Settings) Line(set ...string) string {
	if s.Target != "" {
		set = append([]string{"UNHAPPY_TARGET=" + ShellQuote(s.Target)}, set...)
	}
	return strings.Join(append(set, cmp.Or(s.Command, "go test ./scenarios -count=1 -run TestScenarios -v")), " ")
}

// Quoted is a word as a shell reads it.
func ShellQuote(word string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-./,:=@%+", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

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

// SettingNames are the names of all settings, in order.
func SettingNames() []string { return slices.Sorted(maps.Keys(knownSettings())) }
