package reports_test

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/html"
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

// visit opens a page, opens every part of it, follows its links and types into
// it, and returns whatever rang. Links may lead within the page, and links and
// pictures to what begins with own, if that is not empty.
func visit(t *testing.T, tab context.Context, seen *alarms, address, own string) []string {
	t.Helper()
	seen.mu.Lock()
	seen.list = nil
	seen.mu.Unlock()
	require.NoError(t, chromedp.Do(tab, chromedp.Navigate(address)))
	more := sees[[]string](t, tab, fmt.Sprintf(`(function (own) {
		document.querySelectorAll("details").forEach(function (d) { d.open = true; });
		// A browser takes a page that follows hundreds for one that hangs; and anyone who
		// follows a link to another page sees the end of this one.
		Array.prototype.slice.call(document.querySelectorAll("a[href^='#'], a[href*=':']"), 0, 40).forEach(function (a) { a.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true })); });
		document.querySelectorAll("input").forEach(function (i) {
			i.value = "twice"; i.dispatchEvent(new Event("input")); i.value = ""; i.dispatchEvent(new Event("input"));
		});
		document.querySelectorAll("[tabindex], summary, a").forEach(function (e) { e.focus(); });
		function foreign(e) {
			var to = e.getAttribute("href") || e.getAttribute("src");
			if (e.tagName !== "IMG" && to && to.charAt(0) === "#") return false;
			try { return !own || new URL(to, document.baseURI).href.indexOf(own) !== 0; } catch (bad) { return true; }
		}
		// One turn of the loop later, so that what was begun has happened.
		return new Promise(function (done) { setTimeout(function () {
			var rang = window.__violations.slice();
			if (window.__pwned !== undefined) rang.push("pwned");
			if (document.querySelector("iframe, base, object, embed, [onclick], [onload], [onerror], [onfocus], [style]")) rang.push("markup");
			document.querySelectorAll("a, img").forEach(function (e) { if (foreign(e)) rang.push("foreign: " + e.outerHTML.slice(0, 200)); });
			done(rang);
		}, 200); });
	})(%q)`, own))
	seen.mu.Lock()
	defer seen.mu.Unlock()
	return append(more, seen.list...)
}

// site is a form of the report as a browser finds it: page → address.
type site struct {
	pages map[string]string
	own   string // what its links and pictures begin with; empty where they stay in the page
	main  string // the page whose title is hostile
}

// alone are pages that each bring all of it along.
func alone(t *testing.T, pages map[string]string) site {
	t.Helper()
	s := site{pages: map[string]string{}, main: "report"}
	for name, text := range pages {
		s.pages[name] = file(t, []byte(text))
	}
	return s
}

// inFolder are the pages of the folder form, on a disk.
func inFolder(t *testing.T, runs []*judge.Run, about reports.About) site {
	t.Helper()
	dir := t.TempDir()
	files, err := html.BuildFolder(runs, about)
	require.NoError(t, err)
	s := site{pages: map[string]string{}, main: "index.html", own: (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir) + "/"}).String()}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
		if strings.HasSuffix(name, ".html") {
			s.pages[name] = s.own + (&url.URL{Path: name}).EscapedPath()
		}
	}
	return s
}

func TestNothingThatWasRecordedIsExecuted(t *testing.T) {
	hostiles := append(hostileRuns(), allRuns()...)
	for form, s := range map[string]site{
		"a file of its own": alone(t, hostilePages(t)),
		"a folder":          inFolder(t, append(hostiles, picturedRun()), hostileAbout()),
		"few runs, or none": alone(t, map[string]string{"report": build(t, allRuns(), hostileAbout()), "empty": build(t, nil, reports.About{})}),
	} {
		t.Run(form, func(t *testing.T) {
			tab := openTab(t)
			seen := watch(t, tab)
			for _, name := range slices.Sorted(maps.Keys(s.pages)) {
				require.Empty(t, visit(t, tab, seen, s.pages[name], s.own), name)
			}
			require.Empty(t, visit(t, tab, seen, s.pages[s.main], s.own))
			title, err := chromedp.Run(tab, chromedp.Title())
			require.NoError(t, err)
			require.Contains(t, title, "</title>", "what was recorded is there, as text")
		})
	}
}

