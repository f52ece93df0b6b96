package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"unhappypath": main})
}

// TestScripts calls the tool as people do: one script a command under
// testdata/script, with records of hand-made runs at hand.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			module, err := filepath.Abs(filepath.Join("..", "..", ".."))
			if err != nil {
				return err
			}
			if err := writeModule(env.WorkDir, module); err != nil {
				return err
			}
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "PATH"} {
				if value := os.Getenv(name); value != "" {
					env.Setenv(name, value)
				}
			}
			if cache, err := os.UserCacheDir(); err == nil && os.Getenv("GOCACHE") == "" {
				env.Setenv("GOCACHE", filepath.Join(cache, "go-build"))
			}
			return writeRecords(env.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": code},
	})
}

// writeModule writes the go.mod and go.sum of another module that tells stories
// with this one: shop.mod and shop.sum.
func writeModule(dir, module string) error {
	text, err := os.ReadFile(filepath.Join(module, "go.mod"))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(filepath.Join(module, "go.sum"))
	if err != nil {
		return err
	}
	_, requires, _ := strings.Cut(string(text), "\n")
	requires, _, _ = strings.Cut(requires, "\ntool (")
	const ours = "github.com/unhappypath/unhappypath"
	shop := fmt.Sprintf("module example.com/shop\n%s\nrequire %s v0.0.0\n\nreplace %[2]s => %s\n", requires, ours, module)
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "shop.mod"), []byte(shop), 0o644),
		os.WriteFile(filepath.Join(dir, "shop.sum"), sums, 0o644))
}

