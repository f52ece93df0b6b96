// Package suite builds the suite's program and runs it as its users do: by settings in
// its environment, and by its exit code.
package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Build builds the suite as a program, with flags of go's beside; root is the module's. It
// holds nothing for a debugger, which a third of the linker's work is for, and is not vetted.
func Build(ctx context.Context, root, program string, flags ...string) error {
	cmd := exec.CommandContext(ctx, "go", append(append([]string{"test", "-c", "-vet=off", "-ldflags=-w", "-o", program}, flags...), "./scenarios")...)
	cmd.Dir = root
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the suite does not build; its root is %s: %w\n%s", root, err, text)
	}
	return nil
}

// Tests that a program has.
const (
	Stories     = "^TestScenarios$"
	Exploration = "^TestExploration$"
)

// Run runs a test of the program in a folder, with no other settings than these, and
// returns what it said and its exit code. An error is for a program that has none. An
// interruption interrupts it, too, and its report is kept.
func Run(ctx context.Context, program, folder, test string, settings ...string) (said string, code int, err error) {
	cmd := exec.CommandContext(ctx, program, "-test.run="+test, "-test.timeout=0", "-ginkgo.timeout=4h", "-ginkgo.no-color")
	cmd.Dir = folder
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "UNHAPPY_") && !strings.HasPrefix(pair, "GITHUB_") {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, settings...)
	text, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		return string(text), 0, err
	}
	return string(text), cmd.ProcessState.ExitCode(), ctx.Err()
}
