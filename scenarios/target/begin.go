package target

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/unhappypath/unhappypath/fakes/provider"
)

//go:embed begin.yaml.tmpl
var beginning string

// Pages are the kinds of front end that a description can begin with: one that asks for
// JSON, and one of forms and HTML.
func Pages() []string { return []string{"json", "html"} }

// Beginning is a description to begin with, of a shop that is paid by that provider. It is
// valid where its command is, and says in comments what to put in the place of what is made up.
func Beginning(name string, payments provider.Kind, page string) (string, error) {
	if !slices.Contains(Pages(), page) {
		return "", fmt.Errorf("unknown page %q: want %s", page, strings.Join(Pages(), " or "))
	}
	host := "the provider's own address"
	if len(payments.Hosts) > 0 {
		host = payments.Hosts[0]
	}
	var b strings.Builder
	err := template.Must(template.New("").Funcs(template.FuncMap{"upper": strings.ToUpper}).Parse(beginning)).Execute(&b, map[string]any{
		"Provider": name, "Host": host, "Account": payments.Account, "HTML": page == "html",
	})
	return b.String(), err
}
