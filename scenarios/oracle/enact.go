package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/record"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
	"github.com/unhappypath/unhappypath/scenarios/samples"
	"github.com/unhappypath/unhappypath/scenarios/suite"
)

// tries is how often a suite is run that says that the machine is too slow.
const tries = 3

// stage runs a suite with settings of its own and reads its record.
func (o *oracle) stage(ctx context.Context, program string, settings ...string) (runs []*judge.Run, err error) {
	for range tries {
		if runs, err = o.stageOnce(ctx, program, settings...); !errors.Is(err, errUnfinished) {
			break
		}
	}
	return runs, err
}

// errUnfinished says that a suite could not tell.
var errUnfinished = errors.New("the suite exited with 3")

func (o *oracle) stageOnce(ctx context.Context, program string, settings ...string) ([]*judge.Run, error) {
	report, err := os.MkdirTemp(o.folder, "report-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(report)
	said, code, err := suite.Run(ctx, program, "scenarios", suite.Stories, append(settings, "UNHAPPY_REPORT="+report)...)
	if err != nil {
		return nil, err
	}
	switch code {
	case 0, 1: // red is an outcome like another
	case 3:
		return nil, fmt.Errorf("%s: %w:\n%s", strings.Join(settings, " "), errUnfinished, said)
	default:
		return nil, fmt.Errorf("%s: the suite exited with %d:\n%s", strings.Join(settings, " "), code, said)
	}
	text, err := os.ReadFile(filepath.Join(report, "runs.jsonl"))
	if err != nil {
		return nil, fmt.Errorf("%w; the suite said:\n%s", err, said)
	}
	runs, err := record.ReadAll(bytes.NewReader(text))
	if err == nil && len(runs) == 0 {
		err = fmt.Errorf("%s: nothing was staged:\n%s", strings.Join(settings, " "), said)
	}
	return runs, err
}

// observations reduces runs to what is compared. Runs of another form than the
// stories' own, such as the control's, are left out.
func observations(part, form string, runs []*judge.Run) (list []observation) {
	for _, r := range runs {
		words := strings.Split(r.ID, "/")
		if len(words) > 3 && round.MatchString(words[len(words)-1]) {
			words = words[:len(words)-1]
		}
		if own := strings.Join(words[min(3, len(words)):], "/"); own != form {
			continue
		}
		list = append(list, observation{
			Case: strings.Join([]string{part, r.Story, r.Expects}, "/"), Seed: r.Seed,
			outcome: look(r, r.World == "virtual"),
		})
	}
	return list
}

// round ends the id of a run that had the id of an earlier one.
var round = regexp.MustCompile(`^\d+$`)

// atATime is how many seeds one suite goes through: its record is read whole,
// and has some 12 MB a seed.
const atATime = 10

// stories enacts every story in a world with every seed, by several suites.
func (o *oracle) stories(ctx context.Context, world string) ([]observation, error) {
	return o.each((o.seeds+atATime-1)/atATime, func(i int) ([]observation, error) {
		runs, err := o.stage(ctx, o.suite, "UNHAPPY_WORLD="+world, fmt.Sprintf("UNHAPPY_SEED=%d", 1+i*atATime),
			fmt.Sprintf("UNHAPPY_ROUNDS=%d", min(atATime, o.seeds-i*atATime)))
		return observations(world, "", runs), err
	})
}

// each does n things, as many at once as there are jobs.
func (o *oracle) each(n int, do func(int) ([]observation, error)) (all []observation, err error) {
	var mu sync.Mutex
	var work sync.WaitGroup
	turns := make(chan struct{}, o.jobs)
	for i := range n {
		turns <- struct{}{}
		work.Go(func() {
			defer func() { <-turns }()
			list, failed := do(i)
			mu.Lock()
			defer mu.Unlock()
			all, err = append(all, list...), errors.Join(err, failed)
		})
	}
	work.Wait()
	return all, err
}

// defects replays the minimal finding of each defect in a suite that is built
// with it.
func (o *oracle) defects(ctx context.Context, recorded []line) (all []observation, err error) {
	tokens := map[string]string{}
	for _, l := range recorded {
		if name, is := strings.CutPrefix(l.Case, "defects/"); is {
			tokens[name] = l.Replay
		}
	}
	if o.findings != "" {
		if tokens, err = tokensOf(o.findings); err != nil {
			return nil, err
		}
	}
	list, err := corpus.Read(filepath.Join("scenarios", "testdata", "defects"))
	if err != nil {
		return nil, err
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		if d.Harmless() {
			continue
		}
		token := tokens[d.Name]
		if token == "" && o.findings == "" { // newer than the record
			fmt.Printf("%s: not recorded; “-update -parts defects -defects defects.json” records it\n", d.Name)
			continue
		}
		if token == "" {
			return nil, fmt.Errorf("no finding of %s is known: -defects names the defects.json of a hunt", d.Name)
		}
		program, err := d.Build(ctx, root, o.folder)
		if err != nil {
			return nil, err
		}
		runs, err := o.stage(ctx, program, "UNHAPPY_WORLD=virtual", "UNHAPPY_PROVIDER="+d.By, "UNHAPPY_REPLAY="+token)
		if err != nil {
			return nil, err
		}
		for _, seen := range observations("", "replay", runs) {
			all = append(all, observation{Case: "defects/" + d.Name, Replay: token, Seed: seen.Seed, outcome: seen.outcome})
		}
	}
	return all, nil
}

// tokensOf are the replay tokens of the minimal findings in a defects.json.
func tokensOf(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var found reports.Defects
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	tokens := map[string]string{}
	for _, d := range found.Defects {
		if d.Caught {
			tokens[d.Name] = record.Replay{Story: d.Story, Seed: 1, Injections: d.Injections}.String()
		}
	}
	return tokens, nil
}

// samples stages every story at the sample shops.
func (o *oracle) samples(ctx context.Context) ([]observation, error) {
	var shops, descriptions []string
	for _, language := range samples.Languages() {
		for _, kind := range []string{"mended", "naive"} {
			description, err := samples.Sample{Language: language, Kind: kind}.Prepare(ctx, filepath.Join("scenarios", "testdata", "targets"), o.folder)
			if err != nil {
				return nil, err
			}
			shops, descriptions = append(shops, language+"/"+kind), append(descriptions, description)
		}
	}
	return o.each(len(shops), func(i int) ([]observation, error) {
		runs, err := o.stage(ctx, o.suite, "UNHAPPY_TARGET="+descriptions[i])
		return observations("samples/"+shops[i], "", runs), err
	})
}

// shops stages what testdata/shops expects of each shop there.
func (o *oracle) shops(ctx context.Context) ([]observation, error) {
	folder, err := filepath.Abs(filepath.Join("scenarios", "testdata", "shops"))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(folder, "expected.yaml"))
	if err != nil {
		return nil, err
	}
	var rows []struct{ Description, Story, Needs string }
	if err := yaml.Unmarshal(text, &rows); err != nil {
		return nil, fmt.Errorf("expected.yaml: %w", err)
	}
	return o.each(len(rows), func(i int) ([]observation, error) {
		row := rows[i]
		if row.Needs != "" { // open: its verdict is known to be wrong
			return nil, nil
		}
		settings := []string{"UNHAPPY_TARGET=" + filepath.Join(folder, row.Description)}
		if row.Story != "every" {
			settings = append(settings, "UNHAPPY_REPLAY="+row.Story)
		}
		runs, err := o.stage(ctx, o.suite, settings...)
		return observations("shops/"+strings.TrimSuffix(row.Description, ".yaml"), "", runs), err
	})
}
