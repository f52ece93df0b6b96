package vipps

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/fakes/observe"
)

// sdk is the folder with the provider's own client for Node.
const sdk = "testdata/sdk"

// saidOfStep is what the client made of one answer.
type saidOfStep struct {
	OK    bool
	Data  any // an object of most, a list of a payment's history
	Error struct {
		Status       int
		ExtraDetails []struct{ Name, Reason string }
	}
}

func (s saidOfStep) field(name string) any {
	object, _ := s.Data.(map[string]any)
	return object[name]
}

// A client that nobody here wrote takes the fake for the provider. It validates
// nothing that it gets, so the ledger and what it returned are held against what
// the provider's documentation says of each step.
func TestTheProvidersOwnClientIsServed(t *testing.T) {
	needsTheClient(t)
	s := open(t, nil)
	server := httptest.NewServer(s.provider)
	t.Cleanup(server.Close)
	said := drive(t, server.URL)

	require.Equal(t, []observe.Entry{
		{Op: "created", Reference: "b-ana-1-sdk", Amount: 49900, Currency: "NOK"},
		{Op: "authorized", Reference: "b-ana-1-sdk", Amount: 49900, Currency: "NOK"},
		{Op: "captured", Reference: "b-ana-1-sdk", Amount: 40000, Currency: "NOK"},
		{Op: "refunded", Reference: "b-ana-1-sdk", Amount: 15000, Currency: "NOK"},
		{Op: "cancelled", Reference: "b-ana-1-sdk", Amount: 9900, Currency: "NOK"},
		{Op: "created", Reference: "b-ben-1-sdk", Amount: 9900, Currency: "NOK"},
		{Op: "terminated", Reference: "b-ben-1-sdk", Amount: 9900, Currency: "NOK"},
	}, withoutKeys(s.provider.Ledger()))

	refused := map[string]string{ // step → the provider's code for it
		"capture too early": "6080", "refund too much": "6150", "same reference": "4150",
	}
	for name, step := range said {
		code := refused[name]
		require.Equal(t, code == "", step.OK, "%s: %+v", name, step)
		if code != "" {
			require.Len(t, step.Error.ExtraDetails, 1, name)
			require.Equal(t, code, step.Error.ExtraDetails[0].Reason, name)
		}
	}
	require.Len(t, said, 18)
	require.Equal(t, "CREATED", said["get before approval"].field("state"))
	require.Equal(t, "AUTHORIZED", said["get"].field("state"))
	require.Equal(t, "b-ana-1-sdk", said["create"].field("reference"))
	require.NotEmpty(t, said["create"].field("redirectUrl"))
	require.Len(t, said["history"].Data, 5)
	sums := said["get again"].field("aggregate").(map[string]any)
	for name, want := range map[string]float64{
		"authorizedAmount": 49900, "capturedAmount": 40000, "refundedAmount": 15000, "cancelledAmount": 9900,
	} {
		require.Equal(t, want, sums[name].(map[string]any)["value"], name)
	}
}

// needsTheClient skips where node or its packages are missing; with CI=true that
// would be missed by nobody, and is a failure.
func needsTheClient(t *testing.T) {
	t.Helper()
	missing := ""
	if _, err := exec.LookPath("node"); err != nil {
		missing = "node is missing; get it with: apt-get install nodejs npm (or: brew install node)"
	} else if _, err := os.Stat(filepath.Join(sdk, "node_modules", "@vippsmobilepay", "sdk")); err != nil {
		missing = "the provider's client for Node is not installed; install it with: npm ci --ignore-scripts --prefix fakes/vipps/testdata/sdk"
	}
	switch {
	case missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
}

// drive takes the client through its steps, step → what came of it.
func drive(t *testing.T, url string) map[string]saidOfStep {
	t.Helper()
	node := exec.CommandContext(t.Context(), "node", "--import", "./redirect.mjs", "drive.mjs")
	node.Dir = sdk
	node.Env = append(os.Environ(), "FAKE="+url,
		"MSN=123456", "CLIENT_ID=id", "CLIENT_SECRET=secret", "SUBSCRIPTION_KEY=subscription")
	var out, errors bytes.Buffer
	node.Stdout, node.Stderr = &out, &errors
	require.NoError(t, node.Run(), errors.String())
	said := map[string]saidOfStep{}
	require.NoError(t, json.Unmarshal(out.Bytes(), &said), out.String())
	return said
}

// withoutKeys are the entries without their keys, which the client draws.
func withoutKeys(entries []observe.Entry) []observe.Entry {
	for i := range entries {
		entries[i].Key = ""
	}
	return entries
}