// Each alarm rings for a page that deserves it, in both forms.
func TestWhatIsExecutedIsSeen(t *testing.T) {
	tab := openTab(t)
	seen := watch(t, tab)
	hostilePage := build(t, hostileRuns(), hostileAbout())
	files, err := html.BuildFolder(hostileRuns(), hostileAbout())
	require.NoError(t, err)
	dir := t.TempDir()
	own := (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir) + "/"}).String()
	for _, name := range []string{"report.css", "report.js"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), files[name], 0o644))
	}
	n := 0
	inFolder := func(evil string) string {
		n++
		name := fmt.Sprintf("index-%d.html", n)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name),
			[]byte(strings.Replace(string(files["index.html"]), "<main>", "<main>"+evil, 1)), 0o644))
		return own + name
	}
	inFile := func(evil string) string {
		return file(t, []byte(strings.Replace(hostilePage, "<main>", "<main>"+evil, 1)))
	}
	bare := func(evil string) string { return file(t, []byte(evil)) }
	for name, evil := range map[string]struct{ address, own, want string }{
		"a script":                      {bare("<script>" + pwned + "</script>"), "", "pwned"},
		"a handler":                     {bare(`<img src="data:," onerror="` + pwned + `">`), "", "pwned"},
		"a dialog":                      {bare("<script>alert('hello')</script>"), "", "dialog: hello"},
		"an exception":                  {bare("<script>throw new Error('no')</script>"), "", "exception: "},
		"a foreign link":                {bare(`<a href="https://example.invalid/" target="_blank"></a>`), "", "foreign: "},
		"the console":                   {bare("<script>console.error('no')</script>"), "", "console: error"},
		"an inlined style":              {inFile(`<p style="color:red">`), "", "policy: style-src"},
		"other script":                  {inFile("<script>" + pwned + "</script>"), "", "policy: script-src"},
		"a foreign image":               {inFile(`<img src="https://example.invalid/">`), "", "policy: img-src"},
		"an image of its own":           {inFile(`<img src="data:image/png;base64,` + pixel + `">`), "", "foreign: "},
		"a script's address":            {inFile(`<a href="javascript:` + pwned + `">`), "", "foreign: "},
		"in a folder, an inlined style": {inFolder(`<p style="color:red">`), own, "policy: style-src"},
		"in a folder, other script":     {inFolder("<script>" + pwned + "</script>"), own, "policy: script-src"},
		"in a folder, a foreign image":  {inFolder(`<img src="https://example.invalid/">`), own, "policy: img-src"},
		"in a folder, a foreign link":   {inFolder(`<a href="../elsewhere.html">`), own, "foreign: "},
		"in a folder, a handler":        {inFolder(`<img src="nothing.png" onerror="` + pwned + `">`), own, "policy: script-src"},
	} {
		rang := strings.Join(visit(t, tab, seen, evil.address, evil.own), "\n")
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
	pages := map[string][]*judge.Run{"all": allRuns()}
	for i, run := range hostileRuns() { // together they are too long for a page that is not packed
		pages[fmt.Sprint("hostile ", i)] = []*judge.Run{run}
	}
	for name, runs := range pages {
		whole := build(t, runs, about())
		with, without := textOf(t, tab, whole, true), textOf(t, tab, whole, false)
		require.True(t, with == without, "%s: the text differs", name)
		require.Regexp(t, "Ana |Nobody ", with)
	}

	// The check can fail.
	cheat := `<p>one</p><script>document.body.append("two")</script>`
	require.NotEqual(t, textOf(t, tab, cheat, true), textOf(t, tab, cheat, false))
}

func TestALinkIntoAClosedPartOpensIt(t *testing.T) {
	tab := openTab(t)
	text := build(t, []*judge.Run{keptRun()}, about())
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
