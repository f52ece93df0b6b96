package reports_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports"
	"github.com/unhappypath/unhappypath/reports/html"
)

// opens shows an address afresh, even one that differs in its fragment alone.
func opens(t testing.TB, tab context.Context, address string) {
	t.Helper()
	require.NoError(t, chromedp.Do(tab, chromedp.Navigate("about:blank"), chromedp.Navigate(address)))
}

// sees is what an expression comes to in the page, once its promise is kept.
func sees[T any](t testing.TB, tab context.Context, expression string) T {
	t.Helper()
	got, err := chromedp.Run(tab, chromedp.Evaluate[T](expression, func(p *runtime.EvaluateParams) { await := true; p.AwaitPromise = &await }))
	require.NoError(t, err, expression)
	return got
}

// comes waits until an expression is true in the page.
func comes(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	require.True(t, sees[bool](t, tab, `new Promise(function (done) {
		var began = Date.now();
		(function look() {
			if (`+expression+`) return done(true);
			if (Date.now() - began > 20000) return done(false);
			setTimeout(look, 10);
		})();
	})`), "it never came: %s", expression)
}

func presses(t *testing.T, tab context.Context, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.NoError(t, chromedp.Do(tab, chromedp.KeyEvent(key)))
	}
}

// media makes the page believe in a colour scheme, or in paper.
func media(t *testing.T, tab context.Context, kind, scheme string) {
	t.Helper()
	_, err := chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	require.NoError(t, err)
}

// openStory is the text of the story that is shown, as far as it is shown.
const openStory = `document.querySelector("article.open") && document.querySelector("article.open").innerText`

func TestAPackedStoryIsWhatItIsUnpacked(t *testing.T) {
	tab := openTab(t)
	runs := generated(40)
	last := runs[20]
	address := file(t, []byte(build(t, runs, about())))
	ids := `(function () { return Array.from(document.querySelectorAll("article.open [id], article.open")).map(function (e) { return e.id; }).join(" ") +
		Array.from(document.querySelectorAll("article.open a[href^='#k']")).map(function (a) { return a.getAttribute("href"); }).join(" "); })()`
	opens(t, tab, address+"#"+last.ID)
	comes(t, tab, openStory)
	packed, parts := sees[string](t, tab, openStory), sees[string](t, tab, ids)
	require.Contains(t, packed, last.Story)

	opens(t, tab, file(t, []byte(build(t, []*judge.Run{last, brokenRun()}, about())))+"#"+last.ID)
	comes(t, tab, openStory)
	whole := sees[string](t, tab, openStory)
	cut := func(text string) string { return text[strings.Index(text, last.Story):] } // its ways to others differ
	require.Equal(t, cut(whole), cut(packed))
	require.Equal(t, sees[string](t, tab, ids), parts)

	// By a line of the index, and by the story's name and one of its events.
	opens(t, tab, address)
	require.NotEmpty(t, sees[string](t, tab, fmt.Sprintf(
		`(function () { var a = Array.from(document.querySelectorAll(".rows a")).find(function (a) { return a.textContent === %q; }); a.click(); return a.href; })()`, last.Story)))
	comes(t, tab, openStory)
	require.Contains(t, sees[string](t, tab, openStory), last.Story)
	opens(t, tab, address+"#"+last.Story+"/e3")
	comes(t, tab, `document.querySelector("tr.here") && document.querySelector("tr.here").getClientRects().length`)
	require.Equal(t, "e3", sees[string](t, tab, `document.querySelector("tr.here").cells[0].textContent`))
}