// code runs the tool and wants one exit code of it: “code 2 report merge”.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: code N ARGUMENTS…")
	}
	err := ts.Exec("unhappypath", args[1:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

func TestAnOutcomeHasItsColour(t *testing.T) {
	require.Equal(t, "\x1b[32m✔ KEPT      \x1b[0m", outcomeOf(true, purchase("plain", 1)))
	require.Equal(t, "\x1b[31m✖ BROKE     \x1b[0m", outcomeOf(true, purchase("plain", 2)))
}

// day is when the hand-made runs were staged.
var day = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// purchase is a run in which Ana clicks once and is charged so many times.
func purchase(story string, charges int) *judge.Run {
	r := &judge.Run{
		ID: story + "/virtual/kept", Story: story, Plot: "Ana buys.", World: "virtual", Database: "sqlite", Clock: 1, Seed: 1,
		Expects: "kept", Patience: 30 * time.Second, Began: day, Took: time.Millisecond,
		Replay: "UNHAPPY_REPLAY=" + story + " go test ./scenarios -count=1 -run TestScenarios -v", Told: "scenarios/x_test.go:7",
	}
	seqs := map[string]int{}
	see := func(second int, e observe.Event) {
		seqs[e.Actor]++
		e.At, e.Seq = time.Duration(second)*time.Second, seqs[e.Actor]
		r.History = append(r.History, e)
	}
	see(0, observe.Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{Does: "opens", Basket: "b-ana"}})
	see(1, observe.Event{Actor: "ana", Kind: observe.Action, Act: &observe.Act{Does: "clicks", Basket: "b-ana", Amount: 49900, Money: "NOK"}})
	for i := range charges {
		reference := fmt.Sprintf("b-ana-%d", i+1)
		for _, op := range []observe.EntryOp{observe.MoneyAuthorized, observe.MoneyCaptured} {
			see(2, observe.Event{Actor: "provider", Kind: observe.Money, Entry: &observe.Entry{
				Op: op, Reference: reference, Key: fmt.Sprintf("key-%d", i), Amount: 49900, Currency: "NOK"}})
		}
		see(3, observe.Event{Actor: "carrier", Kind: observe.Parcel, Entry: &observe.Entry{Op: "booked", Reference: reference}})
	}
	see(4, observe.Event{Actor: "ana", Kind: observe.Screen, View: &observe.View{Says: "shipped", Basket: "b-ana"}})
	r.Judge(judge.StandardPromises())
	return r
}

// unproven is a run whose injection never hit.
func unproven(story string) *judge.Run {
	r := purchase(story, 1)
	r.Schedule = injection.Schedule{injection.OnPath(observe.CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered().Closes()}
	r.Judge(judge.StandardPromises())
	return r
}

// writeRecords writes the records that the scripts read.
func writeRecords(dir string) error {
	whole := record.Origin{Suite: "Checkout stories", Commit: "4f2a9c", Worlds: []string{"virtual"}, Database: "sqlite", Clock: 100, Seed: 1, Rounds: 1}
	shard := func(n int) record.Origin {
		o := whole
		o.Shards, o.Of = []int{n}, 3
		return o
	}
	changed := func(o record.Origin, change func(*record.Origin)) record.Origin { change(&o); return o }
	late := purchase("plain", 1)
	late.Rulings[0].Verdict = judge.Broken // as the promises were judged once
	reworded := purchase("plain", 1)
	reworded.History[len(reworded.History)-1].At = 5 * time.Second
	for name, r := range map[string]struct {
		origin record.Origin
		runs   []*judge.Run
	}{
		"kept.jsonl":     {whole, []*judge.Run{purchase("plain", 1), purchase("twice", 1)}},
		"broken.jsonl":   {whole, []*judge.Run{purchase("plain", 1), purchase("twice", 2)}},
		"unproven.jsonl": {whole, []*judge.Run{unproven("plain"), purchase("twice", 1)}},
		"reworded.jsonl": {whole, []*judge.Run{reworded, purchase("third", 1)}},
		"judged.jsonl":   {whole, []*judge.Run{late}},
		"wire.jsonl":     {changed(whole, func(o *record.Origin) { o.Worlds = []string{"wire"} }), []*judge.Run{purchase("on-the-wire", 1)}},
		"none.jsonl":     {whole, nil},
		"shard-1.jsonl":  {shard(1), []*judge.Run{purchase("d", 1), purchase("a", 1)}},
		"shard-2.jsonl":  {shard(2), []*judge.Run{purchase("e", 1), purchase("b", 1)}},
		"shard-3.jsonl":  {shard(3), []*judge.Run{purchase("c", 1)}},
		"same-run.jsonl": {shard(3), []*judge.Run{purchase("a", 1)}},
		"commit.jsonl":   {changed(shard(3), func(o *record.Origin) { o.Commit = "0000" }), []*judge.Run{purchase("c", 1)}},
		"seed.jsonl":     {changed(shard(3), func(o *record.Origin) { o.Seed = 2 }), []*judge.Run{purchase("c", 1)}},
		"without.jsonl":  {changed(shard(3), func(o *record.Origin) { o.Without = []string{"one-payment"} }), []*judge.Run{purchase("c", 1)}},
		"world.jsonl":    {changed(shard(3), func(o *record.Origin) { o.Worlds = []string{"wire"} }), []*judge.Run{purchase("c", 1)}},
	} {
		if err := writeTo(filepath.Join(dir, name), r.origin, r.runs); err != nil {
			return err
		}
	}
	return writeDamaged(dir)
}

func writeTo(path string, origin record.Origin, runs []*judge.Run) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	record := record.NewWriter(file)
	record.From(origin)
	for _, r := range runs {
		record.Write(r)
	}
	if err := record.Err(); err != nil {
		return err
	}
	return file.Close()
}

// writeDamaged writes what is no whole record, and explorations.
func writeDamaged(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "broken.jsonl"))
	if err != nil {
		return err
	}
	lines := strings.SplitAfter(string(text), "\n")
	files := map[string]string{
		"cut-off.jsonl": strings.Join(lines[:len(lines)-3], ""),
		"torn.jsonl":    string(text[:len(text)-700]),
		"damaged.jsonl": strings.Join(lines[:3], "") + "half a li\n" + strings.Join(lines[3:], ""),
		"future.jsonl":  strings.ReplaceAll(string(text), `"v":3`, `"v":9`),
		"twice.jsonl":   string(text) + string(text),
		"empty.jsonl":   "",
		"garbage.json":  "[{",
	}
	for i := 1; i <= 3; i++ {
		list := []explore.Result{{Story: "plain", Seed: 1, Shards: []int{i}, Of: 3, Singles: explore.Tally{Explored: i}}}
		exploration, err := json.Marshal(list)
		if err != nil {
			return err
		}
		files[fmt.Sprintf("exploration-%d-of-3.json", i)] = string(exploration)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
