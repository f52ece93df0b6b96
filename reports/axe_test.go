package reports_test

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/unhappypath/unhappypath/harness/judge"
	"github.com/unhappypath/unhappypath/reports/html"
)

// axe is the text of axe-core, a checker of accessibility. It is no Go module,
// so that anyone who has no npm has to do without; where builds are made for
// others, that is a failure.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "browser", "node_modules", "axe-core", "axe.min.js"))
	if err == nil {
		return string(text)
	}
	const missing = "axe-core is not installed: accessibility was not checked. Install it with: npm ci --prefix reports/testdata/browser"
	if os.Getenv("CI") == "true" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// barriers are the serious and critical violations of the page as it stands,
// each with where it is.
func barriers(t *testing.T, tab context.Context, checker string) []string {
	t.Helper()
	require.NoError(t, chromedp.Do(tab, chromedp.Evaluate[chromedp.Void](checker+"; undefined")))
	return sees[[]string](t, tab, `axe.run(document, { resultTypes: ["violations"] }).then(function (r) {
		return r.violations.filter(function (v) { return v.impact === "serious" || v.impact === "critical"; })
			.map(function (v) { return v.id + ": " + v.nodes.slice(0, 3).map(function (n) { return n.html.slice(0, 200) + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message; }).join(" | "); });
	})`)
}

// everything opens what is closed, and the worst story of the page.
const everything = `(function () {
	document.querySelectorAll("details").forEach(function (d) { d.open = true; });
	return true;
})()`

func TestNothingIsInTheWayOfAnybody(t *testing.T) {
	checker := axe(t)
	tab := openTab(t)
	pages := everyPage(t)
	pages["hostile"] = hostilePages(t)["report"]
	files, err := html.BuildFolder([]*judge.Run{brokenRun(), picturedRun()}, about())
	require.NoError(t, err)
	dir := t.TempDir()
	addresses := map[string]string{}
	for name, page := range pages {
		addresses[name] = file(t, []byte(page))
	}
	addresses["report, a story"] = addresses["report"] + "#" + brokenRun().ID
	addresses["packed, a story"] = addresses["packed"] + "#" + generated(40)[20].ID
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, text, 0o644))
		if strings.HasSuffix(name, ".html") {
			addresses["folder, "+name] = "file://" + filepath.ToSlash(path)
		}
	}
	for _, scheme := range []string{"light", "dark"} {
		media(t, tab, "screen", scheme)
		for _, name := range slices.Sorted(maps.Keys(addresses)) {
			opens(t, tab, addresses[name])
			if strings.HasSuffix(name, "a story") {
				comes(t, tab, openStory)
			}
			sees[bool](t, tab, everything)
			require.Empty(t, barriers(t, tab, checker), "%s, %s", name, scheme)
		}
	}
	opens(t, tab, file(t, []byte(`<!doctype html><html lang="en"><title>x</title><button></button><p style="color:#eee">pale`)))
	require.Len(t, barriers(t, tab, checker), 2, "the check can fail")
}

func TestDarkIsDark(t *testing.T) {
	tab := openTab(t)
	const brightness = `(function () { var c = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number); return c[0] + c[1] + c[2]; })()`
	for name, page := range everyPage(t) {
		media(t, tab, "screen", "light")
		opens(t, tab, file(t, []byte(page)))
		require.Greater(t, sees[int](t, tab, brightness), 700, name)
		media(t, tab, "screen", "dark")
		require.Less(t, sees[int](t, tab, brightness), 120, name)
		media(t, tab, "print", "dark")
		require.Equal(t, 765, sees[int](t, tab, brightness), "%s: paper is white", name)
	}
}

// offPaper are the elements that a printed page of A4 hides, or cuts off.
const offPaper = `(function () {
	var wrong = [], wide = document.documentElement.clientWidth;
	document.querySelectorAll("main *, header *").forEach(function (e) {
		if (e.closest(".lanes") && e.matches("path, text") && getComputedStyle(e).display === "none") wrong.push("hidden: " + e.tagName + "." + e.className.baseVal);
		if (e.closest("svg") && e.tagName !== "svg" || e.matches(".filters, .filters *, .copy, .way, .way *, .jump, .jump *, .sr, .keys, .packed, .packed *, br, colgroup, title, tspan, span[id]:empty")) return;
		if (!e.textContent.trim() && e.tagName !== "svg") return;
		var box = e.getClientRects();
		var name = e.tagName + "." + (e.className.baseVal || e.className) + " " + e.textContent.trim().slice(0, 40);
		if (!box.length || !e.checkVisibility({ visibilityProperty: true })) wrong.push("hidden: " + name);
		else if (e.getBoundingClientRect().right > wide + 1) wrong.push("cut off: " + name);
	});
	return wrong.slice(0, 5);
})()`

func TestAllOfItPrints(t *testing.T) {
	tab := openTab(t)
	require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(794, 1123))) // A4
	media(t, tab, "print", "light")
	hidden := func(address string) []string {
		opens(t, tab, address)
		return sees[[]string](t, tab, offPaper)
	}
	pages := everyPage(t)
	for name, page := range pages {
		require.Empty(t, hidden(file(t, []byte(page))), name)
	}
	// While one story is read, that one is printed, and all of it.
	opens(t, tab, file(t, []byte(pages["report"]))+"#"+brokenRun().ID)
	comes(t, tab, openStory)
	require.Empty(t, sees[[]string](t, tab, strings.Replace(offPaper, `"main *, header *"`, `"article.open *"`, 1)))
	require.Equal(t, 1, sees[int](t, tab, `Array.from(document.querySelectorAll("article, #index")).filter(function (a) { return a.getClientRects().length; }).length`))

	for name, broken := range map[string]string{
		"hidden: P.x":    `<main><p class="x" style="display:none">hidden`,
		"cut off: P.x":   `<main><p class="x" style="width:2000px">wide`,
		"hidden: P. y":   `<main><details><summary>s</summary><p>y</p></details>`,
		"hidden: path.a": `<main><svg class="lanes"><path class="a" style="display:none"/></svg>`,
	} {
		require.Contains(t, strings.Join(hidden(file(t, []byte(broken))), "\n"), name, "the check can fail")
	}
}

func TestEveryPageFitsAPhone(t *testing.T) {
	tab := openTab(t)
	require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(390, 844)))
	const width = `document.documentElement.scrollWidth`
	pages := everyPage(t)
	for name, page := range hostilePages(t) {
		pages["hostile "+name] = page
	}
	for name, page := range pages {
		opens(t, tab, file(t, []byte(page)))
		sees[bool](t, tab, everything)
		require.LessOrEqual(t, sees[int](t, tab, width), 390, name)
	}
	opens(t, tab, file(t, []byte(pages["report"]))+"#"+brokenRun().ID)
	comes(t, tab, openStory)
	sees[bool](t, tab, everything)
	require.LessOrEqual(t, sees[int](t, tab, width), 390, "a story")
	opens(t, tab, file(t, []byte(`<meta name="viewport" content="width=device-width"><pre>`+strings.Repeat("wide ", 200))))
	require.Greater(t, sees[int](t, tab, width), 390, "the check can fail")
}
