package explore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/harness/explore"
	. "github.com/unhappypath/unhappypath/harness/judge/judgetest"
)

func TestTheScriptOfARun(t *testing.T) {
	opens, clicks, waits, leaves := Does(observe.Opens), Does(observe.Clicks), Does(observe.WaitsToBeTold), Does(observe.Leaves)
	for name, row := range map[string]struct {
		moments []Moment
		want    string
	}{
		"nobody":           {nil, ""},
		"a purchase":       {[]Moment{At(0, opens), At(0.2, clicks, waits)}, "Opens() Submits() WaitsToBeTold()"},
		"she takes time":   {[]Moment{At(0, opens), At(45, clicks)}, "Opens() Waits(45*time.Second) Submits()"},
		"a double click":   {[]Moment{At(0, opens), At(1, clicks), At(1.1, clicks)}, "Opens() Waits(1*time.Second) DoubleClicks()"},
		"two clicks":       {[]Moment{At(0, opens), At(0, clicks), At(0.7, clicks)}, "Opens() Submits() Submits()"},
		"she is told late": {[]Moment{At(0, opens, clicks, waits), At(90, leaves)}, "Opens() Submits() WaitsToBeTold() Leaves()"},
		"anew":             {[]Moment{At(0, opens), At(0, opens)}, "Opens() Reloads()"},
		"two tabs": {
			[]Moment{At(0, opens), At(0, InTab("tab 2", Does(observe.Opens))), At(0, clicks)},
			"Opens() NewTab() Opens() TurnsTo(1) Submits()",
		},
		"she closes the lid": {
			[]Moment{At(0, opens, clicks), At(2, Does(observe.ClosesLid)), At(62, Does(observe.OpensLid)), At(70, waits)},
			"Opens() Submits() Waits(2*time.Second) ClosesLid(1*time.Minute) Waits(8*time.Second) WaitsToBeTold()",
		},
		"two customers":        {[]Moment{At(0, opens), At(0, By("bo", Does(observe.Opens)))}, ""},
		"a basket of how many": {[]Moment{At(0, opens, Does(observe.ChangesBasket))}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			script := explore.Look(explore.Trial{Whole: true}, RunOf(row.moments...)).Script
			script = strings.TrimPrefix(script, "ana := s.Customer(\"ana\")\n")
			require.Equal(t, row.want, strings.ReplaceAll(strings.ReplaceAll(script, "ana.", ""), "\n", " "))
		})
	}
}
