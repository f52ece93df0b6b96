package webhooks

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
)

func guide(t *testing.T) string {
	text, err := os.ReadFile("../../docs/webhooks.md")
	require.NoError(t, err)
	return string(text)
}

// The guide's own file is one, and so is what the tool writes to begin with.
func TestTheFilesToBeginWithAreValid(t *testing.T) {
	_, rest, _ := strings.Cut(guide(t), "```yaml\n")
	shown, _, _ := strings.Cut(rest, "```")
	files := map[string]string{"guide": shown}
	for name, w := range fakes.Webhooks() {
		files[name] = Beginning(name, w)
		files[name+", all of it"] = strings.ReplaceAll(strings.ReplaceAll(Beginning(name, w), "#  ", "  "), "#before", "before")
	}
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(folder, "server.js"), nil, 0o644))
			path := filepath.Join(folder, "webhooks.yaml")
			require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "node", "go")), 0o644))
			d, err := Load(path, fakes.Webhooks())
			require.NoError(t, err)
			require.Contains(t, d.Count, "paid")
		})
	}
}

// The guide's own handler comes to what the guide shows: the same failure, and its replay.
func TestTheGuidesHandlerIsWrong(t *testing.T) {
	t.Parallel()
	text := guide(t)
	block := func(kind string) string {
		_, rest, found := strings.Cut(text, "```"+kind+"\n")
		require.True(t, found, kind)
		shown, _, _ := strings.Cut(rest, "```")
		return shown
	}
	port := ownPort(t)
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server.js"), []byte(block("js")), 0o644))
	path := filepath.Join(folder, "webhooks.yaml")
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(block("yaml"), ":3000/", fmt.Sprintf(":%d/", port), 1)), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	report, out := found(t, d)
	require.Equal(t, judge.Broken, report.Verdict(), out)
	require.Contains(t, out, "✖ BROKE — a second effect: paid was counted twice instead of once")
	_, rest, _ := strings.Cut(text, "✖ BROKE — a second effect: paid was counted twice instead of once")
	_, rest, _ = strings.Cut(rest, "--replay ")
	replay, _, _ := strings.Cut(rest, "\n")
	require.Contains(t, out, replay)
}

// The replay that the guide shows can be read, and the table has every key.
func TestTheGuideHasEveryKey(t *testing.T) {
	text := guide(t)
	for _, m := range regexp.MustCompile(`--replay '([^']+)'`).FindAllStringSubmatch(text, -1) {
		_, err := ParseSequence(m[1], fakes.Webhooks()["stripe"])
		require.NoError(t, err)
	}
	var schema struct{ Properties map[string]any }
	require.NoError(t, json.Unmarshal([]byte(Schema), &schema))
	for key := range schema.Properties {
		require.Regexp(t, "(?m)^\\| .*`"+key+"`.* \\|", text, key)
	}
}

// A wrong file is refused where it is wrong, with what to write instead.
func TestAWrongFileIsRefused(t *testing.T) {
	const good = `version: 1
provider: stripe
url: http://127.0.0.1:3000/webhooks
secret: whsec_corner_shop
count:
  paid: {get: "/orders/${reference}", json: /credits}
`
	for name, row := range map[string]struct{ from, to, says string }{
		"another machine":   {"127.0.0.1", "shop.example", "3:6: url: a handler is tested on this machine only"},
		"no port":           {":3000", "", "3:6: url: a handler is tested on this machine only"},
		"no count":          {"paid:", "refunded:", "count"},
		"a misspelt key":    {"secret:", "secrets:", `unknown key "secrets": did you mean "secret"?`},
		"an unknown fact":   {"${reference}", "${order}", "nothing is known as ${order} here; there are amount, charge"},
		"an unknown event":  {"count:", "events: [sung, payment_intent.succeeded]\ncount:", `unknown event "sung" of stripe: want charge.dispute.created`},
		"nothing that pays": {"count:", "events: [charge.failed]\ncount:", "none of these events says that a purchase is paid"},
		"a live key":        {"count:", "metadata: {key: pk_live_1}\ncount:", "metadata.key: this is a live key"},
		"a service elsewhere": {"count:", "service: {command: [go, version], environment: {URL: \"https://api.shop.no\"}}\ncount:",
			`service.environment.URL: "api.shop.no" is another machine`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "shop.yaml")
			text := strings.Replace(good, row.from, row.to, 1)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			_, err := Load(path, fakes.Webhooks())
			require.ErrorContains(t, err, row.says)
		})
	}
}
