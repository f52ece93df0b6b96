package target_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

func injections(t *testing.T, texts ...string) (list injection.Schedule) {
	for _, text := range texts {
		one, err := injection.ParseInjection(text)
		require.NoError(t, err, text)
		list = append(list, one)
	}
	return list
}

// What broke is written as a description has it: pasted and read, it is the same schedule,
// with the same steps.
func TestAnEntryIsReadAsTheScheduleThatBroke(t *testing.T) {
	const began = "ana := s.Customer(\"ana\")\n"
	shop, err := parse([]byte(stories(`  - {id: looks-twice, plot: Ana looks., patience: 45s, injections: ["Capture hop: down, for 10s"], steps: [bo opens the page, bo submits, ana submits]}` + "\n")))
	require.NoError(t, err)
	plain, _ := shop.Story(Story{ID: "plain-purchase", Plot: "Ana buys.", Script: func(*Stage) {}})
	own, _ := shop.Story(shop.OwnStories("shop.yaml")[0])
	for name, row := range map[string]struct {
		story     Story
		more      []string
		script    string
		wantSteps string
	}{
		"a plain purchase":    {plain, []string{"Capture #1 answered: close", "OpenPage #2 arrives: answer 503"}, "", ""},
		"nothing is added":    {plain, nil, "", ""},
		"a kill and a wait":   {plain, []string{"CreatePayment #1 answered: kill checkout, for 2s", "GetPayment #2 arrives: latency 20s downstream, for 1m0s"}, "", ""},
		"she decides":         {plain, []string{"ApproveAtProvider #1: approve_late 2m0s"}, "", ""},
		"at the end":          {plain, []string{"Submit after the story: resubmit after restarting checkout"}, "", ""},
		"a message of a path": {plain, []string{"customer>checkout GET /pixel #1 arrives: hang"}, "", ""},
		"a hop":               {plain, []string{"checkout>provider at 2s: down, for 10s"}, "", ""},
		"a story of its own":  {own, []string{"Capture #1 arrives: close"}, began + "ana.Leaves()", "[bo opens the page, bo submits, ana submits]"},
		"another story": {
			plain, nil,
			began + "ana.Opens()\nana.Waits(1500*time.Millisecond)\nana.DoubleClicks()\nana.NewTab()\nana.Opens()\nana.TurnsTo(1)\nana.Reloads()\nana.ClosesLid(1*time.Minute)\nana.WaitsToBeTold()\nana.Leaves()",
			"[ana opens the page, ana waits 1500ms, ana double-clicks, ana opens another tab, ana turns to tab 1, ana reloads, ana closes the lid for 1m, ana waits to be told, ana goes away]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			more := injections(t, row.more...)
			entry := shop.Entry(row.story, target.Broken{ID: "charged-once-0badcafe", Plot: `Ana paid "2 × NOK 499.00": twice.`, Promise: "charged-once", More: more, Script: row.script})
			pasted, err := parse([]byte(stories(entry + "\n")))
			require.NoError(t, err, entry)
			read := pasted.OwnStories("shop.yaml")
			require.Len(t, read, 1)
			require.Equal(t, append(row.story.Injections[:len(row.story.Injections):len(row.story.Injections)], more...), read[0].Injections)
			require.Equal(t, `Ana paid "2 × NOK 499.00": twice.`, read[0].Plot)
			require.Equal(t, row.story.Patience, read[0].Patience)
			steps := "[" + strings.Join(pasted.Stories[0].Steps, ", ") + "]"
			require.Equal(t, row.wantSteps, strings.TrimPrefix(steps, "[]"))
		})
	}
}

// What many customers were told has more words than a plot may have.
func TestAnEntryOfManyWordsIsReadToo(t *testing.T) {
	shop, err := parse([]byte(smallest))
	require.NoError(t, err)
	plain, _ := shop.Story(Story{ID: "plain-purchase", Plot: "Ana buys.", Script: func(*Stage) {}})
	entry := shop.Entry(plain, target.Broken{ID: "charged-once-0badcafe", Plot: strings.Repeat("Ana paid €, twice. ", 50), Promise: "charged-once"})
	_, err = parse([]byte(stories(entry + "\n")))
	require.NoError(t, err)
}

// Where a description cannot say it, there is no entry: nothing that would be refused, or
// would be another story, is printed.
func TestWhatNoDescriptionSaysIsNoEntry(t *testing.T) {
	shop, err := parse([]byte(smallest))
	require.NoError(t, err)
	plain, _ := shop.Story(Story{ID: "plain-purchase", Plot: "Ana buys.", Script: func(*Stage) {}})
	broken := target.Broken{ID: "charged-once-0badcafe", Plot: "Ana paid twice.", Promise: "charged-once"}
	require.NotEmpty(t, shop.Entry(plain, broken))
	for name, change := range map[string]func(*Story, *target.Broken){
		"a promise of the story":       func(_ *Story, b *target.Broken) { b.Promise = "the-third-attempt-is-refused" },
		"a process of another shop":    func(_ *Story, b *target.Broken) { b.More = injections(t, "Capture #1 answered: kill worker") },
		"a message that it has not":    func(_ *Story, b *target.Broken) { b.More = injections(t, "PaymentWebhook #1 arrives: close") },
		"a shop that is special":       func(s *Story, _ *target.Broken) { s.Shop.ApproveAfter = time.Minute },
		"steps that it does not know":  func(_ *Story, b *target.Broken) { b.Script = "ana.Dances()" },
		"what a page in a browser has": func(_ *Story, b *target.Broken) { b.Script = "ana.Opens()\nana.Submits()\nana.GoesBack()" },
	} {
		s, b := plain, broken
		change(&s, &b)
		require.Empty(t, shop.Entry(s, b), name)
	}
}
