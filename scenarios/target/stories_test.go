package target_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/fault"
	"github.com/unhappypath/unhappypath/harness/injection"
	"github.com/unhappypath/unhappypath/harness/units"
	"github.com/unhappypath/unhappypath/scenarios/target"
)

// stories is a description with these stories.
func stories(text string) string { return smallest + "stories:\n" + text }

func TestAStoryIsReadAsItIsWritten(t *testing.T) {
	shop, err := parse([]byte(stories(`  - id: capture-lost
    plot: The first capture's answer is lost.
    patience: 45s
    injections: ["Capture #1 answered: close", "CreatePayment hop: down, for 10s", "Submit answered: rename status as state", "ApproveAtProvider #1: approve_late 2m"]
`)))
	require.NoError(t, err)
	list := shop.OwnStories("shop.yaml")
	require.Len(t, list, 1)
	own, why := shop.Story(list[0])
	require.Empty(t, why)
	require.NoError(t, own.Check())
	require.Equal(t, "shop.yaml:14", own.Told)
	require.Equal(t, []string{target.Own}, own.Labels)
	require.Equal(t, 45*time.Second, own.PatienceOrDefault())
	require.Equal(t, "Capture #1 answered: close\nCreatePayment hop: down, for 10s\nSubmit answered: rename status as state\nApproveAtProvider #1: approve_late 2m0s", own.Injections.String())
}

func TestAWrongStoryIsToldWithItsLine(t *testing.T) {
	const plot = "  - id: own\n    plot: Ana buys.\n"
	for text, want := range map[string]string{
		plot + plot:                          `shop.yaml:16:9: stories.1.id: two stories are called "own"`,
		"  - {id: Own, plot: Ana buys.}\n":   "the id of a story is words in lower case with hyphens between, such as stock-answer-lost",
		"  - {id: own}\n":                    "stories.0: it lacks plot",
		plot + "    injections: [Capture]\n": "shop.yaml:16:18: stories.0.injections.0: injection \"Capture\": want “operation trigger: fault”",
		plot + "    injections: [\"x: y\", \"Capture #1 answered: explode\"]\n": `there is no fault "explode": write “operation #n arrives|answered: fault”, such as “Capture #1 answered: close”, or “operation hop: fault”, such as “Capture hop: down, for 10s”; the faults are `,
		plot + "    injections: [\"Captur #1 answered: close\"]\n":              "it needs a message of the operation Captur, and this shop has none; the operations are Submit, OpenPage, Authenticate, CreatePayment,",
		plot + "    injections: [\"Capture #1: close\"]\n":                      "write “operation #n arrives|answered: fault”",
		plot + "    injections: [\"Capture #1 soon: close\"]\n":                 `"soon" is no part of a trigger, or one too many`,
		plot + "    injections: [\"Capture #1 answered: kill shop\"]\n":         "there is no process \"shop\": there is “checkout”",
		plot + "    injections: [\"checkout>stock GET /x arrives: close\"]\n":   `no hop "checkout>stock": the shop has [`,
		plot + "    injections: [\"PaymentWebhook #1 arrives: close\"]\n":       "it needs webhooks, and the shop takes none",
		plot + "    injections: [\"ApproveAtProvider #1 arrives: decline\"]\n":  `decline is what a customer decides about a payment, once and for all: want "ApproveAtProvider #1: decline"`,
		plot + "    injections: [\"Capture #1: abandon\"]\n":                    `want "ApproveAtProvider #1: abandon"`,
		plot + "    steps: [ana waits]\n":                                       "shop.yaml:16:13: stories.0.steps.0: invalid step \"ana waits\": a customer “opens the page”, “submits”, “submits again”, “double-clicks”, “waits TIME”,",
		plot + "    steps: [Ana submits]\n":                                     "want a customer's name, of small letters and digits, and what she does, such as “ana submits”",
		plot + "    steps: [ana waits 10]\n":                                    `invalid step "ana waits 10": time: missing unit in duration "10"`,
		plot + "    steps: [ana waits 25h]\n":                                   "24h0m0s at most",
		plot + "    steps: [ana waits to be told]\n":                            "nobody submits, so the story puts nothing to the test",
		plot + "    steps: [ana submits, ana turns to tab 2]\n":                 "by then ana has 1",
		plot + "    steps: [ana goes back, ana submits]\n":                      "no page is open then",
		plot + "    steps: [ana submits, ana pays at the provider]\n":           "this shop cannot play it: it needs a shop that sends its customers to the provider's page, and the description does not say where: say capture: {pay: …} under submit or look",
		plot + "    steps: [ana returns to the shop, ana submits]\n":            "by then ana was not sent to the provider",
		plot + "    steps: [ana submits, ana goes back]\n":                      "this shop cannot play it: it needs a page with a back button",
		plot + "    steps: [ana submits, ana changes the basket to 2]\n":        "this shop cannot play it: it needs a basket that can be changed",
	} {
		_, err := parse([]byte(stories(text)))
		require.ErrorContains(t, err, want, text)
	}
	_, err := parse([]byte(strings.Replace(stories(plot+"    injections: [\"Capture #1 answered: kill checkout, for 2s\"]\n"),
		"  command: [go, version]\n", "  url: http://127.0.0.1:3000\npayments: {port: 8081}\nshipping: {port: 8082}\n", 1)))
	require.ErrorContains(t, err, "it needs the service to be killed or paused, and this one runs already")
}

