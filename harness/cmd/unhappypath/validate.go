package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/scenarios/target"
)

func newValidate() *cobra.Command {
	var schema bool
	c := &cobra.Command{
		Use:   "validate SHOP.yaml",
		Short: "Check the description of your own checkout",
		Long: `Checks a file that describes your own checkout: UNHAPPY_TARGET=SHOP.yaml stages
the stories in it. What is wrong is told with its line and column, and with what to
write instead.

In the service's command and environment, ${…} stands for what the world knows:

` + facts() + `
In the front end's requests it stands for ${customer}, ${basket}, ${amount},
${currency}, ${run} (another one each time), ${quantity} where the basket is
changed, and for what earlier steps captured.`,
		Example: `  unhappypath validate shop.yaml
  unhappypath validate --schema > shop.schema.json`,
		RunE: func(c *cobra.Command, args []string) error {
			if schema {
				_, err := fmt.Fprint(c.OutOrStdout(), target.Schema)
				return err
			}
			if len(args) != 1 {
				return usage("%d files are named; the call is “%s”", len(args), c.UseLine())
			}
			shop, err := target.Load(args[0])
			if wrong := (target.Problems)(nil); errors.As(err, &wrong) {
				fmt.Fprintln(c.ErrOrStderr(), wrong)
				return usage("%s has %d to mend", args[0], len(wrong))
			}
			if err != nil {
				return failure{exitUsage, err}
			}
			fmt.Fprintf(c.OutOrStdout(), "%s describes “%s”, and can be staged: UNHAPPY_TARGET=%[1]s unhappypath-scenarios\n", args[0], shop.Name)
			return nil
		},
	}
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a description, for editors")
	return c
}

// facts are what a description may name, for people.
func facts() string {
	var b strings.Builder
	for _, f := range target.Known() {
		fmt.Fprintf(&b, "  %-32s %s\n", "${"+f.Name+"}", f.Is)
	}
	return b.String()
}
