package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

func newValidate() *cobra.Command {
	var schema, asJSON bool
	c := &cobra.Command{
		Use:   "validate SHOP.yaml",
		Short: "Check the description of your own checkout",
		Long: `Checks a file that describes your own checkout: “unhappypath run SHOP.yaml” stages
the stories in it. What is wrong is told with its line and column, and with what to
write instead.

In the service's command and environment, ${…} stands for what the world knows:

` + facts() + `
In the front end's requests it stands for ${customer}, ${basket}, ${amount},
${currency}, ${run} (another one each time), ${load} (another one each time the page
is loaded), ${quantity} where the basket is changed, and for what earlier steps
captured.`,
		Example: `  unhappypath validate shop.yaml
  unhappypath validate --json shop.yaml | jq -r '.problems[].says'
  unhappypath validate --schema > shop.schema.json`,
		RunE: func(c *cobra.Command, args []string) error {
			if schema {
				_, err := fmt.Fprint(c.OutOrStdout(), target.Schema)
				return err
			}
			if len(args) != 1 {
				return usage("%d files are named; the call is “%s”", len(args), c.UseLine())
			}
			if asJSON {
				shop, err := target.Load(args[0], fakes.Providers())
				return validated(c.OutOrStdout(), args[0], shop, err)
			}
			shop, err := described(c, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s describes “%s”, and can be staged: unhappypath run %[1]s\n", args[0], shop.Name)
			if !shop.KnowsPorts() {
				fmt.Fprintf(c.OutOrStdout(), "It is to listen at a port of the harness, another one each time, and %s: write environment: {PORT: \"${service.port}\"}, or what your shop calls it.\n", target.NoPort)
			}
			if shop.StoryClock() == units.Wall {
				fmt.Fprintln(c.OutOrStdout(), "Its stories take real time: a customer who is told nothing waits for five minutes. Say clock: 20 where all of the shop's time-outs come from its environment, such as ${ms 10s}.")
			}
			return nil
		},
	}
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of a description, for editors")
	c.Flags().BoolVar(&asJSON, "json", false, "a JSON object, for programs")
	return c
}

// described is what a file describes. All that is wrong with it is listed.
func described(c *cobra.Command, file string) (*target.Target, error) {
	shop, err := target.Load(file, fakes.Providers())
	if wrong := (target.Problems)(nil); errors.As(err, &wrong) {
		fmt.Fprintln(c.ErrOrStderr(), wrong)
		return nil, usage("invalid description %s: %d to correct, listed above", file, len(wrong))
	}
	if err != nil {
		return nil, failure{exitUsage, err}
	}
	return shop, nil
}

// validated says as JSON what was found out of a file.
func validated(out io.Writer, file string, shop *target.Target, err error) error {
	type problem struct {
		Line   int    `json:"line,omitempty"`
		Column int    `json:"column,omitempty"`
		Place  string `json:"place,omitempty"`
		Says   string `json:"says"`
	}
	result := struct {
		File     string    `json:"file"`
		Valid    bool      `json:"valid"`
		Name     string    `json:"name,omitempty"`
		Problems []problem `json:"problems,omitempty"`
	}{File: file, Valid: err == nil}
	wrong := (target.Problems)(nil)
	switch {
	case err == nil:
		result.Name = shop.Name
	case errors.As(err, &wrong):
		for _, p := range wrong {
			result.Problems = append(result.Problems, problem{p.Line, p.Column, p.Place, p.Says})
		}
	default:
		result.Problems = []problem{{Says: err.Error()}}
	}
	write := json.NewEncoder(out)
	write.SetEscapeHTML(false)
	if err := write.Encode(result); err != nil {
		return harnessFailed("%w", err)
	}
	if err != nil {
		return failure{code: exitUsage} // told already
	}
	return nil
}

// facts are what a description may name, for people.
func facts() string {
	var b strings.Builder
	providers := fakes.Providers()
	for _, f := range target.Known(providers.Kinds[providers.Default]) {
		fmt.Fprintf(&b, "  %-32s %s\n", "${"+f.Name+"}", f.Is)
	}
	for _, name := range slices.Sorted(maps.Keys(providers.Kinds)) {
		if name == providers.Default {
			continue
		}
		fmt.Fprintf(&b, "With payments: {provider: %s}, in place of the account above:\n", name)
		for _, f := range target.OfAccount(providers.Kinds[name]) {
			fmt.Fprintf(&b, "  %-32s %s\n", "${"+f.Name+"}", f.Is)
		}
	}
	return b.String()
}