// Where the customer is sent to pay, the answer to a submit or a look says.
func TestWhereSheIsSentToPayIsSaidOnce(t *testing.T) {
	submits := func(capture string) string {
		return strings.Replace(smallest, `{post: "/buy/${order}"}`, `{post: "/buy/${order}", capture: {`+capture+`}}`, 1)
	}
	shop, err := parse([]byte(submits("pay: {header: Location}") + "stories:\n  - {id: own, plot: Ana pays., steps: [ana submits, ana pays at the provider, ana returns to the shop]}\n"))
	require.NoError(t, err)
	own, why := shop.Story(shop.OwnStories("shop.yaml")[0])
	require.Empty(t, why)
	require.True(t, own.Shop.PaysAtProvider)
	_, err = parse([]byte(strings.Replace(smallest, "{order: {json", "{pay: {json: /pay}, order: {json", 1)))
	require.ErrorContains(t, err, "pay is where the answer to a submit or a look sends the customer to pay: capture it there, or give what is captured here another name")
}

// What the page of all keys has as examples can be written.
func TestTheGuidesStoriesCanBeWritten(t *testing.T) {
	text, err := os.ReadFile("../../docs/description.md")
	require.NoError(t, err)
	_, part, _ := strings.Cut(string(text), "### `stories`")
	part, _, _ = strings.Cut(part, "\n### ")
	injections := regexp.MustCompile("(?m)^\\| `([A-Z][^`]*: [^`]*)`").FindAllStringSubmatch(part, -1)
	require.Len(t, injections, 8)
	for _, found := range injections {
		_, err := injection.ParseInjection(found[1])
		require.NoError(t, err)
	}
	_, steps, _ := strings.Cut(part, "and one of: ")
	steps, _, _ = strings.Cut(steps, ". ")
	_, err = parse([]byte(stories("  - {id: own, plot: Ana., steps: [ana dances]}\n")))
	written := 0
	for _, found := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(steps, -1) {
		if found[1] != "change" && found[1] != "browser" { // what a step needs
			written++
			require.ErrorContains(t, err, "“"+found[1]+"”")
		}
	}
	require.Equal(t, strings.Count(err.Error(), "“"), written, "all steps are there")
}

func TestHowManyShopsRunAtOnce(t *testing.T) {
	shop, err := parse([]byte(smallest + "explore: {at_once: 3}\n"))
	require.NoError(t, err)
	require.Equal(t, 3, shop.Explore.AtOnce)
	_, err = parse([]byte(smallest + "explore: {at_once: 3}\npayments: {port: 8081}\n"))
	require.ErrorContains(t, err, "explore.at_once: shops that share one service or a fixed port run one at a time")
	_, err = parse([]byte(smallest + "explore: {at_once: 0}\n"))
	require.ErrorContains(t, err, "shop.yaml:13:20: explore.at_once: ")
	require.Equal(t, units.Wall, shop.StoryClock())
}

// The page of all faults has an example of each kind, and each can be written.
func TestThePageOfFaultsHasEachKind(t *testing.T) {
	text, err := os.ReadFile("../../docs/faults.md")
	require.NoError(t, err)
	shown := map[fault.Kind]bool{}
	for _, found := range regexp.MustCompile("(?m)^\\| `([^`]*: [^`]*)` \\|").FindAllStringSubmatch(string(text), -1) {
		one, err := injection.ParseInjection(found[1])
		require.NoError(t, err, found[1])
		require.NoError(t, one.Check(), found[1])
		shown[one.Fault.Kind] = true
	}
	for _, kind := range fault.Kinds() {
		require.True(t, shown[kind.Kind], "docs/faults.md has no example of %s", kind.Kind)
	}
}
