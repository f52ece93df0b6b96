package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/harness/settings"
)

// suite is the program that has the stories inside. It lies beside this one, or on the
// PATH.
const suite = "unhappypath-scenarios"

// staging is what the flags of a command that stages stories say, by setting.
type staging map[string]string

// flag adds the flag that stands for a setting.
func (s staging) flag(c *cobra.Command, setting, usage string) {
	c.Flags().Func(settings.FlagOf(setting), usage, func(value string) error {
		if value == "" {
			return errors.New("it is empty")
		}
		s[setting] = value
		return settings.Check(setting, value)
	})
}

// common are the flags of all of them.
func (s staging) common(c *cobra.Command, report string) {
	s.flag(c, "UNHAPPY_SEED", "the number that delays and explorations are drawn from (default 1)")
	s.flag(c, "UNHAPPY_REPORT", "the folder of the report (default "+report+" beside SHOP.yaml)")
	s.on(c, "UNHAPPY_STRICT", "what was seen once and never again is red, too")
}

// on adds the flag that switches a setting on.
func (s staging) on(c *cobra.Command, setting, usage string) {
	c.Flags().BoolFunc(settings.FlagOf(setting), usage, func(string) error {
		s[setting] = "1"
		return nil
	})
}

func newRun() *cobra.Command {
	s := staging{}
	c := &cobra.Command{
		Use:   "run SHOP.yaml",
		Short: "Stage the stories at your own checkout, then explore it for a while",
		Long: `Buys three times without faults, stages every story that the description can be
staged in, and explores. Findings are kept beside the description and replayed by
every later run. Exit code 3: the machine was too slow to judge, or the harness
failed.`,
		Example: "  unhappypath run shop.yaml\n  unhappypath run shop.yaml --budget 10m",
		RunE:    func(c *cobra.Command, args []string) error { return s.stage(c, args, 1) },
	}
	s.flag(c, "UNHAPPY_BUDGET", "how long it explores, such as 10m, or how many schedules (default 20s)")
	s.common(c, "unhappypath/SHOP")
	return c
}

func newExplore() *cobra.Command {
	s := staging{}
	c := &cobra.Command{
		Use:     "explore SHOP.yaml",
		Short:   "Look for failures of your own checkout that nobody wrote down",
		Example: "  unhappypath explore shop.yaml --budget 10m\n  unhappypath explore shop.yaml --budget 1h --resume",
		RunE: func(c *cobra.Command, args []string) error {
			return s.stage(c, args, 1, "-test.run=^TestExploration$", "-test.timeout=0")
		},
	}
	s.flag(c, "UNHAPPY_BUDGET", "how long, such as 10m, or how many schedules (default 2m)")
	s.flag(c, "UNHAPPY_REPLAY", "the id of the story that is explored (default plain-purchase)")
	s.on(c, "UNHAPPY_RESUME", "goes on where the last exploration with this report stopped; the shop must be the same")
	s.common(c, "unhappypath/SHOP")
	s["UNHAPPY_BUDGET"] = (2 * time.Minute).String()
	return c
}

func newReplay() *cobra.Command {
	s := staging{}
	c := &cobra.Command{
		Use:     "replay SHOP.yaml STORY|TOKEN",
		Short:   "Stage one story, or one finding, once more",
		Example: "  unhappypath replay shop.yaml customer-3-double-click\n  unhappypath replay shop.yaml u2.eyJzdG9yeSI6….1a2b3c4d",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 2 {
				s["UNHAPPY_REPLAY"] = args[1]
				if err := settings.Check("UNHAPPY_REPLAY", args[1]); err != nil {
					return usage("invalid argument %q: %w", args[1], err)
				}
			}
			return s.stage(c, args, 2)
		},
	}
	s.common(c, "unhappypath/SHOP/replay")
	return c
}

// stage runs the suite at the description that is the first of so many arguments. A
// mistake in it is told before anything starts.
func (s staging) stage(c *cobra.Command, args []string, count int, flags ...string) error {
	if len(args) != count {
		return usage("arguments: %d, and the call is “%s”", len(args), c.UseLine())
	}
	if _, err := described(c, args[0]); err != nil {
		return err
	}
	program, err := findSuite()
	if err != nil {
		return harnessFailed("%w", err)
	}
	s["UNHAPPY_TARGET"], s["UNHAPPY_TOOL"] = args[0], called()
	run := exec.Command(program, flags...) // an interrupt is passed on, and it ends by itself
	run.Env = os.Environ()
	for setting, value := range s {
		run.Env = append(run.Env, setting+"="+value)
	}
	run.Stdin, run.Stdout, run.Stderr = os.Stdin, c.OutOrStdout(), c.ErrOrStderr()
	err = runChild(c.Context(), run)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() > 0 {
		return failure{code: exit.ExitCode()} // told already
	}
	if err != nil {
		return harnessFailed("%s: %w", suite, err)
	}
	return nil
}

// called is how this program is called from any folder: by its name where that is what
// PATH has, and else by its path.
func called() string {
	self, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	name := filepath.Base(self)
	if found, err := exec.LookPath(name); err == nil && filepath.IsAbs(found) && sameFile(found, self) {
		return name
	}
	return self
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// findSuite is the path of the suite's program.
func findSuite() (string, error) {
	name := suite
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(suite)
	if err != nil {
		return "", fmt.Errorf("no program %s beside this one or on the PATH: “make dist” builds both into dist/", suite)
	}
	return path, nil
}
