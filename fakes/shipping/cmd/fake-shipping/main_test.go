package main

import (
	"bufio"
	"bytes"
	"context"
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
		err := command.Run(ctx, []string{"-listen", "127.0.0.1:0", "-refuse", "piano"}, in, io.Discard)
		_ = in.Close()
		ended <- err
	}()
	lines := bufio.NewScanner(out)
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
	for basket, status := range map[string]int{"piano": 422, "book": 201} {
		r, err := http.NewRequestWithContext(ctx, "POST", address+"/shipments",
			strings.NewReader(`{"reference":"r","basket":"`+basket+`"}`))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", basket)
		resp, err := client.Do(r)
		require.NoError(t, err)
		_ = resp.Body.Close()
		require.Equal(t, status, resp.StatusCode)
	}
	require.Contains(t, <-printed, `"op":"booked"`)

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