func TestFiltersLiveInTheAddress(t *testing.T) {
	tab := openTab(t)
	address := file(t, []byte(build(t, generated(200), about())))
	const rows = `document.querySelectorAll(".rows > li:not([hidden])").length`
	opens(t, tab, address)
	require.Equal(t, 200, sees[int](t, tab, rows))
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelector("button[value=broke]").click()`)))
	require.Equal(t, 4, sees[int](t, tab, rows))
	require.Equal(t, "#?v=broke", sees[string](t, tab, `location.hash`))

	opens(t, tab, address+"#?q=story-0007&v=broke&fault=latency&label=case")
	require.Equal(t, 1, sees[int](t, tab, rows))
	require.Equal(t, "story-0007 true latency case 1 of 200", sees[string](t, tab, `(function () {
		var f = document.querySelector(".filters").elements;
		return [f.q.value, document.querySelector("button[value=broke]").getAttribute("aria-pressed"), f.fault.value, f.label.value,
			document.querySelector("output").textContent].join(" ");
	})()`))
	// Back from a story, what was filtered is filtered still.
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelector(".rows > li:not([hidden]) a").click()`)))
	comes(t, tab, openStory)
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelector("article.open [rel=up]").click()`)))
	comes(t, tab, `!document.querySelector("article.open")`)
	require.Equal(t, 1, sees[int](t, tab, rows))
	opens(t, tab, address+"#?q=nobody-has-this")
	require.Equal(t, 0, sees[int](t, tab, rows))
}

func TestTheKeyboardAloneIsEnough(t *testing.T) {
	tab := openTab(t)
	address := file(t, []byte(build(t, append(allRuns(), another(brokenRun())), about())))
	const focus = `document.activeElement.textContent.replace(/\s+/g, " ").trim()`
	opens(t, tab, address)
	presses(t, tab, kb.Tab)
	require.Equal(t, "To the list of stories", sees[string](t, tab, focus))
	require.True(t, sees[bool](t, tab, `document.activeElement.getBoundingClientRect().left >= 0`), "the way past the heading is seen")
	presses(t, tab, "b")
	first := sees[string](t, tab, focus)
	require.Contains(t, first, "customer-2-charged-twice")
	presses(t, tab, "b")
	require.NotEqual(t, first, sees[string](t, tab, focus), "the next failure")
	require.NotEqual(t, "none", sees[string](t, tab, `getComputedStyle(document.activeElement).outlineStyle`), "where the focus is, is seen")
	presses(t, tab, kb.Enter)
	comes(t, tab, openStory)

	presses(t, tab, kb.ArrowRight, kb.ArrowRight)
	require.Contains(t, sees[string](t, tab, focus), "0.200e2")
	presses(t, tab, kb.ArrowLeft)
	require.Contains(t, sees[string](t, tab, focus), "0.000e1")
	require.NotEqual(t, sees[string](t, tab, `getComputedStyle(document.activeElement.querySelector("text")).fill`),
		sees[string](t, tab, `getComputedStyle(document.querySelector("article.open .lanes a:last-of-type text")).fill`), "where the focus is, is seen")
	presses(t, tab, "f")
	require.Contains(t, sees[string](t, tab, focus), "injection 1 healed")
	presses(t, tab, "B")
	require.Contains(t, sees[string](t, tab, focus), "First broken promise")
	presses(t, tab, kb.Enter)
	comes(t, tab, `document.querySelector("tr.here") && document.querySelector("tr.here").classList.contains("pinned")`)
	require.True(t, sees[bool](t, tab, `(function () { var r = document.querySelector("tr.here").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })()`))

	// Anyone who types is not led away.
	opens(t, tab, address)
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`document.querySelector("input").focus()`)))
	presses(t, tab, "b")
	require.Equal(t, "b", sees[string](t, tab, `document.activeElement.value`))
}

// jenkins is what Jenkins sends with every file of a build by default.
const jenkins = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"

// strict serves files with the policy of a strict server.
func strict(t *testing.T, files map[string][]byte) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		text, known := files[name]
		if !known {
			http.NotFound(w, r)
			return
		}
		types := map[string]string{".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".jpeg": "image/jpeg", ".html": "text/html; charset=utf-8"}
		w.Header().Set("Content-Type", types[filepath.Ext(name)])
		w.Header().Set("Content-Security-Policy", jenkins)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(text)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

func TestTheFolderIsWholeOnAStrictServer(t *testing.T) {
	tab := openTab(t)
	files, err := html.BuildFolder([]*judge.Run{keptRun(), picturedRun()}, about())
	require.NoError(t, err)
	files["alone.html"] = []byte(build(t, allRuns(), about()))
	root := strict(t, files)
	const styled = `getComputedStyle(document.querySelector(".badge")).fontWeight === "700" && document.querySelector(".badge").getClientRects().length > 0`

	opens(t, tab, root+"alone.html")
	require.False(t, sees[bool](t, tab, styled), "the server is as strict as it is meant to be")
	opens(t, tab, root+"index.html")
	require.True(t, sees[bool](t, tab, styled))
	story := sees[string](t, tab, `document.querySelector(".rows a").href`)
	opens(t, tab, story)
	require.True(t, sees[bool](t, tab, styled))
	require.True(t, sees[bool](t, tab, `document.querySelector(".lanes").getClientRects().length > 0`))
	require.Equal(t, 2, sees[int](t, tab, `document.images.length`), "what is no picture is not loaded")
	comes(t, tab, `[...document.images].every((i) => i.naturalWidth === 1)`)
	opens(t, tab, story+"#e75")
	require.True(t, sees[bool](t, tab, `document.getElementById("e75").getClientRects().length > 0`))
	require.Equal(t, "All stories", sees[string](t, tab, `document.querySelector(".way a").textContent`))
	opens(t, tab, sees[string](t, tab, `document.querySelector(".way a").href`))
	require.Equal(t, "Checkout stories", sees[string](t, tab, `document.querySelector("h1").textContent`))
}

func TestTheFolderOpensFromADisk(t *testing.T) {
	tab := openTab(t)
	dir := t.TempDir()
	_, err := reports.WriteFolder(dir, append(allRuns(), picturedRun()), about())
	require.NoError(t, err)
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.Contains(t, string(index), folderPolicyOfTests)
	opens(t, tab, "file://"+filepath.ToSlash(dir)+"/index.html")
	require.Equal(t, "700", sees[string](t, tab, `getComputedStyle(document.querySelector(".badge")).fontWeight`))
	comes(t, tab, `document.documentElement.dataset.ready`)
	require.False(t, sees[bool](t, tab, `document.querySelector(".filters").hidden`), "the script runs")
}

// folderPolicyOfTests is the policy as it stands in an attribute.
const folderPolicyOfTests = `content="default-src &#39;none&#39;; style-src &#39;self&#39;; script-src &#39;self&#39;; img-src &#39;self&#39;;`

