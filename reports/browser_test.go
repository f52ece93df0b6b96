package reports_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// shared is the one browser of all tests, started by the first that opens a tab: to start one
// takes more of a machine than most tests do in it.
type shared struct {
	once sync.Once
	ctx  context.Context
	stop func() error
	err  error
}

var running shared

func TestMain(m *testing.M) {
	code := m.Run()
	if running.stop != nil {
		if err := running.stop(); err != nil && code == 0 {
			fmt.Fprintln(os.Stderr, "the browser does not end:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func (s *shared) start(program string) {
	var profile string
	if profile, s.err = os.MkdirTemp("", "reports-browser-"); s.err != nil {
		return
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(program), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.UserDataDir(profile),
	)
	ctx, cancel := chromedp.NewContext(allocator)
	s.ctx = ctx
	s.stop = func() error {
		// Wait for the browser's end, or its profile cannot be removed.
		err := chromedp.Cancel(ctx)
		cancel()
		release()
		return errors.Join(err, os.RemoveAll(profile))
	}
	s.err = chromedp.Do(ctx)
}

// openTab opens an empty tab of a profile of its own, which shares nothing with those of
// other tests.
func openTab(t testing.TB) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("minutes of the processor in Chromium: make test runs it")
	}
	program := chromium(t)
	running.once.Do(func() { running.start(program) })
	require.NoError(t, running.err)
	ctx, cancel := chromedp.NewContext(running.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	t.Cleanup(func() { require.NoError(t, chromedp.Cancel(ctx)) })
	ctx, late := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(late)
	return ctx
}

// chromium finds a browser. Where builds are made for others, a missing one is
// a failure: nobody reads what was skipped.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium on the PATH: the page was not tried in a browser"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// file writes a page where a browser can open it, and returns its address.
func file(t testing.TB, page []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(path, page, 0o644))
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
}
