package compose_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/enact"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// A shop's own story does what it says. It is played at the reference shop, in virtual
// time, for what it says is the same everywhere.
func TestAnOwnStoryIsPlayed(t *testing.T) {
	shop := describe(t, `version: 1
name: Corner shop
service: {command: [go, version]}
money: {amount: 49900, currency: NOK}
customer:
  open: [{get: "/cart/${basket}"}]
  submit: {post: "/buy/${basket}"}
  change: {put: "/cart/${basket}", json: {quantity: "${quantity}"}}
  screens: [{status: 200, says: shipped}]
stories:
  - id: nothing-said
    plot: The capture's answer is lost, and Ana buys.
    injections: ["Capture #1 answered: close"]
  - id: every-verb
    plot: Ana does all that she can, and Bo buys beside her.
    steps:
      - ana opens the page
      - ana changes the basket to 2
      - ana submits
      - ana waits 10s
      - bo double-clicks
      - ana opens another tab
      - ana turns to tab 1
      - ana submits again
      - ana waits to be told
      - ana reloads
      - bo waits to be told for 10m
      - bo goes away
`)
	studio := compose.NewStudio()
	defer func() { require.NoError(t, studio.Close()) }()
	did := map[string]string{}
	for _, s := range shop.OwnStories("shop.yaml") {
		run := studio.Enact(t.Context(), s, enact.Options{World: "virtual", Database: "sqlite", Seed: 1, Expects: "kept"})
		require.Equal(t, Kept, run.Verdict(), run.FailureText())
		var acts []string
		for _, e := range run.History {
			if e.Act != nil {
				acts = append(acts, strings.TrimSpace(e.Actor+" "+string(e.Act.Does)+" "+e.Act.Tab))
			}
		}
		did[s.ID] = strings.Join(acts, ", ")
	}
	require.Equal(t, map[string]string{
		"nothing-said": "ana opens, ana clicks, ana waits to be told",
		"every-verb": "ana opens, ana changes the basket, ana clicks, bo opens, bo clicks, bo clicks, ana opens tab 2, ana clicks, " +
			"ana waits to be told, ana opens, bo waits to be told, bo leaves",
	}, did)
}
