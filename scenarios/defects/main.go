// Command defects is the harness's own examination: it builds the reference
// shop with one known defect after the other, each modelled on a real report, and
// lets the explorer look for it. All of them must be caught, and patches that
// change nothing for a customer must be left alone.
//
// The patches lie in scenarios/testdata/defects, with where they come from and
// what they break. They are applied to the build only: the service stays as it is.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

func main() {
	only := flag.String("only", "", "patches whose names contain this; all of them by default")
	budget := flag.Duration("budget", 60*time.Second, "how long each story is explored")
	replays := flag.Int("replays", 20, "how often what was found is replayed")
	harmless := flag.Int("harmless", 600, "how many schedules of each story a harmless patch must pass")
	out := flag.String("out", "", "the path of defects.json; its page, defects.html, is written beside it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, hunt{budget: *budget, replays: *replays, audit: *harmless}, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, h hunt, only, out string) (err error) {
	if h.root, err = os.Getwd(); err != nil {
		return err
	}
	folder := filepath.Join("scenarios", "testdata", "defects")
	defects, err := corpus.Read(folder)
	if err != nil {
		return err
	}
	defects = slices.DeleteFunc(defects, func(d corpus.Defect) bool { return !strings.Contains(d.Name, only) })
	if len(defects) == 0 {
		return fmt.Errorf("there is no patch whose name contains %q in %s, seen from the module's root", only, folder)
	}
	if out != "" && filepath.Base(out) != "defects.json" {
		return fmt.Errorf("-out is to end in defects.json, not in %s: the page beside it finds it by that name", filepath.Base(out))
	}
	var trophies []reports.Defect
	for _, d := range defects {
		t, err := h.one(ctx, d)
		if err != nil {
			return err
		}
		trophies = append(trophies, t)
		fmt.Println(line(t))
	}
	if out != "" {
		path, err := reports.WriteDefects(filepath.Dir(out), reports.Defects{At: time.Now(), Defects: trophies})
		if err != nil {
			return err
		}
		fmt.Printf("\nDefects: %s\n", path)
	}
	return sum(trophies)
}

// line is what the terminal says of a patch.
func line(t reports.Defect) string {
	mark := "✔"
	if !t.Good() {
		mark = "✖"
	}
	if t.Harmless && t.Because == "" {
		return fmt.Sprintf("%s %-34s left alone in %d schedules: %s", mark, t.Name, t.Schedules, t.Says)
	}
	text := fmt.Sprintf("%s %-34s", mark, t.Name)
	if t.Caught {
		text += fmt.Sprintf(" %s broke in %s after %.1f s (%d schedules), with %d injections, again %d times of %d: %s",
			t.Promise, t.Story, t.After.Seconds(), t.Schedules, len(t.Injections), t.Replayed, t.Replays, t.Sentence)
		for _, s := range t.Injections {
			text += "\n      " + s.String()
		}
	}
	if t.Because != "" {
		text += "\n      " + t.Because
	}
	return text
}

// sum says what it all came to. It fails where a patch did not do what it is
// there for.
func sum(trophies []reports.Defect) error {
	var caught, plainly, defects, alone, harmless int
	var after []time.Duration
	var injections []int
	var bad []string
	for _, t := range trophies {
		if !t.Good() {
			bad = append(bad, t.Name)
		}
		if t.Harmless {
			harmless++
			if t.Good() {
				alone++
			}
			continue
		}
		defects++
		if t.Good() {
			caught++
			after, injections = append(after, t.After), append(injections, len(t.Injections))
			if t.Story == plain {
				plainly++
			}
		}
	}
	fmt.Printf("\n%d of %d defects caught, %d of them by exploring a plain purchase; %d of %d harmless patches left alone\n",
		caught, defects, plainly, alone, harmless)
	if caught > 0 {
		fmt.Printf("caught after: median %.1f s, worst %.1f s; injections of the minimized schedules: median %d, most %d\n",
			middle(after).Seconds(), slices.Max(after).Seconds(), middle(injections), slices.Max(injections))
	}
	if len(bad) > 0 {
		return fmt.Errorf("not as they should be: %s", strings.Join(bad, ", "))
	}
	return nil
}

func middle[T cmp.Ordered](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
