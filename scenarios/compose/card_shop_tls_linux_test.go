package compose_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes"
	"github.com/unhappypath/unhappypath/fakes/observe"
	. "github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/scenarios/compose"
)

// safeCardDescription is cardDescription, but that the provider speaks TLS, and the shop
// trusts what a variable says. Go's own verifier reads SSL_CERT_FILE. Its quiet time is
// longer than it takes a shop with the race detector to start and to greet the provider.
func safeCardDescription(self, variable string) string {
	text := fmt.Sprintf(cardDescription, self, cardShop, "")
	text = strings.Replace(text, "payments: {", "payments: {tls: true, ", 1)
	text = strings.Replace(text, "quiet: 15s", "quiet: 60s", 1)
	return strings.Replace(text, "    PORT:", "    "+variable+": ${payments.ca}\n    PORT:", 1)
}

// The provider's own client calls https, and every fault on its way is what it is without:
// the tap ends TLS, so that it sees and hits single messages.
func TestAShopWhoseClientCallsHTTPSIsPaid(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	sold := []observe.EntryOp{observe.MoneyCreated, observe.MoneyAuthorized, observe.MoneyCaptured, observe.ParcelBooked}
	for name, story := range map[string]Story{
		"nothing goes wrong":         aClick,
		"an answer is lost":          hit(On(observe.CreatePayment).Nth(1).Answered().Closes()),
		"a capture is reset":         hit(On(observe.Capture).Nth(1).Answered().Resets()),
		"a capture is cut":           hit(On(observe.Capture).Nth(1).Answered().Truncates()),
		"the provider is reset":      hit(On(observe.Capture).Nth(1).Toxic(Downstream, ResetPeer(0)).Lasting(20 * time.Second)),
		"the provider says nothing":  hit(On(observe.Capture).Nth(1).Toxic(Downstream, Silence(0)).Lasting(20 * time.Second)),
		"the shop dies at a capture": hit(On(observe.Capture).Nth(1).Kills("checkout").Lasting(5 * time.Second)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := stage(t, describeWith(t, safeCardDescription(self, "SSL_CERT_FILE"), fakes.Providers()), story, compose.Resources{})
			require.Equal(t, Kept, run.Verdict(), run.FailureText())
			var ops []observe.EntryOp
			for _, e := range run.History {
				if e.Kind == observe.Money || e.Kind == observe.Parcel {
					ops = append(ops, e.Entry.Op)
				}
			}
			require.Equal(t, sold, ops)
		})
	}
}

// A client that was not told whom to trust sends nothing, and the history says why.
func TestAShopThatTrustsNobodyIsNotPaid(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	self, err := os.Executable()
	require.NoError(t, err)
	// It tries again and again, so that the world's whole patience passes: on a fast clock.
	description := strings.Replace(safeCardDescription(self, "NOBODY_READS_THIS"), "clock: 20", "clock: 200", 1)
	run := stage(t, describeWith(t, description, fakes.Providers()), aClick, compose.Resources{})
	require.NotEqual(t, Kept, run.Verdict())
	require.NotEqual(t, judge.Unfinished, run.Verdict(), run.FailureText())
	notes := ""
	for _, e := range run.History {
		require.NotEqual(t, observe.Money, e.Kind)
		if e.Kind == observe.Note {
			notes += e.Text + "\n"
		}
	}
	require.Contains(t, notes, "a caller on checkout>provider ended the connection at its handshake, and sent nothing: ")
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	require.NoError(t, err)
	require.Empty(t, left, "neither a certificate nor a key is left")
}
