package webhooks

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/harness/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handlers gives each test's handler its port. A port of the system's choice could be taken by
// another test's connection before the handler listens there.
var handlers = wire.NewPorts(os.Getpid())

// ownPort is a port for a handler in Node.
func ownPort(t *testing.T) int {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts handlers, some of them hundreds of times: make handlers runs it")
	}
	if _, err := exec.LookPath("node"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("there is no node: install Node.js")
	}
	port, err := handlers.Free()
	require.NoError(t, err)
	return port
}

// shopWith is the description of a handler below testdata, with a flaw, at a port of its
// own.
func shopWith(t *testing.T, text string, with ...any) *Description {
	t.Helper()
	port := ownPort(t)
	folder, err := filepath.Abs("testdata")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "shop.yaml")
	text = fmt.Sprintf("version: 1\nname: Corner shop\nurl: http://127.0.0.1:%d/webhooks\n", port) +
		"service:\n  folder: " + folder + "\n" + fmt.Sprintf(text, with...)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	d, err := Load(path, fakes.Webhooks())
	require.NoError(t, err)
	return d
}

// shop is a handler of few events, so that few sequences try it.
const shop = `  command: [node, stripe.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", FLAW: "%s"}
provider: stripe
secret: whsec_corner_shop
events: [payment_intent.created, payment_intent.succeeded]
count:
  paid: {get: "/orders/${reference}", json: /credits}
settles: 1s
`

// Each flaw is found, and shown by three deliveries at most.
func TestEachFlawIsFound(t *testing.T) {
	t.Parallel()
	for flaw, says := range map[string]string{
		"each-delivery":   "a second effect",
		"memory":          "a second effect",
		"order":           "an effect was lost",
		"early-answer":    "an effect was lost",
		"no-signature":    "a forged event was taken",
		"no-tolerance":    "a forged event was taken",
		"any-scheme":      "a forged event was taken",
		"race":            "a second effect",
		"first-signature": "an effect was lost",
		"marks-first":     "an effect was lost",
	} {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, shop, flaw)
			report, err := d.Run(context.Background(), Options{Sequences: 1, Seed: 1})
			require.NoError(t, err)
			var out bytes.Buffer
			report.Write(&out, "unhappypath webhooks shop.yaml --replay")
			require.Equal(t, judge.Broken, report.Verdict(), out.String())
			first := report.Findings[0]
			require.Contains(t, first.wrong.says(first.result), says)
			require.LessOrEqual(t, first.deliveries(), 3, out.String())
			require.Contains(t, out.String(), "Replay: unhappypath webhooks shop.yaml --replay '"+first.Sequence.String()+"'")

			again, err := d.Replay(context.Background(), first.Sequence, Options{})
			require.NoError(t, err)
			require.Equal(t, judge.Broken, again.Verdict())
		})
	}
}

// A handler that marks an event as seen before it does the work, in two writes, loses the
// effect when it dies between them. Only a kill before the answer shows it.
func TestTwoWritesInsteadOfOneAreFound(t *testing.T) {
	for _, flaw := range []string{"marks-then-works", "marks-tight"} {
		t.Run(flaw, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, shop, flaw)
			report, err := d.Run(context.Background(), Options{Sequences: 1, Seed: 1})
			require.NoError(t, err)
			var out bytes.Buffer
			report.Write(&out, "")
			require.Equal(t, judge.Broken, report.Verdict(), out.String())
			require.Len(t, report.Findings, 1, out.String())
			first := report.Findings[0]
			require.Contains(t, first.wrong.says(first.result), "an effect was lost")
			require.True(t, first.killsAtWork(), out.String())
			require.LessOrEqual(t, first.deliveries(), 3, out.String())
			require.Contains(t, out.String(), "killed before its answer after ")

			again, err := d.Replay(context.Background(), first.Sequence, Options{})
			require.NoError(t, err)
			require.Equal(t, judge.Broken, again.Verdict())
		})
	}
}

// other is the same of a provider that keeps the order of notices.
const other = `  command: [node, vipps.js]
  environment: {PORT: "${service.port}", SECRET: "${webhooks.secret}", JOURNAL: "${service.data}/journal", FLAW: "%s"}
provider: vipps
secret: A0AeKBRG2KRGvnNwJpQlb6IJFk48CKXC
events: [CREATED, CAPTURED]
count:
  paid: {get: "/orders/${reference}", json: /credits}
settles: 1s
`

func TestABodyThatNobodyHashedIsFound(t *testing.T) {
	t.Parallel()
	report, err := shopWith(t, other, "no-hash").Run(context.Background(), Options{Sequences: 1})
	require.NoError(t, err)
	require.Len(t, report.Findings, 1)
	require.Equal(t, "paid: CAPTURED forged:altered", report.Findings[0].Sequence.String())
	report, err = shopWith(t, other, "").Run(context.Background(), Options{Sequences: 1})
	require.NoError(t, err)
	require.Equal(t, judge.Kept, report.Verdict())
}

func TestARightHandlerIsKept(t *testing.T) {
	t.Parallel()
	d := shopWith(t, shop, "")
	report, err := d.Run(context.Background(), Options{Sequences: 1, Seed: 1})
	require.NoError(t, err)
	var out bytes.Buffer
	report.Write(&out, "")
	require.Equal(t, judge.Kept, report.Verdict(), out.String())
	require.Greater(t, report.Tried, 50)
	require.Greater(t, report.Kills, 3)
	require.NotEmpty(t, report.AtWork)
	for notice, k := range report.AtWork {
		require.Positive(t, k.Done, notice)
	}
	require.NotContains(t, out.String(), d.Secret)
}

// Nothing is said of a handler that does nothing when all is well.
func TestNothingIsProvenWithoutAnEffect(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ flaw, count, says string }{
		"it refuses right signatures": {"other-secret", "/credits", "the handler refuses correct signatures: every event of a purchase that is paid was answered with status 400"},
		"nothing is counted":          {"", "/sung", "count.paid is 0 when a purchase is paid"},
		"what is counted is too much": {"total", "/credits", "count.paid of a purchase that nobody made is 1"},
		"it takes no such event":      {"never-takes", "/credits", "the handler never took payment_intent.succeeded of a purchase that is paid: it answered with status 500 each time"},
		"it does not start":           {"dies", "/credits", "the handler ended before it listened"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := shopWith(t, shop, row.flaw)
			c := d.Count["paid"]
			c.JSON = row.count
			d.Count["paid"] = c
			report, err := d.Run(context.Background(), Options{Sequences: 1, Seed: 1})
			require.NoError(t, err)
			require.Equal(t, judge.Unproven, report.Verdict())
			require.Len(t, report.Doubts, 1)
			require.Contains(t, report.Doubts[0], row.says)
		})
	}
}
