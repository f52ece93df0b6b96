package scenarios_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/scenarios"
)

// The directed stories come before all others, whatever the seed.
func TestDirectedStoriesComeFirst(t *testing.T) {
	list := filepath.Join(t.TempDir(), "specs.json")
	output, code, _ := run(t, []string{shopOnTheWall(t, ""), "UNHAPPY_SEED=7"}, "-ginkgo.dry-run", "-ginkgo.json-report="+list)
	require.Zero(t, code, output)
	text, err := os.ReadFile(list)
	require.NoError(t, err)
	var suites []types.Report
	require.NoError(t, json.Unmarshal(text, &suites))
	var others int
	for _, spec := range suites[0].SpecReports.WithLeafNodeType(types.NodeTypeIt) {
		if !slices.Contains(spec.Labels(), scenarios.Directed) {
			others++
			continue
		}
		require.Zero(t, others, "%s comes after another story", spec.FullText())
	}
	require.NotZero(t, others)
	require.Len(t, directed, 23)
}

// aControlRun is a purchase at which nothing goes wrong.
func aControlRun(t *testing.T) *Run {
	return inVirtualTime(t, Story{ID: "control", Plot: "Ana buys.", Script: func(s *Stage) {
		ana := s.Customer("ana")
		ana.Submits()
		ana.WaitsToBeTold()
	}}, "kept", nil)
}

// A step that no control run had cannot be hit, and that is no fault of the shop.
func TestAStepThatNoControlRunHadIsSkipped(t *testing.T) {
	control := aControlRun(t)
	require.Empty(t, scenarios.LackedBy(captureRejectedLater, control))
	for _, s := range directed {
		require.Empty(t, scenarios.LackedBy(s, control), s.ID)
		require.Empty(t, scenarios.LackedBy(s), "nothing is known without a control run")
	}
	control.History = slices.DeleteFunc(control.History, func(e Event) bool {
		return e.Message != nil && control.Routes.Named(Hop(e.Message.Hop), e.Message.Method, e.Message.Path) == Capture
	})
	for _, s := range append(directed[:len(directed):len(directed)], captureRejectedLater) {
		want := ""
		if s.Shop.Bank != "" || s.Injections[0].Operation == Capture {
			want = "it needs a message of the operation Capture, and no control run had one"
		}
		require.Equal(t, want, scenarios.LackedBy(s, control), s.ID)
	}
}

// Where a payment is approved when it is made, as a card is, no customer lets one wait. That
// one which is declined stays declined.
func TestWhereCardsAreDecidedAtOnceNobodyComesTooLate(t *testing.T) {
	control := aControlRun(t)
	late, declines := Story{Injections: Schedule{OnPayment(1).ApprovesLate(time.Hour)}}, Story{Injections: Schedule{OnPayment(1).Declines()}}
	require.Empty(t, scenarios.LackedBy(late, control), "she took her time")
	made := slices.IndexFunc(control.History, func(e Event) bool { return e.Kind == observe.Money && e.Entry.Op == observe.MoneyCreated })
	for i, e := range control.History {
		if e.Kind == observe.Money && e.Entry.Op == observe.MoneyAuthorized {
			control.History[i].At = control.History[made].At
		}
	}
	require.Equal(t, "it is about a customer who lets a payment wait, and in the control runs each was approved when it was made, as a card is",
		scenarios.LackedBy(late, control))
	require.Empty(t, scenarios.LackedBy(declines, control))
	another := control.History[made]
	another.Entry = &observe.Entry{Op: observe.MoneyCreated, Reference: "another"}
	both := *control
	both.History = append(slices.Clone(control.History), another)
	require.Empty(t, scenarios.LackedBy(late, &both), "another payment waits for its customer")
	control.History = slices.DeleteFunc(control.History, func(e Event) bool { return e.Kind == observe.Money })
	require.Empty(t, scenarios.LackedBy(late, control), "nothing was approved")
}
