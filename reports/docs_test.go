package reports_test

import (
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

var redraw = flag.Bool("redraw", false, "draw the pictures of docs anew")

// The pictures of docs are made of the red sample, which “make samples” makes of
// real runs.
const (
	sampleOfDocs = "samples/failing.html"
	storyOfDocs  = "#customer-2-charged-twice/virtual/kept"
	widthOfDocs  = 1500
	// biggestPicture is what a picture may weigh, in bytes: it is loaded with the page.
	biggestPicture = 275 << 10
)

// annotate leaves of a story what the numbers stand for, says what it left out,
// and puts the numbers where the elements are. What docs/read-a-report.md says of
// each is in the order of the list. It returns how far down the picture goes.
const annotate = `(function () {
	var story = document.querySelector("article.open");
	function one(selector) {
		var found = story.querySelector(selector);
		if (!found) throw new Error("the story has no " + selector);
		return found;
	}
	function section(name) {
		return Array.from(story.children).find(function (e) { return e.matches("section") && e.querySelector("h3").textContent.indexOf(name) === 0; });
	}
	function leftOut(before, what) {
		var note = document.createElement("p");
		note.textContent = "⋯ left out of this picture: " + what + " ⋯";
		note.style.cssText = "margin: 1rem 0; color: var(--soft); font-size: .8125rem; font-style: italic";
		before.before(note);
	}
	function gone(e) { e.style.display = "none"; }
	document.body.style.paddingLeft = "60px";

	var lanes = one(".lanes"), rows = Array.from(lanes.querySelectorAll("a:not(.pin)"));
	var y = function (e) { return e.transform && e.transform.baseVal.length ? e.transform.baseVal[0].matrix.f : e.getBBox().y; };
	var heads = Array.from(new Set(Array.from(lanes.querySelectorAll(".party")).map(y))).sort(function (a, b) { return a - b; });
	var pin = one(".lanes a.pin rect"), at = y(pin);
	function last(list, limit) { return list.filter(function (v) { return v < limit; }).pop(); }
	// Of the lanes stay the second payment and how it came to be, and what was around
	// the event that broke the promise, each from the lanes' names on.
	var second = last(heads, at), first = last(heads, second);
	var ordered = y(rows.find(function (r) { return y(r) > first && r.querySelector(".l-money"); }));
	var healed = y(rows.find(function (r) { return y(r) > at && r.querySelector(".l-hit"); }));
	var upper = lanes.cloneNode(true);
	function crop(svg, from, to) {
		svg.setAttribute("viewBox", "0 " + (from - 6) + " 1120 " + (to - from));
		svg.setAttribute("width", "100%");
		svg.removeAttribute("height");
	}
	lanes.before(upper);
	crop(upper, first, ordered + 10);
	crop(lanes, second, healed + 10);
	leftOut(lanes, "how that payment goes on");

	gone(one(".way"));
	all(".screens").forEach(function (e) { gone(e.closest(".scroll")); gone(e.closest(".scroll").nextElementSibling); });
	leftOut(section("Why"), "the screens as a table");
	gone(section("Promises"));
	leftOut(section("Money"), "the promises, one by one");
	gone(section("What went wrong"));
	var parcels = section("Money").querySelectorAll("h4")[1];
	for (var e = parcels; e; e = e.nextElementSibling) gone(e);
	leftOut(section("Who told whom"), "the parcels, the injection as a table, the first payment");
	gone(section("What is different"));
	leftOut(section("Replay"), "what is different from the last good run");
	all("details, .copy").forEach(gone);
	function all(selector) { return Array.from(story.querySelectorAll(selector)); }

	[
		one("header .sentence"), one(".strip"), section("Why").querySelector("li"), section("Money").querySelector(".sums"),
		Array.from(upper.querySelectorAll("rect.over"))[0], one(".lanes:last-of-type a.pin rect"), one(".replay"),
	].forEach(function (e, i) {
		var box = e.getBoundingClientRect(), number = document.createElement("b");
		var inside = e.matches("rect.over"); // a part of the picture; the others have the margin beside them
		number.textContent = i + 1;
		number.style.cssText = "position: absolute; width: 28px; height: 28px; border-radius: 50%; background: #1a5fb4; color: #fff;" +
			"font: 700 15px/28px var(--sans); text-align: center; box-shadow: 0 0 0 3px #fff;" +
			"left: " + (inside ? box.right - 14 : 16) + "px; top: " + (scrollY + (inside ? upper.getBoundingClientRect().top + 60 : box.top)) + "px";
		document.body.append(number);
	});
	return Math.ceil(one(".replay").getBoundingClientRect().bottom + scrollY + 24);
})()`

// shootStory opens the story of the docs in a window so wide, and takes a picture
// of it, from the top to where the expression says.
func shootStory(t *testing.T, tab context.Context, wide int64, bottom string) []byte {
	t.Helper()
	sample, err := filepath.Abs(filepath.Join("..", "docs", filepath.FromSlash(sampleOfDocs)))
	require.NoError(t, err)
	require.NoError(t, chromedp.Do(tab, chromedp.EmulateViewport(wide, 900)))
	media(t, tab, "screen", "light")
	opens(t, tab, (&url.URL{Scheme: "file", Path: filepath.ToSlash(sample)}).String()+storyOfDocs)
	comes(t, tab, openStory)
	beyond := true
	shot, err := chromedp.Call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: "png", CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: float64(wide), Height: sees[float64](t, tab, bottom), Scale: widthOfDocs / float64(wide)},
	})
	require.NoError(t, err)
	return fewColours(t, shot.Data)
}

// fewColours draws a picture with the 256 colours that it has most of, and the
// nearest of these in the place of the others: a page has few that are not the
// edges of letters, and weighs a third then.
func fewColours(t *testing.T, picture []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	often := map[color.Color]int{}
	for y := range from.Bounds().Dy() {
		for x := range from.Bounds().Dx() {
			often[from.At(x, y)]++
		}
	}
	palette := slices.SortedFunc(maps.Keys(often), func(a, b color.Color) int {
		return cmp.Or(often[b]-often[a], cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	few := image.NewPaletted(from.Bounds(), palette[:min(len(palette), 256)])
	nearest := map[color.Color]uint8{}
	for y := range from.Bounds().Dy() {
		for x := range from.Bounds().Dx() {
			c := from.At(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(few.Palette.Index(c))
				nearest[c] = i
			}
			few.SetColorIndex(x, y, i)
		}
	}
	var out bytes.Buffer
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few))
	return out.Bytes()
}

// -redraw draws them anew; without it, they could be. It is no part of -update, since
// letters look different on every system.
func TestThePicturesOfTheDocsCanBeDrawnAnew(t *testing.T) {
	tab := openTab(t)
	for name, drawn := range map[string][]byte{
		"report.png":        shootStory(t, tab, 1000, `Math.ceil(document.querySelector("article.open .hints").getBoundingClientRect().bottom + scrollY + 24)`),
		"read-a-report.png": shootStory(t, tab, 1200, annotate),
	} {
		path := filepath.Join("..", "docs", name)
		if *redraw {
			require.NoError(t, os.WriteFile(path, drawn, 0o644))
		}
		there, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, picture := range [][]byte{drawn, there} {
			require.LessOrEqual(t, len(picture), biggestPicture, name)
			size, err := png.DecodeConfig(bytes.NewReader(picture))
			require.NoError(t, err, name)
			require.Equal(t, widthOfDocs, size.Width, name)
		}
	}
}
