package scenarios_test

import (
	"os"
	"testing"
	"time"

	"github.com/unhappypath/unhappypath/harness/enact"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/settings"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// onTheWire stages a story outside of the suite: it is meant to be red here.
func onTheWire(t *testing.T, s Story, expects string, without []string, hands compose.Resources) *Run {
	t.Helper()
	settings, err := settings.Parse(os.Environ())
	require.NoError(t, err)
	return staged(t, enact.Run(t.Context(), s, enact.Options{
		World: "wire", Database: "sqlite", Clock: settings.Clock, Seed: 1, Expects: expects, Without: without, Routes: compose.Routes(),
	}, compose.Wire(hands)))
}

// inVirtualTime does the same.
func inVirtualTime(t *testing.T, s Story, expects string, without []string) *Run {
	t.Helper()
	return paidBy(t, "", s, expects, without)
}

// paidBy is the same where the shop is paid by that provider.
func paidBy(t *testing.T, provider string, s Story, expects string, without []string) *Run {
	t.Helper()
	studio := compose.StudioPaidBy(provider)
	defer func() { require.NoError(t, studio.Close()) }()
	return staged(t, studio.Enact(t.Context(), s, enact.Options{
		World: "virtual", Database: "sqlite", Seed: 1, Expects: expects, Without: without,
	}))
}

func staged(t *testing.T, r *Run) *Run {
	t.Helper()
	require.Empty(t, r.Failure)
	return r
}

// Toxiproxy is no decoration: with the very same world built without it, every
// story whose cause is the network is red, with the safeguards and without.
func TestWithoutToxiproxyTheNetworkStoriesAreRed(t *testing.T) {
	t.Parallel()
	for _, s := range []Story{lostConfirmation, chargedTwice, doubleClick, clickSilenceClick} {
		for expects, without := range map[string][]string{"kept": nil, "complaint": s.Complaint.Off} {
			t.Run(s.ID+"/"+expects, func(t *testing.T) {
				t.Parallel() // they sleep, most of the time
				run := onTheWire(t, s, expects, without, compose.Resources{Direct: true})
				require.False(t, run.Good())
				require.Equal(t, Unproven, run.Ruling("every-injection-took-effect").Verdict)
			})
		}
	}
}

// And the injection is the cause: where the network is to blame, the complaint does
// not come true without it, safeguards or not. (Customer 3 needs no bad network
// to be impatient: there the injection is the circumstance, not the cause.)
func TestWithoutItsInjectionAComplaintAboutTheNetworkDoesNotComeTrue(t *testing.T) {
	for _, s := range []Story{lostConfirmation, contractDrift, chargedTwice} {
		t.Run(s.ID, func(t *testing.T) {
			s.Injections = nil
			run := inVirtualTime(t, s, "complaint", s.Complaint.Off)
			require.NotEmpty(t, run.Mismatch)
			require.Equal(t, Kept, run.Verdict())
		})
	}
}

func TestAnInjectionAtAMessageThatNeverComesMakesTheRunUnproven(t *testing.T) {
	run := inVirtualTime(t, Story{
		ID:   "injection-at-nothing",
		Plot: "An injection waits for a refund that nobody asks for.",
		Injections: Schedule{
			On(Refund).Nth(1).Closes(),
		},
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		},
	}, "kept", nil)
	require.Equal(t, Unproven, run.Verdict())
	require.False(t, run.Good())
	require.Contains(t, run.FailureText(), "had no effect: no Refund came on checkout>provider; what came: ")
}

func TestAnInjectionOnAQuietHopMakesTheRunUnproven(t *testing.T) {
	run := inVirtualTime(t, Story{
		ID:   "injection-too-late",
		Plot: "The network is slow when all is over.",
		Injections: Schedule{
			OnHopOf(GetPayment).Toxic(Downstream, Latency(5*time.Second)).When(observe.ParcelBooked, 1),
		},
		Script: func(s *Stage) {
			ana := s.Customer("ana")
			ana.Submits()
			ana.WaitsToBeTold()
		},
	}, "kept", nil)
	require.Equal(t, Unproven, run.Verdict())
	require.Contains(t, run.FailureText(), "was installed, no observable effect (0 of 1); what came on checkout>provider meanwhile: ")
}
