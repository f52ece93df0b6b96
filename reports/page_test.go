package reports_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/harness"
	"github.com/unhappypath/unhappypath/reports"
)

// alarms are what a page did that a report must not do.
type alarms struct {
	mu   sync.Mutex
	list []string
}

func (a *alarms) add(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, what)
}

// watch listens to everything that the tab complains of, and closes dialogs,
// which would stop it for good.
func watch(t *testing.T, tab context.Context) *alarms {
	t.Helper()
	seen := &alarms{}
	require.NoError(t, chromedp.Listen(tab, func(event any) {
		switch e := event.(type) {
		case *page.EventJavascriptDialogOpening:
			seen.add("dialog: " + e.Message)
			go func() {
				_, _ = chromedp.Call(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		case *runtime.EventExceptionThrown:
			seen.add("exception: " + e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			seen.add("console: " + string(e.Type))
		case *log.EventEntryAdded:
			seen.add("log: " + e.Entry.Text)
		}
	}))
	_, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `window.__violations = []; document.addEventListener("securitypolicyviolation",
			function (e) { window.__violations.push("policy: " + e.effectiveDirective); });`,
	})
	require.NoError(t, err)
	return seen
}

// visit opens the page, opens every part of it, follows its links and types
// into it, and returns whatever rang.
func visit(t *testing.T, tab context.Context, seen *alarms, text string) []string {
	t.Helper()
	seen.mu.Lock()
	seen.list = nil
	seen.mu.Unlock()
	require.NoError(t, chromedp.Do(tab, chromedp.Navigate(file(t, []byte(text)))))
	more, err := chromedp.Run(tab, chromedp.Evaluate[[]string](`(function () {
		document.querySelectorAll("details").forEach(function (d) { d.open = true; });
		// A browser takes a page that follows hundreds for one that hangs.
		Array.prototype.slice.call(document.querySelectorAll("a[href]"), 0, 40).forEach(function (a) { a.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); });
		document.querySelectorAll("input").forEach(function (i) {
			i.value = "twice"; i.dispatchEvent(new Event("input")); i.value = ""; i.dispatchEvent(new Event("input"));
		});
		document.querySelectorAll("[tabindex], summary, a").forEach(function (e) { e.focus(); });
		// One turn of the loop later, so that what was begun has happened.
		return new Promise(function (done) { setTimeout(function () {
			var rang = window.__violations.slice();
			if (window.__pwned !== undefined) rang.push("pwned");
			if (document.querySelector("iframe, img, base, object, embed, [onclick], [onload], [onerror], [style], a:not([href^='#'])")) rang.push("markup");
			done(rang);
		}, 200); });
	})()`, func(p *runtime.EvaluateParams) { await := true; p.AwaitPromise = &await }))
	require.NoError(t, err)
	seen.mu.Lock()
	defer seen.mu.Unlock()
	return append(more, seen.list...)
}

func TestNothingThatWasRecordedIsExecuted(t *testing.T) {
	tab := openTab(t)
	seen := watch(t, tab)
	hostilePage := build(t, append(hostileRuns(), allRuns()...), hostileAbout())
	require.Empty(t, visit(t, tab, seen, hostilePage))
	title, err := chromedp.Run(tab, chromedp.Title())
	require.NoError(t, err)
	require.Contains(t, title, "</title>", "what was recorded is there, as text")
	for name, page := range hostilePages(t) {
		require.Empty(t, visit(t, tab, seen, page), name)
	}
	require.Empty(t, visit(t, tab, seen, build(t, allRuns(), about())))
	require.Empty(t, visit(t, tab, seen, build(t, nil, reports.About{})))

	// Each alarm rings for a page that deserves it.
	for name, evil := range map[string]struct{ page, want string }{
		"a script":         {"<script>" + pwned + "</script>", "pwned"},
		"a handler":        {`<img src="data:," onerror="` + pwned + `">`, "pwned"},
		"a dialog":         {"<script>alert('hello')</script>", "dialog: hello"},
		"an exception":     {"<script>throw new Error('no')</script>", "exception: "},
		"a foreign link":   {`<a href="https://example.invalid/" target="_blank"></a>`, "markup"},
		"the console":      {"<script>console.error('no')</script>", "console: error"},
		"an inlined style": {strings.Replace(hostilePage, "<main>", `<main style="color:red">`, 1), "policy: style-src"},
		"other script":     {strings.Replace(hostilePage, "<main>", "<main><script>"+pwned+"</script>", 1), "policy: script-src"},
		"a foreign image":  {strings.Replace(hostilePage, "<main>", `<main><img src="https://example.invalid/">`, 1), "policy: img-src"},
	} {
		rang := strings.Join(visit(t, tab, seen, evil.page), "\n")
		require.True(t, strings.Contains(rang, evil.want), "%s: want %q, got %q", name, evil.want, rang)
	}
}

// readable is the page's text as a reader has it, less what a script may add:
// its own controls.
const readable = `(function () {
	var body = document.body.cloneNode(true);
	body.querySelectorAll("script, style, .filters, .copy").forEach(function (e) { e.remove(); });
	return body.textContent.replace(/\s+/g, " ");
})()`

func textOf(t *testing.T, tab context.Context, text string, scripts bool) string {
	t.Helper()
	_, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(tab, chromedp.Navigate(file(t, []byte(text)))))
	read, err := chromedp.Run(tab, chromedp.Evaluate[string](readable))
	require.NoError(t, err)
	return read
}

func TestThePageSaysTheSameWithoutJavaScript(t *testing.T) {
	tab := openTab(t)
	whole := build(t, append(hostileRuns(), allRuns()...), about())
	with, without := textOf(t, tab, whole, true), textOf(t, tab, whole, false)
	require.True(t, with == without, "the text differs")
	require.Contains(t, with, "Ana was charged TWICE")

	// The check can fail.
	cheat := `<p>one</p><script>document.body.append("two")</script>`
	require.NotEqual(t, textOf(t, tab, cheat, true), textOf(t, tab, cheat, false))
}

func TestALinkIntoAClosedPartOpensIt(t *testing.T) {
	tab := openTab(t)
	text := build(t, []*harness.Run{keptRun()}, about())
	row := part(t, text, `<tbody><tr id="`, `"`)
	address := file(t, []byte(text)) + "#" + row
	for _, disabled := range []bool{false, true} {
		_, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: disabled})
		require.NoError(t, err)
		require.NoError(t, chromedp.Do(tab, chromedp.Navigate("about:blank"), chromedp.Navigate(address)))
		shown, err := chromedp.Run(tab, chromedp.Evaluate[bool](
			fmt.Sprintf("document.getElementById(%q).getClientRects().length > 0", row)))
		require.NoError(t, err)
		require.True(t, shown, "JavaScript off: %v", disabled)
	}
}

func TestThePageFitsAPhone(t *testing.T) {
	tab := openTab(t)
	require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(390, 844)))
	wider := func(text string) float64 {
		require.NoError(t, chromedp.Do(tab, chromedp.Navigate(file(t, []byte(text)))))
		width, err := chromedp.Run(tab, chromedp.Evaluate[float64](`(function () {
			document.querySelectorAll("details").forEach(function (d) { d.open = true; });
			return document.documentElement.scrollWidth;
		})()`))
		require.NoError(t, err)
		return width
	}
	require.LessOrEqual(t, wider(build(t, append(hostileRuns(), allRuns()...), hostileAbout())), 390.0)
	require.Greater(t, wider(`<meta name="viewport" content="width=device-width"><pre>`+strings.Repeat("wide ", 200)), 390.0, "the check can fail")
}
