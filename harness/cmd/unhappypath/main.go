// Command unhappypath tests a checkout of one's own: it checks its description, stages
// stories there and explores it. It also renders, merges and compares records of runs,
// judges them again, and begins new stories.
//
//	go run github.com/unhappypath/unhappypath/harness/cmd/unhappypath -help
//
// It exits with 0 where all is good, 1 where a run broke or is unproven, or the shop
// could not be started, 2 where it was called wrongly, and 3 where the harness failed: a
// run is unfinished, a record cannot be read, a shard is missing. “go run” makes 1 of every
// code but 0: where the code matters, build the program (“make dist”).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/settings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes.
const (
	exitBroken  = 1
	exitUsage   = 2
	exitHarness = 3
)

// failure is an error with its exit code. One without a cause was told already.
type failure struct {
	code  int
	cause error
}

func (f failure) Error() string {
	if f.cause == nil {
		return ""
	}
	return f.cause.Error()
}

func (f failure) Unwrap() error { return f.cause }

func usage(format string, args ...any) error {
	return failure{exitUsage, fmt.Errorf(format, args...)}
}

func harnessFailed(format string, args ...any) error {
	return failure{exitHarness, fmt.Errorf(format, args...)}
}

// cannotWrite is the failure of what could not be written: a wrong call, where the folder
// that it names cannot be written to, and else ours.
func cannotWrite(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	for _, place := range []error{fs.ErrPermission, fs.ErrNotExist, syscall.ENOTDIR, syscall.EISDIR, syscall.EROFS} {
		if errors.Is(err, place) {
			return failure{exitUsage, err}
		}
	}
	return failure{exitHarness, err}
}

func run(args []string, out, errs io.Writer) int {
	// An interrupt ends a command where it has nothing half done.
	ctx, stop := signal.NotifyContext(context.Background(), ends()...)
	defer stop()
	return execute(ctx, args, out, errs)
}

func execute(ctx context.Context, args []string, out, errs io.Writer) int {
	root := newRoot()
	root.SetOut(out)
	root.SetErr(errs)
	root.SetArgs(inBothSpellings(args))
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(errs, "unhappypath: "+text)
	}
	var f failure
	if !errors.As(err, &f) {
		return exitHarness
	}
	return f.code
}

// inBothSpellings takes -help and -version, as Go's own tools spell them, for --help
// and --version.
func inBothSpellings(args []string) []string {
	list := make([]string, len(args))
	for i, arg := range args {
		if arg == "-help" || arg == "-version" {
			arg = "-" + arg
		}
		list[i] = arg
	}
	return list
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "unhappypath",
		Short: "Test a checkout with failure stories",
		Long: `Checks the description of a checkout of your own, stages the stories there and
explores it. Renders, merges and compares records of runs (runs.jsonl), judges them
again from disk, and begins new descriptions and stories.

Exit codes: 0 all is good; 1 a run broke or is unproven, or the shop could not be
started; 2 called wrongly; 3 the harness failed (a run is unfinished, a record cannot be
read, a shard is missing). “go run” makes 1 of every code but 0; a built program does not. Colours are for terminals only, and NO_COLOR switches them off.`,
		Example: `  unhappypath init
  unhappypath validate shop.yaml
  unhappypath run shop.yaml
  unhappypath explore shop.yaml --budget 10m
  unhappypath replay shop.yaml customer-3-double-click
  unhappypath report render reports/out/runs.jsonl --out public
  unhappypath report merge shard-*/runs.jsonl -o runs.jsonl
  unhappypath report diff last-week.jsonl reports/out/runs.jsonl
  unhappypath judge reports/out/runs.jsonl
  unhappypath new story "Ana pays and closes the lid"`,
		Version:       settings.VersionOf("unhappypath"),
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetVersionTemplate("{{.Version}}")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage("%w; “%s -help” teaches", err, c.CommandPath())
	})
	report := &cobra.Command{
		Use:     "report",
		Short:   "Render, merge and compare records",
		Example: root.Example,
	}
	report.AddCommand(newRender(), newMerge(), newDiff())
	begin := &cobra.Command{Use: "new", Short: "Begin something new", Example: `  unhappypath new story "Ana pays and closes the lid"`}
	begin.AddCommand(newStory())
	root.AddCommand(newInit(), newRun(), newExplore(), newReplay(), report, newJudge(), newValidate(), newWebhooks(), begin)
	for _, parent := range []*cobra.Command{root, report, begin} {
		parent.Args, parent.RunE = cobra.ArbitraryArgs, wantsACommand
	}
	return root
}

// wantsACommand is what a command says that only has others.
func wantsACommand(c *cobra.Command, args []string) error {
	words := ""
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			words += ", " + sub.Name()
		}
	}
	if len(args) > 0 {
		return usage("there is no command “%s %s”; there are %s", c.CommandPath(), args[0], words[2:])
	}
	return usage("say what “%s” is to do: %s; “%[1]s -help” teaches", c.CommandPath(), words[2:])
}

// records checks that at least so many files are named, and at most so many, 0
// being no limit.
func records(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < least || most > 0 && len(args) > most {
			return usage("files named: %d; the call is “%s”", len(args), c.UseLine())
		}
		return nil
	}
}
