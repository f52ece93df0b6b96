package compose_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/worldtest"
)

func buys(s *Stage) {
	ana := s.Customer("ana")
	ana.Submits()
	ana.WaitsToBeTold()
}

func inTwoTabs(s *Stage) {
	ana := s.Customer("ana")
	ana.Opens()
	ana.NewTab()
	ana.Submits()
	ana.Waits(3 * time.Second)
	ana.TurnsTo(1)
	ana.Submits()
	ana.WaitsToBeTold()
}

func withBen(s *Stage) {
	ana, ben := s.Customer("ana"), s.Customer("ben")
	ana.Submits()
	s.Waits(3 * time.Second)
	ben.Submits()
	ana.WaitsToBeTold()
	ben.WaitsToBeTold()
}

// The reference shop keeps its promises amid requests that meet, copies that differ and
// tokens that expire, and one seed stays one history.
func TestRequestsThatMeetDifferOrExpire(t *testing.T) {
	meets := func(o Operation) Injection { return On(o).Nth(1).WaitsForAnother(time.Minute) }
	for name, row := range map[string]struct {
		script func(*Stage)
		amid   Schedule
	}{
		"two tabs":               {inTwoTabs, Schedule{meets(Submit)}},
		"two customers":          {withBen, Schedule{meets(Submit)}},
		"two payments":           {withBen, Schedule{meets(CreatePayment)}},
		"a page and itself":      {buys, Schedule{meets(Submit)}},
		"another amount":         {buys, Schedule{On(Submit).Nth(1).DuplicatesChanged("/amount", "49901", time.Second)}},
		"another currency":       {buys, Schedule{On(Submit).Nth(1).DuplicatesChanged("/currency", "EUR", time.Microsecond)}},
		"expired before create":  {buys, Schedule{On(CreatePayment).Nth(1).ExpiresToken()}},
		"expired before capture": {buys, Schedule{On(Capture).Nth(1).ExpiresToken()}},
		"expired and again":      {buys, Schedule{On(Capture).Nth(1).ExpiresToken(), On(Capture).Nth(2).ExpiresToken()}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story := Story{ID: "amid", Plot: "Something goes wrong.", Script: row.script, Injections: row.amid}
			run := inVirtualTime(t.Context(), story, 1)
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			require.Equal(t, 1, run.FinalBook("b-ana").Charges)
			differ, where, err := worldtest.Unlike(2, func(seed uint64) *Run { return inVirtualTime(t.Context(), story, seed) })
			require.NoError(t, err)
			require.Empty(t, differ, where)
		})
	}
}
