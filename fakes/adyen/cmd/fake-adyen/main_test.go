package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/adyen"
	"github.com/unhappypath/unhappypath/fakes/standalone"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056"

// A payment by card is told by a webhook that is signed by the printed key, printed, and
// shown by the page; a customer who is sent away finds her page.
func TestItServesPrintsItsBooksAndTells(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	told := make(chan []byte, 8)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- body
		w.WriteHeader(http.StatusAccepted)
	}))
	defer hook.Close()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := command.Run(ctx, []string{"-approve-after", "-1s", "-speed", "100", "-webhook", hook.URL, "-webhook-secret", key}, in, io.Discard)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Equal(t, "webhook secret "+key, lines.Text())
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
	pays := func(method string) (answer struct {
		ResultCode string
		Action     struct{ URL string }
	}) {
		r, err := http.NewRequestWithContext(ctx, "POST", address+"/v71/payments", strings.NewReader(`{"amount":{"currency":"NOK","value":1000},
			"merchantAccount":"UnhappyPathECOM","paymentMethod":{"type":"`+method+`"},"reference":"r-1","returnUrl":"http://127.0.0.1:1/back"}`))
		require.NoError(t, err)
		r.Header.Set("X-Api-Key", "test_fake0api0key")
		r.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
		return answer
	}
	require.Equal(t, "Authorised", pays("scheme").ResultCode)
	require.NoError(t, adyen.Verify(<-told, key))
	require.Contains(t, <-printed, `"op":"created"`)

	page, err := url.Parse(pays("swish").Action.URL)
	require.NoError(t, err)
	for path, want := range map[string]string{page.RequestURI(): "NOK 1000", "/ledger": "10.00 NOK"} {
		resp, err := client.Get(address + path)
		require.NoError(t, err)
		shown, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Contains(t, string(shown), want)
		require.NotContains(t, string(shown), "fake0api0key")
	}

	stop()
	require.NoError(t, <-ended)
}

func TestItTeaches(t *testing.T) {
	var help bytes.Buffer
	require.ErrorIs(t, command.Run(t.Context(), []string{"-help"}, io.Discard, &help), flag.ErrHelp)
	require.Contains(t, help.String(), "Examples:")
	require.Contains(t, help.String(), "-listen address")
	require.ErrorContains(t, command.Run(t.Context(), []string{"-listen", "192.0.2.1:80"}, io.Discard, io.Discard), "this is no place for real payments")
	for _, wrong := range [][]string{{"-api-key", "AQEhmfuXNWTK0Qc"}, {"-webhook", "ftp://x", "-webhook-secret", key}, {"-webhook-secret", "x", "-webhook", "http://127.0.0.1:1"}, {"-merchant-account", "!"}} {
		err := command.Run(t.Context(), wrong, io.Discard, io.Discard)
		require.Equal(t, 2, standalone.ExitCode(err), wrong)
		require.NotContains(t, err.Error(), "AQEhmfuXNWTK0Qc")
	}
}