func TestPicturesOfScreensAreInThePage(t *testing.T) {
	tab := openTab(t)
	opens(t, tab, file(t, []byte(build(t, []*judge.Run{picturedRun()}, about()))))
	require.Equal(t, 2, sees[int](t, tab, `document.images.length`), "what is no picture is not loaded")
	comes(t, tab, `[...document.images].every((i) => i.naturalWidth === 1)`)
	require.Contains(t, sees[string](t, tab, `document.body.innerText`), "the record has a screenshot here that is no picture")
	require.NotContains(t, sees[string](t, tab, `document.body.textContent`), pixel[:20], "it is a picture, not a text")
}

func TestWithoutAScriptAPackedReportSaysWhatIsMissing(t *testing.T) {
	tab := openTab(t)
	_, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, err)
	opens(t, tab, file(t, []byte(build(t, generated(40), about()))))
	text := sees[string](t, tab, `document.body.textContent`)
	require.Contains(t, text, "38 runs are told here in their lines alone: to unfold what happened, this page needs JavaScript. The folder form of the report (report render --folder) shows everything without; every event is in runs.jsonl.")
	require.Contains(t, sees[string](t, tab, `getComputedStyle(document.querySelector(".rows li[data-p] small"), "::after").content`), "its line alone, without JavaScript")
	require.True(t, sees[bool](t, tab, `document.querySelector(".packed").getBoundingClientRect().bottom < document.querySelector(".rows").getBoundingClientRect().top`), "one need not read two thousand lines first")
	require.Contains(t, text, "story-0033")
	require.Contains(t, text, "Ana was charged once (NOK\u00a0499.00)")
	require.Equal(t, 2, sees[int](t, tab, `Array.from(document.querySelectorAll("article")).filter(function (a) { return a.getClientRects().length; }).length`), "what failed is there")
}

