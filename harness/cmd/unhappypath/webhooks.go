package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/target"
	"github.com/unhappypath/unhappypath/scenarios/webhooks"
)

// webhookCall is what the flags of the command say.
type webhookCall struct {
	webhooks.Options
	replay, init string
}

func newWebhooks() *cobra.Command {
	var call webhookCall
	name := handled()[0]
	c := &cobra.Command{
		Use:   "webhooks [WEBHOOKS.yaml]",
		Short: "Test a handler of webhooks alone",
		Long: `Delivers the events of purchases to a handler of yours: twice, several at once, in
every order that matters, late, cut off, with the handler killed before its answer or
right after it, with signatures that are missing, wrong or too old, and while the secret
is replaced. A right handler has one effect for each purchase that is paid.

A file of ten lines says where the handler is, and how its effects are counted:

  version: 1
  provider: ` + name + `
  url: http://127.0.0.1:3000/webhooks
  secret: ` + fakes.Webhooks()[name].Secret + `
  service: {command: [node, server.js], environment: {PORT: "3000"}}
  count:
    paid: {get: "/orders/${reference}", json: /credits}

Exit codes: 0 it kept its promise; 1 it broke it, or nothing could be proven; 2 called
wrongly; 3 the harness failed.`,
		Example: `  unhappypath webhooks --init ` + name + `   # writes webhooks.yaml
  unhappypath webhooks --init ` + name + ` other.yaml   # writes other.yaml
  unhappypath webhooks webhooks.yaml
  unhappypath webhooks webhooks.yaml --sequences 1000
  unhappypath webhooks webhooks.yaml --replay '` + webhooks.Example(fakes.Webhooks()[name]).String() + `'`,
		RunE: func(c *cobra.Command, args []string) error { return call.run(c, args) },
	}
	c.Flags().StringVar(&call.init, "init", "", "write a file to begin with, webhooks.yaml or the one that is named, of that provider: "+strings.Join(handled(), " or "))
	c.Flags().StringVar(&call.replay, "replay", "", "the one sequence to deliver, as a report prints it")
	c.Flags().IntVar(&call.Sequences, "sequences", webhooks.DefaultSequences, "how many sequences are tried at least")
	c.Flags().Uint64Var(&call.Seed, "seed", 1, "the number that the random sequences are drawn from")
	return c
}

// mostSequences is how many sequences are worth trying.
const mostSequences = 100_000

// handled are the providers of which handlers can be tested.
func handled() []string { return slices.Sorted(maps.Keys(fakes.Webhooks())) }

// begin writes a description to begin with.
func (call webhookCall) begin(c *cobra.Command, args []string) error {
	path := "webhooks.yaml"
	if len(args) > 1 {
		return usage("%d files are named; the call is “%s”", len(args), c.UseLine())
	}
	if len(args) == 1 {
		path = args[0]
	}
	w, known := fakes.Webhooks()[call.init]
	if !known {
		return usage("unknown provider %q: want %s", call.init, strings.Join(handled(), " or "))
	}
	if err := writeNew(path, []byte(webhooks.Beginning(call.init, w))); err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s\nSay in it where your handler is, and how its effects are counted. Then: unhappypath webhooks %[1]s\n", path)
	return nil
}

func (call webhookCall) run(c *cobra.Command, args []string) error {
	if call.init != "" {
		return call.begin(c, args)
	}
	if len(args) != 1 {
		return usage("files named: %d; the call is “%s”, and “%[3]s --init %[4]s” writes a file to begin with", len(args), c.CommandPath()+" WEBHOOKS.yaml", c.CommandPath(), handled()[0])
	}
	if call.Sequences < 1 || call.Sequences > mostSequences {
		return usage("invalid number of sequences %d: want 1 to %d", call.Sequences, mostSequences)
	}
	providers := fakes.Webhooks()
	d, err := webhooks.Load(args[0], providers)
	if wrong := (target.Problems)(nil); errors.As(err, &wrong) {
		fmt.Fprintln(c.ErrOrStderr(), wrong)
		return usage("invalid description %s: %d to correct, listed above", args[0], len(wrong))
	}
	if err != nil {
		return failure{exitUsage, err}
	}
	call.Progress = func(line string) { fmt.Fprintln(c.ErrOrStderr(), line) }
	var report *webhooks.Report
	if call.replay == "" {
		report, err = d.Run(c.Context(), call.Options)
	} else {
		sequence, wrong := d.Parse(call.replay)
		if wrong != nil {
			return failure{exitUsage, wrong}
		}
		report, err = d.Replay(c.Context(), sequence, call.Options)
	}
	if err != nil {
		return harnessFailed("%w", err)
	}
	report.Write(c.OutOrStdout(), fmt.Sprintf("%s webhooks %s --replay", called(), args[0]))
	if report.Verdict() != judge.Kept {
		return failure{code: exitBroken} // told already
	}
	return nil
}
