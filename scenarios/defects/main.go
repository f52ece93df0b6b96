// Command defects is the harness's own examination: it builds the reference
// shop with one known defect after the other, each modelled on a real report, and
// lets the explorer look for it. All of them must be caught, and patches that
// change nothing for a customer must be left alone.
//
// The patches lie in scenarios/testdata/defects, with where they come from and
// what they break. They are applied to the build only: the service stays as it is.
package main

import (
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

	"github.com/unhappypath/unhappypath/reference-service/checkout"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/scenarios/corpus"
)

func main() {
	only := flag.String("only", "", "patches whose names contain this; all of them by default")
	budget := flag.Duration("budget", 60*time.Second, "how long each story is explored")
	replays := flag.Int("replays", 20, "how often what was found is replayed")
	harmless := flag.Int("harmless", 600, "how many schedules of the plain purchase a harmless patch must pass, and a tenth as many of each other story")
	by := flag.String("provider", checkout.DefaultProvider, "by whom the shop is paid: "+strings.Join(checkout.Providers(), ", "))
	out := flag.String("out", "", "the path of defects.json; its page, defects.html, is written beside it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, hunt{provider: *by, budget: *budget, replays: *replays, audit: *harmless}, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, h hunt, only, out string) (err error) {
	if !slices.Contains(checkout.Providers(), h.provider) {
		return fmt.Errorf("invalid -provider %q: want %s", h.provider, strings.Join(checkout.Providers(), " or "))
	}
	if h.root, err = os.Getwd(); err != nil {
		return err
	}
	folder := filepath.Join("scenarios", "testdata", "defects")
	defects, err := corpus.Read(folder)
	if err != nil {
		return err
	}
	defects = slices.DeleteFunc(defects, func(d corpus.Defect) bool { return !strings.Contains(d.Name, only) })
	for _, d := range defects {
		if d.By != "" && !slices.Contains(checkout.Providers(), d.By) {
			return fmt.Errorf("%s: invalid “PaidBy: %s”: want %s", d.Name, d.By, strings.Join(checkout.Providers(), " or "))
		}
	}
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
		fmt.Println(corpus.Line(t))
	}
	if out != "" {
		path, err := reports.WriteDefects(filepath.Dir(out), reports.Defects{At: time.Now(), Defects: trophies})
		if err != nil {
			return err
		}
		fmt.Printf("\nDefects: %s\n", path)
	}
	text, err := corpus.Sum(trophies)
	fmt.Print("\n" + text)
	return err
}