// What is in a story is in its tables: the pictures are all that a reader without
// scripts goes without, and she is told so.
func TestWithoutAScriptAFewStoriesAreReadInFull(t *testing.T) {
	tab := openTab(t)
	runs := generated(20)
	page := build(t, runs, about())
	require.LessOrEqual(t, len(page), 400_000, "bytes")
	withScript := file(t, []byte(page))
	_, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, err)
	// Less pictures, and the way to other stories, which differs.
	read := func(id string) string {
		return sees[string](t, tab, fmt.Sprintf(`(function () {
			var story = document.getElementById(%q);
			if (!story || !story.matches("article") || !story.getClientRects().length) return "nothing";
			story = story.cloneNode(true);
			story.querySelectorAll(".way, .strip, .strip + .source, .wide, .wide + .source, .unseen").forEach(function (e) { e.remove(); });
			return Array.from(story.querySelectorAll("h3")).reduce(function (text, h) { return text.replace(h.textContent, h.textContent + "\n"); }, story.textContent).replace(/\s+/g, " ");
		})()`, id))
	}
	opens(t, tab, withScript)
	told := map[string]string{}
	for _, run := range runs {
		told[run.ID] = read(run.ID)
	}
	require.Equal(t, 0, sees[int](t, tab, `Array.from(document.querySelectorAll("[id]")).filter(function (e) { return document.getElementById(e.id) !== e; }).length`), "ids that are there twice")
	require.Contains(t, sees[string](t, tab, `document.body.innerText`), "19 runs are told here without pictures, which need JavaScript.")
	for _, run := range runs {
		opens(t, tab, file(t, []byte(build(t, []*judge.Run{run}, about()))))
		full := strings.ReplaceAll(read(run.ID), " Who told whom", "")
		require.Contains(t, full, "Event table")
		require.Equal(t, full, strings.ReplaceAll(told[run.ID], " Who told whom", ""), run.ID)
	}

	// With a script the same page has the pictures, and each story once.
	_, err = chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	require.NoError(t, err)
	opens(t, tab, withScript+"#"+runs[3].ID+"/e9")
	comes(t, tab, `document.querySelector("article.open .lanes")`)
	require.Equal(t, "e9", sees[string](t, tab, `document.querySelector("tr.here").cells[0].textContent`))
	require.Equal(t, 0, sees[int](t, tab, `document.querySelectorAll(".plain").length`))
}

// A round that has no line of its own, and a story's name, are found in packs.
func TestEveryRoundHasAnAddress(t *testing.T) {
	tab := openTab(t)
	runs := generated(40)
	for seed := range uint64(3) {
		again := *runs[20]
		again.Seed = seed
		runs = append(runs, &again)
	}
	address := file(t, []byte(build(t, runs, about())))
	for place, seed := range map[string]string{
		runs[20].ID + "/3": "(seed 1), this one", runs[20].ID + "/4": "(seed 2), this one", runs[20].Story: ", this one", runs[20].ID + "/4/e2": "(seed 2), this one",
	} {
		opens(t, tab, address+"#"+place)
		comes(t, tab, openStory)
		text := sees[string](t, tab, openStory)
		require.Contains(t, text, runs[20].Story, place)
		require.Contains(t, text, seed, place)
	}
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](`Array.from(document.querySelectorAll("article.open .facts a")).pop().click()`)))
	comes(t, tab, `document.querySelector("article.open").innerText.indexOf("this one") >= 0`)
}
