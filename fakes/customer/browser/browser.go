// Package browser plays a person at a checkout page in a real Chromium.
//
// The clicks are real mouse events, and the page's own click events are what
// is recorded, not what we sent; the screens are read from the page by an
// observer of its changes, so that none is missed and nothing is polled.
// Chromium's network stack is part of the story: it re-sends a submit by itself
// where a reused connection ends before the answer, so what went over the wire
// is for the tap to count.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// names are the programs that are looked for, in this order.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Find returns the system's Chromium, or an error that says how to get it.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	advice := "apt-get install chromium"
	if runtime.GOOS == "darwin" {
		advice = "brew install chromium"
	}
	return "", fmt.Errorf("there is no Chromium on this system (looked for %v); get it with: %s", names, advice)
}

// Browser is one running Chromium, in which every customer has a profile.
type Browser struct {
	ctx     context.Context
	release context.CancelFunc
	once    sync.Once
	err     error
}

// Reach is whom a browser takes for hosts of other machines.
type Reach struct {
	Hosts []string // all else but loopback cannot be found
	At    string   // host:port of this machine
	Pin   string   // the hash of the public key that is taken there: see authority.Pin
}

// Start starts a headless Chromium that talks to nobody but this machine.
func Start() (*Browser, error) { return StartWith(Reach{}) }

// StartWith is Start, and the hosts are found where Reach says. No certificate is taken but
// those that Chromium trusts, and the one with the pinned key.
func StartWith(r Reach) (*Browser, error) {
	path, err := Find()
	if err != nil {
		return nil, err
	}
	allocator, release := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("host-resolver-rules", r.rules()),
		chromedp.Flag("ignore-certificate-errors-spki-list", r.Pin),
	)
	ctx, cancel := chromedp.NewContext(allocator)
	b := &Browser{ctx: ctx, release: func() { cancel(); release() }}
	if err := chromedp.Do(ctx); err != nil {
		b.release()
		return nil, fmt.Errorf("%s does not start: %w", path, err)
	}
	return b, nil
}

// rules are in the order in which Chromium tries them.
func (r Reach) rules() string {
	var list []string
	for _, host := range r.Hosts {
		list = append(list, "MAP "+host+" "+r.At)
	}
	return strings.Join(append(list, "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"), " , ")
}

// Profile is one customer's: its tabs share cookies, cache and connections, and
// other profiles have their own.
type Profile struct {
	browser *Browser
	id      cdp.BrowserContextID
}

// Profile makes a profile with nothing in it.
func (b *Browser) Profile() (*Profile, error) {
	made, err := chromedp.CallBrowser(b.ctx, target.CreateBrowserContext, target.CreateBrowserContextParams{})
	if err != nil {
		return nil, fmt.Errorf("a profile in the browser: %w", err)
	}
	return &Profile{browser: b, id: made.BrowserContextID}, nil
}

// Close forgets the profile. Its tabs are closed before.
func (p *Profile) Close() error {
	_, err := chromedp.CallBrowser(p.browser.ctx, target.DisposeBrowserContext, target.DisposeBrowserContextParams{BrowserContextID: p.id})
	if err != nil {
		return fmt.Errorf("a profile in the browser: %w", err)
	}
	return nil
}

// Close ends the browser and returns when it is gone.
func (b *Browser) Close() error {
	b.once.Do(func() {
		b.err = chromedp.Cancel(b.ctx)
		b.release()
		if errors.Is(b.err, context.Canceled) {
			b.err = nil
		}
	})
	return b.err
}
