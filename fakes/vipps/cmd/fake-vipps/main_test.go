package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItServesPrintsItsBooksAndStopsGracefully(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := command.Run(ctx, []string{"-listen", "127.0.0.1:0", "-approve-after", "-1s", "-webhook", "http://127.0.0.1:9/hook"}, in, io.Discard)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "webhook secret ")
	require.True(t, lines.Scan())
	address, found := strings.CutPrefix(lines.Text(), "listening on ")
	require.True(t, found, lines.Text())
	require.True(t, lines.Scan())
	require.Equal(t, "ledger on "+address+"/ledger", lines.Text())
	printed := make(chan string, 1)
	go func() {
		for first := true; lines.Scan(); first = false { // until run closes its side
			if first {
				printed <- lines.Text()
			}
		}
	}()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(path, body string, header ...string) string {
		r, err := http.NewRequestWithContext(ctx, "POST", address+path, strings.NewReader(body))
		require.NoError(t, err)
		header = append(header, "Ocp-Apim-Subscription-Key", "fake-subscription-key",
			"Merchant-Serial-Number", "123456", "Content-Type", "application/json")
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := client.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Less(t, resp.StatusCode, 300, string(answer))
		return string(answer)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	answer := ask("/accesstoken/get", "", "client_id", "fake-client-id", "client_secret", "fake-client-secret")
	require.NoError(t, json.Unmarshal([]byte(answer), &token))
	ask("/epayment/v1/payments", `{"amount":{"currency":"NOK","value":1000},"paymentMethod":{"type":"WALLET"},`+
		`"reference":"order-0001","userFlow":"QR"}`, "Idempotency-Key", "key", "Authorization", "Bearer "+token.AccessToken)
	require.Contains(t, <-printed, `"op":"created"`)

	stop()
	require.NoError(t, <-ended)
}

func TestItTeaches(t *testing.T) {
	var help bytes.Buffer
	require.ErrorIs(t, command.Run(t.Context(), []string{"-help"}, io.Discard, &help), flag.ErrHelp)
	require.Contains(t, help.String(), "Examples:")
	require.Contains(t, help.String(), "-listen address")
	require.ErrorContains(t, command.Run(t.Context(), []string{"nonsense"}, io.Discard, io.Discard), "nonsense")
}
