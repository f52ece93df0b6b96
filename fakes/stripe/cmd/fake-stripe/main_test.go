package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/unhappypath/unhappypath/fakes/observe"
	"github.com/unhappypath/unhappypath/fakes/standalone"
	"github.com/unhappypath/unhappypath/fakes/stripe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestItServesAndPrintsItsBooks(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := command.Run(ctx, []string{"-listen", "127.0.0.1:0", "-approve-after", "-1s", "-webhook", "http://127.0.0.1:9/hook", "-rotate-secret-after", "1h", "-fail-first", "1", "-fail-as", "503-empty"}, in, io.Discard)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "webhook secret whsec_")
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
	for _, want := range []int{503, 200} {
		require.Equal(t, want, pays(t, ctx, client, address))
	}
	require.Contains(t, <-printed, `"op":"created"`)

	page, err := client.Get(address + "/ledger")
	require.NoError(t, err)
	shown, err := io.ReadAll(page.Body)
	require.NoError(t, err)
	require.NoError(t, page.Body.Close())
	require.Contains(t, string(shown), "10.00 USD")
	for _, secret := range []string{"fake0secret0key", "_secret_", "whsec_"} {
		require.NotContains(t, string(shown), secret)
	}

	stop()
	require.NoError(t, <-ended)
}

// Over TLS it serves clients that were told to trust the file that it prints, and nobody
// else; nothing that it prints or writes is a key.
func TestItSpeaksTLS(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := command.Run(ctx, []string{"-tls", "-approve-after", "-1s"}, in, io.Discard)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	file, found := strings.CutPrefix(lines.Text(), "certificate to trust in ")
	require.True(t, found, lines.Text())
	require.True(t, lines.Scan())
	address, found := strings.CutPrefix(lines.Text(), "listening on ")
	require.True(t, found, lines.Text())
	require.Contains(t, address, "https://127.0.0.1:")
	go func() {
		for lines.Scan() { // until run closes its side
		}
	}()

	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(text), "KEY")
	trusts := x509.NewCertPool()
	require.True(t, trusts.AppendCertsFromPEM(text))
	client := func(trusts *x509.CertPool) *http.Client {
		return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: trusts}}}
	}
	require.Equal(t, 200, pays(t, ctx, client(trusts), address))
	_, err = client(x509.NewCertPool()).Get(address)
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)

	stop()
	require.NoError(t, <-ended)
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

// A customer who is to authenticate pays in two steps.
func TestCustomersAuthenticate(t *testing.T) {
	for _, asked := range []string{"-three-d-secure=false", "-three-d-secure"} {
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		opens := define(flags, func(observe.Event) {})
		require.NoError(t, flags.Parse([]string{"-approve-after", "0s", asked}))
		fake, err := opens(io.Discard)
		require.NoError(t, err)
		server := httptest.NewServer(fake)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		require.Equal(t, 200, pays(t, t.Context(), client, server.URL))
		r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/events", nil)
		require.NoError(t, err)
		r.SetBasicAuth("sk_test_fake0secret0key", "")
		told, err := client.Do(r)
		require.NoError(t, err)
		events, err := io.ReadAll(told.Body)
		require.NoError(t, errors.Join(err, told.Body.Close()))
		require.Contains(t, string(events), "payment_intent.succeeded")
		require.Equal(t, asked == "-three-d-secure", strings.Contains(string(events), "payment_intent.requires_action"))
		server.Close()
		fake.Close()
	}
}

// pays creates a payment, and is the status of the answer.
func pays(t *testing.T, ctx context.Context, client *http.Client, address string) int {
	r, err := http.NewRequestWithContext(ctx, "POST", address+"/v1/payment_intents", strings.NewReader(url.Values{"amount": {"1000"}, "currency": {"usd"}}.Encode()))
	require.NoError(t, err)
	r.SetBasicAuth("sk_test_fake0secret0key", "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := client.Do(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

func TestItTeaches(t *testing.T) {
	var help bytes.Buffer
	require.ErrorIs(t, command.Run(t.Context(), []string{"-help"}, io.Discard, &help), flag.ErrHelp)
	require.Contains(t, help.String(), "Examples:")
	require.Contains(t, help.String(), "-listen address")
	require.ErrorContains(t, command.Run(t.Context(), []string{"-listen", "192.0.2.1:80"}, io.Discard, io.Discard), "this is no place for real payments")
	for _, wrong := range [][]string{{"-fail-as", "x"}, {"-rotate-secret-after", "1m"}} {
		require.Equal(t, 2, standalone.ExitCode(command.Run(t.Context(), wrong, io.Discard, io.Discard)), wrong)
	}
	var live *stripe.LiveKeyError
	err := command.Run(t.Context(), []string{"-secret-key", "sk_live_" + "0123456789"}, io.Discard, io.Discard)
	require.ErrorAs(t, err, &live)
	require.NotContains(t, err.Error(), "0123456789")
	require.Equal(t, 2, standalone.ExitCode(err))
}
