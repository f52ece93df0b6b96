package explore_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/parser"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/explore"
	"github.com/unhappypath/unhappypath/harness/fault"
)

var finding = explore.Finding{
	Promise: "charged-once", Sentence: "Ana was charged TWICE.", Seed: 3,
	Injections: Schedule{OnPath(ProviderHop, "POST", "/payments").Nth(1).Answered().Delays(12 * time.Second)},
}

func TestARegressionIsReadAsItWasWritten(t *testing.T) {
	r := explore.RegressionOf(finding, "plain-purchase")
	again, err := explore.ParseRegression(r.Text())
	require.NoError(t, err)
	require.Equal(t, r, again)
	require.Contains(t, string(r.Text()), "checkout>provider POST /payments #1 answered: delay 12s", "a person can read it")
	require.Regexp(t, `^plain-purchase-[0-9a-f]{8}\.json$`, r.FileName())
}

func TestARegressionThatIsNoneIsRefusedInOneLine(t *testing.T) {
	for text, words := range map[string]string{
		"":              "this is no regression",
		"[]":            "this is no regression",
		`{"version":9}`: "of version 9, and this suite reads versions 1 and 2",
		`{"version":1}`: "no story id",
		`{"version":1,"story":"x","strikes":["moon>Earth: down"]}`:                         "invalid hop",
		`{"version":1,"story":"x","strikes":["customer>checkout PUT x #1 arrives: hang"]}`: "path that begins with /",
		`{"version":1,"story":"x","strikes":[7]}`:                                          "cannot be read",
	} {
		_, err := explore.ParseRegression([]byte(text))
		require.ErrorContains(t, err, words, text)
		require.NotContains(t, err.Error(), "\n")
	}
}

func FuzzParseRegression(f *testing.F) {
	f.Add(explore.RegressionOf(finding, "plain-purchase").Text())
	f.Add([]byte(`{"version":1,"story":"x","strikes":["checkout>provider: down"]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := explore.ParseRegression(text)
		if err != nil {
			return
		}
		again, err := explore.ParseRegression(r.Text())
		require.NoError(t, err)
		require.Equal(t, string(r.Text()), string(again.Text()))
	})
}

// everyInjection is one of each sort that the words of package harness can say.
func everyInjection() []Injection {
	on := OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(2)
	return []Injection{
		on.Hangs(), on.Closes().Lasting(time.Minute), on.Answered().Resets(), on.Delays(1500 * time.Millisecond), on.Duplicates(),
		on.Answered().Answers(503), on.AnswersWith(502, HTML), on.Answered().Renames("status", "state"), on.Kills("checkout").Lasting(2 * time.Second),
		on.Drops("/payment/amount"), on.Answered().Retypes("status"), on.Answered().Truncates(), on.TruncatesAfter(0), on.Stalls().Lasting(time.Minute), on.StallsAfter(7), on.Replaces("/amount/value", "49901"), on.DuplicatesAfter(time.Millisecond),
		on.ExpiresToken(), on.WaitsForAnother(time.Minute), on.DuplicatesChanged("/amount", "1", time.Second),
		OnPath(ProviderHop, "*", "/").Pauses("checkout").AtLeast(2),
		OnPath(ProviderHop, "POST", "/p").Nth(1).Toxic(Upstream, Latency(time.Hour)).Lasting(30 * time.Second),
		Toxic(ShippingHop, Downstream, Bandwidth(1)), Toxic(WebhookHop, Downstream, Silence(0)), Toxic(WebhookHop, Upstream, ResetPeer(time.Second)),
		Toxic(CustomerHop, Upstream, SlowClose(time.Second)), Toxic(CustomerHop, Upstream, Slicer(10, time.Microsecond)),
		Toxic(CustomerHop, Upstream, LimitData(10)).From(time.Minute), Down(ProviderHop).When("captured", 2),
	}
}

// ofEveryKind is each fault of the catalogue that may hit a message, so that every kind
// has a builder.
func ofEveryKind() (list []Injection) {
	on := OnPath(CustomerHop, "PUT", "/orders/{id}").Nth(1).Answered()
	for _, kind := range fault.Kinds() {
		for _, place := range []fault.Place{fault.AMessage, fault.AField, fault.ABody, fault.AProcess, fault.AHop, fault.AToken} {
			for _, f := range kind.Rows(fault.Spot{Of: place, Phase: fault.Answered, Name: "status"}) {
				list = append(list, on.Does(f))
			}
		}
		for _, f := range kind.Rows(fault.Spot{Of: fault.APayment}) {
			list = append(list, OnPayment(2).Does(f))
		}
	}
	return list
}

// The code of every injection is compiled and run, and makes that very injection.
func TestTheLiteralOfAnInjectionIsThatInjection(t *testing.T) {
	whole(t)
	var program bytes.Buffer
	program.WriteString("package main\n\nimport (\n\t\"fmt\"\n\t\"time\"\n\n\t. \"github.com/unhappypath/unhappypath/harness\"\n)\n\nfunc main() {\n\t_ = time.Second\n")
	var want []string
	for _, s := range append(everyInjection(), ofEveryKind()...) {
		require.NoError(t, s.Check())
		want = append(want, s.String())
		fmt.Fprintf(&program, "\tfmt.Println(%s)\n", explore.Code(s))
	}
	story := explore.StoryHeader{ID: "plain-purchase", Injections: Schedule{On(BookParcel).Closes()}}
	fmt.Fprintf(&program, "\tfmt.Println(%s.Injections)\n}\n\nfunc Tell(s Story) Story { return s }\n", explore.Literal(story, finding))
	want = append(want, append(story.Injections, finding.Injections...).String())
	overlay := t.TempDir() + "/overlay.json"
	source := t.TempDir() + "/main.go"
	require.NoError(t, os.WriteFile(source, program.Bytes(), 0o600))
	here, err := os.Getwd()
	require.NoError(t, err)
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{here + "/literal/main.go": source}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	out, err := exec.CommandContext(t.Context(), "go", "run", "-overlay", overlay, "./literal").CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, program.String())
	require.Equal(t, strings.Join(want, "\n")+"\n", string(out))
}

func TestAFindingIsAStoryToPaste(t *testing.T) {
	story := explore.StoryHeader{ID: "plain-purchase", Injections: Schedule{Down(ShippingHop)}}
	literal := explore.Literal(story, finding)
	_, err := parser.ParseExpr(literal)
	require.NoError(t, err, literal)
	require.Contains(t, literal, `OnPath(ProviderHop, "POST", "/payments").Nth(1).Answered().Delays(12*time.Second)`)
	require.Contains(t, literal, "Down(ShippingHop)")
}

func TestTwoFindingsOfOnePromiseAreTwoStories(t *testing.T) {
	story, other := explore.StoryHeader{ID: "plain-purchase"}, finding
	other.Injections = Schedule{Down(ShippingHop)}
	id := func(f explore.Finding) string {
		_, rest, _ := strings.Cut(explore.Literal(story, f), `ID:   "`)
		id, _, _ := strings.Cut(rest, `"`)
		return id
	}
	require.Regexp(t, `^plain-purchase-charged-once-[0-9a-f]{8}$`, id(finding))
	require.NotEqual(t, id(finding), id(other))
	require.Equal(t, id(finding), id(finding))
	require.Contains(t, id(finding), strings.TrimSuffix(strings.TrimPrefix(explore.RegressionOf(finding, story.ID).FileName(), story.ID), ".json"))
}
