package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

func newInit() *cobra.Command {
	var name, page string
	providers := fakes.Providers()
	c := &cobra.Command{
		Use:   "init [SHOP.yaml]",
		Short: "Begin the description of your own checkout",
		Long: `Writes a file that describes a checkout, shop.yaml or the one that is named. Its
comments say what to put in the place of what is made up, and “validate” says what is wrong. A file that is there is
never overwritten.`,
		Example: `  unhappypath init                      # writes shop.yaml, of a shop that is paid by ` + providers.Default + `
  unhappypath init checkout.yaml --provider stripe --page html`,
		Args: records(0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			path := "shop.yaml"
			if len(args) > 0 {
				path = args[0]
			}
			kind, err := providers.Find(name)
			if err != nil {
				return failure{exitUsage, err}
			}
			text, err := target.Beginning(name, kind, page)
			if err != nil {
				return failure{exitUsage, err}
			}
			if err := writeNew(path, []byte(text)); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s\nSay in it how your shop is started, what its page sends, and what it says. Then: unhappypath validate %[1]s && unhappypath replay %[1]s plain-purchase\n", path)
			return nil
		},
	}
	c.Flags().StringVar(&name, "provider", providers.Default, "by whom the shop is paid: "+strings.Join(providers.Names(), ", "))
	c.Flags().StringVar(&page, "page", target.Pages()[0], "what its page asks for and sends: json, or html with forms")
	return c
}
